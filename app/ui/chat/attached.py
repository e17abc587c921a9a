"""One picture that will go with the next question."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QWidget

from app.core.conversation import Picture
from app.session.pictures.attachments import Attachment
from app.ui.picture.picture_loader import PictureLoader
from app.ui.picture.thumbnails import Thumbnail
from app.ui.widgets.buttons import IconButton
from app.ui.widgets.theme import Theme

_SIDE = 64
_BADGE = 22


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
