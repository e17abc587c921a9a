"""Token ids to text as they come, never half a character."""

from __future__ import annotations

from typing import Any

_REPLACEMENT = "\ufffd"
# A character of UTF-8 has at most four bytes and a token at least one.
_LONGEST_UNFINISHED = 3


class IncrementalDecoder:
    """Decodes one answer. `push` and `flush` return the text that became certain.

    A window of ids is decoded twice, without and with the newest ones, and the
    difference is new text: that way a tokenizer may join ids as it likes
    (SentencePiece's leading spaces, bytes of one emoji) and each id is still
    decoded only a few times.
    """

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._ids: list[int] = []
        self._window = 0
        self._done = 0
        self._started = False

    def push(self, token: int) -> str:
        """Take one more id. The answer's leading white space is left out."""
        self._ids.append(token)
        text = self._text(self._window, len(self._ids))
        broken = text.endswith(_REPLACEMENT)
        if broken and len(self._ids) - self._done <= _LONGEST_UNFINISHED:
            return ""
        piece = self._advance(text)
        if broken:
            # Not unfinished but wrong: it must not make what follows unreadable too.
            self._window = self._done
        return piece

    def flush(self) -> str:
        """What is left when no more ids come; an unfinished character shows as U+FFFD."""
        return self._advance(self._text(self._window, len(self._ids)))

    def _advance(self, text: str) -> str:
        before = self._text(self._window, self._done)
        piece = text[len(before) :]
        if piece:
            self._window, self._done = self._done, len(self._ids)
        if not self._started:
            piece = piece.lstrip()
            self._started = bool(piece)
        return piece

    def _text(self, start: int, stop: int) -> str:
        return self._tokenizer.decode(
            self._ids[start:stop], skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
