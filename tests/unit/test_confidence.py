"""The map from the reader's confidence to the share of right words, and how it is made."""

import random
from itertools import pairwise

import pytest
from read_pages import block_of, page_of

from app.core.reading import BlockKind, Reading
from app.text.confidence import chance_of_right, interpolated
from app.text.confidence_knots import KNOTS
from tests.bench.reading.calibrate import Read, expected_error, fitted, judged


def test_the_stored_map_never_falls_and_stays_a_share():
    raws = [place / 1000 for place in range(1001)]
    shares = [chance_of_right(raw) for raw in raws]
    assert all(one <= other for one, other in pairwise(shares))
    assert 0 <= shares[0] < shares[-1] <= 1
    assert len(KNOTS) > 3


def test_a_map_is_found_again_from_words_that_follow_it():
    chance = random.Random(3)  # noqa: S311 - made data

    def words(count):
        raws = [chance.random() for _ in range(count)]
        return [Read(raw, chance.random() < raw**3) for raw in raws]

    knots = fitted(words(8000))
    assert all(low <= high for (_, low), (_, high) in pairwise(knots))
    for raw in (0.3, 0.5, 0.8):
        assert interpolated(knots, raw) == pytest.approx(raw**3, abs=0.06)
    fresh = words(8000)
    before = [(word.confidence, word.right) for word in fresh]
    after = [(interpolated(knots, word.confidence), word.right) for word in fresh]
    for equal in (False, True):
        assert expected_error(before, of_equal_size=equal) > 0.15
        assert expected_error(after, of_equal_size=equal) < 0.03


def test_a_word_is_right_as_often_as_the_truth_has_it():
    reading = Reading((page_of(block_of(BlockKind.TEXT, "tea tea 2.50", "milk")),))
    assert [word.right for word in judged(reading, "milk 2.50\ntea")] == [True, False, True, True]
