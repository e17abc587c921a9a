"""One line of the conversation list: its title, its time, and two buttons under the pointer."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.ui.widgets.theme import Theme

_WHEN = Qt.ItemDataRole.UserRole + 1
_HEIGHT = 52
_BUTTON = 26
_TITLE_LENGTH = 80

_Index = QModelIndex | QPersistentModelIndex


class RowButton(Enum):
    """What stands on the right of a row, under the pointer."""

    RENAME = "rename"
    DELETE = "delete"


class RowPainter(QStyledItemDelegate):
    """Paints rows, and makes the field in which a title is typed."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:  # noqa: ARG002
        """Two lines and air."""
        return QSize(120, _HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Title above time; under the pointer, buttons on the right."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        place = option.rect.adjusted(8, 2, -8, -2)
        if selected or hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("accent_soft" if selected else "hover"))
            painter.drawRoundedRect(QRectF(place), 8, 8)
        room = place.adjusted(10, 6, -(2 * _BUTTON + 8) if hovered else -10, -6)
        metrics = option.fontMetrics
        title = metrics.elidedText(
            str(index.data()), Qt.TextElideMode.ElideRight, max(20, room.width())
        )
        painter.setFont(option.font)
        painter.setPen(self._theme.color("text"))
        top, left = Qt.AlignmentFlag.AlignTop, Qt.AlignmentFlag.AlignLeft
        painter.drawText(room, top | left, title)
        painter.setPen(self._theme.color("muted"))
        small = option.font
        small.setPointSizeF(small.pointSizeF() * 0.86)
        painter.setFont(small)
        painter.drawText(room, Qt.AlignmentFlag.AlignBottom | left, str(index.data(_WHEN)))
        if hovered:
            for button, spot in _buttons(option.rect).items():
                self._theme.icon(button.value, "muted").paint(painter, spot.adjusted(5, 5, -5, -5))
        if option.state & QStyle.StateFlag.State_HasFocus and option.widget.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(self._theme.color("accent"))
            painter.drawRoundedRect(QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        painter.restore()

    def createEditor(
        self,
        parent: QWidget,
        option: QStyleOptionViewItem,  # noqa: ARG002
        index: _Index,  # noqa: ARG002
    ) -> QWidget:
        """A line edit over the row."""
        editor = QLineEdit(parent)
        editor.setObjectName("renameField")
        editor.setAccessibleName("Title of the conversation")
        editor.setMaxLength(_TITLE_LENGTH)
        return editor

    def updateEditorGeometry(
        self,
        editor: QWidget,
        option: QStyleOptionViewItem,
        index: _Index,  # noqa: ARG002
    ) -> None:
        """Where the title stands."""
        editor.setGeometry(option.rect.adjusted(8, 8, -8, -8))


def button_at(row: QRect, place: QPoint) -> RowButton | None:
    """The button of the row with this rectangle that is at this place."""
    return next((button for button, spot in _buttons(row).items() if spot.contains(place)), None)


def _buttons(row: QRect) -> dict[RowButton, QRect]:
    top = row.top() + (row.height() - _BUTTON) // 2
    right = row.right() - 14
    delete = QRect(right - _BUTTON, top, _BUTTON, _BUTTON)
    return {RowButton.RENAME: delete.translated(-_BUTTON, 0), RowButton.DELETE: delete}
