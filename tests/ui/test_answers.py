"""Answers: rendered as they stream, harmless whatever they say."""

from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QTextDocument
from PySide6.QtWidgets import QMessageBox

from app.archive.archive import TurnState
from app.core.errors import ErrorKind, Failed
from app.ui.chat.answer_browser import AnswerBrowser
from app.ui.chat.answer_view import AnswerView
from app.ui.chat.code_block import CodeBlock
from app.ui.chat.markdown import TEXT_CHARACTERS, split
from tests.ui.gestures import button

RECEIPT = Path(__file__).resolve().parents[2] / "resources" / "samples" / "receipt.png"
HOSTILE = f"""# Look

![a picture]({RECEIPT.as_uri()})
![another](//host.invalid/share/a.png)
![third](data:image/png;base64,iVBORw0KGgo=)
<img src="{RECEIPT.as_uri()}"> <script>alert(1)</script>

[click](http://xn--80ak6aa92e.com/login "http://apple.com")
[look-alike](http://\u0430\u0440\u0440\u04cf\u0435.com/login)
[run](javascript:alert(1)) [file](file:///etc/passwd) [share](//host.invalid/x)
[mail](mailto:somebody@example.com)
"""


@pytest.fixture
def loads(monkeypatch):
    """Everything that any document asks for."""
    asked = []
    real = AnswerBrowser.loadResource

    def record(browser, kind, name):
        asked.append(name)
        return real(browser, kind, name)

    monkeypatch.setattr(AnswerBrowser, "loadResource", record)
    return asked


@pytest.fixture
def opened(monkeypatch):
    urls = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: urls.append(url.toString()))
    return urls


def anchors(document: QTextDocument) -> dict[str, str]:
    found = {}
    block = document.begin()
    while block.isValid():
        step = block.begin()
        while not step.atEnd():
            shape = step.fragment().charFormat()
            if shape.isAnchor():
                found[step.fragment().text()] = (shape.anchorHref(), shape.toolTip())
            assert not shape.isImageFormat()
            step += 1
        block = block.next()
    return found


def test_hostile_markdown_loads_nothing_and_shows_where_links_lead(stage, qtbot, loads):
    stage.chat.answer(1, HOSTILE)
    stage.window.grab()
    [browser] = stage.window.findChildren(AnswerBrowser)
    text = browser.toPlainText()
    assert loads == []
    assert "[picture: a picture]" in text
    assert "<script>alert(1)</script>" in text
    links = anchors(browser.document())
    assert set(links) == {"click", "look-alike"}
    assert links["click"][1] == "<qt>http://xn--80ak6aa92e.com/login</qt>"
    assert "xn--" in links["look-alike"][1]


def test_a_picture_that_is_asked_for_all_the_same_is_one_empty_pixel(stage):
    stage.chat.answer(1, "x")
    [browser] = stage.window.findChildren(AnswerBrowser)
    image = browser.document().resource(
        QTextDocument.ResourceType.ImageResource.value, QUrl.fromLocalFile(str(RECEIPT))
    )
    assert (image.width(), image.height()) == (1, 1)


def test_a_link_opens_only_after_a_question_that_names_the_real_host(stage, opened):
    stage.chat.answer(1, HOSTILE)
    [browser] = stage.window.findChildren(AnswerBrowser)

    def question(address: str) -> QMessageBox:
        browser.anchorClicked.emit(QUrl(address))
        return stage.window.findChildren(QMessageBox, "linkQuestion")[-1]

    box = question("http://\u0430\u0440\u0440\u04cf\u0435.com/login")
    assert "xn--80ak6aa92e.com" in box.text()
    assert opened == []
    box.button(QMessageBox.StandardButton.Cancel).click()
    assert opened == []

    box = question("http://plain.example/x")
    next(b for b in box.buttons() if b.text() == "Open in browser").click()
    assert opened == ["http://plain.example/x"]


@pytest.mark.parametrize("address", ["file:///etc/passwd", "javascript:x", "//host.invalid/x"])
def test_other_addresses_are_not_even_asked_about(stage, opened, address):
    stage.chat.answer(1, "x")
    [browser] = stage.window.findChildren(AnswerBrowser)
    browser.anchorClicked.emit(QUrl(address))
    assert stage.window.findChild(QMessageBox, "linkQuestion") is None
    assert opened == []


def test_what_a_person_typed_is_shown_as_typed(stage, loads):
    typed = "**not bold** <img src='file:///etc/passwd'> ![x](file:///x.png)"
    stage.chat.ask(1, typed)
    [browser] = stage.window.findChildren(AnswerBrowser)
    assert browser.toPlainText() == typed
    assert loads == []


def test_two_thousand_pieces_are_not_each_rendered(stage, qtbot, qapp):
    stage.chat.answer(1, "", state=TurnState.OPEN)
    answer = stage.parts.chat.views[0].answer
    renders = []
    answer.rendered.connect(lambda: renders.append(answer.text))
    pieces = [f"word{n} " if n % 20 else "\n\n**bold** " for n in range(2000)]
    for place, piece in enumerate(pieces):
        stage.chat.textArrived.emit(1, piece)
        if place % 100 == 0:
            qapp.processEvents()
    shown = "".join(b.toPlainText() for b in answer.findChildren(AnswerBrowser))
    assert "word301 " in shown, "text is on the screen before it is rendered"
    assert len(renders) < len(pieces) / 20
    whole = "".join(pieces)
    stage.chat.entryChanged.emit(stage.chat.entries[0].__class__(1, "model", whole))
    assert answer.text == whole
    qtbot.waitUntil(lambda: answer.is_drawn)
    views = answer.findChildren(AnswerBrowser)
    assert len(views) >= len(whole) // (TEXT_CHARACTERS + 200)
    assert "**" not in "".join(view.toPlainText() for view in views)


def test_only_the_last_piece_is_rendered_again(stage, qtbot):
    view = AnswerView(stage.window.theme)
    qtbot.addWidget(view)
    view.append("Before.\n\n```python\nx = 1\n")
    qtbot.waitUntil(lambda: view.is_drawn)
    [first], [code] = view.findChildren(AnswerBrowser), view.findChildren(CodeBlock)
    renders = []
    first.rendered.connect(lambda: renders.append(1))
    for piece in ("y = 2\n", "```\n", "After.\n"):
        view.append(piece)
        qtbot.waitUntil(lambda: view.is_drawn)
    assert renders == []
    assert view.findChildren(CodeBlock) == [code]
    assert code.code() == "x = 1\ny = 2"
    before, after = view.findChildren(AnswerBrowser)
    assert before is first
    assert after.toPlainText() == "After."


def test_an_answer_split_anywhere_ends_as_if_it_had_come_at_once():
    text = (
        "Intro\n\n```py\nx\n\ny\n```\n- a\n  ```\n  b\n  ```\n\n~~~\nopen\n``\n~~~\n"
        + ("word " * 40 + "\n\n") * 40
        + "word " * 1500
        + "- item\n" * 1000
        + "1. one\n\n2. two\n```"
    )
    whole = split(text)
    assert "".join(text[a.start : b.start] for a, b in pairwise(whole))
    assert max(len(piece.source) for piece in whole) < 3 * TEXT_CHARACTERS
    for end in range(0, len(text), 7):
        part = split(text[:end])
        assert part[:-1] == whole[: max(0, len(part) - 1)]
    assert [piece.source for piece in whole if piece.is_code] == ["x\n\ny", "b", "open\n``"]


def test_code_is_copied_as_it_stands(stage):
    stage.chat.answer(1, "See:\n\n```sh\nls  -l\n\techo '<b>'\n```\n")
    [block] = stage.window.findChildren(CodeBlock)
    block.copy_button.click()
    assert QGuiApplication.clipboard().text() == "ls  -l\n\techo '<b>'"
    assert block.copy_button.text() == "Copied"


def test_the_whole_answer_is_copied_as_markdown(stage):
    stage.chat.answer(1, "**bold** answer")
    stage.parts.chat.views[0].foot.copy_button.click()
    assert QGuiApplication.clipboard().text() == "**bold** answer"


def test_a_failed_answer_says_why_and_can_be_asked_again(stage):
    failed = Failed(ErrorKind.OUT_OF_MEMORY, "Not enough memory.", "Close others.", "CUDA …")
    stage.chat.answer(7, "half", state=TurnState.FAILED, failed=failed)
    [view] = stage.parts.chat.views
    assert view.foot.problem.isVisibleTo(view)
    view.foot.problem.details_button.click()
    details = stage.window.findChild(object, "details")
    assert details.isVisible()
    details.close()
    view.foot.problem.retry_button.click()
    assert stage.chat.calls == [("retry", 7)]


def test_an_answer_that_starts_anew_replaces_the_old_one(stage):
    entry = stage.chat.answer(7, "old text", state=TurnState.STOPPED, note="Stopped.")
    view = stage.parts.chat.views[0]
    assert view.foot.note.text() == "Stopped."
    stage.chat.entryChanged.emit(entry.__class__(7, entry.role, "", state=TurnState.OPEN))
    stage.chat.textArrived.emit(7, "new")
    assert view.answer.text == "new"
    [browser] = [b for b in view.answer.findChildren(AnswerBrowser) if not b.isHidden()]
    assert browser.toPlainText() == "new"


def test_the_conversation_follows_unless_the_person_scrolled_up(stage, qtbot):
    stage.chat.ask(1, "Tell me everything")
    stage.chat.answer(2, "", state=TurnState.OPEN)
    bar = stage.parts.chat.verticalScrollBar()

    def grow():
        before = bar.maximum()
        stage.chat.textArrived.emit(2, "line\n\n" * 60)
        qtbot.waitUntil(lambda: bar.maximum() > before)

    grow()
    assert bar.value() == bar.maximum()
    bar.setValue(100)
    grow()
    assert bar.value() == 100
    button(stage.parts.chat, "Jump to the end ↓").click()
    grow()
    assert bar.value() == bar.maximum()


def test_of_a_long_conversation_only_the_end_is_built(stage, qtbot):
    entries = tuple(
        stage.chat.answer(1, "x").__class__(number, "model", f"answer {number}")
        for number in range(100)
    )
    stage.chat.conversationOpened.emit(entries)
    built = len(stage.parts.chat.views)
    assert built < 50
    assert stage.parts.chat.views[-1].answer.text == "answer 99"
    earlier = button(stage.parts.chat, "Show earlier messages")
    while earlier.isVisibleTo(stage.parts.chat):
        earlier.click()
    assert [view.answer.text for view in stage.parts.chat.views] == [
        f"answer {number}" for number in range(100)
    ]
