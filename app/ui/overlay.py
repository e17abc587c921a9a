"""What is drawn over a picture whose text is known: lines, selection, matches, doubts."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QTransform

from app.core.reading import Box
from app.session.page_text import PageText, Piece, TextLine
from app.ui.theme import Theme

# Below this score of the network, words are underlined. The score is raw, not calibrated.
UNSURE = 0.8

Span = tuple[int, int]


class TextOverlay:
    """Paints over a picture, in its pixels. Its colours are the pictures', not the window's.

    `boxes` says whether lines and doubtful words are drawn; the selection,
    matches and lit phrases always are. One line may be marked.
    """

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._page: PageText | None = None
        self._unsure: list[Piece] = []
        self.boxes = False
        self.marked: int | None = None
        self.selected: Span = (0, 0)
        self.matches: list[Span] = []
        self.current: int | None = None
        self.lit: list[Span] = []
        # What of the picture is on the screen.
        self._seen = QRectF()

    def show(self, page: PageText | None) -> None:
        """Another text, without marks."""
        self._page = page
        self.marked = self.current = None
        self.matches, self.lit = [], []
        lines = page.lines if page is not None else ()
        self._unsure = [
            piece for line in lines for piece in line.pieces if piece.confidence < UNSURE
        ]

    def box(self, index: int) -> QRectF:
        """The box of the line with this index."""
        return _rect(self._lines()[index].box)

    def unsure_at(self, point: QPointF) -> Piece | None:
        """The underlined piece below `point`."""
        return next((one for one in self._unsure if _rect(one.box).contains(point)), None)

    def bounds(self, span: Span) -> QRectF:
        """Around all of these characters."""
        whole = QRectF()
        for box in self._page.boxes(*span) if self._page is not None else ():
            whole = whole.united(_rect(box))
        return whole

    def paint(self, painter: QPainter, to_view: QTransform, view: QRectF) -> None:
        """Draw what is within `view`: lines, lit phrases, matches, the selection, in this order."""
        if self._page is None:
            return
        self._seen = to_view.inverted()[0].mapRect(view)
        if self.boxes:
            self._paint_lines(painter, to_view)
        mark, match = self._theme.color("mark"), self._theme.color("match")
        for span in self.lit:
            self._paint_span(painter, to_view, span, _thin(mark, 0.32), QPen(mark, 2.0))
        for number, span in enumerate(self.matches):
            on = number == self.current
            pen = QPen(match, 2.0) if on else QPen(_thin(match, 0.6), 1.0)
            self._paint_span(painter, to_view, span, _thin(match, 0.5 if on else 0.25), pen)
        if self.selected[0] < self.selected[1]:
            color = _thin(self._theme.color("selection"), 0.35)
            path = QPainterPath()
            path.setFillRule(Qt.FillRule.WindingFill)
            for shape in self._shapes(self.selected):
                path.addRect(to_view.mapRect(shape))
            # As one shape: where lines overlap, the colour stays the same.
            painter.fillPath(path.simplified(), color)

    def _paint_lines(self, painter: QPainter, to_view: QTransform) -> None:
        box_color, mark = self._theme.color("box"), self._theme.color("mark")
        for line in self._lines():
            if not self._seen.intersects(_rect(line.box)):
                continue
            shape = to_view.mapRect(_rect(line.box)).adjusted(-1, -1, 1, 1)
            if line.index == self.marked:
                painter.setBrush(_thin(mark, 0.32))
                painter.setPen(QPen(mark, 2.0))
            else:
                painter.setBrush(_thin(box_color, 0.08))
                painter.setPen(QPen(_thin(box_color, 0.6), 1.0))
            painter.drawRoundedRect(shape, 3, 3)
        pen = QPen(self._theme.color("box_unsure"), 2.0, Qt.PenStyle.DotLine)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        for piece in self._unsure:
            if not self._seen.intersects(_rect(piece.box)):
                continue
            shape = to_view.mapRect(_rect(piece.box))
            if piece.way.value[0]:
                below = shape.bottom() + 1
                painter.drawLine(QPointF(shape.left(), below), QPointF(shape.right(), below))
            else:
                beside = shape.right() + 1
                painter.drawLine(QPointF(beside, shape.top()), QPointF(beside, shape.bottom()))

    def _paint_span(
        self, painter: QPainter, to_view: QTransform, span: Span, fill: QColor, pen: QPen
    ) -> None:
        painter.setBrush(fill)
        painter.setPen(pen)
        for shape in self._shapes(span):
            painter.drawRoundedRect(to_view.mapRect(shape).adjusted(-1, -1, 1, 1), 3, 3)

    def _shapes(self, span: Span) -> list[QRectF]:
        """The boxes of these characters that are on the screen."""
        boxes = self._page.boxes(*span) if self._page is not None else []
        return [shape for shape in map(_rect, boxes) if self._seen.intersects(shape)]

    def _lines(self) -> tuple[TextLine, ...]:
        return self._page.lines if self._page is not None else ()


def _rect(box: Box) -> QRectF:
    return QRectF(box.left, box.top, box.width, box.height)


def _thin(color: QColor, alpha: float) -> QColor:
    color = QColor(color)
    color.setAlphaF(alpha)
    return color
