"""Sampling: shares as the model has them, and the same choices wherever they are clear."""

import math

import pytest
import torch

from app.core.conversation import Sampling
from app.engine.decoding.sampling import Sampler, handicaps
from tests.engine.tolerance import Sure

pytestmark = pytest.mark.numbers

WHOLE = 2**64


def written_down(key, token):
    """A token's handicap in whole numbers of any size, as SplitMix64 was published."""
    bits = (key + (token + 1) * 0x9E3779B97F4A7C15) % WHOLE
    bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9 % WHOLE
    bits = (bits ^ bits >> 27) * 0x94D049BB133111EB % WHOLE
    bits ^= bits >> 31
    return -math.log(-math.log(((bits >> 12) + 0.5) / 2**52))


@pytest.mark.parametrize("key", [0, 1, 2**61 + 12345, 2**62 - 1])
def test_handicaps_are_the_same_on_every_machine(key):
    found = handicaps(torch.tensor(key), 3000).tolist()
    assert found == pytest.approx([written_down(key, token) for token in range(3000)], rel=1e-9)


def picks(sampling, logits, count):
    """How often each token is chosen in `count` draws, as shares."""
    sampler = Sampler(sampling)
    chosen = torch.tensor([sampler.choose(logits)[0] for _ in range(count)])
    return (torch.bincount(chosen, minlength=len(logits)) / count).tolist()


@pytest.mark.parametrize(
    ("temperature", "top_p", "kept"),
    [(1.0, 1.0, 6), (0.5, 1.0, 6), (2.0, 0.8, 4), (1.0, 0.5, 1), (1.0, 0.55, 2), (1.0, 1e-6, 1)],
)
def test_tokens_come_as_often_as_the_nucleus_has_them(temperature, top_p, kept):
    # Of shares 0.5, 0.25, …; out of order, so that a place is no rank.
    logits = torch.tensor([3.0, 5.0, 1.0, 2.0, 4.0, 1.0]) * math.log(2)
    expected = torch.softmax(logits / temperature, -1)
    outside = torch.argsort(logits, descending=True, stable=True)[kept:]
    expected[outside] = 0
    expected /= expected.sum()
    found = picks(Sampling(temperature=temperature, top_p=top_p, seed=8), logits, 4000)
    # Four standard deviations of 4000 draws are 0.032 at most.
    assert found == pytest.approx(expected.tolist(), abs=0.032)
    assert all(found[token] == 0 for token in outside.tolist())


@pytest.mark.parametrize("top_p", [1.0, 0.9, 0.3])
@pytest.mark.parametrize("temperature", [0.0, 0.4, 1.5])
def test_rounding_changes_only_choices_that_were_not_clear(temperature, top_p):
    """Where two tokens change places or one leaves the nucleus, all other choices stay."""
    generator = torch.Generator().manual_seed(6)
    off, unclear, other = 0.01, 0, 0
    for number in range(600):
        logits = torch.randn(300, generator=generator) * 3
        # Neighbours by far less than the rounding, as in a tie.
        logits[150:] = logits[:150] + torch.randn(150, generator=generator) * 1e-4
        rounded = logits + (torch.rand(300, generator=generator) * 2 - 1) * off
        sampler = Sampler(Sampling(temperature=temperature, top_p=top_p, seed=number))
        key = sampler.draw()
        one, two = (int(sampler.pick(row[None], torch.tensor(key))[0]) for row in (logits, rounded))
        clear = Sure((one, 0.5), logits, sampler, key).lead(off) > 2 * off
        assert one == two or not clear
        unclear += not clear
        other += one != two
    if temperature and top_p == 1:
        # Each token with its own handicap: a tie of logits is none of choices.
        assert other < unclear < 60
    else:
        assert other <= unclear
