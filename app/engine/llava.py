"""Answers of a loaded LLaVA model, token by token."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from app.core.conversation import Ask
from app.core.events import Event, Finished, FinishReason, Seen, Stats, Text
from app.engine.decoding import Decoding
from app.engine.loading import Loaded
from app.engine.memory import Memory
from app.engine.prompt import LEAST_NEW_TOKENS, Prompt, Prompter
from app.engine.sampling import Sampler
from app.engine.stopping import Brake, StoppedError
from app.engine.streaming import IncrementalDecoder
from app.engine.vision import View, Vision


class Llava:
    """One model in memory. `answer` is a generator; one runs at a time."""

    def __init__(self, loaded: Loaded, store: Path) -> None:
        image_token = loaded.model.config.image_token_id
        self.loaded = loaded
        self._prompter = Prompter(loaded.tokenizer, loaded.spec.prompt_format, image_token)
        self._ends = self._end_tokens()
        self._vision = Vision(loaded, store)
        self._memory = Memory()
        self._brake = Brake()
        self._brake.fit(loaded.model)

    def answer(self, ask: Ask, cancelled: Callable[[], bool]) -> Iterator[Event]:
        """Seen, Text as it comes, Finished.

        Raises OcellusError for what the person can change, and whatever torch
        raises; the model can answer again afterwards.
        """
        started = time.perf_counter()
        with self._brake.watching(cancelled):
            try:
                views = self._look(ask)
            except StoppedError:
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
            self._brake.check()
            views.append(self._vision.look(picture))
        self._vision.forget_others(ask.pictures)
        return views

    def _tokens(
        self, ask: Ask, prompt: Prompt, views: list[View], started: float
    ) -> Iterator[Event]:
        keys = prompt.keys([picture.sha256 for picture in ask.pictures])
        decoding = Decoding(self.loaded, self._brake, *self._memory.take(keys))
        most = min(ask.sampling.max_new_tokens, self.loaded.context - len(prompt.ids))
        sampler = Sampler(ask.sampling, self.loaded.device)
        decoder = IncrementalDecoder(self.loaded.tokenizer)
        ids: list[int] = []
        said: list[str] = []
        chances: list[float] = []
        reason = FinishReason.LENGTH
        prefilled = None
        try:
            unread = decoding.pictures_to_read(prompt)
            features = {s.picture: self._vision.features(views[s.picture]) for s in unread}
            logits = decoding.prefill(prompt, features)
            prefilled = time.perf_counter()
            while len(ids) < most:
                token, chance = sampler.choose(logits)
                if token in self._ends:
                    reason = FinishReason.END
                    break
                ids.append(token)
                chances.append(chance)
                if piece := decoder.push(token):
                    said.append(piece)
                    yield Text(piece, tuple(chances))
                    chances = []
                if len(ids) < most:
                    logits = decoding.step(token)
        except StoppedError:
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
            reason, Stats(len(prompt.ids), len(ids), prefilled - started, ended - prefilled)
        )

    def _end_tokens(self) -> frozenset[int]:
        named = getattr(self.loaded.model.generation_config, "eos_token_id", None)
        ends = named if isinstance(named, list) else [named]
        ends = [*ends, self.loaded.tokenizer.eos_token_id, self._prompter.end]
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
    )
