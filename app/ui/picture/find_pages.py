"""Finding words in all pages of the document on the screen."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.session.documents.documents import Documents
from app.ui.picture.document_pages import DocumentPages
from app.ui.picture.find_bar import FindBar, SearchedPages


class FindPages(QObject):
    """Between the find bar and the document's pages; a picture has none.

    While the bar is open the pages are read, so that all of them are searched
    in the end; with the bar that ends too, unless their text is wanted anyway.
    """

    def __init__(
        self,
        documents: Documents,
        pages: DocumentPages,
        bar: FindBar,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._pages = pages
        self._bar = bar
        # Which document is read for the bar: once, so that a reading stays cancelled.
        self._read = ""
        documents.progressed.connect(self._progressed)
        pages.placeChanged.connect(self._place_changed)
        bar.opened.connect(self._opened)
        bar.wordsChanged.connect(self._tell)
        bar.pageWanted.connect(pages.turn_to)
        bar.closed.connect(pages.rest)

    def _place_changed(self) -> None:
        place = self._pages.place
        if place is not None and not self._bar.isHidden() and place.document.sha256 != self._read:
            self._read = place.document.sha256
            self._pages.read()
        self._tell()

    def _opened(self) -> None:
        self._read = ""
        self._place_changed()

    def _progressed(self, document: str, _progress: object) -> None:
        place = self._pages.place
        if place is not None and place.document.sha256 == document:
            self._tell()

    def _tell(self) -> None:
        place, progress = self._pages.place, self._pages.progress()
        if place is None or progress is None:
            self._bar.show_pages(None)
        elif not self._bar.isHidden():
            counts = self._pages.find(self._bar.field.text())
            self._bar.show_pages(SearchedPages(place.page, progress, counts))
