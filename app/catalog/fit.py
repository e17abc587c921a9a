"""Whether a model fits, reckoned from its config before anything is fetched or loaded."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.core.words.sizes import size

# Below this a picture with its question and an answer does not fit.
_SHORTEST = 4096

# nf4: half a byte, one byte of scale per 64 weights, four bytes per 256 of those scales.
_FOUR_BIT_BYTES = 0.5 + 1 / 64 + 4 / (64 * 256)
_HALF_BYTES = 2
# What a pass needs beside weights and cache: between 1 and 1.5 GB are told; not measured here.
WORKING_MEMORY = 1_500_000_000
# CLIP ViT-L/14 at 336 pixels, with which LLaVA-1.5, 1.6 and NeXT see.
_CLIP_PARAMETERS = 303_507_456
_CLIP_WIDTH = 1024

FITS_EVERYWHERE = "Fits everywhere."


@dataclass(frozen=True, slots=True)
class Shape:
    """The published numbers of a decoder of Llama's kind behind a vision tower.

    `tower_parameters` are those of the tower, `tower_width` its hidden size.
    `word_tables` is 2, or 1 where the head is the embeddings. No bias in the
    decoder is counted.
    """

    layers: int
    width: int
    heads: int
    kv_heads: int
    vocabulary: int
    intermediate: int
    tower_parameters: int = _CLIP_PARAMETERS
    tower_width: int = _CLIP_WIDTH
    word_tables: int = 2

    @property
    def linear(self) -> int:
        """Parameters of the decoder's linear layers, those that go into 4 bits."""
        keys = self.width // self.heads * self.kv_heads
        attention = 2 * self.width * self.width + 2 * self.width * keys
        return self.layers * (attention + 3 * self.width * self.intermediate)

    @property
    def other(self) -> int:
        """All other parameters."""
        norms = (2 * self.layers + 1) * self.width
        projector = (self.tower_width + self.width + 2) * self.width
        words = self.word_tables * self.vocabulary * self.width
        return words + norms + projector + self.tower_parameters

    def weights(self, *, four_bit: bool, number_bytes: int = _HALF_BYTES) -> int:
        """Bytes of the weights in memory, with `number_bytes` for each that is not in 4 bits."""
        linear = self.linear * (_FOUR_BIT_BYTES if four_bit else number_bytes)
        return int(linear) + self.other * number_bytes

    @property
    def cache_per_token(self) -> int:
        """Bytes of one token's keys and values in 16 bits."""
        return 2 * self.layers * self.kv_heads * (self.width // self.heads) * _HALF_BYTES


class Verdict(StrEnum):
    """How a model fits into the memory that is free."""

    FITS = "fits"
    SHORTER = "shorter"
    TOO_LARGE = "too-large"


@dataclass(frozen=True, slots=True)
class Fit:
    """A verdict for `context` tokens; `needed` and `free` in bytes.

    `context` is the wanted one, a shorter one that fits, or 0.
    """

    verdict: Verdict
    context: int
    needed: int
    free: int
    instead: str = ""

    @property
    def words(self) -> str:
        """A sentence for the screen."""
        figures = f"needs {size(self.needed)}, {size(self.free)} are free"
        match self.verdict:
            case Verdict.FITS:
                return f"Fits: {figures}."
            case Verdict.SHORTER:
                return f"Fits with shorter conversations, up to {self.context:,} tokens: {figures}."
            case Verdict.TOO_LARGE:
                advice = f" Take {self.instead} instead." if self.instead else ""
                return f"Too large for the memory: {figures}.{advice}"


def contexts(longest: int) -> tuple[int, ...]:
    """The lengths in tokens that are tried: the longest (0: not known), and halves of it."""
    tried = [max(longest, _SHORTEST)]
    while tried[-1] // 2 >= _SHORTEST:
        tried.append(tried[-1] // 2)
    return tuple(tried)


def judge(
    weights: int, cache_per_token: int, contexts: tuple[int, ...], working: int, free: int
) -> Fit:
    """The longest of `contexts` (tokens) that fits beside `weights` and `working`, in bytes.

    When none fits, `needed` is what the shortest takes. Raises ValueError without contexts.
    """
    wanted, shortest = max(contexts), min(contexts)
    for context in sorted(contexts, reverse=True):
        needed = weights + cache_per_token * context + working
        if needed <= free:
            verdict = Verdict.FITS if context == wanted else Verdict.SHORTER
            return Fit(verdict, context, needed, free)
    return Fit(Verdict.TOO_LARGE, 0, weights + cache_per_token * shortest + working, free)
