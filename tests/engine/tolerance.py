"""How closely two computations of the same thing have to agree.

What is promised, and where the figures come from, is written down in
docs/decisions/2026-11-28-what-an-answer-promises.md. In short: two sums of the same numbers in
another order differ by their rounding. So every logit may be off by `slack`; where the best two are
further apart than that of both, the token has to be the same, and probabilities always have to
agree as far as logits that are off by so much let them.
"""

from contextlib import contextmanager

import pytest
import torch

from app.core.conversation import Sampling
from app.engine.decoding.sampling import Sampler, handicaps

# A logit may be off by so many steps of the numbers that are computed with, at the size of the
# largest logit. 32 bits: 38 is the most that was measured, between two processors. 16 bits: sums
# are made in 32, and the last rounding outweighs what came before; 0.4 is the most on a processor.
STEPS = {torch.float32: 64, torch.float16: 2, torch.bfloat16: 1}
GREEDY = Sampler(Sampling())


def slack(dtype, *logits):
    """How far one of `logits` may be off where the computation's coarsest numbers are `dtype`."""
    largest = max(float(row.abs().max()) for row in logits)
    return STEPS[dtype] * torch.finfo(dtype).eps * largest


class Sure(float):
    """A probability that knows the choice which it belongs to."""

    __slots__ = ("key", "logits", "sampler", "token")

    def __new__(cls, choice, logits, sampler=GREEDY, key=0):
        self = super().__new__(cls, choice[1])
        self.token = choice[0]
        self.logits = logits.detach().float().cpu().clone()
        self.sampler, self.key = sampler, key
        return self

    def __reduce__(self):
        return float, (float(self),)

    def lead(self, off):
        """How far ahead the token is, in logits, if each logit may be off by `off`.

        0 where the token may be out of the nucleus.
        """
        sampler = self.sampler
        if sampler.greedy:
            first, second = self.logits.topk(2).values.tolist()
            return first - second
        temperature, top_p = sampler.kind
        scores = self.logits / temperature
        scores = scores + handicaps(torch.tensor(self.key), len(scores))
        inside = True
        if top_p < 1:
            perhaps, surely = self._nucleus(off)
            scores = scores.masked_fill(~perhaps, -torch.inf)
            inside = bool(surely[scores.argmax()])
        first, second = scores.topk(2).values.tolist()
        return (first - second) * temperature * inside

    def _nucleus(self, off):
        """Which tokens may be in it, and which are."""
        temperature, top_p = self.sampler.kind
        chances = torch.softmax(self.logits.double() / temperature, -1)
        falling, order = self.logits.sort(descending=True)
        # By how many tokens stand before: their share of the whole.
        shares = torch.cat((torch.zeros(1, dtype=torch.float64), chances[order].cumsum(0)))
        least = shares[torch.searchsorted(-falling, -(self.logits + 2 * off))]
        most = shares[torch.searchsorted(-falling, -(self.logits - 2 * off), right=True)] - chances
        grown = torch.tensor(2 * off / temperature).exp()
        return least / grown < top_p, most * grown < top_p


@contextmanager
def noting():
    """Have every choice that is made meanwhile note what it was made from."""
    choose, draw = Sampler.choose, Sampler.draw
    drawn = []

    def noted_draw(sampler):
        drawn.append(draw(sampler))
        return drawn[-1]

    def noted(sampler, logits):
        token, chance = choose(sampler, logits)
        return token, Sure((token, chance), logits, sampler, drawn[-1])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sampler, "draw", noted_draw)
        patch.setattr(Sampler, "choose", noted)
        yield


def same_choices(one, other, dtype):
    """Whether two computations chose the same tokens, as far as their gaps were clear.

    Both are lists of `Sure`. Returns how many places were alike: after a gap that was not clear
    two answers may be about different things. One may also have ended there.
    """
    for place, (a, b) in enumerate(zip(one, other, strict=False)):
        off = slack(dtype, a.logits, b.logits)
        if a.token != b.token:
            lead = min(a.lead(off), b.lead(off))
            assert lead <= 2 * off, f"place {place}: {a.token} and {b.token}, {lead} apart"
            return place
        same_probabilities([a], [b], off)
    both = min(len(one), len(other))
    if len(one) != len(other):
        longer = (one if len(one) > len(other) else other)[both]
        off = slack(dtype, longer.logits)
        assert longer.lead(off) <= 2 * off, f"one ended after {both} places, the other went on"
    return both


def from_the_same(choices, sure):
    """Bare `choices`, of which no more is known, as made from what those of `sure` were."""
    pairs = zip(choices, sure, strict=True)
    return [Sure(choice, one.logits, one.sampler, one.key) for choice, one in pairs]


def same_probabilities(one, other, off):
    """Whether probabilities agree as those of logits that are each off by `off`."""
    for a, b in zip(one, other, strict=True):
        ratio = torch.tensor([float(a), float(b)], dtype=torch.float64).log().diff().abs()
        assert ratio <= 2 * off, f"{float(a)} and {float(b)} where {2 * off} is allowed"


def same_answer(one, other):
    """Whether two answers of a bench are the same one, as far as gaps were clear."""
    assert one.seen == other.seen
    assert one.chances
    coarsest = max((one.dtype, other.dtype), key=lambda dtype: torch.finfo(dtype).eps)
    alike = same_choices(one.chances, other.chances, coarsest)
    if alike == len(one.chances) == len(other.chances):
        assert one.text == other.text
    return alike


def same_beginning(chances, whole):
    """Whether `chances`, of an answer that was cut off, are how the answer `whole` begins."""
    same_choices(chances, whole.chances[: len(chances)], whole.dtype)


def another_answer(one, other):
    """Whether two answers differ by more than rounding, somewhere."""
    try:
        same_choices(one.chances, other.chances, one.dtype)
    except AssertionError:
        return True
    return False


def same_logits(one, other, dtype=torch.float32):
    """Whether two computations of the same logits agree."""
    one, other = one.float(), other.float()
    off = (one - other).abs().max()
    assert off <= slack(dtype, one, other), f"{off} apart, {slack(dtype, one, other)} is allowed"


def same_bits(one, other):
    """Whether what was stored or copied came back unchanged. Never for what was computed."""
    return one.dtype == other.dtype and torch.equal(one, other)
