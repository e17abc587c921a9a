"""Pages that lie on their side, stand on their head or are askew, with the real networks."""

import pytest
from drawing import HARBOUR, VISITORS, Sheet
from papers import Paper, drawn, text
from PIL import Image

from app.core.reading import PageSource, Reading
from app.reader.intake.page_text import page_of
from app.reader.intake.pdf import PdfPages
from app.text.prose import paragraph_text

STAMP = "Received 21 March 2026"


def said(page):
    return " ".join(Reading((page,)).text.split())


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_small_picture_is_read_whichever_way_it_lies(ocr, degrees):
    """On its side, lines so near to each other are one patch for the network."""
    sheet = Sheet(640, 300)
    assert sheet.prose(30, 40, 580, 28, HARBOUR, pitch=1.1) < 300
    page = ocr.page(sheet.picture.rotate(degrees, expand=True), lambda: False)
    assert said(page) == HARBOUR
    assert page.turned == pytest.approx(degrees if degrees <= 180 else degrees - 360, abs=0.2)


@pytest.mark.parametrize("degrees", [3, 5])
def test_a_scan_that_is_askew_is_read_in_its_order_under_a_stamp_of_the_pages_own(
    ocr, degrees, tmp_path
):
    letter = Sheet(1240, 1680)
    letter.write(100, 160, 24, "Dear Ms Olsen,")
    end = letter.prose(100, 230, 1040, 24, HARBOUR)
    letter.prose(100, end + 24, 1040, 24, VISITORS)
    scan = letter.picture.rotate(degrees, Image.Resampling.BICUBIC, fillcolor="white")
    paper = Paper().page(text(380, 822, STAMP) + drawn(0, 0, 0, 595, 806), [scan])
    pages = PdfPages(paper.save(tmp_path / "scan.pdf"), "scan.pdf")
    prepared = pages.prepare(1, lambda: False)
    pages.close()
    page = page_of(prepared, 1, ocr, lambda: False)
    texts = [paragraph_text(block, page.turned) for block in page.blocks]
    assert texts == [STAMP, "Dear Ms Olsen,", HARBOUR, VISITORS]
    assert page.source is PageSource.BOTH
    assert page.turned == pytest.approx(degrees, abs=0.2)
    assert (page.width, page.height) == pytest.approx((1654, 2339), abs=2)
    # The page's own words stay where they were, level.
    assert page.blocks[0].lines[0] in prepared.lines
