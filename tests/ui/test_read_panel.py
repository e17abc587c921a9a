"""The panel with read text: its blocks, its tables on the clipboard, its links to the picture."""

import csv
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QFont, QGuiApplication, QMouseEvent, QTextCursor, QTextTable
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from app.core.geometry import Box
from app.core.reading import Block, BlockKind, Cell, Line, Page, Reading
from app.session.reading.page_text import PageText
from app.text.tables import safe_cell
from app.ui.reading.read_view import ReadView
from tests.ui.gestures import button

HOSTILE = '<b>&"5"</b>\u202e'
TABLE = [["Item", "Price", "Note"], ["Tea", "2.50", HOSTILE], ["007", "=1+1", "a, b"]]


def line(text, left, top, sure=0.97):
    return Line(text, Box(left, top, left + 11 * len(text), top + 24), sure)


def page_reading():
    cells = [
        Cell(row, column, (line(text, 60 + 180 * column, 560 + 40 * row),))
        for row, texts in enumerate(TABLE)
        for column, text in enumerate(texts)
    ]
    # A head over all columns, and two that a broken reader might send.
    cells = [Cell(0, 0, (line("Prices of", 60, 500), line("today", 160, 500)), 1, 3)] + [
        Cell(cell.row + 1, cell.column, cell.lines) for cell in cells
    ]
    strays = (Cell(-1, 0, ()), Cell(10**9, 0, (), 10**9), Cell(0, 1, ()))
    lines = tuple(one for cell in cells for one in cell.lines)
    blocks = (
        Block((line("A <i>heading</i>", 60, 40),), BlockKind.HEADING, 1),
        Block((line("Name", 60, 120), line("A. Person", 200, 120), line("next row", 60, 160))),
        Block((line("• first", 60, 220),), BlockKind.LIST, 1),
        Block((line("– deeper", 90, 250),), BlockKind.LIST, 2),
        Block((line("if x:", 60, 320), line("    run()", 60, 350)), BlockKind.CODE),
        Block(lines, BlockKind.TABLE, 0, (*cells, *strays)),
        Block((line("Page 1", 300, 960),), BlockKind.FOOTER),
    )
    return Reading((Page(640, 1000, blocks),))


@pytest.fixture
def panel(stage, qtbot):
    picture = stage.picture("receipt.png")
    stage.readings.found[picture.sha256] = page_reading()
    stage.chat.ask(1, "Look", picture)
    qtbot.waitUntil(lambda: stage.parts.pictures.view.has_picture)
    stage.parts.pictures.splitter.setSizes([300, 480])
    stage.window.actions_.read.trigger()
    return stage.parts.pictures.panel


def tables(text):
    """The tables of a text on the screen."""
    frames = text.document().rootFrame().childFrames()
    return [frame for frame in frames if isinstance(frame, QTextTable)]


class Cells(HTMLParser):
    """The cells of the tables in some HTML, as a spreadsheet would take them."""

    def __init__(self, html):
        super().__init__()
        self.rows = []
        self.spans = {}
        self.styles = {}
        self._inside = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        if tag == "td":
            self.rows[-1].append("")
            place = len(self.rows) - 1, len(self.rows[-1]) - 1
            self.spans[place] = int(dict(attrs).get("colspan", 1))
            self.styles[place] = dict(attrs).get("style", "")
            self._inside = True

    def handle_endtag(self, tag):
        if tag == "td":
            self._inside = False

    def handle_data(self, data):
        if self._inside:
            self.rows[-1][-1] += data


def test_a_copied_table_arrives_as_the_same_cells_in_every_form(panel, qtbot):
    copy = button(panel, "Copy table")
    qtbot.waitUntil(lambda: copy.y() > 0)
    QTest.mouseClick(copy, Qt.MouseButton.LeftButton)
    assert copy.text() == "Copied"
    mime = QGuiApplication.clipboard().mimeData()
    clean = [[text.replace("\u202e", "") for text in row] for row in TABLE]
    found = Cells(mime.html())
    assert found.rows == [["Prices of today"], *clean]
    assert found.spans[0, 0] == 3
    # What Excel would calculate, or shorten, is marked as text; a number is not.
    assert "mso-number-format" in found.styles[3, 1]
    assert "mso-number-format" in found.styles[3, 0]
    assert found.styles[2, 1] == ""
    head = ["Prices of today", "", ""]
    values = bytes(mime.data("text/csv").data()).decode()
    # A file of values is opened without asking, so that nothing in it may be a formula.
    safe = [[safe_cell(text) for text in row] for row in clean]
    assert safe != clean
    assert list(csv.reader(values.splitlines())) == [head, *safe]
    tabs = [row.split("\t") for row in mime.text().split("\n")]
    assert tabs == [head, *clean]
    assert bytes(mime.data("text/tab-separated-values").data()).decode() == mime.text()


def test_blocks_look_like_what_they_are_and_nothing_is_taken_for_markup(panel, qtbot):
    document = panel.text.document()

    def shape(words):
        cursor = document.find(words)
        assert not cursor.isNull(), words
        return cursor.charFormat(), cursor.blockFormat()

    heading, _ = shape("A <i>heading</i>")
    body, _ = shape("next row")
    assert heading.fontWeight() >= QFont.Weight.DemiBold
    assert heading.fontPointSize() > panel.text.font().pointSizeF()
    assert shape("deeper")[1].leftMargin() > shape("first")[1].leftMargin() > 0
    code, form = shape("    run()")
    assert code.fontFixedPitch()
    assert not body.fontFixedPitch()
    assert form.nonBreakableLines()
    assert shape("Page 1")[0].foreground() != body.foreground()
    [table] = tables(panel.text)
    assert (table.rows(), table.columns()) == (4, 3)
    assert table.cellAt(0, 2).columnSpan() == 3
    last = table.cellAt(3, 1)
    cursor = last.firstCursorPosition()
    cursor.setPosition(last.lastPosition(), QTextCursor.MoveMode.KeepAnchor)
    assert cursor.selectedText() == "=1+1"
    assert "Name  A. Person\nnext row\n" in panel.text.toPlainText()
    panel.copy_button.click()
    expected = page_reading().text.replace("\u202e", "")
    assert QGuiApplication.clipboard().text() == expected


def test_the_copy_button_of_a_table_stays_above_it_as_the_text_moves(panel, qtbot):
    copy = button(panel, "Copy table")
    [table] = tables(panel.text)
    bar = panel.text.verticalScrollBar()

    def is_above():
        first = panel.text.cursorRect(table.cellAt(0, 0).firstCursorPosition())
        assert 5 < first.top() - copy.geometry().bottom() < 20
        assert abs(first.left() - copy.geometry().left()) < 10

    for value in (0, bar.maximum() // 2, bar.maximum()):
        bar.setValue(value)
        qtbot.waitUntil(is_above)


def move_over(text, point):
    none, keys = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    place = QPointF(point)
    globally = text.viewport().mapToGlobal(place)
    event = QMouseEvent(QEvent.Type.MouseMove, place, globally, none, none, keys)
    QApplication.sendEvent(text.viewport(), event)


def test_a_line_that_is_pointed_at_lights_its_box_and_a_click_brings_it_into_view(
    stage, panel, qtbot
):
    view, text = stage.parts.pictures.view, panel.text
    view.zoom(4, QPointF(10, 10))
    lines = {one.text: index for index, one in enumerate(page_reading().lines)}
    for words in ("next row", "    run()", "2.50"):
        cursor = text.document().find(words)
        cursor.setPosition(cursor.selectionStart() + 1)
        text.setTextCursor(cursor)
        point = text.cursorRect(cursor).center()
        seen = view.to_view()
        move_over(text, point)
        assert view.overlay.marked == lines[words]
        assert view.to_view() == seen
        QTest.mouseClick(text.viewport(), Qt.MouseButton.LeftButton, pos=point)
        assert view.overlay.marked == lines[words]
        box = view.to_view().mapRect(view.overlay.box(lines[words]))
        assert view.rect().contains(box.center().toPoint())
    move_over(text, text.viewport().rect().bottomRight())
    assert view.overlay.marked is None


def test_saving_is_offered_once_there_are_formats_and_not_before(panel):
    assert not panel.save_button.isVisible()
    chosen = []
    panel.saveRequested.connect(chosen.append)
    panel.offer_formats([("md", "Markdown (.md)"), ("txt", "Plain text (.txt)")])
    assert panel.save_button.isVisible()
    panel.save_button.menu().actions()[1].trigger()
    assert chosen == ["txt"]


def test_a_table_too_large_to_draw_stands_there_in_rows_and_is_copied_as_a_table(stage, qtbot):
    rows, columns = 700, 3

    def line(row, column):
        box = Box(column * 100, row * 20, column * 100 + 90, row * 20 + 18)
        return Line(f"{row}x{column}", box, 0.9)

    cells = tuple(
        Cell(row, column, (line(row, column),)) for row in range(rows) for column in range(columns)
    )
    lines = tuple(one for cell in cells for one in cell.lines)
    block = Block(lines, kind=BlockKind.TABLE, cells=cells)
    page = PageText(Reading((Page(400, rows * 20, (block,)),)))
    view = ReadView(stage.window.theme)
    qtbot.addWidget(view)
    view.show()
    view.show_text(page)
    assert view.document().rootFrame().childFrames() == []
    shown = view.toPlainText()
    assert all(f"{row}x2" in shown for row in range(rows))
    [button] = view.table_buttons
    button.click()
    copied = QGuiApplication.clipboard().mimeData().text().splitlines()
    assert copied[:2] == ["0x0\t0x1\t0x2", "1x0\t1x1\t1x2"]
    assert len(copied) == rows


def test_lines_in_an_unknown_script_are_told_of_with_where_to_choose_it(panel):
    note = panel.findChild(QLabel, "panelNote")
    assert note.isHidden()
    panel.show_text(PageText(Reading((replace(page_reading().pages[0], unread=4),))))
    assert note.isVisible()
    assert "4 lines could not be read" in note.text()
    panel.show_text(PageText(Reading((replace(page_reading().pages[0], blocks=(), unread=4),))))
    assert panel.title == "The text could not be read."
    assert note.isVisible()
    panel.show_waiting()
    assert note.isHidden()
