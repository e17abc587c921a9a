"""One HTML file that shows the text and can do nothing."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable

from app.core.reading import Block, BlockKind, Page
from app.reader.exports.form import Output, Pictures
from app.text.markup import html_text, plain
from app.text.prose import paragraph_text
from app.text.tables import table_html

_STYLE = """
body { max-width: 50em; margin: 2em auto; padding: 0 1em; font: 1em/1.5 sans-serif; }
section + section { border-top: 1px solid #888; margin-top: 2em; padding-top: 1em; }
p { white-space: pre-line; }
table { border-collapse: collapse; }
td { border: 1px solid #888; padding: 0.2em 0.6em; vertical-align: top; }
pre { overflow-x: auto; padding: 0.6em; background: #8882; }
.caption { font-style: italic; }
.header, .footer { color: #666; font-size: 0.9em; }
.item { margin: 0.2em 0; }
.level2 { margin-left: 1.5em; }
.level3 { margin-left: 3em; }
.level4 { margin-left: 4.5em; }
"""
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEAD = f"""<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Read text</title>
<style>{_STYLE}</style>
</head>
<body>
"""
_DEEPEST_HEADING = 6
_DEEPEST_ITEM = 4


def write(pages: Iterable[Page], target: Output, _pictures: Pictures | None) -> None:
    """Write UTF-8."""
    target.write(_HEAD.encode())
    for page in pages:
        blocks = "\n".join(piece for block in page.blocks if (piece := _piece(block)))
        target.write(f"<section>\n{blocks}\n</section>\n".encode())
    target.write(b"</body>\n</html>\n")


def _piece(block: Block) -> str:
    if block.kind is BlockKind.TABLE:
        return table_html(block)
    text = plain(paragraph_text(block))
    if not text.strip():
        return ""
    before, after = _tags(block)
    return f"{before}{html_text(text)}{after}"


def _tags(block: Block) -> tuple[str, str]:
    match block.kind:
        case BlockKind.HEADING:
            level = min(_DEEPEST_HEADING, max(1, block.level))
            return f'<h{level} dir="auto">', f"</h{level}>"
        case BlockKind.CODE | BlockKind.BARCODE:
            return "<pre><code>", "</code></pre>"
        case BlockKind.LIST:
            # The item's own mark or number is in its text.
            level = min(_DEEPEST_ITEM, max(1, block.level))
            return f'<p class="item level{level}" dir="auto">', "</p>"
        case BlockKind.CAPTION | BlockKind.HEADER | BlockKind.FOOTER:
            return f'<p class="{block.kind.value}" dir="auto">', "</p>"
        case _:
            return '<p dir="auto">', "</p>"
