"""Downloads in the models window: real ones, in real processes, from a loopback hub."""

import os

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QLabel,
    QLineEdit,
    QProgressBar,
)
from sessions import until

from app.session.models.download import ModelDownload, Step
from app.session.models.downloads import RETRY_SECONDS
from app.ui.models.model_questions import ConfirmationDialog
from tests.ui.gestures import button, texts
from tests.ui.models_stage import BLOCK, SECONDS, TOTAL, opened

pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def retry_seconds():
    """After how long a lost connection is tried again; a test's own parameter comes before it."""
    return RETRY_SECONDS


@pytest.fixture
def whole(loop, tmp_path, monkeypatch, retry_seconds):
    with opened(loop, tmp_path, monkeypatch, retry_seconds=retry_seconds) as whole:
        yield whole


def test_a_download_is_paused_goes_on_and_answers_by_itself(whole):
    hub, card = whole.hub, whole.card("one")
    hub.pace = 0.01

    def done():
        item = whole.downloads.get("one")
        return item.done if item else 0

    async def way():
        await whole.ready("builtin")
        whole.click(card.act_button)
        await until(lambda: done() >= BLOCK, SECONDS)
        assert "Downloading" in texts(card)
        assert any("/s" in words for words in texts(card))
        assert card.findChild(QProgressBar).value() > 0
        # The main window says it, too.
        assert whole.program.window.parts.status.words.startswith("Model one: ")
        whole.click(card.act_button)
        assert card.act_button.text() == "Resume"
        await until(lambda: not whole.pulling(), SECONDS)
        kept, served = done(), hub.served
        assert kept < TOTAL
        assert whole.stored["one"].step is Step.PAUSED
        assert not (whole.folder / "one").exists()

        hub.pace = 0
        whole.click(card.act_button)
        await whole.ready("one")
        # At most the blocks that were under way come a second time.
        assert hub.served - served <= TOTAL - kept + 4 * BLOCK
        await until(lambda: card.row.on_disk, SECONDS)
        assert whole.program.session.models.current.id == "one"
        assert whole.stored == {}

    whole.run(way())
    for name, data in hub.files.items():
        assert (whole.folder / "one" / name).read_bytes() == data


def test_the_second_waits_and_does_not_take_the_place_of_a_real_model(whole):
    hub = whole.hub
    hub.pace = 0.002

    async def way():
        whole.click(whole.card("one").act_button)
        whole.click(whole.card("two").act_button)
        assert "Waiting" in texts(whole.card("two"))
        assert whole.downloads.running.id == "one"
        await until(lambda: whole.card("two").row.on_disk, SECONDS)
        assert whole.program.session.models.current.id == "one"
        bar = whole.program.window.parts.notices
        # The file is there before it is told of.
        await until(lambda: bar.notices, SECONDS)
        notices = bar.notices
        assert [notice.words for notice in notices] == ["Model two is on this disk now."]
        button(notices[0], "Use it").click()
        await whole.ready("two")
        assert "In use" in texts(whole.card("two"))
        assert whole.card("one").act_button.text() == "Use"

    whole.run(way())


def test_the_card_says_that_the_hub_is_waited_for(whole):
    card = whole.card("one")
    whole.hub.faults["500"] = 2
    said = []
    whole.downloads.changed.connect(lambda _: said.extend(texts(card)))

    async def way():
        whole.click(card.act_button)
        await until(lambda: whole.downloads.get("one") is None, SECONDS)

    whole.run(way())
    waited = [words for words in said if words.startswith("Waiting for the hub")]
    assert list(dict.fromkeys(waited)) == [
        "Waiting for the hub, try 2 of 8.",
        "Waiting for the hub, try 3 of 8.",
    ]
    assert not [words for words in texts(card) if words.startswith("Waiting")]


def test_given_up_it_leaves_nothing(whole):
    card = whole.card("one")
    whole.hub.pace = 0.01

    async def way():
        whole.click(card.act_button)
        await until(lambda: (whole.downloads.get("one") or ModelDownload("", "")).done, SECONDS)
        whole.click(card.remove_button)
        (question,) = whole.dialog.findChildren(ConfirmationDialog)
        assert "are deleted" in " ".join(label.text() for label in question.findChildren(QLabel))
        whole.click(question.yes_button)
        await until(lambda: whole.downloads.get("one") is None, SECONDS)
        assert card.act_button.text() == "Download"

    whole.run(way())
    left = [p for p in whole.folder.rglob("*") if p.is_file() and p.name != "catalog.toml"]
    assert left == []


def test_what_the_hub_refuses_asks_for_a_token_that_no_file_gets(whole, tmp_path):
    card = whole.card("one")
    whole.hub.token = "secret-token"

    async def way():
        whole.click(card.act_button)
        await until(card.token_button.isVisible, SECONDS)
        assert any(words.startswith("The hub does not give") for words in texts(card))
        assert card.act_button.text() == "Try again"
        whole.click(card.token_button)
        (question,) = whole.dialog.findChildren(ConfirmationDialog)
        field = question.focusWidget()
        assert isinstance(field, QLineEdit)
        assert field.echoMode() is QLineEdit.EchoMode.Password
        QTest.keyClicks(field, "secret-token")
        whole.click(question.yes_button)
        await whole.ready("one")

    whole.run(way())
    files = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert files
    assert not any(b"secret-token" in path.read_bytes() for path in files)


@pytest.mark.parametrize("retry_seconds", [0.5])
def test_a_lost_connection_is_tried_again_by_itself(whole):
    hub, card = whole.hub, whole.card("one")
    # Every answer is damaged: the transfer gives up at once, as it does after minutes offline.
    hub.faults["flipped"] = 10**6
    hub.files = {name: data[:5000] for name, data in hub.files.items()}

    async def way():
        whole.click(card.act_button)
        await until(lambda: any("tries again by itself" in w for w in texts(card)), SECONDS)
        assert whole.stored["one"].step is Step.WAITING
        hub.faults["flipped"] = 0
        await whole.ready("one")

    whole.run(way())


def test_a_process_that_is_killed_is_said_with_a_way_on(whole):
    card = whole.card("one")
    whole.hub.pace = 0.01

    async def way():
        whole.click(card.act_button)
        await until(lambda: (whole.downloads.get("one") or ModelDownload("", "")).done, SECONDS)
        (pid,) = whole.pulling()
        os.kill(pid, 9)
        await until(lambda: card.act_button.text() == "Try again", SECONDS)
        assert any("goes on where it was" in words for words in texts(card))
        whole.hub.pace = 0
        whole.click(card.act_button)
        await whole.ready("one")

    whole.run(way())
