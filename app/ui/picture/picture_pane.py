"""The picture on the screen, its tools, its neighbours, and its text."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSplitter, QVBoxLayout, QWidget

from app.core.conversation import Picture
from app.core.errors import Failed
from app.core.reading import Reading
from app.session.documents.documents import Documents
from app.session.reading.page_text import PageText
from app.session.reading.readings import Readings
from app.ui.picture.document_pages import DocumentPages
from app.ui.picture.find_bar import FindBar
from app.ui.picture.find_pages import FindPages
from app.ui.picture.page_bar import PageBar
from app.ui.picture.picture_loader import Levels, PictureLoader
from app.ui.picture.text_picture import TextPicture
from app.ui.picture.thumbnails import PictureStrip
from app.ui.reading.reading_panel import ReadingPanel
from app.ui.widgets.buttons import IconButton
from app.ui.widgets.elided_label import ElidedLabel
from app.ui.widgets.theme import Theme

_STRIP_SIDE = 52


class PicturePane(QFrame):
    """Shows one of several pictures, or a page. Known text can be selected on it.

    With the text switched on, boxes and the read text are shown too.
    """

    readingShown = Signal(bool)
    textShown = Signal(object)  # PageText | None: None while the picture has none
    pageMissed = Signal(Failed)
    pageAdded = Signal(Picture)  # for the next question
    askRequested = Signal(str)  # about this text
    saveRequested = Signal(str, Reading)  # the format's key, everything shown

    def __init__(
        self,
        theme: Theme,
        loader: PictureLoader,
        readings: Readings,
        documents: Documents,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._loader = loader
        self._readings = readings
        self._picture: Picture | None = None
        self._text: PageText | None = None
        self._reads = False
        self._phrase = ""
        self.setObjectName("picturePane")
        self.view = TextPicture(theme, self)
        self.panel = ReadingPanel(theme, self)
        self.find_bar = FindBar(theme, self)
        self.page_bar = PageBar(theme, self)
        self.pages = DocumentPages(documents, self.page_bar, self)
        self.find_pages = FindPages(documents, self.pages, self.find_bar, self)
        documents.pageAhead.connect(self._load_ahead)
        self.strip = PictureStrip(theme, loader, _STRIP_SIDE, self)
        self._name = ElidedLabel(self)
        self._name.setObjectName("panelTitle")
        self._name.setTextFormat(Qt.TextFormat.PlainText)
        self._zoom = QLabel(self)
        self._zoom.setObjectName("quietLabel")
        self._build(theme)
        self._connect()

    @property
    def picture(self) -> Picture | None:
        """What is shown."""
        return self._picture

    @property
    def title(self) -> str:
        """What stands above it: its name, or why it is not there."""
        return self._name.text()

    @property
    def reads(self) -> bool:
        """Whether the text is switched on."""
        return self._reads

    def show_pictures(self, pictures: tuple[Picture, ...]) -> None:
        """Offer these in the strip, and the last of them if what is shown is not among them."""
        self.strip.show_pictures(pictures)
        self.strip.setVisible(len(pictures) > 1)
        if not pictures:
            self._picture = None
            self.pages.follow(None)
            self.view.show_picture(None)
            self.show_reading(on=False)
            self._show_text(None)
        elif self._picture is None or not (
            self._picture in pictures or any(map(self.pages.shows, pictures))
        ):
            self.show_picture(pictures[-1])
        self._mark()

    def show_picture(self, picture: Picture) -> None:
        """Show this one, once it has come from the disk."""
        if self._picture != picture:
            self.pages.follow(picture)
            self._show(picture)

    def show_reading(self, *, on: bool) -> None:
        """Switch the text of the picture on or off."""
        on = on and self._picture is not None
        self._reads = on
        self.panel.setVisible(on)
        self.readingShown.emit(on)
        self._read()
        self.pages.show_text(wanted=on)
        self.view.show_text(self._text, boxes=on)

    def find(self) -> None:
        """Open the bar for finding words, with what is selected."""
        if self._picture is not None:
            self.find_bar.begin(" ".join(self.view.selection.text.split()))

    def light_up(self, phrase: str) -> None:
        """Show where a phrase of an answer stands in the picture, if it does."""
        self._phrase = phrase
        self.view.light_up(self._text.find_phrase(phrase) if self._text is not None else [])

    def _build(self, theme: Theme) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(14, 6, 8, 6)
        head.setSpacing(2)
        head.addWidget(self._name, 1)
        head.addWidget(self._zoom)
        head.addSpacing(6)
        for drawing, label, action in (
            ("find", "Find in the picture (Ctrl+F)", self.find),
            ("zoom-out", "Zoom out (Ctrl+−)", self.view.zoom_out),
            ("fit", "Fit (Ctrl+0)", self.view.fit),
            ("fit-width", "Fit the width (Ctrl+2)", self.view.fit_width),
            ("zoom-in", "Zoom in (Ctrl++)", self.view.zoom_in),
        ):
            button = IconButton(theme, drawing, label, self)
            button.clicked.connect(action)
            head.addWidget(button)
        above = QWidget(self)
        above_column = QVBoxLayout(above)
        above_column.setContentsMargins(0, 0, 0, 0)
        above_column.setSpacing(0)
        above_column.addLayout(head)
        above_column.addWidget(self.page_bar)
        above_column.addWidget(self.find_bar)
        above_column.addWidget(self.view, 1)
        above_column.addWidget(self.strip)
        self.splitter = QSplitter(Qt.Orientation.Vertical, self)
        self.splitter.addWidget(above)
        self.splitter.addWidget(self.panel)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setStretchFactor(0, 3)
        self.splitter.setStretchFactor(1, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.splitter)
        self.splitter.setSizes([600, 400])
        self.panel.hide()
        self.strip.hide()

    def _connect(self) -> None:
        self._loader.loaded.connect(self._loaded)
        self._loader.missing.connect(self._missing)
        self._readings.readingReady.connect(self._reading_ready)
        self._readings.readingFailed.connect(self._reading_failed)
        self._readings.forgotten.connect(self._read_anew)
        self.strip.chosen.connect(self.show_picture)
        self.view.zoomChanged.connect(self._show_zoom)
        self.view.lineHovered.connect(self.panel.mark)
        self.view.lineClicked.connect(self.panel.mark)
        self.view.askRequested.connect(self.askRequested)
        self.view.findLeft.connect(self.find_bar.leave)
        self.view.pageTurned.connect(self.pages.turn)
        self.panel.lineHovered.connect(self.view.hint_line)
        self.panel.lineChosen.connect(self.view.mark_line)
        self.panel.closed.connect(lambda: self.show_reading(on=False))
        self.panel.retryRequested.connect(self._read)
        self.panel.saveRequested.connect(self._save)
        self.find_bar.matchesChanged.connect(self.view.show_matches)
        self.find_bar.opened.connect(self._request)
        self.find_bar.closed.connect(self.view.setFocus)
        self.pages.pictureShown.connect(self._show)
        self.pages.pageAwaited.connect(lambda page: self._name.setText(f"Opening page {page}…"))
        self.pages.pageMissed.connect(self._page_missed)
        self.pages.addRequested.connect(self.pageAdded)

    def _show(self, picture: Picture) -> None:
        self._picture = picture
        self._show_name()
        self.view.scrolls = self.pages.place is not None
        self._name.setToolTip(f"{picture.width} × {picture.height} pixels")
        self._mark()
        self.view.show_picture(self._loader.load(picture.sha256), picture.name)
        known = self._readings.known(picture.sha256)
        self._show_text(known)
        if not self.find_bar.isHidden():
            self._request()
        self._read()

    def _mark(self) -> None:
        """Ring what is on the screen, or the page that stands for its document."""
        asked = [picture for picture in self.strip.pictures if picture == self._picture]
        self.page_bar.show_asked(asked=bool(asked))
        known = asked or filter(self.pages.shows, self.strip.pictures)
        self.strip.mark(next((picture.sha256 for picture in known), ""))

    def _show_name(self) -> None:
        self._name.setText((self._picture.name if self._picture else "") or "Picture")

    def _show_zoom(self, scale: float) -> None:
        percent = round(100 * scale * self.devicePixelRatioF())
        self._zoom.setText(f"{percent} %" if self._picture is not None else "")

    def _show_text(self, reading: Reading | None) -> None:
        """Lay this reading over the picture; None while there is none."""
        picture, page = self._picture, reading.pages[0] if reading and reading.pages else None
        self._text = None
        if reading is not None and picture is not None:
            across = picture.width / page.width if page is not None and page.width > 0 else 1.0
            down = picture.height / page.height if page is not None and page.height > 0 else 1.0
            self._text = PageText(reading, across, down)
        self.view.show_text(self._text, boxes=self._reads)
        self.find_bar.show_text(self._text)
        self.light_up(self._phrase)
        self.textShown.emit(self._text)

    def _loaded(self, sha256: str, levels: Levels) -> None:
        if self._picture is not None and self._picture.sha256 == sha256:
            self.view.show_picture(levels, self._picture.name)

    def _load_ahead(self, picture: Picture) -> None:
        """The page that will be next comes from the disk before it is asked for."""
        if self.isVisible():
            self._loader.load(picture.sha256)

    def _missing(self, sha256: str) -> None:
        if self._is_shown(sha256):
            self._name.setText("This picture is no longer on the disk.")

    def _request(self) -> None:
        if self._picture is not None and self._text is None:
            self._readings.request(self._picture)

    def _read(self) -> None:
        if not self._reads or self._picture is None:
            return
        if self._text is not None:
            self._show_panel()
        else:
            self.panel.show_waiting()
            self._request()

    def _reading_ready(self, sha256: str, reading: Reading) -> None:
        if self._is_shown(sha256):
            self._show_text(reading)
            if self._reads:
                self._show_panel()

    def _read_anew(self) -> None:
        self._show_text(None)
        if not self.find_bar.isHidden():
            self._request()
        self._read()
        self.pages.show_text(wanted=self._reads)

    def _reading_failed(self, sha256: str, failed: Failed) -> None:
        if self._reads and self._is_shown(sha256):
            self.panel.show_failed(failed)

    def _show_panel(self) -> None:
        if self._text is not None:
            self.panel.offer_all(self._text_of_all if self.pages.has_several else None)
            self.panel.show_text(self._text)

    def _text_of_all(self) -> str:
        reading = self.pages.reading()
        return PageText(reading).text if reading is not None else ""

    def _save(self, key: str) -> None:
        reading = self.pages.reading()
        if reading is None and self._picture is not None:
            reading = self._readings.known(self._picture.sha256)
        if reading is not None:
            self.saveRequested.emit(key, reading)

    def _page_missed(self, failed: Failed) -> None:
        self._show_name()
        self.pageMissed.emit(failed)

    def _is_shown(self, sha256: str) -> bool:
        return self._picture is not None and self._picture.sha256 == sha256
