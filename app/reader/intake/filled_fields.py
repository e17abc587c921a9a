"""What was filled into a PDF page or written upon it: fields, ticks and remarks."""

from __future__ import annotations

from collections.abc import Iterator

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

TICK = "\u2713"

# Left, bottom, right and top, in the page's own units.
Rectangle = tuple[float, float, float, float]

# They have nothing to say on the page itself.
_SILENT = frozenset((pdfium_c.FPDF_ANNOT_LINK, pdfium_c.FPDF_ANNOT_POPUP))
_TICKED = frozenset((pdfium_c.FPDF_FORMFIELD_CHECKBOX, pdfium_c.FPDF_FORMFIELD_RADIOBUTTON))
_MOST = 5000


def has_any(page: pdfium.PdfPage) -> bool:
    """Whether the page has annotations that are drawn."""
    return any(pdfium_c.FPDFAnnot_GetSubtype(one) not in _SILENT for one in _annotations(page))


def ticked(page: pdfium.PdfPage) -> list[Rectangle]:
    """Where boxes and buttons stand that are on."""
    form = page.formenv
    if form is None:
        return []
    rectangle = pdfium_c.FS_RECTF()
    return [
        (rectangle.left, rectangle.bottom, rectangle.right, rectangle.top)
        for one in _annotations(page)
        if pdfium_c.FPDFAnnot_GetFormFieldType(form, one) in _TICKED
        and pdfium_c.FPDFAnnot_IsChecked(form, one)
        and pdfium_c.FPDFAnnot_GetRect(one, rectangle)
    ]


def _annotations(page: pdfium.PdfPage) -> Iterator[object]:
    for index in range(min(pdfium_c.FPDFPage_GetAnnotCount(page), _MOST)):
        if not (annotation := pdfium_c.FPDFPage_GetAnnot(page, index)):
            continue
        try:
            yield annotation
        finally:
            pdfium_c.FPDFPage_CloseAnnot(annotation)
