"""Decoders that ours does not cover: transformers' own forward over its growing cache."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from transformers import DynamicCache

from app.engine.cancellation import CancellationCheck
from app.engine.decoding.prompt import Prompt
from app.engine.decoding.sampling import Choice, Sampler
from app.engine.decoding.static_decoding import CPU_PIECE, embed_rest
from app.engine.loading.loader import Loaded


class GrowingCache:
    """transformers' cache with what memory asks of one.

    After a stopped pass some of its layers may hold more than `length` tokens.
    """

    def __init__(self, config: Any) -> None:
        self.inner = DynamicCache(config=config)
        self.length = 0
        self.captures = None

    @property
    def size(self) -> int:
        """Its bytes."""
        layers: Any = self.inner.layers
        return sum(
            part.nbytes
            for layer in layers
            if layer.is_initialized
            for part in (layer.keys, layer.values)
        )

    def crop(self, length: int) -> bool:
        """Cut every layer back to `length` tokens; whether all then hold just as many."""
        layers: Any = self.inner.layers
        for layer in layers:
            extra = layer.get_seq_length() - length
            if extra < 0 or (extra and getattr(layer, "is_sliding", False)):
                return False
            if extra:
                layer.crop(-extra)
        self.length = length
        return length > 0 and bool(layers)

    def fork(self, length: int) -> None:
        """None: it cannot be in two states."""


class PlainDecoding:
    """Reads with the model's own forward pass. See `Decoding`."""

    drafts = False

    def __init__(
        self, loaded: Loaded, cancellation: CancellationCheck, sampler: Sampler, cache: GrowingCache
    ) -> None:
        self._model = loaded.model
        self._device = loaded.device
        self._cancellation = cancellation
        self._sampler = sampler
        self.cache = cache

    @property
    def read(self) -> int:
        """How many tokens the cache holds for certain."""
        return self.cache.length

    def prefill(self, prompt: Prompt, features: Mapping[int, torch.Tensor]) -> torch.Tensor:
        """Read the rest of `prompt`; logits of shape (vocabulary,) after its last token."""
        with torch.inference_mode():
            embed = self._model.get_input_embeddings()
            embeddings = embed_rest(embed, prompt, self.read, features, self._device)[None]
            piece = embeddings.shape[1] if self._device.type == "cuda" else CPU_PIECE
            parts = torch.split(embeddings, piece, dim=1)
            for part in parts[:-1]:
                self._forward(inputs_embeds=part)
            return self._forward(inputs_embeds=parts[-1])

    def step(self, token: int) -> Choice:
        """Read one token of the answer and choose the next."""
        with torch.inference_mode():
            ids = torch.tensor([[token]], device=self._device)
            return self._sampler.choose(self._forward(input_ids=ids))

    def check(self, token: int, draft: Sequence[int]) -> list[Choice]:
        """Not here: `drafts` says so."""
        raise NotImplementedError

    def _forward(self, **inputs: Any) -> torch.Tensor:
        self._cancellation.check()
        output = self._model(
            **inputs, past_key_values=self.cache.inner, use_cache=True, logits_to_keep=1
        )
        self.cache.length = self.cache.inner.get_seq_length()
        return output.logits[0, -1]
