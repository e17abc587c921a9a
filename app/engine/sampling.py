"""The next token, and how sure the model was of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.conversation import Sampling

if TYPE_CHECKING:
    import torch


class Sampler:
    """Chooses tokens of one answer: greedy at temperature 0, else top-p with a seed."""

    def __init__(self, sampling: Sampling, device: torch.device) -> None:
        import torch  # noqa: PLC0415

        self._sampling = sampling
        self._generator = torch.Generator(device=device)
        self._generator.manual_seed(sampling.seed)

    def choose(self, logits: torch.Tensor) -> tuple[int, float]:
        """The token id and its probability, from logits of shape (vocabulary,).

        The probability is the model's own, before temperature and top-p.
        """
        import torch  # noqa: PLC0415

        logits = logits.float()
        plain = torch.softmax(logits, dim=-1)
        if self._sampling.temperature <= 0:
            token = torch.argmax(logits, dim=-1)
        else:
            token = self._draw(torch.softmax(logits / self._sampling.temperature, dim=-1))
        return int(token), float(plain[token])

    def _draw(self, chances: torch.Tensor) -> torch.Tensor:
        import torch  # noqa: PLC0415

        if self._sampling.top_p < 1:
            ordered, tokens = torch.sort(chances, descending=True)
            # The likeliest tokens up to and with the one that reaches top_p.
            beyond = torch.cumsum(ordered, dim=-1) - ordered >= self._sampling.top_p
            beyond[0] = False
            chances = chances.clone()
            chances[tokens[beyond]] = 0
        return torch.multinomial(chances, 1, generator=self._generator)[0]
