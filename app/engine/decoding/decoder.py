"""The decoder's layers as one plain function over a static cache.

Llama, Mistral and Qwen2 are the same computation here. Every product and every
rounding is in the order in which transformers does it: with the same weights
the numbers are the same, not only close.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import SiLU
from torch.nn.functional import rms_norm, silu

from app.engine.decoding.cache import StaticCache
from app.engine.decoding.linear import Project, projection
from app.engine.decoding.lm_head import head
from app.engine.decoding.thread_count import threads_for_a_token

_COVERED = ("LlamaModel", "MistralModel", "Qwen2Model")
# These make their angles once; others change them while a text grows.
_STEADY_ROPE = ("default", "linear", "llama3", "yarn")

# Stores a layer's new keys and values, and attends to all: (layer, queries, pairs), each (rows,
# heads, width of a head), to (rows, heads × width). `pairs` is the heads of keys, then of values.
Attend = Callable[[int, "torch.Tensor", "torch.Tensor"], "torch.Tensor"]


def why_not(model: Any) -> str:
    """Why this model's decoder has to run as transformers' own; empty if it need not."""
    inner, config = model.model.language_model, model.config.text_config
    name = type(inner).__name__
    if name not in _COVERED:
        return f"its layers are those of {name}"
    rope = inner.rotary_emb.rope_type
    if rope not in _STEADY_ROPE:
        return f"its positions are of the kind {rope}"
    kinds = set(getattr(config, "layer_types", None) or ["full_attention"])
    window = getattr(config, "sliding_window", None)
    if "layer_types" in config and kinds != {"full_attention"}:
        return f"it has layers with {', '.join(sorted(kinds - {'full_attention'}))}"
    if name == "MistralModel" and window is not None and window < config.max_position_embeddings:
        return f"it looks back no further than {window} tokens"
    return ""


@dataclass(frozen=True, slots=True)
class _Layer:
    attention_norm: torch.Tensor
    heads: Project
    output: Project
    feed_norm: torch.Tensor
    gate_and_up: Project
    down: Project


class Decoder:
    """A loaded model's decoder with its embeddings and its head. Keeps no state of its own."""

    def __init__(self, model: Any) -> None:
        inner, config = model.model.language_model, model.config.text_config
        attention = inner.layers[0].self_attn
        self.head_width = int(attention.head_dim)
        self.heads = int(config.num_attention_heads)
        self.stored_heads = int(config.num_key_value_heads)
        self.group = self.heads // self.stored_heads
        self.context = int(config.max_position_embeddings)
        self._epsilon = float(config.rms_norm_eps)
        activation = inner.layers[0].mlp.act_fn
        # The function itself: a module looks for hooks at each call.
        self._activation = silu if type(activation) is SiLU else activation
        self.token_threads = threads_for_a_token(inner.layers[0])
        # Why its steps are not recorded as CUDA graphs; empty while nothing speaks against it.
        self.cannot_capture = ""
        self._model = model
        self._norm = inner.norm.weight.detach()
        with torch.inference_mode():
            self._head = head(model.lm_head)
            self.layers = [_layer(layer) for layer in inner.layers]
            self._cosine, self._sine = self._angles(inner.rotary_emb)

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self._norm.device

    def new_cache(self) -> StaticCache:
        """An empty cache for this decoder."""
        return StaticCache(len(self.layers), (self.stored_heads, self.head_width), self._norm)

    def embed(self, ids: torch.Tensor) -> torch.Tensor:
        """(rows, width) of token ids (rows,)."""
        return self._model.get_input_embeddings()(ids)

    def logits(self, hidden: torch.Tensor) -> torch.Tensor:
        """(rows, vocabulary) of what `run` returned."""
        return self._head(self._normed(hidden, self._norm))

    def run(
        self,
        hidden: torch.Tensor,
        positions: torch.Tensor | slice,
        attend: Attend,
        check: Callable[[], object],
    ) -> torch.Tensor:
        """All layers over (rows, width) at `positions`; `check` is called before each.

        `hidden` is written over. Where a result is needed once, it is worked on in place:
        a token in a thin layer is little more than the making of its tensors.
        """
        rows, half = hidden.shape[0], self.head_width // 2
        cosine, sine = self._turns(positions, rows)
        activate = self._activation
        for index, layer in enumerate(self.layers):
            check()
            found = layer.heads(self._normed(hidden, layer.attention_norm))
            found = found.view(rows, -1, self.head_width)
            turned = found.roll(half, -1).mul_(sine)
            found.mul_(cosine).add_(turned)
            seen = attend(index, found[:, : self.heads], found[:, self.heads :])
            hidden.add_(layer.output(seen))
            gate, up = layer.gate_and_up(self._normed(hidden, layer.feed_norm)).chunk(2, -1)
            hidden.add_(layer.down(activate(gate).mul_(up)))
        return hidden

    def _turns(
        self, positions: torch.Tensor | slice, rows: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Cosine and sine for all heads of (rows, heads, width); values are turned by nothing.

        All of what a projection made can be turned at once, and keys and values are
        stored with one copy.
        """
        turned = (rows, self.heads + self.stored_heads, self.head_width)
        still = (rows, self.stored_heads, self.head_width)
        cosine, sine = self._cosine[positions], self._sine[positions]
        return (
            torch.cat((cosine.expand(turned), cosine.new_ones(still)), 1),
            torch.cat((sine.expand(turned), sine.new_zeros(still)), 1),
        )

    def _normed(self, hidden: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        if self.device.type == "cuda":
            # The same computation, in one kernel instead of seven.

            return weight * rms_norm(hidden, weight.shape, None, self._epsilon)
        wide = hidden.float()
        scale = wide.mul(wide).mean(-1, keepdim=True).add_(self._epsilon).rsqrt_()
        return weight * wide.mul(scale).to(hidden.dtype)

    def _angles(self, rotary: Any) -> tuple[torch.Tensor, torch.Tensor]:
        """Cosine and sine of every position, (context, 1, width of a head)."""
        positions = torch.arange(self.context, device=self.device)
        cosine, sine = rotary(self._norm, positions[None])
        half = self.head_width // 2
        # Turning swaps the halves and changes the sign of the first: the sign goes in here.
        sine = torch.cat((-sine[0, :, :half], sine[0, :, half:]), dim=-1)
        return cosine[0, :, None], sine[:, None]


def _layer(layer: Any) -> _Layer:
    attention, feed = layer.self_attn, layer.mlp
    return _Layer(
        layer.input_layernorm.weight.detach(),
        projection(attention.q_proj, attention.k_proj, attention.v_proj),
        projection(attention.o_proj),
        layer.post_attention_layernorm.weight.detach(),
        projection(feed.gate_proj, feed.up_proj),
        projection(feed.down_proj),
    )
