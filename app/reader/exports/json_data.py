"""Everything that was read, for other programs; docs/reading.schema.json describes it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from app.core.geometry import Box
from app.core.reading import Block, Line, Page
from app.reader.exports.form import Output, Pictures
from app.text.prose import paragraph_text

VERSION = 1

_LONE_SURROGATES = str.maketrans(dict.fromkeys(range(0xD800, 0xE000), "\ufffd"))


def write(pages: Iterable[Page], target: Output, _pictures: Pictures | None) -> None:
    """Write UTF-8, a page to a line."""
    target.write(f'{{"format": "ocellus-reading", "version": {VERSION}, "pages": ['.encode())
    for index, page in enumerate(pages):
        text = json.dumps(_page(page), ensure_ascii=False, allow_nan=False)
        target.write(f"{',' * bool(index)}\n{text}".encode())
    target.write(b"\n]}\n")


def _page(page: Page) -> dict[str, Any]:
    return {
        "number": page.number,
        "width": page.width,
        "height": page.height,
        "source": page.source.value,
        "turned": page.turned,
        **({"pack": page.pack} if page.pack else {}),
        "blocks": [_block(block, page.turned) for block in page.blocks],
    }


def _block(block: Block, turned: float) -> dict[str, Any]:
    """A table's cells name their lines by their place in the block's."""
    lines = list(block.lines)
    places = {id(line): place for place, line in enumerate(lines)}
    cells: list[dict[str, Any]] = []
    for cell in block.cells:
        for line in cell.lines:
            if id(line) not in places:
                places[id(line)] = lines.index(line) if line in lines else len(lines)
                lines.extend([line] if places[id(line)] == len(lines) else [])
        cells.append(
            {
                "row": cell.row,
                "column": cell.column,
                "rows": cell.rows,
                "columns": cell.columns,
                "text": _text(cell.text),
                "lines": [places[id(line)] for line in cell.lines],
            }
        )
    written: dict[str, Any] = {
        "kind": block.kind.value,
        "level": block.level,
        "text": _text(paragraph_text(block, turned)),
        "lines": [_line(line) for line in lines],
    }
    return {**written, "cells": cells} if cells else written


def _line(line: Line) -> dict[str, Any]:
    words = [
        {"text": _text(word.text), "box": _box(word.box), "confidence": round(word.confidence, 4)}
        for word in line.words
    ]
    return {
        "text": _text(line.text),
        "box": _box(line.box),
        "confidence": round(line.confidence, 4),
        "words": words,
    }


def _box(box: Box) -> list[float]:
    return [round(side, 2) for side in (box.left, box.top, box.right, box.bottom)]


def _text(text: str) -> str:
    """`text` as UTF-8 can hold it."""
    return text.translate(_LONE_SURROGATES)
