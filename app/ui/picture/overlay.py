"""What is drawn over a picture whose text is known: lines, selection, matches, doubts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QTransform

from app.core.geometry import Box
from app.session.reading.page_text import PageText, TextLine, TextPiece
from app.text.choices import Mark
from app.text.confidence import chance_of_right
from app.ui.widgets.theme import Theme

# Words that are right less often than this are underlined.
UNSURE = 0.9
# Another language's network scores in its own way, and nobody has measured how: its raw score.
UNSURE_SCORE = 0.8

Span = tuple[int, int]


class TextOverlay:
    """Paints over a picture, in its pixels. Its colours are the pictures', not the window's.

    `boxes` says whether lines and doubtful words are drawn; the selection,
    matches and lit phrases always are. One line may be marked.
    """

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._page: PageText | None = None
        self._unsure: list[TextPiece] = []
        self.boxes = False
        self.marked: int | None = None
        self.selected: Span = (0, 0)
        self.matches: list[Span] = []
        self.current: int | None = None
        self.lit: list[Span] = []
        self._marks: list[tuple[Span, Mark]] = []
        self.current_mark: int | None = None
        # What of the picture is on the screen.
        self._seen = QRectF()

    def show(self, page: PageText | None) -> None:
        """Another text, without marks."""
        self._page = page
        self.marked = self.current = None
        self.matches, self.lit, self._marks = [], [], []
        self.current_mark = None
        lines = page.lines if page is not None else ()
        pieces = [piece for line in lines for piece in line.pieces]
        self._unsure = [one for one in pieces if is_unsure(one.confidence, self.is_measured)]

    @property
    def is_measured(self) -> bool:
        """Whether it is known how often words of a confidence are right in this text."""
        return self._page is not None and not any(one.pack for one in self._page.reading.pages)

    def box(self, index: int) -> QRectF:
        """The box of the line with this index."""
        return _rect(self._lines()[index].box)

    def unsure_at(self, point: QPointF) -> TextPiece | None:
        """The underlined piece below `point`."""
        return next((one for one in self._unsure if _rect(one.box).contains(point)), None)

    def show_marks(self, marks: Sequence[Mark]) -> None:
        """Where two readings differ, in lines of this text."""
        lines = self._lines()
        self._marks = [
            ((line.begin + mark.begin, line.begin + mark.end), mark)
            for mark in marks
            if mark.line < len(lines)
            for line in [lines[mark.line]]
        ]

    def mark_bounds(self, at: int) -> QRectF:
        """Around the words of this difference; empty where it stands nowhere."""
        return self.bounds(self._marks[at][0]) if at < len(self._marks) else QRectF()

    def mark_at(self, point: QPointF) -> int | None:
        """The difference below `point`, where they are shown."""
        if not self.boxes:
            return None
        places = (at for at in range(len(self._marks)) if self.mark_bounds(at).contains(point))
        return next(places, None)

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
            self._paint_marks(painter, to_view)
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

    def _paint_marks(self, painter: QPainter, to_view: QTransform) -> None:
        """A tint and a line below; what is decided keeps the line alone."""
        color = self._theme.color("differs")
        for at, (span, mark) in enumerate(self._marks):
            is_open, on = mark.chosen is None, at == self.current_mark
            for shape in map(to_view.mapRect, self._shapes(span)):
                if is_open or on:
                    painter.fillRect(shape, _thin(color, 0.4 if on else 0.22))
                painter.setPen(QPen(color, 3.0 if on else 2.0 if is_open else 1.0))
                painter.drawLine(shape.bottomLeft(), shape.bottomRight())

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


def is_unsure(confidence: float, is_measured: bool) -> bool:  # noqa: FBT001 - two kinds of scale
    """Whether a word with this confidence is underlined."""
    if is_measured:
        return chance_of_right(confidence) < UNSURE
    return confidence < UNSURE_SCORE


def _rect(box: Box) -> QRectF:
    return QRectF(box.left, box.top, box.width, box.height)


def _thin(color: QColor, alpha: float) -> QColor:
    color = QColor(color)
    color.setAlphaF(alpha)
    return color
