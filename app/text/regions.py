"""Which crops of a page a vision-language model is to read, so that it reads all of its text.

A model of the LLaVA-1.6 family sees a picture in tiles of 336 pixels, six at most with its
overview; what is larger is shrunk until nobody could read it. So the page goes to it in crops that
fit the tiles at the picture's own resolution, cut where the reader's layout lets them be cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.geometry import Box

# Width and height of what is seen without shrinking, in pixels.
FRAMES = ((672, 672), (1008, 336), (336, 1008))
# A strip of a wide paragraph, so that a word that sticks out at each side still fits.
_STRIP = 820
_OVERLAP = 80
_AROUND = 0.4
_LEAST_AROUND = 6
# How many letters high the next row is, with the space before it.
_NEIGHBOUR = 2.2
# From this share of its area on, a word in a crop can be read.
_SEEN = 0.6


@dataclass(frozen=True, slots=True)
class WordRef:
    """A word between white space: characters `begin` to `end` of the line with this index.

    The line's index counts all lines of the reading, `box` is in the picture's pixels.
    """

    line: int
    begin: int
    end: int
    text: str
    box: Box


# The words of one line, in their order.
Row = tuple[WordRef, ...]


@dataclass(frozen=True, slots=True)
class Region:
    """A crop and the words in it, in reading order.

    `rows` are the ones that this crop is there for; `seen` are those and the
    neighbours that its overlap shows. No word is in the rows of two regions.
    """

    box: Box
    rows: tuple[Row, ...]
    seen: tuple[WordRef, ...]

    @property
    def owned(self) -> frozenset[WordRef]:
        """The words that this crop is there for."""
        return frozenset(token for row in self.rows for token in row)

    @property
    def text(self) -> str:
        """What the reader made of the whole crop."""
        return " ".join(token.text for token in self.seen)


def regions(blocks: Sequence[Sequence[Row]], width: int, height: int) -> tuple[Region, ...]:
    """Crops for all words of a page of this size, in reading order. Rows may not be empty."""
    everything = tuple(token for block in blocks for row in block for token in row)
    # Strips of one block beside each other must not be joined again.
    groups: list[tuple[Row, ...]] = []
    for block in blocks:
        for strip in _strips(block):
            for group in _groups(strip):
                if groups and _joins(groups[-1], group, everything):
                    groups[-1] = (*groups[-1], *group)
                else:
                    groups.append(group)
    return tuple(_region(group, everything, width, height) for group in groups)


def halves(region: Region, width: int, height: int) -> tuple[Region, ...]:
    """The region's words in two crops, or in one that is cut closer where it has a single word."""
    rows, first = region.rows, region.rows[0]
    if len(rows) > 1:
        middle = len(rows) // 2
        parts = [rows[:middle], rows[middle:]]
    elif len(first) > 1:
        middle = len(first) // 2
        parts = [(first[:middle],), (first[middle:],)]
    else:
        parts = [rows]
    return tuple(_region(part, region.seen, width, height, overlap=0) for part in parts)


def _strips(block: Sequence[Row]) -> list[tuple[Row, ...]]:
    """The block, in strips beside each other where it is too wide for a crop, or too high."""
    if not block:
        return []
    around = Box.union(token.box for row in block for token in row)
    upright = all(_is_upright(Box.union(token.box for token in row)) for row in block)
    length = around.height if upright else around.width
    if length <= max(frame[0] for frame in FRAMES) - 2 * _OVERLAP:
        return [tuple(block)]
    count = int(length // _STRIP) + 1
    start = around.top if upright else around.left
    strips: list[list[Row]] = [[] for _ in range(count)]
    for row in block:
        parts: list[list[WordRef]] = [[] for _ in range(count)]
        for token in row:
            box = token.box
            centre = box.centre_y if upright else box.centre_x
            parts[min(count - 1, int((centre - start) / length * count))].append(token)
        for strip, part in zip(strips, parts, strict=True):
            if part:
                strip.append(tuple(part))
    return [tuple(strip) for strip in strips if strip]


def _groups(rows: Sequence[Row]) -> list[tuple[Row, ...]]:
    groups: list[list[Row]] = []
    for row in rows:
        if groups and _has_room((*groups[-1], row)):
            groups[-1].append(row)
        else:
            groups.append([row])
    return [tuple(group) for group in groups]


def _joins(before: tuple[Row, ...], after: tuple[Row, ...], everything: Sequence[WordRef]) -> bool:
    """Whether one crop serves both, with nothing between them that belongs to neither."""
    own = {token for row in (*before, *after) for token in row}
    around = Box.union(token.box for token in own)
    if not _has_room((*before, *after)):
        return False
    return all(token in own or _share(token.box, around) == 0 for token in everything)


def _region(
    rows: tuple[Row, ...],
    everything: Sequence[WordRef],
    width: int,
    height: int,
    overlap: int = _OVERLAP,
) -> Region:
    own = {token for row in rows for token in row}
    around = Box.union(token.box for token in own)
    edge = max(_LEAST_AROUND, _AROUND * _letter(rows[0]))
    box = Box(around.left - edge, around.top - edge, around.right + edge, around.bottom + edge)
    near = Box(box.left - overlap, box.top - overlap, box.right + overlap, box.bottom + overlap)
    # Neighbours come in whole or not at all: half a line is read as something else.
    for token in everything:
        if token not in own and overlap and _share(token.box, near) == 1:
            wider = Box.union((box, token.box))
            if _fits(wider):
                box = wider
    box = Box(max(0, box.left), max(0, box.top), min(width, box.right), min(height, box.bottom))
    seen = tuple(t for t in everything if t in own or _share(t.box, box) >= _SEEN)
    return Region(box, rows, seen)


def _fits(box: Box, across: float = 0, along: float = 0) -> bool:
    """Whether it fits the tiles, with so many pixels to spare at either side."""
    return any(
        box.width + 2 * across <= wide and box.height + 2 * along <= high for wide, high in FRAMES
    )


def _has_room(rows: Sequence[Row]) -> bool:
    """Whether these rows fit the tiles, with the rows beside them."""
    around = Box.union(token.box for row in rows for token in row)
    letter = max(map(_letter, rows))
    edge, neighbour = max(_LEAST_AROUND, _AROUND * letter), _NEIGHBOUR * letter
    if all(_is_upright(Box.union(token.box for token in row)) for row in rows):
        return _fits(around, neighbour, edge)
    return _fits(around, edge, neighbour)


def _letter(row: Row) -> float:
    """How large the row's letters are."""
    around = Box.union(token.box for token in row)
    return min(around.width, around.height)


def _is_upright(box: Box) -> bool:
    return box.height > 2 * box.width


def _share(box: Box, within: Box) -> float:
    """How much of the box is within the other, from 0 to 1."""
    wide, high = box.overlap_x(within), box.overlap_y(within)
    area = box.width * box.height
    return wide * high / area if wide > 0 and high > 0 and area > 0 else 0.0
