"""The next token, and how sure the model was of it."""

from __future__ import annotations

import torch

from app.core.conversation import Sampling

# A token id and its probability: the model's own, before temperature and top-p.
Choice = tuple[int, float]

# SplitMix64 (Steele, Lea and Flood 2014): a step, and two rounds of shift and product. As signed
# numbers, whose products wrap around as unsigned ones do.
_STEP = 0x9E3779B97F4A7C15 - 2**64
_ROUNDS = ((30, 0xBF58476D1CE4E5B9 - 2**64), (27, 0x94D049BB133111EB - 2**64))
_LAST_SHIFT = 31


class Sampler:
    """Chooses tokens of one answer: greedy at temperature 0, else top-p with a seed.

    A seed gives each token of the vocabulary a handicap, and the token whose logit over the
    temperature is highest with it is chosen (the Gumbel-max way: its chance is the softmax's).
    The handicaps are whole-number arithmetic, the same on every machine. So a choice can differ
    between two computations of the same logits only where two tokens come out closer than their
    rounding, as with greedy; a ladder of summed probabilities that one number is looked up in
    moves in all its steps when two tokens change places or one leaves the nucleus.

    `pick` is made of tensors alone, so that it can be part of a captured step.
    Chance enters it as one number, which is drawn outside.
    """

    def __init__(self, sampling: Sampling) -> None:
        self.greedy = sampling.temperature <= 0
        self._temperature = sampling.temperature
        self._top_p = sampling.top_p
        self._generator = torch.Generator()
        self._generator.manual_seed(sampling.seed)

    @property
    def kind(self) -> tuple[float, float]:
        """What `pick` depends on beside its arguments: two of the same kind do the same."""
        return (0.0, 1.0) if self.greedy else (self._temperature, self._top_p)

    def draw(self) -> int:
        """The next token's chance, a key of 62 bits; greedy needs none."""
        return 0 if self.greedy else int(torch.randint(2**62, (), generator=self._generator))

    def choose(self, logits: torch.Tensor) -> Choice:
        """The token after logits of shape (vocabulary,)."""
        token, chance = self.pick(logits[None], torch.tensor(self.draw(), device=logits.device))
        return int(token), float(chance)

    def pick(self, logits: torch.Tensor, chance: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Tokens (rows,) and their probabilities (rows,), from logits (rows, vocabulary).

        `chance` is what `draw` gave, of shape () and 64 bits.
        """
        logits = logits.float()
        plain = torch.softmax(logits, dim=-1)
        ranked = logits if self.greedy else self.ranked(logits, chance)
        tokens = torch.argmax(ranked, dim=-1)
        return tokens, plain.gather(-1, tokens[:, None])[:, 0]

    def ranked(self, logits: torch.Tensor, chance: torch.Tensor) -> torch.Tensor:
        """What the highest is chosen of, (rows, vocabulary); minus infinity outside the nucleus."""
        warm = logits / self._temperature
        scores = warm + handicaps(chance, logits.shape[-1])
        if self._top_p >= 1:
            return scores
        chances, order = torch.sort(torch.softmax(warm, dim=-1), descending=True, stable=True)
        # The likeliest tokens up to and with the one that reaches top_p.
        beyond = torch.cumsum(chances, dim=-1, dtype=torch.float64) - chances >= self._top_p
        beyond[:, 0] = False
        outside = torch.empty_like(beyond).scatter_(-1, order, beyond)
        return scores.masked_fill_(outside, -torch.inf)


def handicaps(chance: torch.Tensor, count: int) -> torch.Tensor:
    """Standard Gumbel noise for tokens 0 to `count`, (count,) in float64, from a key of 64 bits."""
    bits = torch.arange(1, count + 1, device=chance.device).mul_(_STEP).add_(chance)
    for shift, factor in _ROUNDS:
        bits.bitwise_xor_(_shifted(bits, shift)).mul_(factor)
    bits.bitwise_xor_(_shifted(bits, _LAST_SHIFT))
    # The upper 52 bits and a half: never 0 and never 1.
    uniform = _shifted(bits, 12).double().add_(0.5).mul_(2.0**-52)
    return uniform.log_().neg_().log_().neg_()


def _shifted(bits: torch.Tensor, places: int) -> torch.Tensor:
    """`bits` moved right as an unsigned number is."""
    return (bits >> places).bitwise_and_((1 << (64 - places)) - 1)
