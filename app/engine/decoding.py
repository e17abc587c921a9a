"""The decoder on its way through one prompt and its answer, over a KV cache."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app.engine.loading import Loaded
from app.engine.prompt import Prompt, Span
from app.engine.stopping import Brake

if TYPE_CHECKING:
    import torch

# On a CPU a prompt goes in pieces: a layer over all of a long one takes longer than a
# person waits for a stop. Cards are fast enough, and each piece costs them another
# unpacking of all weights.
CPU_PIECE = 512


class Decoding:
    """Reads tokens and says what may follow.

    `cache` holds `read` tokens for certain; after a stopped pass some of its
    layers may hold more.
    """

    def __init__(self, loaded: Loaded, brake: Brake, cache: Any, read: int) -> None:
        self._model = loaded.model
        self._device = loaded.device
        self._brake = brake
        self.cache = cache
        self.read = read

    def pictures_to_read(self, prompt: Prompt) -> list[Span]:
        """The spans of `prompt` that are not in the cache yet."""
        return [span for span in prompt.spans if span.start >= self.read]

    def prefill(self, prompt: Prompt, features: Mapping[int, torch.Tensor]) -> torch.Tensor:
        """Read the rest of `prompt`; logits of shape (vocabulary,) after its last token.

        `features` has (tokens, width) for each picture that is still to be read.
        """
        import torch  # noqa: PLC0415 - after the environment is settled

        start = self.read
        with torch.inference_mode():
            ids = torch.tensor([prompt.ids[start:]], device=self._device)
            embeddings = self._model.get_input_embeddings()(ids)
            for span in self.pictures_to_read(prompt):
                embeddings[0, span.start - start : span.stop - start] = features[span.picture]
            piece = embeddings.shape[1] if self._device.type == "cuda" else CPU_PIECE
            parts = embeddings.split(piece, dim=1)
            for part in parts[:-1]:
                self._forward(inputs_embeds=part)
            return self._forward(inputs_embeds=parts[-1])

    def step(self, token: int) -> torch.Tensor:
        """Read one token of the answer; logits of shape (vocabulary,) after it."""
        import torch  # noqa: PLC0415

        with torch.inference_mode():
            return self._forward(input_ids=torch.tensor([[token]], device=self._device))

    def _forward(self, **inputs: Any) -> torch.Tensor:
        self._brake.check()
        if self.cache is None:
            from transformers import DynamicCache  # noqa: PLC0415

            self.cache = DynamicCache(config=self._model.config.text_config)
        output = self._model(**inputs, past_key_values=self.cache, use_cache=True, logits_to_keep=1)
        self.read = self.cache.get_seq_length()
        return output.logits[0, -1]
