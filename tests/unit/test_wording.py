"""Sentences that count."""

from app.core.conversation import Picture
from app.core.document import Document, DocumentKind
from app.session.chat import wording

REPORT = Document("a" * 64, DocumentKind.PDF, 20, "report.pdf")
SCAN = Document("b" * 64, DocumentKind.TIFF, 4, "scan.tif")
LETTER = Document("c" * 64, DocumentKind.PDF, 1, "letter.pdf")


def pages(*found):
    return [Picture("d" * 64, 5, 5, "", document, page) for document, page in found]


def test_the_pages_that_go_with_a_question():
    one = pages((REPORT, 3), (LETTER, 1), (None, 0))
    assert wording.pages_go(one) == "Page 3 of 20 goes with the question."
    more = pages((REPORT, 6), (REPORT, 5), (REPORT, 6), (REPORT, 9))
    assert wording.pages_go(more) == "Pages 5, 6 and 9 of 20 go with the question."
    two = pages((REPORT, 3), (SCAN, 1))
    assert wording.pages_note(two) == (
        "Page 3 of 20 of “report.pdf”; page 1 of 4 of “scan.tif” went with the question."
    )
    assert wording.pages_go(pages((LETTER, 1))) == ""
    assert wording.pages_note([]) == ""
