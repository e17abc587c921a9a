"""A PDF that came in with the text that it lacked: every page stays as it is."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, cast

import pikepdf

from app.core.errors import ErrorKind, OcellusError
from app.core.reading import Block, Page, PageSource
from app.reader.exports.form import Output
from app.reader.exports.pdf.file import PdfFile
from app.reader.exports.pdf.font import GlyphlessFont, put_shapes
from app.reader.exports.pdf.searchable import shown_text

# The rendering mode of text that is not drawn, and the operators that show text.
_UNSEEN = 3
_SHOWS = frozenset(("Tj", "TJ", "'", '"'))
_DEEPEST = 64


def opened(source: Path, password: str) -> pikepdf.Pdf | None:
    """The PDF `source`, to be closed; None where it is too damaged to be kept as it is."""
    try:
        return pikepdf.open(source, password=password)
    except pikepdf.PdfError:
        return None


def write(document: pikepdf.Pdf, pages: Iterable[Page], target: Output) -> None:
    """Write the document with what was read in its pages' pictures as unseen text.

    Only `pages` go into the new file, which has no password. Raises OcellusError where
    a part of it is damaged.
    """
    try:
        _write(document, pages, target)
    except pikepdf.PdfError as error:
        raise OcellusError.of(
            ErrorKind.BAD_DOCUMENT,
            "A part of this document is too damaged to be kept.",
            "Save its text in another form.",
            str(error),
        ) from error


def _write(document: pikepdf.Pdf, pages: Iterable[Page], target: Output) -> None:
    overlay = _Overlay()
    added = [(page.number, overlay.add(_missing(page))) for page in pages]
    with pikepdf.open(overlay.finished()) as texts:
        for number, addition in added:
            if addition is not None:
                _add(document, document.pages[number - 1], texts, addition)
    numbers = {number for number, _ in added}
    for place in reversed(range(len(document.pages))):
        if place + 1 not in numbers:
            del document.pages[place]
    document.save(cast("BinaryIO", _Stream(target)))


def _missing(page: Page) -> Page:
    """The page with those blocks that it does not say itself."""
    if page.source is PageSource.PICTURE:
        return page
    # What a page says itself is certain, and nothing that was read is.
    blocks = [
        Block(lines)
        for block in page.blocks
        if (lines := tuple(line for line in block.lines if line.confidence < 1))
    ]
    return replace(page, blocks=tuple(blocks) if page.source is PageSource.BOTH else ())


@dataclass(frozen=True, slots=True)
class _Addition:
    """A page of the overlay: its place there, and its size in pixels."""

    place: int
    width: int
    height: int


class _Overlay:
    """A PDF of nothing but unseen text, a unit for each pixel, from which pages take theirs."""

    def __init__(self) -> None:
        self._buffer = io.BytesIO()
        self._file = PdfFile(self._buffer)
        self._tree, self._shapes = self._file.number(), put_shapes(self._file)
        self._font = GlyphlessFont(self._file.number())
        self._kids: list[int] = []

    def add(self, page: Page) -> _Addition | None:
        """A page for the text of `page`; None if it has none."""
        if not page.blocks or not (page.width and page.height):
            return None
        if self._font.is_filled:
            self._font.put(self._file, self._shapes)
            self._font = GlyphlessFont(self._file.number())
        turn = round(page.turned / 90) % 4
        content = self._file.stream("\n".join(shown_text(page, turn, self._font)).encode("ascii"))
        self._kids.append(
            self._file.add(
                f"<< /Type /Page /Parent {self._tree} 0 R "
                f"/MediaBox [0 0 {page.width} {page.height}] /Contents {content} 0 R "
                f"/Resources << /Font << /Text {self._font.number} 0 R >> >> >>"
            )
        )
        return _Addition(len(self._kids) - 1, page.width, page.height)

    def finished(self) -> io.BytesIO:
        """The file."""
        self._font.put(self._file, self._shapes)
        named = " ".join(f"{kid} 0 R" for kid in self._kids)
        count = len(self._kids)
        self._file.put(self._tree, f"<< /Type /Pages /Count {count} /Kids [{named}] >>")
        root = self._file.add(f"<< /Type /Catalog /Pages {self._tree} 0 R >>")
        self._file.end(root, self._file.add("<< >>"))
        self._buffer.seek(0)
        return self._buffer


def _add(
    document: pikepdf.Pdf, page: pikepdf.Page, texts: pikepdf.Pdf, addition: _Addition
) -> None:
    _forget_unseen(document, page)
    form = document.copy_foreign(texts.pages[addition.place].as_form_xobject())
    # Pages may share their resources, and inherit them.
    resources = _copied(_inherited(page, "/Resources"))
    shapes = _copied(resources.get("/XObject"))
    name = pikepdf.Name.random(prefix="Text")
    shapes[name] = form
    resources.XObject = shapes
    page.Resources = resources
    matrix = " ".join(f"{number:.6f}" for number in _matrix(page, addition))
    page.contents_add(b"q\n", prepend=True)
    page.contents_add(f"\nQ q {matrix} cm {name} Do Q\n".encode("ascii"))


def _copied(held: Any) -> pikepdf.Dictionary:
    return pikepdf.Dictionary(dict(held.items()) if isinstance(held, pikepdf.Dictionary) else {})


def _matrix(page: pikepdf.Page, addition: _Addition) -> tuple[float, ...]:
    """From pixels of the page's picture, seen as its reader turns it, to its own units."""
    media = [float(side) for side in page.mediabox]
    crop = [float(side) for side in page.cropbox]
    left, bottom = max(media[0], crop[0]), max(media[1], crop[1])
    right, top = min(media[2], crop[2]), min(media[3], crop[3])
    turn = int(_inherited(page, "/Rotate") or 0) // 90 % 4
    wide, high = right - left, top - bottom
    if turn % 2:
        wide, high = high, wide
    x, y = wide / addition.width, high / addition.height
    return (
        (x, 0, 0, y, left, bottom),
        (0, x, -y, 0, right, bottom),
        (-x, 0, 0, -y, right, top),
        (0, -x, y, 0, left, top),
    )[turn]


def _inherited(page: pikepdf.Page, name: str) -> Any:
    """An entry of the page, or of the nearest of its parents that has it."""
    node: Any = page.obj
    for _ in range(_DEEPEST):
        if not isinstance(node, pikepdf.Dictionary):
            return None
        if name in node:
            return node[name]
        node = node.get("/Parent")
    return None


def _forget_unseen(document: pikepdf.Pdf, page: pikepdf.Page) -> None:
    """Take away text that is not drawn: what another program read, and nobody sees."""
    mode, modes = 0, list[int]()
    kept: list[Any] = []
    dropped = False
    for instruction in pikepdf.parse_content_stream(page):
        operator = str(instruction.operator)
        if operator == "Tr":
            mode = int(instruction.operands[0])
        elif operator == "q":
            modes.append(mode)
        elif operator == "Q" and modes:
            mode = modes.pop()
        if mode == _UNSEEN and operator in _SHOWS:
            dropped = True
        else:
            kept.append(instruction)
    if dropped:
        page.Contents = document.make_stream(pikepdf.unparse_content_stream(kept))  # pyright: ignore[reportUnknownMemberType]


class _Stream(io.RawIOBase):
    """An `Output` as what pikepdf writes to."""

    def __init__(self, target: Output) -> None:
        self._target = target

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: Any, /) -> int:
        """Write all of `data`."""
        self._target.write(bytes(data))
        return len(data)
