"""A page drawn with what was found on it: its blocks, lines, words and cells, and their order."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from PIL import Image

from app.core.geometry import Box
from app.core.reading import Block, BlockKind, Line, Page
from app.reader.exports.words import words_of
from app.text.markup import one_line

COLOURS = {
    BlockKind.TEXT: "#1f77b4",
    BlockKind.HEADING: "#d62728",
    BlockKind.LIST: "#2ca02c",
    BlockKind.TABLE: "#9467bd",
    BlockKind.CODE: "#8c564b",
    BlockKind.CAPTION: "#e377c2",
    BlockKind.HEADER: "#7f7f7f",
    BlockKind.FOOTER: "#7f7f7f",
    BlockKind.BARCODE: "#bcbd22",
}
_STYLE = """
rect, polyline {{ fill: none; stroke-width: {unit} }}
.block {{ stroke-width: {two}; fill-opacity: 0.07 }}
.line {{ stroke: #ff7f0e }}
.word {{ stroke: #17becf; stroke-width: {half}; pointer-events: all }}
.cell {{ stroke: #9467bd; stroke-width: {two}; stroke-dasharray: {four} {two} }}
.lines {{ stroke: #ff7f0e; stroke-dasharray: {two} {two} }}
.order {{ stroke: #000000; stroke-width: {two}; stroke-opacity: 0.6 }}
text {{ fill: #ffffff; font-family: sans-serif; font-size: {letters}px; text-anchor: middle;
  dominant-baseline: central }}
.kind {{ text-anchor: start }}
"""
_QUALITY = 80
_LONGEST_JPEG = 65_500


def svg(page: Page, picture: Image.Image | None) -> bytes:
    """The page as an SVG file, in the pixels of its picture, which is part of the file.

    Each block is framed in its kind's colour and numbered by its place in the reading order, which
    a path through the numbers shows; a dotted path joins the lines in theirs. A word tells its text
    and confidence where the pointer rests on it. The layers are groups that a drawing program can
    hide: `blocks`, `cells`, `lines`, `words`, `order`.
    """
    unit = max(page.width, page.height, 1) / 1000
    root = Element(
        "svg",
        xmlns="http://www.w3.org/2000/svg",
        width=str(page.width),
        height=str(page.height),
        viewBox=f"0 0 {page.width} {page.height}",
    )
    SubElement(root, "style").text = _STYLE.format(
        half=_number(unit / 2),
        unit=_number(unit),
        two=_number(2 * unit),
        four=_number(4 * unit),
        letters=_number(12 * unit),
    )
    if picture is not None:
        size = {"width": str(page.width), "height": str(page.height)}
        SubElement(root, "image", size, href=_data(picture))
    blocks = [(number, block) for number, block in enumerate(page.blocks, 1) if block.lines]
    _draw_blocks(SubElement(root, "g", id="blocks"), blocks)
    _draw_cells(SubElement(root, "g", id="cells"), blocks)
    _draw_lines(SubElement(root, "g", id="lines"), blocks)
    _draw_words(SubElement(root, "g", id="words"), blocks)
    _draw_order(SubElement(root, "g", id="order"), blocks, unit)
    return tostring(root, "utf-8", xml_declaration=True)


def _draw_blocks(group: Element, blocks: Sequence[tuple[int, Block]]) -> None:
    for number, block in blocks:
        colour = COLOURS[block.kind]
        frame = _rect(group, "block", _around(block.lines), f"{number} {block.kind}")
        frame.set("id", f"block-{number}")
        frame.set("style", f"stroke: {colour}; fill: {colour}")


def _draw_cells(group: Element, blocks: Sequence[tuple[int, Block]]) -> None:
    for _, block in blocks:
        for cell in block.cells:
            if cell.lines:
                place = f"row {cell.row + 1}, column {cell.column + 1}"
                spans = f", {cell.rows} × {cell.columns}" if cell.rows * cell.columns > 1 else ""
                _rect(group, "cell", _around(cell.lines), f"{place}{spans}: {cell.text}")


def _draw_lines(group: Element, blocks: Sequence[tuple[int, Block]]) -> None:
    for _, block in blocks:
        for line in block.lines:
            _rect(group, "line", line.box, _told(line.text, line.confidence))
        points = [(line.box.centre_x, line.box.centre_y) for line in block.lines]
        _path(group, "lines", points)


def _draw_words(group: Element, blocks: Sequence[tuple[int, Block]]) -> None:
    for _, block in blocks:
        for line in block.lines:
            for word in words_of(line):
                _rect(group, "word", word.box, _told(word.text, word.confidence))


def _draw_order(group: Element, blocks: Sequence[tuple[int, Block]], unit: float) -> None:
    places = [_around(block.lines) for _, block in blocks]
    _path(group, "order", [(box.left, box.top) for box in places])
    for (number, block), box in zip(blocks, places, strict=True):
        colour = COLOURS[block.kind]
        at = {"cx": _number(box.left), "cy": _number(box.top), "r": _number(10 * unit)}
        SubElement(group, "circle", at, fill=colour)
        middle = {"x": _number(box.left), "y": _number(box.top)}
        SubElement(group, "text", middle).text = str(number)
        beside = {"x": _number(box.left + 12 * unit), "y": _number(box.top)}
        level = f" {block.level}" if block.level else ""
        style = f"fill: {colour}"
        SubElement(
            group, "text", {**beside, "class": "kind", "style": style}
        ).text = f"{block.kind}{level}"


def _rect(group: Element, kind: str, box: Box, title: str) -> Element:
    sides = {
        "class": kind,
        "x": _number(box.left),
        "y": _number(box.top),
        "width": _number(max(0.0, box.width)),
        "height": _number(max(0.0, box.height)),
    }
    rect = SubElement(group, "rect", sides)
    SubElement(rect, "title").text = one_line(title)
    return rect


def _path(group: Element, kind: str, points: Sequence[tuple[float, float]]) -> None:
    if len(points) > 1:
        joined = " ".join(f"{_number(x)},{_number(y)}" for x, y in points)
        SubElement(group, "polyline", {"class": kind, "points": joined})


def _around(lines: Sequence[Line]) -> Box:
    return Box.union(line.box for line in lines)


def _told(text: str, confidence: float) -> str:
    return f"{text} ({confidence:.2f})"


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _data(picture: Image.Image) -> str:
    """The picture inside the file, so that the file can be sent to someone as it is."""
    file = io.BytesIO()
    form = "JPEG" if max(picture.size) <= _LONGEST_JPEG else "PNG"
    picture.save(file, form, quality=_QUALITY)
    return f"data:image/{form.lower()};base64,{base64.b64encode(file.getvalue()).decode()}"
