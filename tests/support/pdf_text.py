"""A page of a PDF as its own text tells it."""

from uncancelled import never

from app.core.reading import Reading
from app.reader.intake.page_text import page_of
from app.reader.intake.pdf import PdfPages


def own(paper, tmp_path):
    """The first page of `paper` by its own text alone: nothing may be left to be read."""
    pages = PdfPages(paper.save(tmp_path / "p.pdf"), "p.pdf")
    prepared = pages.prepare(1, never)
    pages.close()
    assert not prepared.needs_reading
    return page_of(prepared, 1, None, never)


def rows(page):
    return Reading((page,)).rows()
