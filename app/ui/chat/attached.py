"""The pictures that will go with the next question."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QWidget

from app.core.conversation import Picture
from app.session.pictures.attachments import Attachment
from app.ui.picture.picture_loader import PictureLoader
from app.ui.picture.thumbnails import Thumbnail
from app.ui.widgets.buttons import IconButton
from app.ui.widgets.theme import Theme
from app.ui.widgets.wrap_layout import WrapLayout

_SIDE = 64
_BADGE = 22
# Two whole rows, and of a third so much that one sees there is more; fewer in a low window.
_MOST_ROWS = 2.4
_MOST_OF_WINDOW = 0.2


class AttachedPicture(QWidget):
    """A thumbnail with a remove button on its corner. A click shows or retries it."""

    removeRequested = Signal()
    retryRequested = Signal()
    pictureChosen = Signal(Picture)

    def __init__(self, theme: Theme, loader: PictureLoader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture: Picture | None = None
        self._failed = False
        self.setFixedSize(QSize(_SIDE + _BADGE // 2, _SIDE + _BADGE // 3))
        self.thumbnail = Thumbnail(theme, loader, _SIDE, self)
        self.thumbnail.move(0, _BADGE // 3)
        self.thumbnail.clicked.connect(self._pressed)
        self.remove_button = IconButton(theme, "close", "Remove", self, pixels=12)
        self.remove_button.setObjectName("badge")
        self.remove_button.setFixedSize(QSize(_BADGE, _BADGE))
        self.remove_button.move(_SIDE - _BADGE // 2, 0)
        self.remove_button.clicked.connect(self.removeRequested)

    def show_attachment(self, attachment: Attachment) -> None:
        """Show how far this one is."""
        self._picture = attachment.picture
        self._failed = attachment.failed is not None
        self.remove_button.setAccessibleName(f"Remove {attachment.name}")
        if attachment.failed is not None:
            why = f"{attachment.failed.headline} Click to try again."
            self.thumbnail.show_broken(attachment.name, why)
        elif attachment.picture is not None:
            self.thumbnail.show_picture(attachment.picture)
        else:
            self.thumbnail.show_waiting(attachment.name)

    def _pressed(self) -> None:
        if self._failed:
            self.retryRequested.emit()
        elif self._picture is not None:
            self.pictureChosen.emit(self._picture)


class AttachedPictures(QScrollArea):
    """Thumbnails in as many rows as there is room for; the rest is scrolled to."""

    removeRequested = Signal(int)  # the attachment's key
    retryRequested = Signal(int)
    pictureChosen = Signal(Picture)

    def __init__(self, theme: Theme, loader: PictureLoader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._loader = loader
        self._attached: dict[int, AttachedPicture] = {}
        self._ringed = ""
        self.setObjectName("attached")
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        inside = QWidget()
        inside.setObjectName("attachedInside")
        self._rows = WrapLayout(inside, spacing=6)
        self._rows.setContentsMargins(2, 2, 2, 2)
        self.setWidget(inside)
        self.hide()

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._attached)

    def show_attachments(self, attachments: tuple[Attachment, ...]) -> None:
        """Show thumbnails for these, keeping those that are there."""
        wanted = {attachment.key: attachment for attachment in attachments}
        for key in [key for key in self._attached if key not in wanted]:
            gone = self._attached.pop(key)
            self._rows.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for key, attachment in wanted.items():
            if key not in self._attached:
                self._attached[key] = self._add(key)
            self._attached[key].show_attachment(attachment)
        self.setVisible(bool(wanted))
        self._fit()

    def mark(self, sha256: str) -> None:
        """Ring the picture that is on the screen."""
        self._ringed = sha256
        for attached in self._attached.values():
            attached.thumbnail.mark(sha256)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Narrower takes more rows."""
        super().resizeEvent(event)
        self._fit()

    def _add(self, key: int) -> AttachedPicture:
        attached = AttachedPicture(self._theme, self._loader, self)
        attached.removeRequested.connect(lambda: self.removeRequested.emit(key))
        attached.retryRequested.connect(lambda: self.retryRequested.emit(key))
        attached.pictureChosen.connect(self.pictureChosen)
        attached.thumbnail.mark(self._ringed)
        self._rows.addWidget(attached)
        attached.show()
        return attached

    def _fit(self) -> None:
        needed = self._rows.heightForWidth(self.viewport().width())
        row = self._rows.minimumSize().height()
        most = min(_MOST_ROWS * row, max(1.4 * row, _MOST_OF_WINDOW * self.window().height()))
        self.setFixedHeight(min(needed, round(most)))
