"""Pages that lie on their side, stand on their head or are askew, with the real networks."""

import pytest
from drawing import HARBOUR, Sheet

from app.core.reading import Reading
from app.reader.ocr.picture_text import Ocr


@pytest.fixture(scope="module")
def ocr():
    ocr = Ocr()
    yield ocr
    ocr.close()


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
