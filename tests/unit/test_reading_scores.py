"""The scores of `bench reading`, and that its pictures come from their seed alone."""

import pytest

from tests.bench.reading.layouts import LAYOUTS, make
from tests.bench.reading.scores import Hits, score


def test_order_counts_in_errors_but_not_in_words():
    truth = "first column here\nsecond column there"
    swapped = "second column there\nfirst column here"
    assert score(truth, swapped).words.f1 == 1
    assert score(truth, swapped).cer > 0.3
    assert score(truth, "first  column\n\nhere second column there").cer == 0


def test_errors_are_counted_over_the_truth_and_added_up():
    one, two = score("1234567890", "l234567890"), score("abcde", "abcdef")
    assert one.cer == pytest.approx(0.1)
    assert two.cer == pytest.approx(0.2)
    assert (one + two).cer == pytest.approx(2 / 15)
    assert score("abc", "").cer == 1
    assert score("", "invented").cer == 1


def test_cells_count_with_their_neighbours():
    table = [["Item", "Price"], ["Pen", "1.20"], ["Cup", "4.00"]]
    assert score("", "", [table], [table]).cells == Hits(7, 7, 7)
    # One wrong cell costs the pairs that it stands in, not the rest.
    wrong = [["Item", "Price"], ["Pen", "1.2O"], ["Cup", "4.00"]]
    assert score("", "", [table], [wrong]).cells == Hits(4, 7, 7)
    # A row above that is no part of the table moves all cells, yet few neighbours.
    moved = [["Prices", ""], *table]
    assert score("", "", [table], [moved]).cells == Hits(7, 8, 7)
    assert score("", "", [table], []).cells.f1 == 0


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_is_drawn_from_its_seed(layout):
    one, same, other = make(layout, 0, 5), make(layout, 0, 5), make(layout, 0, 6)
    assert one.picture.tobytes() == same.picture.tobytes()
    assert one.text == same.text
    assert one.text != other.text
    assert one.text.strip()
    assert len(set(one.picture.convert("L").tobytes())) > 10
    assert bool(one.tables) == layout.startswith("table")


def test_odd_samples_are_twice_as_large():
    small, large = make("form", 0, 1), make("form", 1, 1)
    assert large.picture.width == 2 * small.picture.width
