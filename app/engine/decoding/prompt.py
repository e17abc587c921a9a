"""A conversation as token ids, in which nobody's words become structure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.core.conversation import Role, Turn
from app.core.errors import ErrorKind, OcellusError
from app.core.model import PromptFormat
from app.core.prompts import (
    BOS,
    EOS,
    LEAST_NEW_TOKENS,
    TEMPLATES,
    Generated,
    PictureSlot,
    Plain,
    Special,
    Template,
    defuse,
    render,
)

# What is left of the room once old turns have to go: enough for the next questions too, which
# then find all that was read before still in the cache.
_AFTER_FORGETTING = 0.75

Key = int | str


@dataclass(frozen=True, slots=True)
class PictureTokens:
    """Where the tokens of one picture stand: ids[start:stop]."""

    picture: int
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Prompt:
    """Token ids up to where the answer begins, and what stands where.

    `forgotten` of the oldest turns are not among them.
    """

    ids: list[int]
    spans: tuple[PictureTokens, ...]
    reference_sent: int
    reference_total: int
    forgotten: int = 0

    def keys(self, names: Sequence[str]) -> list[Key]:
        """`ids` with each picture's name in place of its tokens.

        All pictures have the same token id; the names (hashes, by index) tell
        whether two prompts show the same one.
        """
        keys: list[Key] = list(self.ids)
        for span in self.spans:
            keys[span.start : span.stop] = [names[span.picture]] * (span.stop - span.start)
        return keys


class Prompter:
    """Builds prompts for one model. Raises OcellusError where its tokenizer does not fit."""

    def __init__(self, tokenizer: Any, prompt_format: PromptFormat, image_token: int) -> None:
        self._tokenizer = tokenizer
        self._format = prompt_format
        self._image_token = image_token
        template = TEMPLATES[prompt_format]
        self._special = {piece.token: self._find(piece.token) for piece in _specials(template)}
        self._structure, self._literals = self._structural()
        self.end = self._special[template.end.token]

    def build(
        self,
        turns: Sequence[Turn],
        picture_tokens: Sequence[int],
        context: int,
        generated: Mapping[int, Sequence[int]] | None = None,
        least_new: int = LEAST_NEW_TOKENS,
    ) -> Prompt:
        """The prompt that leaves room for `least_new` tokens in a context of `context`.

        `picture_tokens` counts the tokens of each picture, `generated` holds the
        kept ids of the model's turns by index. Reference rows that do not fit are
        left out from the end, those of the oldest turn first; where those of the last
        question would have to go, the oldest questions go first, with their answers.
        Raises OcellusError (TOO_LONG) when the last question alone does not fit.
        """
        room = context - least_new
        *earlier, last = (n for n, turn in enumerate(turns) if turn.role is Role.PERSON)
        generated = generated or {}
        for start in (0, *earlier[1:]):
            if start == last:
                break
            most = room if start == 0 else int(_AFTER_FORGETTING * room)
            prompt = self._fit(turns, start, picture_tokens, generated, most)
            if prompt is not None and prompt.reference_sent >= len(turns[last].reference):
                return prompt
        prompt = self._fit(turns, last, picture_tokens, generated, room)
        if prompt is None:
            raise self._too_long(turns[last], picture_tokens, context)
        return prompt

    def _fit(
        self,
        turns: Sequence[Turn],
        start: int,
        picture_tokens: Sequence[int],
        generated: Mapping[int, Sequence[int]],
        room: int,
    ) -> Prompt | None:
        """The prompt of the turns from `start` on, with the reference rows that fit.

        None where it does not fit without any.
        """
        total = sum(len(turn.reference) for turn in turns[start:])
        skipped = sum(len(turn.pictures) for turn in turns[:start])
        kept = {turn - start: ids for turn, ids in generated.items() if turn >= start}

        def attempt(rows: int) -> Prompt:
            sent = _with_rows(turns[start:], rows)
            ids, spans = self._encode(sent, picture_tokens[skipped:], kept)
            spans = tuple(replace(span, picture=span.picture + skipped) for span in spans)
            return Prompt(ids, spans, rows, total, start)

        prompt = attempt(total)
        if len(prompt.ids) <= room:
            return prompt
        # Between a number of rows that fits and one that does not.
        fits, too_many = -1, total
        while too_many - fits > 1:
            rows = (fits + too_many) // 2
            if len(attempt(rows).ids) <= room:
                fits = rows
            else:
                too_many = rows
        return attempt(fits) if fits >= 0 else None

    def _encode(
        self,
        turns: Sequence[Turn],
        picture_tokens: Sequence[int],
        generated: Mapping[int, Sequence[int]],
    ) -> tuple[list[int], tuple[PictureTokens, ...]]:
        ids: list[int] = []
        spans: list[PictureTokens] = []
        for piece in render(self._format, turns, generated):
            match piece:
                case Special(token):
                    ids.append(self._special[token])
                case Plain(text):
                    ids.extend(self.encode_plain(text))
                case Generated(turn):
                    ids.extend(generated[turn])
                case PictureSlot(index):
                    spans.append(PictureTokens(index, len(ids), len(ids) + picture_tokens[index]))
                    ids.extend([self._image_token] * picture_tokens[index])
        return ids, tuple(spans)

    def encode_plain(self, text: str) -> list[int]:
        """The ids of ordinary text; none of them is structure, whatever the text says.

        Raises OcellusError (INTERNAL) for a tokenizer that cannot spell its own
        special tokens out, which no known one does.
        """
        ids = self._spell(text)
        if self._structure.isdisjoint(ids):
            return ids
        # Tokens that the tokenizer does not know to be special are found in any text.
        ids = self._spell(defuse(text, self._literals))
        if self._structure.isdisjoint(ids):
            return ids
        raise OcellusError.of(
            ErrorKind.INTERNAL,
            "This text holds special tokens that the model reserves for itself.",
            "Leave them out of the question, or switch the picture's text off.",
            f"{sorted(self._structure.intersection(ids))}",
        )

    def _spell(self, text: str) -> list[int]:
        return self._tokenizer.encode(text, add_special_tokens=False, split_special_tokens=True)

    def _find(self, token: str) -> int:
        tokenizer = self._tokenizer
        if token == BOS:
            found = tokenizer.bos_token_id
        elif token == EOS:
            found = tokenizer.eos_token_id
        else:
            found = tokenizer.get_added_vocab().get(token)
            if found is None:
                found = tokenizer.get_vocab().get(token)
        if found is None:
            raise OcellusError.of(
                ErrorKind.BAD_CHECKPOINT,
                "The model's tokenizer does not fit the way this model is talked to.",
                "Get the model's tokenizer files again.",
                f"{self._format.value} needs {token!r}",
            )
        return int(found)

    def _structural(self) -> tuple[frozenset[int], tuple[str, ...]]:
        tokenizer = self._tokenizer
        ids = {*self._special.values(), self._image_token}
        ids |= {index for index, added in tokenizer.added_tokens_decoder.items() if added.special}
        fixed = {tokenizer.bos_token_id, tokenizer.eos_token_id, *self._special.values()}
        # Ordinary text is allowed to hold what the tokenizer has no word for.
        ids -= {tokenizer.unk_token_id} - fixed
        literals = {str(tokenizer.convert_ids_to_tokens(index)) for index in ids}
        # The longest first: breaking "<s>" up must not hide a longer one around it.
        return frozenset(ids), tuple(sorted(literals, key=len, reverse=True))

    def _too_long(
        self, question: Turn, picture_tokens: Sequence[int], context: int
    ) -> OcellusError:
        looked_at = picture_tokens[len(picture_tokens) - len(question.pictures) :]
        alone = replace(question, reference=())
        tokens = len(self._encode((alone,), looked_at, {})[0])
        if 2 * sum(looked_at) > tokens:
            headline = "The pictures are too much for this model at once."
            advice = "Send fewer pictures with the question, or choose a model that holds more."
        else:
            headline = "The question is too long for this model."
            advice = "Shorten it, or choose a model that holds more."
        detail = (
            f"{tokens} tokens, {sum(looked_at)} of them for {len(looked_at)} "
            f"pictures, in a context of {context}"
        )
        return OcellusError.of(ErrorKind.TOO_LONG, headline, advice, detail)


def _specials(template: Template) -> list[Special]:
    parts = (template.start, *template.person, *template.model, template.reply)
    return [piece for part in parts for piece in part if isinstance(piece, Special)]


def _with_rows(turns: Sequence[Turn], rows: int) -> list[Turn]:
    """`turns` with `rows` reference rows in all; the newest turn's are kept first."""
    kept: list[Turn] = []
    for turn in reversed(turns):
        sent = min(rows, len(turn.reference))
        rows -= sent
        kept.append(replace(turn, reference=turn.reference[:sent]))
    return kept[::-1]
