"""Which module writes which form."""

from __future__ import annotations

from collections.abc import Iterable

from app.core.export import ExportFormat
from app.core.reading import Page
from app.reader.exports import csv_tables, hocr, json_data, markdown, plain_text, web_page
from app.reader.exports.form import Form, Output, Pictures
from app.reader.exports.levelled import levelled
from app.reader.exports.pdf import searchable as searchable_pdf

FORMS: dict[ExportFormat, Form] = {
    ExportFormat.TEXT: plain_text.write,
    ExportFormat.MD: markdown.write,
    ExportFormat.HTML: web_page.write,
    ExportFormat.CSV: csv_tables.write,
    ExportFormat.JSON: json_data.write,
    ExportFormat.HOCR: hocr.write,
    ExportFormat.PDF: searchable_pdf.write,
}

# Boxes of the unturned picture go into these.
_WITH_PLACES = frozenset((ExportFormat.JSON, ExportFormat.HOCR, ExportFormat.PDF))


def write(
    pages: Iterable[Page],
    form: ExportFormat,
    target: Output,
    pictures: Pictures | None = None,
) -> None:
    """Write the document in this form, holding one page at a time.

    `pictures` gives a page's picture, unturned as the page's boxes are; only a
    PDF asks for it, and raises ValueError without. Raises OcellusError of kind
    NO_TABLE for a CSV without tables, and what `pages` and `pictures` raise.
    """
    if form not in _WITH_PLACES:
        pages = map(levelled, pages)
    FORMS[form](pages, target, pictures)
