"""How the models window looks to hands, eyes and readers of screens."""

from contextlib import suppress

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QLabel,
    QScrollArea,
)
from sessions import until

from app.core.errors import ErrorKind, Failed
from app.core.settings import load_settings
from app.paths import find_paths
from app.session.models.download import ModelDownload, Step, load_downloads
from app.ui.models.model_details import ModelDetails
from app.ui.models.model_questions import ConfirmationDialog
from tests.ui.gestures import button, texts
from tests.ui.models_stage import GB, opened

MED = "llava-med-v1.5-mistral-7b"
MISTRAL = "llava-v1.6-mistral-7b"

pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def scale():
    """How large letters are; a test's own parameter of this name comes before it."""
    return 1.0


@pytest.fixture
def whole(loop, tmp_path, monkeypatch, scale):
    with opened(loop, tmp_path, monkeypatch, scale) as whole:
        yield whole


def test_every_button_has_a_name_and_the_keyboard_reaches_it(whole):
    dialog = whole.dialog
    for one in dialog.findChildren(QAbstractButton):
        if one.isVisible():
            assert one.accessibleName() or one.text(), one.objectName()
    reached = set()
    first = dialog.focusWidget()
    while True:
        reached.add(dialog.focusWidget())
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
        if dialog.focusWidget() is first:
            break
        assert len(reached) < 200
    for card in dialog.cards.values():
        assert card.more_button in reached
        assert (
            not card.act_button.isVisible()
            or not card.act_button.isEnabled()
            or (card.act_button in reached)
        )
    card = whole.card(MISTRAL)
    card.more_button.setFocus()
    QTest.keyClick(card.more_button, Qt.Key.Key_Space)
    details = card.findChild(ModelDetails)
    assert details.isVisible()
    assert "llava-hf" in texts(details)[1]


def is_cut_off(label):
    if label.wordWrap():
        return label.height() < label.heightForWidth(label.width())
    return label.width() < label.sizeHint().width()


def settled(whole, left):
    """Wait until the layout leaves nothing to be found."""
    with suppress(TimeoutError):
        whole.run(until(lambda: not left()))
    assert left() == []


@pytest.mark.parametrize("scale", [1.0, 1.25, 1.6])
def test_no_words_are_cut_off(whole, scale, monkeypatch):
    refused = Failed(
        ErrorKind.ACCESS, "The hub does not give this model to everyone.", "x" * 80, "401"
    )
    downloads = {
        name: ModelDownload(name, step, GB, 15 * GB, 24e6, 455.0, failed)
        for name, step, failed in ((MISTRAL, Step.RUNNING, None), ("one", Step.FAILED, refused))
    }
    monkeypatch.setattr(whole.downloads, "get", downloads.get)
    whole.model_library.changed.emit()
    whole.dialog.resize(300, 400)
    for card in whole.dialog.cards.values():
        card.more_button.click()
    area = whole.dialog.findChild(QScrollArea)

    def left():
        labels = [label for label in area.findChildren(QLabel) if label.isVisible()]
        assert labels[0].font().pointSizeF() == pytest.approx(10 * scale)
        beyond = area.horizontalScrollBar().maximum()
        beyond = max(beyond, area.widget().width() - area.viewport().width())
        return [label.text() for label in labels if is_cut_off(label)] + [beyond] * (beyond > 0)

    settled(whole, left)


@pytest.mark.parametrize("scale", [1.0, 1.6])
def test_no_words_of_a_question_are_cut_off(whole, scale):
    """Of the longest one, in a window as narrow as a small screen makes it."""
    whole.click(whole.card(MED).act_button)
    (question,) = whole.dialog.findChildren(ConfirmationDialog)
    agreed = question.findChild(QCheckBox)
    for width in (900, 440):
        question.resize(width, 100)
        labels = question.findChildren(QLabel)
        settled(whole, lambda labels=labels: [one.text() for one in labels if is_cut_off(one)])
        assert agreed.width() >= agreed.sizeHint().width()
    # What cannot be clicked does not look as if it could.
    colour = question.yes_button.grab().toImage().pixelColor(6, 15)
    assert colour == whole.program.window.theme.color("sunken")
    agreed.click()
    assert question.yes_button.isEnabled()
    colour = question.yes_button.grab().toImage().pixelColor(6, 15)
    assert colour == whole.program.window.theme.color("accent")
    question.reject()


def test_the_source_is_a_choice_that_is_kept(whole):
    dialog = whole.dialog
    button(dialog.foot, "Change…").click()
    (question,) = dialog.findChildren(ConfirmationDialog)
    QTest.keyClicks(question.focusWidget(), " hub.example.org ")
    QTest.keyClick(question.focusWidget(), Qt.Key.Key_Return)
    assert load_settings(find_paths().settings_file).mirror == "https://hub.example.org"
    assert any("hub.example.org" in words for words in texts(dialog.foot))


def test_a_state_that_is_damaged_loses_no_more_than_its_figures(tmp_path):
    file = tmp_path / "downloads.json"
    for bad in ("", "[]", "{", '{"a": 3, "b": {"done": 9, "total": 1}, "c": {"done": "x"}}'):
        file.write_text(bad, "utf-8")
        assert load_downloads(file) == {}
    file.write_text('{"a": {"done": 1, "total": 2, "wanted": true}}', "utf-8")
    assert load_downloads(file)["a"] == ModelDownload("a", Step.WAITING, 1, 2)
