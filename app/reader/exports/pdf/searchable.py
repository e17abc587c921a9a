"""A PDF that looks like the pictures and can be searched, selected and copied."""

from __future__ import annotations

from collections.abc import Iterable

import regex

from app.core.reading import Line, Page, Word
from app.reader.exports.form import Output, Pictures
from app.reader.exports.pdf.file import PdfFile
from app.reader.exports.pdf.font import ADVANCE, DESCENT, GlyphlessFont, put_shapes
from app.reader.exports.pdf.picture import put_picture
from app.reader.exports.words import clusters, words_of

# A page's shorter side is at most A4's, so that what was scanned prints at its size, and a
# pixel at most a 96th of an inch. Points; the longest is what viewers can show.
_SHORT, _LONGEST, _LEAST = 595.276, 14_400.0, 3.0
_PER_PIXEL = 0.75
# A space where words touch: too narrow to see, wide enough to be there.
_NARROW = 0.5
# Text in a box so much higher than wide runs along its height.
_UPRIGHT, _SEVERAL = 2.0, 3

# The directions of text in quarters of a turn, counter-clockwise, as a PDF's matrix has them.
_TURNS = ("1 0 0 1", "0 1 -1 0", "-1 0 0 -1", "0 -1 1 0")
_RIGHT_TO_LEFT = regex.compile(r"[\p{bc=R}\p{bc=AL}]")


def write(pages: Iterable[Page], target: Output, pictures: Pictures | None) -> None:
    """Write PDF 1.7. Raises ValueError without `pictures`."""
    if pictures is None:
        raise ValueError("a searchable PDF shows the pages' pictures")
    file = PdfFile(target)
    tree, shapes = file.number(), put_shapes(file)
    font = GlyphlessFont(file.number())
    kids: list[int] = []
    for page in pages:
        if font.is_filled:
            font.put(file, shapes)
            font = GlyphlessFont(file.number())
        picture = put_picture(file, pictures(page))
        kids.append(_put_page(file, page, tree, font, picture))
    font.put(file, shapes)
    named = " ".join(f"{kid} 0 R" for kid in kids)
    file.put(tree, f"<< /Type /Pages /Count {len(kids)} /Kids [{named}] >>")
    root = file.add(f"<< /Type /Catalog /Pages {tree} 0 R >>")
    file.end(root, file.add("<< /Producer (Ocellus) >>"))


def points_per_pixel(width: int, height: int) -> float:
    """How large a pixel of a page's picture is in the file."""
    short, long = sorted((max(1, width), max(1, height)))
    return min(max(min(_PER_PIXEL, _SHORT / short), _LEAST / short), _LONGEST / long)


def _put_page(file: PdfFile, page: Page, tree: int, font: GlyphlessFont, picture: int) -> int:
    scale = points_per_pixel(page.width, page.height)
    turn = round(page.turned / 90) % 4
    parts = [
        f"q {scale:.8f} 0 0 {scale:.8f} 0 0 cm",
        f"q {page.width} 0 0 {page.height} 0 0 cm /Picture Do Q",
        *shown_text(page, turn, font),
        "Q",
    ]
    content = file.stream("\n".join(parts).encode("ascii"))
    width, height = page.width * scale, page.height * scale
    return file.add(
        f"<< /Type /Page /Parent {tree} 0 R /MediaBox [0 0 {width:.4f} {height:.4f}] "
        f"/Rotate {turn * 90} /Contents {content} 0 R /Resources "
        f"<< /XObject << /Picture {picture} 0 R >> /Font << /Text {font.number} 0 R >> >> >>"
    )


def shown_text(page: Page, turn: int, font: GlyphlessFont) -> list[str]:
    """The operators that put the page's words, unseen, where they stand in its picture.

    A unit is a pixel, from the lower left; text runs `turn` quarters counter-clockwise.
    """
    words = (
        text
        for block in page.blocks
        for line in block.lines
        for text in _line(line, page.height, turn, font)
    )
    return ["BT 3 Tr", *words, "ET"]


def _line(line: Line, height: int, turn: int, font: GlyphlessFont) -> list[str]:
    """The line's words and the spaces between them; its end counts as a space as well."""
    places = [_Place(word, height, _direction(word, turn)) for word in words_of(line)]
    shown: list[str] = []
    for place, following in zip(places, [*places[1:], None], strict=True):
        gap = place.gap(following) if following else _NARROW
        shown += [place.show(font), place.space(font, max(_NARROW, gap))]
    return shown


def _direction(word: Word, turn: int) -> int:
    """Which way the word runs, in quarters of a turn counter-clockwise."""
    along, across = word.box.height, word.box.width
    if turn % 2 == 0 and along > _UPRIGHT * across and len(clusters(word.text)) >= _SEVERAL:
        return (turn + 3) % 4
    return turn


class _Place:
    """A word where it stands: origin at the picture's bottom left, in pixels."""

    def __init__(self, word: Word, height: int, turn: int) -> None:
        box = word.box
        self._turn, self.box = turn, box
        along, size = box.width, box.height
        if turn % 2:
            along, size = size, along
        self._length, self._size = max(_NARROW, along), max(_NARROW, size)
        self._text = word.text
        low, high = height - box.bottom, height - box.top
        below = -DESCENT / 1000 * self._size
        # Where the text's base line begins, by the way it runs.
        self._x, self._y = (
            (box.left, low + below),
            (box.right - below, low),
            (box.right, high - below),
            (box.left + below, high),
        )[turn]

    def gap(self, following: _Place) -> float:
        """Pixels from this word's end to where the following begins."""
        one, other = self.box, following.box
        return (
            other.left - one.right,
            one.top - other.bottom,
            one.left - other.right,
            other.top - one.bottom,
        )[self._turn]

    def show(self, font: GlyphlessFont) -> str:
        """The operators that put the word there."""
        codes = font.codes(self._text)
        if _RIGHT_TO_LEFT.search(self._text):
            codes = codes[::-1]  # Files hold what is seen from left to right.
        matrix = f"{_TURNS[self._turn]} {self._x:.3f} {self._y:.3f}"
        return self._shown(codes, self._length, matrix)

    def space(self, font: GlyphlessFont, length: float) -> str:
        """The operators that put a space of `length` pixels behind the word."""
        right, up = ((1, 0), (0, 1), (-1, 0), (0, -1))[self._turn]
        x, y = self._x + right * self._length, self._y + up * self._length
        return self._shown(font.codes(" "), length, f"{_TURNS[self._turn]} {x:.3f} {y:.3f}")

    def _shown(self, codes: list[int], length: float, matrix: str) -> str:
        natural = len(codes) * ADVANCE / 1000 * self._size
        text = "".join(f"{code:04X}" for code in codes)
        return f"/Text {self._size:.3f} Tf {100 * length / natural:.4f} Tz {matrix} Tm <{text}> Tj"
