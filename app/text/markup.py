"""Read text inside HTML and Markdown: it stays text, whatever it says."""

from __future__ import annotations

import html
import re

from app.core.cleaning import clean

# What XML and HTML cannot hold on top of what `clean` takes away.
_NONCHARACTERS = re.compile(r"[\ufdd0-\ufdef\ufffe\uffff]")
_PUNCTUATION = re.compile(r"([\\`*_\[\]<>&~|])")
# At the start of a line these make headings, lists, quotes, rules and tables.
_OPENING = re.compile(r"(\s*)([#+\-=:])")
_NUMBERED = re.compile(r"(\s*\d{1,9})([.)])(?=\s|$)")


def plain(text: str) -> str:
    """`text` without characters that no file should hold; line breaks and tabs stay."""
    return _NONCHARACTERS.sub("", clean(text))


def one_line(text: str) -> str:
    """`plain(text)` without breaks and space around it, for a cell or a heading."""
    return " ".join(part.strip() for part in re.split(r"[\n\t]", plain(text))).strip()


def html_text(text: str) -> str:
    """`text` for the inside of an HTML or XML element or quoted attribute."""
    return html.escape(plain(text), quote=True)


def markdown_text(text: str) -> str:
    """One line of `text` for Markdown (CommonMark and GitHub's tables): no part is markup."""
    escaped = _PUNCTUATION.sub(r"\\\1", one_line(text))
    escaped = _OPENING.sub(r"\1\\\2", escaped) if _OPENING.match(escaped) else escaped
    return _NUMBERED.sub(r"\1\\\2", escaped) if _NUMBERED.match(escaped) else escaped


def markdown_paragraph(text: str, indent: str = "") -> str:
    """Lines of `text` as one paragraph that keeps its line breaks.

    `indent` stands before each line but the first.
    """
    lines = [markdown_text(line) for line in plain(text).split("\n")]
    return f"\\\n{indent}".join(line for line in lines if line)
