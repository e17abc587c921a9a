"""The next token, and how sure the model was of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.conversation import Sampling

if TYPE_CHECKING:
    import torch

# A token id and its probability: the model's own, before temperature and top-p.
Choice = tuple[int, float]


class Sampler:
    """Chooses tokens of one answer: greedy at temperature 0, else top-p with a seed.

    `pick` is made of tensors alone, so that it can be part of a captured step.
    Chance enters it as one number, which is drawn outside.
    """

    def __init__(self, sampling: Sampling) -> None:
        import torch  # noqa: PLC0415 - after the environment is settled

        self.greedy = sampling.temperature <= 0
        self._temperature = sampling.temperature
        self._top_p = sampling.top_p
        self._generator = torch.Generator()
        self._generator.manual_seed(sampling.seed)

    @property
    def kind(self) -> tuple[float, float]:
        """What `pick` depends on beside its arguments: two of the same kind do the same."""
        return (0.0, 1.0) if self.greedy else (self._temperature, self._top_p)

    def draw(self) -> float:
        """The next token's chance, from 0 to below 1; greedy needs none."""
        import torch  # noqa: PLC0415

        return 0.0 if self.greedy else float(torch.rand((), generator=self._generator))

    def choose(self, logits: torch.Tensor) -> Choice:
        """The token after logits of shape (vocabulary,)."""
        import torch  # noqa: PLC0415

        token, chance = self.pick(logits[None], torch.tensor(self.draw(), device=logits.device))
        return int(token), float(chance)

    def pick(self, logits: torch.Tensor, chance: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Tokens (rows,) and their probabilities (rows,), from logits (rows, vocabulary)."""
        import torch  # noqa: PLC0415

        logits = logits.float()
        plain = torch.softmax(logits, dim=-1)
        if self.greedy:
            tokens = torch.argmax(logits, dim=-1)
        else:
            tokens = self._drawn(torch.softmax(logits / self._temperature, dim=-1), chance)
        return tokens, plain.gather(-1, tokens[:, None])[:, 0]

    def _drawn(self, chances: torch.Tensor, chance: torch.Tensor) -> torch.Tensor:
        import torch  # noqa: PLC0415

        order = None
        if self._top_p < 1:
            chances, order = torch.sort(chances, dim=-1, descending=True, stable=True)
            # The likeliest tokens up to and with the one that reaches top_p.
            beyond = torch.cumsum(chances, dim=-1) - chances >= self._top_p
            beyond[:, 0] = False
            chances = chances.masked_fill(beyond, 0.0)
        ladder = torch.cumsum(chances, dim=-1, dtype=torch.float64)
        steps = (ladder <= chance * ladder[:, -1:]).sum(-1, keepdim=True)
        # Rounding may lead past the last token that has a chance.
        last = (chances.size(-1) - 1) - (chances.flip(-1) > 0).int().argmax(-1, keepdim=True)
        found = torch.minimum(steps, last)
        return (found if order is None else order.gather(-1, found))[:, 0]
