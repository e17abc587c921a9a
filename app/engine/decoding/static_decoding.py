"""The decoder on its way through one prompt and its answer, over a static cache."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import torch

from app.engine.cancellation import CancellationCheck
from app.engine.decoding.attention import prompt_attention, token_attention
from app.engine.decoding.cache import StaticCache
from app.engine.decoding.cuda_graphs import Captures
from app.engine.decoding.decoder import Decoder
from app.engine.decoding.prompt import PictureTokens, Prompt
from app.engine.decoding.sampling import Choice, Sampler
from app.engine.decoding.thread_count import threads

# A prompt goes in pieces. On a CPU a layer over all of a long one takes longer than a person
# waits for a stop; on a card what a layer holds of a piece stays small beside the weights, and
# each piece costs another unpacking of them all.
CPU_PIECE = 512
CARD_PIECE = 2048


class Decoding(Protocol):
    """Reads tokens and chooses what follows. `cache` holds `read` tokens for certain."""

    cache: Any
    # Whether `check` can be called.
    drafts: bool

    @property
    def read(self) -> int:
        """How many tokens the cache holds."""
        ...

    def prefill(self, prompt: Prompt, features: Mapping[int, torch.Tensor]) -> torch.Tensor:
        """Read the rest of `prompt`; logits of shape (vocabulary,) after its last token.

        `features` has (tokens, width) for each picture that is still to be read.
        """
        ...

    def step(self, token: int) -> Choice:
        """Read one token of the answer and choose the next."""
        ...

    def check(self, token: int, draft: Sequence[int]) -> list[Choice]:
        """Read `token` and a guess at what follows; the choices as far as the guess was right.

        The last is the first that was guessed wrong, or the one after the whole draft. It is
        not read yet, as after `step`.
        """
        ...


class OwnDecoding:
    """Over our own layers and a static cache; a step is captured where a card can do that."""

    def __init__(
        self,
        decoder: Decoder,
        cancellation: CancellationCheck,
        sampler: Sampler,
        cache: StaticCache,
    ) -> None:
        self._decoder = decoder
        self._cancellation = cancellation
        self._sampler = sampler
        self.cache = cache
        self.drafts = sampler.greedy

    @property
    def read(self) -> int:
        """How many tokens the cache holds."""
        return self.cache.length

    def prefill(self, prompt: Prompt, features: Mapping[int, torch.Tensor]) -> torch.Tensor:
        """See `Decoding`."""
        decoder, cache = self._decoder, self.cache
        cache.reserve(len(prompt.ids) + 1)
        with torch.inference_mode():
            embeddings = embed_rest(decoder.embed, prompt, cache.length, features, decoder.device)
            card = decoder.device.type == "cuda"
            hidden = embeddings[:0]
            for piece in torch.split(embeddings, CARD_PIECE if card else CPU_PIECE):
                attend = prompt_attention(decoder, cache, len(piece))
                positions = slice(cache.length, cache.length + len(piece))
                check = self._check_on_card if card else self._cancellation.check
                hidden = decoder.run(piece, positions, attend, check)
                cache.length += len(piece)
            return decoder.logits(hidden[-1:])[0]

    def step(self, token: int) -> Choice:
        """See `Decoding`."""
        return self._read([token])[0]

    def check(self, token: int, draft: Sequence[int]) -> list[Choice]:
        """See `Decoding`."""
        found = self._read([token, *draft])
        right = 0
        while right < len(draft) and found[right][0] == draft[right]:
            right += 1
        self.cache.length -= len(draft) - right
        return found[: right + 1]

    def _read(self, tokens: list[int]) -> list[Choice]:
        """The choice after each of `tokens`, all of which are in the cache then."""
        self._cancellation.check()
        self.cache.reserve(self.cache.length + len(tokens))
        with torch.inference_mode(), threads(self._decoder.token_threads):
            found = self._captured(tokens) or self._eager(tokens)
        self.cache.length += len(tokens)
        return found

    def _captured(self, tokens: list[int]) -> list[Choice] | None:
        if self._decoder.device.type != "cuda":
            return None
        captures = self.cache.captures
        if not isinstance(captures, Captures):
            captures = self.cache.captures = Captures()
        return captures.run(self._decoder, self.cache, self._sampler, tokens)

    def _eager(self, tokens: list[int]) -> list[Choice]:
        decoder, start, count = self._decoder, self.cache.length, len(tokens)
        embeddings = decoder.embed(torch.tensor(tokens, device=decoder.device))
        attend = token_attention(decoder, self.cache, count)
        hidden = decoder.run(
            embeddings, slice(start, start + count), attend, self._cancellation.check
        )
        logits = decoder.logits(hidden)
        if count == 1:
            return [self._sampler.choose(logits[0])]
        # The head over several rows may round otherwise than over one. Where that could
        # change a choice, it is made as it is for a token alone.
        best = logits.float().topk(2, dim=-1).values
        slack = best[:, 0].abs() * 4 * torch.finfo(logits.dtype).eps
        is_close: Any = best[:, 0] - best[:, 1] <= slack
        close: list[bool] = is_close.tolist()
        return [
            self._sampler.choose(
                (decoder.logits(hidden[i : i + 1]) if close[i] else logits[i : i + 1])[0]
            )
            for i in range(count)
        ]

    def _check_on_card(self) -> None:
        # The card is behind what it was told to do; a stop would have to wait for all of it.
        torch.cuda.current_stream().synchronize()
        self._cancellation.check()


def pictures_to_read(prompt: Prompt, read: int) -> list[PictureTokens]:
    """The spans of `prompt` that are not among the first `read` tokens."""
    return [span for span in prompt.spans if span.start >= read]


def embed_rest(
    embed: Any, prompt: Prompt, read: int, features: Mapping[int, torch.Tensor], device: Any
) -> torch.Tensor:
    """(tokens, width) for all of `prompt` behind its first `read` tokens, pictures included."""
    embeddings = embed(torch.tensor(prompt.ids[read:], device=device))
    for span in pictures_to_read(prompt, read):
        place = embeddings[span.start - read : span.stop - read]
        place.copy_(features[span.picture], non_blocking=True)
    return embeddings
