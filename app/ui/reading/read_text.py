"""Read text as a document: headings, lists, code and tables as what they are."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import (
    QBrush,
    QFont,
    QFontDatabase,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
    QTextTableFormat,
)

from app.core.geometry import Box
from app.core.reading import Block, BlockKind
from app.session.reading.page_text import PageText, TextLine
from app.text.tables import is_table, table_cells, table_size
from app.ui.widgets.theme import Theme

_HEADING_SCALES = (1.35, 1.35, 1.2, 1.1)
_INDENT = 20
# Above a table, for its own button.
_BUTTON_ROOM = 38
# A larger table would stop the window for longer than a blink while it is laid out: its rows
# stand below each other as text, and the button copies it as a table all the same.
MOST_CELLS = 1000
_QUIET = (BlockKind.CAPTION, BlockKind.HEADER, BlockKind.FOOTER)
_FIXED = (BlockKind.CODE, BlockKind.BARCODE)


@dataclass(frozen=True, slots=True)
class ReadTextDocument:
    """The document, where each line stands in it (by index), and its tables with their blocks.

    A table that is too large to be drawn as one is told by where its rows begin.
    """

    document: QTextDocument
    spans: dict[int, tuple[int, int]]
    tables: tuple[tuple[QTextTable | int, Block], ...]

    def line_at(self, position: int) -> int | None:
        """The line whose text holds this position of the document."""
        for index, (begin, end) in self.spans.items():
            if begin <= position <= end:
                return index
        return None


def read_document(page: PageText, parent: QObject, font: QFont, theme: Theme) -> ReadTextDocument:
    """All blocks below each other. Only plain text goes in: nothing of it is taken for markup."""
    return _Writer(page, parent, font, theme).write()


class _Writer:
    def __init__(self, page: PageText, parent: QObject, font: QFont, theme: Theme) -> None:
        self._page = page
        self._theme = theme
        self._font = font
        self._document = QTextDocument(parent)
        self._document.setUndoRedoEnabled(False)
        self._document.setDocumentMargin(12)
        self._document.setDefaultFont(font)
        self._cursor = QTextCursor(self._document)
        self._spans: dict[int, tuple[int, int]] = {}
        self._tables: list[tuple[QTextTable | int, Block]] = []
        self._fresh = True
        self._before: BlockKind | None = None

    def write(self) -> ReadTextDocument:
        lines: dict[int, list[TextLine]] = {}
        for line in self._page.lines:
            lines.setdefault(line.block, []).append(line)
        self._cursor.beginEditBlock()
        for number, block in enumerate(self._page.blocks):
            own = lines.get(number, [])
            if is_table(block) and len(block.cells) <= MOST_CELLS:
                self._write_table(block, own)
            elif is_table(block):
                begin = self._write_block(block, own, above=_BUTTON_ROOM)
                self._tables.append((begin, block))
            else:
                self._write_block(block, own)
        self._cursor.endEditBlock()
        return ReadTextDocument(self._document, self._spans, tuple(self._tables))

    def _write_block(self, block: Block, lines: list[TextLine], above: int | None = None) -> int:
        """Write its lines below each other; returns where they begin."""
        begin: int | None = None
        above = self._space_before(block) if above is None else above
        shape = self._type_of(block)
        before: TextLine | None = None
        for line in lines:
            between = self._page.text[before.end : line.begin] if before is not None else "\n"
            if before is None or "\n" in between:
                place = QTextBlockFormat()
                place.setTopMargin(above if before is None else 0)
                if block.kind is BlockKind.LIST:
                    place.setLeftMargin(_INDENT * max(1, min(block.level, 8)))
                if block.kind is BlockKind.CODE:
                    place.setBackground(QBrush(self._theme.color("code")))
                    place.setNonBreakableLines(True)
                if self._fresh:
                    self._cursor.setBlockFormat(place)
                else:
                    self._cursor.insertBlock(place)
                self._fresh = False
            else:
                self._cursor.insertText(between, shape)
            begin = self._cursor.position() if begin is None else begin
            self._insert(self._cursor, line, shape)
            before = line
        return begin or 0

    def _space_before(self, block: Block) -> int:
        """Items of a list stand close together."""
        before, self._before = self._before, block.kind
        if not self._spans:
            return 0
        return 3 if before is block.kind is BlockKind.LIST else 10

    def _write_table(self, block: Block, lines: list[TextLine]) -> None:
        form = QTextTableFormat()
        form.setBorder(1)
        form.setBorderCollapse(True)
        form.setBorderBrush(QBrush(self._theme.color("strong_border")))
        form.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        form.setCellPadding(5)
        form.setCellSpacing(0)
        form.setTopMargin(_BUTTON_ROOM)
        form.setBottomMargin(6)
        self._before = BlockKind.TABLE
        rows, columns = table_size(block)
        form.setColumnWidthConstraints([QTextLength(QTextLength.Type.VariableLength, 0)] * columns)
        table = self._cursor.insertTable(rows, columns, form)
        self._fresh = False
        # A cell holds the very lines of its block.
        waiting: dict[tuple[str, Box], list[TextLine]] = {}
        for line in lines:
            words = self._page.text[line.begin : line.end]
            waiting.setdefault((words, line.box), []).append(line)
        shape = QTextCharFormat()
        for cell in table_cells(block):
            if cell.rows > 1 or cell.columns > 1:
                table.mergeCells(cell.row, cell.column, cell.rows, cell.columns)
            cursor = table.cellAt(cell.row, cell.column).firstCursorPosition()
            for number, line in enumerate(cell.lines):
                if number:
                    cursor.insertText(" ", shape)
                same = waiting.get((line.text, line.box))
                if same:
                    self._insert(cursor, same.pop(), shape)
                else:
                    cursor.insertText(line.text, shape)
        self._cursor.movePosition(QTextCursor.MoveOperation.End)
        self._tables.append((table, block))

    def _insert(self, cursor: QTextCursor, line: TextLine, shape: QTextCharFormat) -> None:
        begin = cursor.position()
        cursor.insertText(self._page.text[line.begin : line.end], shape)
        self._spans[line.index] = (begin, cursor.position())

    def _type_of(self, block: Block) -> QTextCharFormat:
        shape = QTextCharFormat()
        points = self._font.pointSizeF()
        if block.kind is BlockKind.HEADING:
            scale = _HEADING_SCALES[min(max(block.level, 1), len(_HEADING_SCALES)) - 1]
            shape.setFontWeight(QFont.Weight.DemiBold)
            shape.setFontPointSize(points * scale)
        elif block.kind in _FIXED:
            fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
            shape.setFontFamilies([fixed.family()])
            shape.setFontFixedPitch(True)
        elif block.kind in _QUIET:
            shape.setForeground(self._theme.color("muted"))
            shape.setFontItalic(block.kind is BlockKind.CAPTION)
        return shape
