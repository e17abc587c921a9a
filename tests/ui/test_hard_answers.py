"""Answers that are hard to draw: in pieces of a bounded cost, whole, and without a standstill."""

import asyncio
import time

import pytest
from hard_answers import hard_answers, random_answer
from PySide6.QtGui import QGuiApplication, QTextCursor, QTextTable
from PySide6.QtWidgets import QPlainTextEdit

from app.archive.archive import TurnState
from app.core.cleaning import clean
from app.session.chat.entry import ChatTurn
from app.ui.chat import rich_text
from app.ui.chat.answer_browser import AnswerBrowser
from app.ui.chat.answer_view import MOST_PIECES, AnswerView
from app.ui.chat.code_block import CodeBlock
from app.ui.chat.markdown import MOST_CELLS, MOST_LINES, MOST_MARKS, pieces, split

SEEDS = range(12)
ANSWERS = hard_answers() | {f"random {seed}": random_answer(seed) for seed in SEEDS}
# A line is not cut for its marks, nor a row for its cells: so much may one line be over.
_LINE = 2000


@pytest.fixture
def drawn(qtbot):
    """Wait until an answer is drawn."""
    return lambda view: qtbot.waitUntil(lambda: view.is_drawn, timeout=100_000)


def fragments(document):
    count, block = 0, document.begin()
    while block.isValid():
        step = block.begin()
        while not step.atEnd():
            count += 1
            step += 1
        block = block.next()
    return count


def cells(document):
    tables = [f for f in document.rootFrame().childFrames() if isinstance(f, QTextTable)]
    return sum(table.rows() * table.columns() for table in tables)


@pytest.mark.parametrize("name", ANSWERS)
def test_a_piece_has_a_bounded_number_of_fragments_lines_and_cells(name, stage):
    text = ANSWERS[name]
    font, theme = stage.window.font(), stage.window.theme
    found = split(text)
    # The first and the last ones, and some between.
    for piece in [*found[:5], *found[5 : -3 : max(1, len(found) // 10)], *found[-3:]]:
        assert piece.source.count("\n") <= MOST_LINES + 2
        if piece.is_code:
            assert len(piece.source) <= 3 * 6000
            continue
        document = rich_text.markdown_document(piece.source, stage.window, font, theme)
        assert document.blockCount() <= 4 * MOST_LINES + cells(document)
        # A mark parts two fragments at most, and a block is one at least.
        most = 2 * (MOST_MARKS + _LINE // 2) + document.blockCount()
        assert fragments(document) <= most
        assert cells(document) <= MOST_CELLS + 3 * 101
        document.deleteLater()


@pytest.mark.parametrize("name", ANSWERS)
def test_nothing_is_lost_between_pieces_wherever_splitting_goes_on(name):
    text = ANSWERS[name][:150_000]
    every = list(pieces(text))
    shown = "".join(
        piece.source.removeprefix(piece.at.head) for piece in every if not piece.is_code
    )
    code = sum(len(piece.source) for piece in every if piece.is_code)
    # Fences and the ends of their lines are left out, nothing else.
    fences = text.count("```") * 8 + text.count("~~~") * 8
    assert len(shown) + code >= len(text) - (fences if any(p.is_code for p in every) else 0)
    for place in range(0, len(every), max(1, len(every) // 7)):
        assert list(pieces(text, every[place].at)) == every[place:]


def test_a_document_is_changed_at_once_however_many_spans_it_has(stage, monkeypatch):
    changes = []
    plain = rich_text.plain_document

    def watched(parent, font):
        document = plain(parent, font)
        document.contentsChanged.connect(lambda: changes.append(1))
        return document

    monkeypatch.setattr(rich_text, "plain_document", watched)
    source = "`a` [b](http://c.example) ![d](e)\n\n# f\n\n> g\n\n" * 50
    rich_text.markdown_document(source, stage.window, stage.window.font(), stage.window.theme)
    assert len(changes) <= 4


def test_the_window_stands_still_for_no_answer(whole_session, loop):
    # On the processor that measured it first, 1.6 s and 2.4 s before, some 50 ms now.
    text = ANSWERS["code spans of one paragraph, 60,000"]
    size = len(text) // 40
    script = [[0.02, text[at : at + size]] for at in range(0, len(text), size)]
    session = whole_session({"Tell me.": script})

    async def work():
        stalls = {}
        session.chat.send("Tell me.")
        stalls["streamed"] = await longest(session, lambda: not session.chat.state.busy)
        conversation = session.chat.conversation_id
        session.chat.new_conversation()
        session.chat.open_conversation(conversation)
        stalls["opened"] = await longest(session, lambda: True)
        return stalls

    async def longest(session, ready):
        found, before = 0.0, time.thread_time()
        while True:
            await asyncio.sleep(0.001)
            now = time.thread_time()
            found, before = max(found, now - before), now
            views = [v.answer for v in session.window.parts.chat.views if hasattr(v, "answer")]
            if ready() and views and all(view.is_drawn for view in views):
                return found

    stalls = loop.run_until_complete(work())
    assert max(stalls.values()) < 0.5, stalls
    [view] = [v.answer for v in session.window.parts.chat.views if hasattr(v, "answer")]
    shown = "".join(browser.toPlainText() for browser in view.findChildren(AnswerBrowser))
    assert shown.count("ab") == text.count("ab")


def test_a_long_table_has_its_head_above_each_part_and_all_rows(stage, drawn):
    rows = 300
    text = "| number | twice |\n|---:|---|\n" + "".join(
        f"| {row} | `{2 * row}` |\n" for row in range(rows)
    )
    stage.chat.answer(1, text + "\nThat is all.")
    answer = stage.parts.chat.views[0].answer
    drawn(answer)
    found = []
    for browser in answer.findChildren(AnswerBrowser):
        for table in browser.document().rootFrame().childFrames():
            lines = [
                table.cellAt(row, 0).firstCursorPosition().block().text()
                for row in range(table.rows())
            ]
            assert lines[0] == "number"
            found += lines[1:]
    assert found == [str(row) for row in range(rows)]
    stage.parts.chat.views[0].foot.copy_button.click()
    assert QGuiApplication.clipboard().text() == text + "\nThat is all."


def test_a_table_of_usual_size_stays_one(stage, drawn):
    stage.chat.answer(1, "| a | b | c |\n|---|---|---|\n" + "| 1 | 2 | 3 |\n" * 50)
    answer = stage.parts.chat.views[0].answer
    drawn(answer)
    [browser] = answer.findChildren(AnswerBrowser)
    [table] = browser.document().rootFrame().childFrames()
    assert (table.rows(), table.columns()) == (51, 3)


@pytest.mark.parametrize("streamed", [True, False])
def test_long_code_is_one_block_that_is_copied_whole(stage, qtbot, drawn, streamed):
    code = "".join(f"line {n}\n\n" for n in range(1000)) + "x\U0001f642" * 3000 + "\nend"
    text = f"Here:\n\n```py\n{code}\n```\nAfter."
    if streamed:
        stage.chat.answer(1, "", state=TurnState.OPEN)
        answer = stage.parts.chat.views[0].answer
        for at in range(0, len(text), 2997):
            stage.chat.textArrived.emit(1, text[at : at + 2997])
            drawn(answer)
        stage.chat.entryChanged.emit(ChatTurn(1, "model", text))
    else:
        stage.chat.answer(1, text)
        answer = stage.parts.chat.views[0].answer
    drawn(answer)
    [block] = answer.findChildren(CodeBlock)
    assert block.code() == code
    block.copy_button.click()
    assert QGuiApplication.clipboard().text() == code
    shown = block.findChild(QPlainTextEdit)
    assert max(len(line) for line in shown.toPlainText().split("\n")) <= 2000
    shown.selectAll()
    shown.copy()
    assert QGuiApplication.clipboard().text() == code
    texts = [browser.toPlainText() for browser in answer.findChildren(AnswerBrowser)]
    assert texts == ["Here:", "After."]


def test_of_an_endless_answer_the_rest_comes_when_it_is_asked_for(stage, qtbot, drawn):
    count = 2 * MOST_PIECES + 5
    text = "".join(f"```\nblock {n}\n```\n" for n in range(count))
    stage.chat.answer(1, text)
    view = stage.parts.chat.views[0]
    shown = lambda: len(view.answer.findChildren(CodeBlock))  # noqa: E731
    for expected in (MOST_PIECES, 2 * MOST_PIECES, count):
        drawn(view.answer)
        assert shown() == expected
        assert view.answer.more_button.isVisibleTo(view) == (expected < count)
        view.answer.more_button.click()
    view.foot.copy_button.click()
    assert QGuiApplication.clipboard().text() == text


def test_a_conversation_that_is_left_while_it_is_drawn_is_drawn_no_more(stage, qtbot, drawn):
    hard = tuple(ChatTurn(number, "model", ANSWERS["random 1"]) for number in range(5))
    stage.chat.conversationOpened.emit(hard)
    stage.chat.conversationOpened.emit((ChatTurn(9, "model", "**short**"),))
    [view] = stage.parts.chat.views
    drawn(view.answer)
    [browser] = view.answer.findChildren(AnswerBrowser)
    assert browser.toPlainText() == "short"
    # What is left is deleted in the next turns; none of it may fail there.
    qtbot.waitUntil(lambda: len(stage.window.findChildren(AnswerView)) == 1)


def test_words_in_a_hard_answer_can_be_selected_as_in_any(stage, drawn, qtbot):
    stage.chat.answer(1, "`a` " * 3000 + "needle")
    answer = stage.parts.chat.views[0].answer
    drawn(answer)
    last = answer.findChildren(AnswerBrowser)[-1]
    cursor = last.document().find("needle")
    assert cursor.hasSelection()
    with qtbot.waitSignal(answer.phraseSelected) as heard:
        last.setTextCursor(cursor)
    assert heard.args == ["needle"]


def test_a_view_alone_draws_all_of_a_random_answer(qtbot, stage, drawn):
    view = AnswerView(stage.window.theme)
    qtbot.addWidget(view)
    view.show()
    view.finish(ANSWERS["random 3"])
    drawn(view)
    ends = [browser.textCursor() for browser in view.findChildren(AnswerBrowser)]
    ends[-1].movePosition(QTextCursor.MoveOperation.End)
    assert ends[-1].position() > 0
    assert clean(view.text) == clean(ANSWERS["random 3"])
