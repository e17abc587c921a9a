"""Which characters of a picture's text are selected, as in a text editor."""

from __future__ import annotations

from enum import Enum

from app.session.reading.page_text import PageText


class Unit(Enum):
    """What a drag selects by: after a double click words, after a triple click rows."""

    CHARACTER = 1
    WORD = 2
    ROW = 3


class TextSelection:
    """An anchor and where the selection goes from there, in positions of a `PageText`."""

    def __init__(self) -> None:
        self.page: PageText | None = None
        self._anchor = (0, 0)
        self._cursor = 0
        self._unit = Unit.CHARACTER

    @property
    def span(self) -> tuple[int, int]:
        """First position and the one after the last; equal where nothing is selected."""
        if self.page is None:
            return 0, 0
        begin, end = self._unit_around(self._cursor)
        return min(begin, self._anchor[0]), max(end, self._anchor[1])

    @property
    def text(self) -> str:
        """The selected characters in reading order."""
        begin, end = self.span
        return self.page.text[begin:end] if self.page is not None else ""

    def show(self, page: PageText | None) -> None:
        """Another text; nothing of it is selected, unless it says the same as the one before."""
        same = page is not None and self.page is not None and page.text == self.page.text
        self.page = page
        if not same:
            self.clear()

    def clear(self) -> None:
        """Nothing is selected."""
        self.begin(0)

    def begin(self, position: int, unit: Unit = Unit.CHARACTER) -> None:
        """Start at this position."""
        self._unit = unit
        self._cursor = position
        self._anchor = self._unit_around(position)

    def extend(self, position: int) -> None:
        """Select up to this position."""
        if self.page is not None:
            self._cursor = min(max(position, 0), len(self.page.text))

    def step(self, by: int) -> None:
        """Select one character more, or less, at the moving end."""
        self._unit = Unit.CHARACTER
        self.extend(self._cursor + by)

    def select_all(self) -> None:
        """Everything."""
        if self.page is not None:
            self.begin(0)
            self.extend(len(self.page.text))

    def _unit_around(self, position: int) -> tuple[int, int]:
        if self.page is None or self._unit is Unit.CHARACTER:
            return position, position
        if self._unit is Unit.WORD:
            return self.page.word_around(position)
        return self.page.row_around(position)
