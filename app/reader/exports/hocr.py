"""hOCR 1.2: XHTML that carries each word's box, for other OCR programs."""

from __future__ import annotations

from collections.abc import Iterable

from app.core.geometry import Box
from app.core.reading import Block, Line, Page
from app.reader.exports.form import Output, Pictures
from app.reader.exports.words import words_of
from app.text.markup import html_text

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" \
"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml">
<head>
<title>Read text</title>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8" />
<meta name="ocr-system" content="Ocellus" />
<meta name="ocr-capabilities" content="ocr_page ocr_carea ocr_par ocr_line ocrx_word" />
</head>
<body>
"""


def write(pages: Iterable[Page], target: Output, _pictures: Pictures | None) -> None:
    """Write UTF-8; boxes in whole pixels of the page's picture."""
    target.write(_HEAD.encode())
    for index, page in enumerate(pages):
        target.write(_page(page, index).encode())
    target.write(b"</body>\n</html>\n")


def _page(page: Page, index: int) -> str:
    title = f'image "page-{page.number}"; bbox 0 0 {page.width} {page.height}; ppageno {index}'
    parts = [f'<div class="ocr_page" id="page_{index + 1}" title="{html_text(title)}">']
    for place, block in enumerate(page.blocks, 1):
        if block.lines:
            parts.append(_block(block, page, f"{index + 1}_{place}"))
    return "\n".join([*parts, "</div>\n"])


def _block(block: Block, page: Page, name: str) -> str:
    around = _bbox(Box.union(line.box for line in block.lines), page)
    lines = "\n".join(
        _line(line, page, f"{name}_{place}") for place, line in enumerate(block.lines, 1)
    )
    return (
        f'<div class="ocr_carea" id="block_{name}" title="{around}">\n'
        f'<p class="ocr_par" id="par_{name}" title="{around}">\n{lines}\n</p>\n</div>'
    )


def _line(line: Line, page: Page, name: str) -> str:
    words = " ".join(
        f'<span class="ocrx_word" id="word_{name}_{place}" '
        f'title="{_bbox(word.box, page)}; x_wconf {_percent(word.confidence)}">'
        f"{html_text(word.text)}</span>"
        for place, word in enumerate(words_of(line), 1)
    )
    return f'<span class="ocr_line" id="line_{name}" title="{_bbox(line.box, page)}">{words}</span>'


def _bbox(box: Box, page: Page) -> str:
    left, right = (min(max(0, round(side)), page.width) for side in (box.left, box.right))
    top, bottom = (min(max(0, round(side)), page.height) for side in (box.top, box.bottom))
    return f"bbox {left} {top} {right} {bottom}"


def _percent(confidence: float) -> int:
    return min(100, max(0, round(100 * confidence)))
