"""The pages of the document on the screen: turning them, and reading them all."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.core.conversation import Picture
from app.core.errors import Failed
from app.core.reading import Reading
from app.session.documents.documents import Documents
from app.session.documents.pages import Place, ReadingProgress
from app.ui.picture.page_bar import PageBar


class DocumentPages(QObject):
    """Between the page bar and the session's documents. No document: the bar is hidden."""

    placeChanged = Signal()
    pictureShown = Signal(Picture)  # of the page that was turned to
    pageAwaited = Signal(int)  # a page that is not there yet
    pageMissed = Signal(Failed)  # that page will not come
    addRequested = Signal(Picture)  # for the next question

    def __init__(self, documents: Documents, bar: PageBar, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._documents = documents
        self._bar = bar
        self._place: Place | None = None
        self._picture: Picture | None = None
        self._awaited: int | None = None
        self._wanted = False
        bar.pageChosen.connect(self.turn_to)
        bar.cancelRequested.connect(self._cancel)
        bar.readRequested.connect(self.read)
        bar.addRequested.connect(self._add)
        documents.pageTaken.connect(self._page_taken)
        documents.pageFailed.connect(self._page_failed)
        documents.progressed.connect(self._progressed)

    @property
    def place(self) -> Place | None:
        """The page on the screen; None where it is a picture."""
        return self._place

    def follow(self, picture: Picture | None) -> None:
        """This picture is on the screen now, which may be a page."""
        self._awaited = None
        place = self._documents.place(picture.sha256) if picture is not None else None
        self._show(picture, place)

    def shows(self, picture: Picture) -> bool:
        """Whether a page of this picture's document is on the screen."""
        place = self._documents.place(picture.sha256)
        if place is None or self._place is None:
            return False
        return place.document.sha256 == self._place.document.sha256

    def turn(self, by: int) -> None:
        """Go on, or back; quick turns add up."""
        if self._place is not None:
            self.turn_to((self._awaited or self._place.page) + by)

    def turn_to(self, page: int) -> None:
        """Go to this page of the document."""
        if self._place is None or not 1 <= page <= self._place.document.pages:
            return
        document = self._place.document
        self._awaited = page
        self._bar.show_page(page, document.pages)
        picture = self._documents.turn_to(document.sha256, page)
        if picture is None:
            self.pageAwaited.emit(page)
        else:
            self._arrived(picture, Place(document, page))

    def show_text(self, *, wanted: bool) -> None:
        """Whether the text is switched on; then all pages are read."""
        self._wanted = wanted
        if wanted:
            self.read()
        self._tell()

    def read(self) -> None:
        """Read all pages that are not read yet, from this one on."""
        if self._place is not None:
            self._documents.read(self._place.document.sha256, self._place.page)

    def find(self, words: str) -> dict[int, int]:
        """How often words stand on each page that was read."""
        if self._place is None:
            return {}
        return self._documents.find(self._place.document.sha256, words)

    def progress(self) -> ReadingProgress | None:
        """How far the reading of all pages is; None where there is but one."""
        if self._place is None or self._place.document.pages < 2:
            return None
        return self._documents.progress(self._place.document.sha256)

    def rest(self) -> None:
        """Read on only if the text is switched on."""
        if not self._wanted:
            self._cancel()

    @property
    def has_several(self) -> bool:
        """Whether it is a page of several."""
        return self._place is not None and self._place.document.pages > 1

    def reading(self) -> Reading | None:
        """All pages that were read; None where there is but one."""
        if self._place is None or self._place.document.pages < 2:
            return None
        return self._documents.reading(self._place.document.sha256)

    def _show(self, picture: Picture | None, place: Place | None) -> None:
        self._picture, self._place = picture, place
        if place is None or place.document.pages < 2:
            self._bar.hide()
        else:
            self._bar.show_page(place.page, place.document.pages)
            self._documents.look_ahead(place.document.sha256, place.page)
        self._tell()
        self.placeChanged.emit()

    def _arrived(self, picture: Picture, place: Place) -> None:
        self._awaited = None
        self._show(picture, place)
        self.pictureShown.emit(picture)

    def _page_taken(self, document: str, page: int, picture: Picture) -> None:
        place = self._place
        if place is not None and place.document.sha256 == document and page == self._awaited:
            self._arrived(picture, Place(place.document, page))

    def _page_failed(self, document: str, page: int, failed: Failed) -> None:
        place = self._place
        if place is not None and place.document.sha256 == document and page == self._awaited:
            self._awaited = None
            self._bar.show_page(place.page, place.document.pages)
            self.pageMissed.emit(failed)

    def _progressed(self, document: str, _progress: object) -> None:
        if self._place is not None and self._place.document.sha256 == document:
            self._tell()

    def _tell(self) -> None:
        if self._place is not None:
            progress = self._documents.progress(self._place.document.sha256)
            self._bar.show_progress(progress, wanted=self._wanted)

    def _cancel(self) -> None:
        if self._place is not None:
            self._documents.cancel(self._place.document.sha256)

    def _add(self) -> None:
        if self._picture is not None:
            self.addRequested.emit(self._picture)
