"""Answers of a loaded LLaVA model, token by token."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import torch

from app.core.cancelled import WorkCancelledError
from app.core.conversation import Ask
from app.core.events import Event, Finished, FinishReason, Seen, Stats, Text
from app.core.prompts import LEAST_NEW_TOKENS
from app.engine.cancellation import CancellationCheck
from app.engine.decoding.cache import BUCKET, StaticCache
from app.engine.decoding.decoder import Decoder, why_not
from app.engine.decoding.generation import generate
from app.engine.decoding.hf_decoding import GrowingCache, PlainDecoding
from app.engine.decoding.prefix_cache import PrefixCache
from app.engine.decoding.prompt import Key, Prompt, Prompter
from app.engine.decoding.prompt_lookup import Lookup
from app.engine.decoding.sampling import Sampler
from app.engine.decoding.static_decoding import Decoding, OwnDecoding, pictures_to_read
from app.engine.decoding.streaming import IncrementalDecoder
from app.engine.loading.loader import Loaded
from app.engine.loading.memory_check import memory_free
from app.engine.vision.features import View, Views, Vision

_LOG = logging.getLogger(__name__)

# What a pass works with beside weights and cache; another conversation's cache goes before it.
_SPARE = 256 * 2**20


class Llava:
    """One model in memory. `answer` is a generator; one runs at a time."""

    def __init__(self, loaded: Loaded, store: Path, views: Views | None = None) -> None:
        image_token = loaded.model.config.image_token_id
        self.loaded = loaded
        self._prompter = Prompter(loaded.tokenizer, loaded.spec.prompt_format, image_token)
        self._ends = self._end_tokens()
        self._vision = Vision(loaded, store, views)
        self._memory = PrefixCache()
        self._cancellation = CancellationCheck()
        self._cancellation.fit(loaded.model)
        self._decoder: Decoder | None = None
        if reason := why_not(loaded.model):
            _LOG.warning("Answering with transformers' own decoder: %s", reason)
        else:
            self._decoder = Decoder(loaded.model)

    @property
    def prompter(self) -> Prompter:
        """What makes a prompt of a conversation."""
        return self._prompter

    @property
    def ends(self) -> frozenset[int]:
        """The tokens that end an answer."""
        return self._ends

    @property
    def vision(self) -> Vision:
        """What looks at pictures, and keeps their features."""
        return self._vision

    @property
    def prefix_cache(self) -> PrefixCache:
        """What was read before, for the next question."""
        return self._memory

    @property
    def decoder(self) -> Decoder | None:
        """Our own decoder; None where the model answers with that of transformers."""
        return self._decoder

    def answer(self, ask: Ask, cancelled: Callable[[], bool]) -> Iterator[Event]:
        """Seen, Text as it comes, Finished.

        Raises OcellusError for what the person can change, and whatever torch
        raises; the model can answer again afterwards.
        """
        started = time.perf_counter()
        with self._cancellation.watching(cancelled):
            try:
                views = self._look(ask)
            except WorkCancelledError:
                yield Finished(FinishReason.STOPPED)
                return
            prompt = self._prompter.build(
                ask.turns,
                [view.tokens for view in views],
                self.loaded.context,
                self._memory.answers(ask.turns),
                min(LEAST_NEW_TOKENS, ask.sampling.max_new_tokens),
            )
            yield _seen(prompt, views)
            yield from self._tokens(ask, prompt, views, started)

    def forget(self) -> None:
        """Give back all memory but the weights'."""
        self._memory.forget()
        self._vision.forget()

    def _look(self, ask: Ask) -> list[View]:
        views: list[View] = []
        for picture in ask.pictures:
            self._cancellation.check()
            views.append(self._vision.look(picture, quick=ask.quick))
        self._vision.forget_others(views)
        return views

    def _tokens(
        self, ask: Ask, prompt: Prompt, views: list[View], started: float
    ) -> Iterator[Event]:
        keys = prompt.keys([view.name for view in views])
        context = self.loaded.context
        most = min(ask.sampling.max_new_tokens, context - len(prompt.ids))
        sampler = Sampler(ask.sampling)
        decoding = self._decoding(keys, sampler, most)
        decoder = IncrementalDecoder(self.loaded.tokenizer)
        ids: list[int] = []
        said: list[str] = []
        chances: list[float] = []
        reason = FinishReason.LENGTH
        prefilled = None
        try:
            unread = pictures_to_read(prompt, decoding.read)
            features = {s.picture: self._vision.features(views[s.picture]) for s in unread}
            first = sampler.choose(decoding.prefill(prompt, features))
            prefilled = time.perf_counter()
            for token, chance in generate(decoding, first, self._lookup(prompt, decoding), context):
                if token in self._ends:
                    reason = FinishReason.END
                    break
                ids.append(token)
                chances.append(chance)
                if piece := decoder.push(token):
                    said.append(piece)
                    yield Text(piece, tuple(chances))
                    chances = []
                if len(ids) >= most:
                    break
        except WorkCancelledError:
            reason = FinishReason.STOPPED
        if (piece := decoder.flush()) or chances:
            said.append(piece)
            yield Text(piece, tuple(chances))
        # Only here: what failed on the way has taken the cache with it.
        self._memory.keep(decoding.cache, [*keys, *ids][: decoding.read])
        self._memory.keep_answer("".join(said), ids)
        ended = time.perf_counter()
        prefilled = prefilled or ended
        yield Finished(
            reason,
            Stats(
                len(prompt.ids),
                len(ids),
                prefilled - started,
                ended - prefilled,
                context,
                self._memory_used(),
            ),
        )

    def _decoding(self, keys: list[Key], sampler: Sampler, most: int) -> Decoding:
        """What reads this prompt, over what is remembered of it."""
        cache = self._memory.take(keys)
        if self._decoder is None:
            plain = cache if isinstance(cache, GrowingCache) else None
            plain = plain or GrowingCache(self.loaded.model.config.text_config)
            return PlainDecoding(self.loaded, self._cancellation, sampler, plain)
        own = cache if isinstance(cache, StaticCache) else self._decoder.new_cache()
        # A long answer makes more room when it comes to that.
        room = len(keys) + min(most, BUCKET)
        device = self.loaded.device
        self._memory.make_room(own.missing(room) + _SPARE, lambda: memory_free(device))
        own.reserve(room)
        return OwnDecoding(self._decoder, self._cancellation, sampler, own)

    def _memory_used(self) -> int:
        """Bytes in use where the model runs; on a card with what passes work in."""
        device = self.loaded.device
        if device.type == "cuda":
            return int(torch.cuda.memory_allocated(device))
        return self.loaded.memory + self._memory.size

    def _lookup(self, prompt: Prompt, decoding: Decoding) -> Lookup | None:
        if not decoding.drafts:
            return None
        return Lookup(prompt.ids, self.loaded.model.config.image_token_id)

    def _end_tokens(self) -> frozenset[int]:
        named: Any = getattr(self.loaded.model.generation_config, "eos_token_id", None)
        several = cast("list[Any]", named) if isinstance(named, list) else [named]
        ends = [*several, self.loaded.tokenizer.eos_token_id, self._prompter.end]
        return frozenset(int(token) for token in ends if token is not None)


def _seen(prompt: Prompt, views: list[View]) -> Seen:
    last = views[-1] if views else None
    return Seen(
        grid=last.grid if last else (0, 0),
        tiles=sum(view.tiles for view in views),
        tokens=len(prompt.ids),
        scale=last.scale if last else 1.0,
        reference_sent=prompt.reference_sent,
        reference_total=prompt.reference_total,
        quick=any(view.is_overview for view in views),
        forgotten=prompt.forgotten,
    )
