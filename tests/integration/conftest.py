"""What tests with the real networks share."""

import pytest

from app.reader.ocr.picture_text import Ocr


@pytest.fixture(scope="module")
def ocr():
    ocr = Ocr()
    yield ocr
    ocr.close()
