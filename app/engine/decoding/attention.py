"""Attention over a static cache: what a prompt, a few tokens, and a captured step need."""

from __future__ import annotations

import torch
from torch.nn.functional import scaled_dot_product_attention as attention

from app.engine.decoding.cache import StaticCache
from app.engine.decoding.decoder import Attend, Decoder


def prompt_attention(decoder: Decoder, cache: StaticCache, rows: int) -> Attend:
    """`rows` tokens of a prompt behind those that are in the cache."""
    start, stop = cache.length, cache.length + rows
    mask = None
    if start:
        mask = torch.ones(rows, stop, dtype=torch.bool, device=decoder.device).tril(start)

    def attend(layer: int, queries: torch.Tensor, pairs: torch.Tensor) -> torch.Tensor:
        cache.pairs[layer][0, :, start:stop] = pairs.transpose(0, 1)
        keys, values = cache.keys[layer][:, :, :stop], cache.values[layer][:, :, :stop]
        if mask is not None and decoder.group > 1:
            # With a mask, CUDA's fast kernels want as many keys as queries.
            keys = keys.repeat_interleave(decoder.group, 1)
            values = values.repeat_interleave(decoder.group, 1)
        seen = attention(
            queries.transpose(0, 1)[None],
            keys,
            values,
            attn_mask=mask,
            is_causal=mask is None,
            enable_gqa=mask is None and decoder.group > 1,
        )
        return seen[0].transpose(0, 1).reshape(rows, -1)

    return attend


def token_attention(decoder: Decoder, cache: StaticCache, rows: int) -> Attend:
    """`rows` single tokens, each with the numbers that it has when it comes alone.

    The query heads that share a key head stand as rows below each other: no
    key is copied, which took ten times as long at 1,500 tokens of the 7B shape.
    """
    start = cache.length
    shape = (1, decoder.stored_heads, decoder.group, decoder.head_width)

    def attend(layer: int, queries: torch.Tensor, pairs: torch.Tensor) -> torch.Tensor:
        keys, values = cache.keys[layer], cache.values[layer]
        cache.pairs[layer][0, :, start : start + rows] = pairs.transpose(0, 1)
        if rows == 1:
            stop = start + 1
            seen = attention(
                queries.view(shape), keys.narrow(2, 0, stop), values.narrow(2, 0, stop)
            )
            return seen.view(1, -1)
        seen = [
            attention(
                queries[row].reshape(shape),
                keys.narrow(2, 0, start + row + 1),
                values.narrow(2, 0, start + row + 1),
            )
            for row in range(rows)
        ]
        return torch.cat(seen).view(rows, -1)

    return attend


def window_attention(
    decoder: Decoder, cache: StaticCache, positions: torch.Tensor, window: int
) -> Attend:
    """Tokens at `positions` (rows,), known only on the device, over the first `window` places."""
    rows, group = positions.shape[0], decoder.group
    mask = torch.arange(window, device=positions.device) <= positions[:, None]
    mask = mask.repeat(group, 1)
    packed = (1, decoder.stored_heads, group * rows, decoder.head_width)
    apart = (decoder.stored_heads, group, rows, decoder.head_width)

    def attend(layer: int, queries: torch.Tensor, pairs: torch.Tensor) -> torch.Tensor:
        cache.pairs[layer][0].index_copy_(1, positions, pairs.transpose(0, 1))
        seen = attention(
            queries.transpose(0, 1).reshape(packed),
            cache.keys[layer][:, :, :window],
            cache.values[layer][:, :, :window],
            attn_mask=mask,
        )
        return seen.view(apart).permute(2, 0, 1, 3).reshape(rows, -1)

    return attend
