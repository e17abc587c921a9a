"""Where two readings of a picture differ, and what a person chose there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal

from app.core.conversation import Picture
from app.core.geometry import Box
from app.core.reading import BlockKind, Reading
from app.session.documents.documents import Documents
from app.session.reading.page_text import PageText
from app.session.reading.readings import Readings
from app.text.choices import Mark, Version, amended, marked
from app.text.comparison import Difference
from app.text.regions import Row, WordRef

_WORD = re.compile(r"\S+")


@dataclass(slots=True)
class _Compared:
    """One picture: what the reader found, and what came since."""

    original: Reading
    differences: list[Difference] = field(default_factory=list[Difference])
    chosen: dict[Difference, Version] = field(default_factory=dict[Difference, Version])
    # What was chosen before, in the order in which it was changed.
    past: list[tuple[Difference, Version | None]] = field(
        default_factory=list[tuple[Difference, Version | None]]
    )


class Comparisons(QObject):
    """Keeps both versions until the end of the run; the chosen one is the picture's reading.

    So what is copied, saved, searched and sent with a question has it too.
    """

    changed = Signal(str)  # sha256: other differences or choices

    def __init__(
        self, readings: Readings, documents: Documents, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._readings = readings
        self._documents = documents
        self._pictures: dict[str, _Compared] = {}
        readings.revise_with(self._revised)
        readings.readingReady.connect(self._reading_ready)

    def marks(self, sha256: str) -> tuple[Mark, ...]:
        """The differences, in the lines of the reading as it is now."""
        compared = self._pictures.get(sha256)
        return marked(compared.differences, compared.chosen) if compared is not None else ()

    def can_undo(self, sha256: str) -> bool:
        """Whether there is a choice to take back."""
        compared = self._pictures.get(sha256)
        return compared is not None and bool(compared.past)

    def original(self, sha256: str, reading: Reading) -> Reading:
        """What the reader found in a picture whose reading is this now."""
        compared = self._pictures.get(sha256)
        if compared is None:
            # Cleaned as for the screen, so that characters are counted in the same way.
            compared = self._pictures[sha256] = _Compared(PageText(reading).reading)
        return compared.original

    def add(
        self, sha256: str, words: AbstractSet[tuple[int, int]], found: Iterable[Difference]
    ) -> None:
        """These differences take the place of those among the same words that nobody has decided.

        `words` are the ones that were compared, by their line and first character.
        """
        compared = self._pictures.get(sha256)
        if compared is None:
            return
        kept = [
            one
            for one in compared.differences
            if (one.line, one.begin) not in words or one in compared.chosen
        ]
        new = [one for one in found if not any(_overlap(one, other) for other in kept)]
        compared.differences = sorted([*kept, *new], key=lambda one: (one.line, one.begin))
        self.changed.emit(sha256)

    def choose(self, sha256: str, difference: Difference, version: Version) -> None:
        """Take this version of it."""
        compared = self._pictures.get(sha256)
        if compared is None or difference not in compared.differences:
            return
        before = compared.chosen.get(difference)
        if before is not version:
            compared.past.append((difference, before))
            self._set(sha256, compared, difference, version)

    def undo(self, sha256: str) -> Difference | None:
        """Take the latest choice back; the difference that it was about."""
        compared = self._pictures.get(sha256)
        if compared is None or not compared.past:
            return None
        difference, before = compared.past.pop()
        self._set(sha256, compared, difference, before)
        return difference

    def _set(
        self, sha256: str, compared: _Compared, difference: Difference, version: Version | None
    ) -> None:
        if version is None:
            compared.chosen.pop(difference, None)
        else:
            compared.chosen[difference] = version
        self._readings.keep(sha256, amended(compared.original, compared.chosen))
        self.changed.emit(sha256)

    def _revised(self, sha256: str, reading: Reading) -> Reading:
        """A picture that was read once more keeps what was chosen in it."""
        compared = self._pictures.get(sha256)
        if compared is None:
            return reading
        now = amended(compared.original, compared.chosen)
        if reading == now or PageText(reading).reading == compared.original:
            return now
        # It was read in another way; the differences are of what is gone.
        del self._pictures[sha256]
        self.changed.emit(sha256)
        return reading

    def _reading_ready(self, sha256: str, reading: Reading) -> None:
        """The documents have the text of their pages by themselves."""
        if sha256 in self._pictures:
            self._documents.amend(sha256, reading)


def words_of(reading: Reading, picture: Picture) -> list[list[Row]]:
    """The words of each line of each block, with their places in the picture."""
    page = reading.pages[0] if reading.pages else None
    if page is None or page.width <= 0 or page.height <= 0:
        return []
    text = PageText(reading, picture.width / page.width, picture.height / page.height)
    blocks: dict[int, list[Row]] = {}
    for line in text.lines:
        # A bar code's text stands nowhere in the picture.
        if text.blocks[line.block].kind is BlockKind.BARCODE:
            continue
        row = tuple(
            WordRef(
                line.index,
                found.start(),
                found.end(),
                found.group(),
                Box.union(text.boxes(line.begin + found.start(), line.begin + found.end())),
            )
            for found in _WORD.finditer(text.text[line.begin : line.end])
        )
        if row:
            blocks.setdefault(line.block, []).append(row)
    return list(blocks.values())


def _overlap(one: Difference, other: Difference) -> bool:
    return one.line == other.line and one.begin < other.end and other.begin < one.end
