"""What a hand does to the window."""

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel

from app.ui.chat.attached import AttachedPicture
from app.ui.window.drop_hint import DropHint


def files(*paths) -> QMimeData:
    """What a file manager offers."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def drop_onto(window, mime: QMimeData, actions=Qt.DropAction.CopyAction) -> QDropEvent:
    """Over the window and let go, as Qt would deliver it to the widget that takes drops."""
    place = QPointF(600, 300)
    pressed, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(place.toPoint(), actions, mime, pressed, keys)
    QApplication.sendEvent(window, enter)
    hint = window.findChild(DropHint)
    assert hint.isVisible() == enter.isAccepted()
    event = QDropEvent(place, actions, mime, pressed, keys)
    QApplication.sendEvent(window, event)
    assert not hint.isVisible()
    return event


def button(inside, text: str) -> QAbstractButton:
    """The button with these words."""
    return next(one for one in inside.findChildren(QAbstractButton) if one.text() == text)


def texts(inside) -> list[str]:
    """What a person can read in there."""
    return [one.text() for one in inside.findChildren(QLabel) if one.isVisible()]


def attached(composer) -> list[AttachedPicture]:
    """What will go with the next question."""
    return [one for one in composer.findChildren(AttachedPicture) if not one.isHidden()]
