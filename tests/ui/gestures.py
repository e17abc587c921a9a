"""What a hand does to the window."""

from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel

from app.ui.chat.attached import AttachedPicture
from app.ui.window.drop_hint import DropHint

LEFT = Qt.MouseButton.LeftButton


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


def place(view, x, y) -> QPoint:
    """Where this place of the picture stands in its view."""
    return view.to_view().map(QPointF(x, y)).toPoint()


def drag(view, begin, end, keys=Qt.KeyboardModifier.NoModifier, button=LEFT):
    """From one place of the picture to another, with the button down."""
    QTest.mousePress(view, button, keys, place(view, *begin))
    end = place(view, *end)
    QTest.mouseMove(view, end)
    QTest.mouseRelease(view, button, keys, end)


def hover(view, x, y):
    """The pointer comes to this place of the picture, without a button."""
    at = QPointF(place(view, x, y))
    none, keys = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    event = QMouseEvent(QEvent.Type.MouseMove, at, view.mapToGlobal(at), none, none, keys)
    QApplication.sendEvent(view, event)


def copied(view) -> str:
    """What Ctrl+C takes from the view."""
    QGuiApplication.clipboard().clear()
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    return QGuiApplication.clipboard().text()
