"""Children that are killed and windows that are closed in the middle of an answer."""

import asyncio
import os
import signal
import sqlite3
import time

import pytest
from processes import alive
from sessions import Session, until

from app.archive.archive import TurnState
from app.core.errors import ErrorKind, Failed, OcellusError


@pytest.fixture
def session(begin_session):
    return begin_session()


def test_killing_the_engine_keeps_the_text_and_the_next_question_is_answered(loop, session):
    async def way():
        session.chat.send("/slow")
        await until(lambda: "3 " in session.chat.entries[1].text)
        os.kill(session.engine.pid, signal.SIGKILL)
        began = time.monotonic()
        await session.idle()
        seconds = time.monotonic() - began
        answer = session.chat.entries[1]
        return seconds, answer, await session.ask("and now?")

    seconds, answer, after = loop.run_until_complete(way())
    # Not by the watchdog, which waits longer.
    assert seconds < 10
    assert answer.text.startswith("0 1 2 3")
    assert answer.state is TurnState.INTERRUPTED
    assert answer.failed.kind is ErrorKind.CHILD_DIED
    assert "memory ran out" in answer.failed.advice
    assert after.text == "and now?"
    assert session.stored()[:2] == [
        ("person", "/slow", "done", ""),
        ("model", answer.text, "interrupted", answer.failed.headline),
    ]
    assert session.all_heard("noticed") == []


def test_an_engine_that_keeps_dying_is_off_until_the_question_is_tried_again(loop, session):
    async def way():
        for _ in range(3):
            await session.ask("/die")
        off = await session.ask("hello")
        session.chat.retry(off.id)
        await session.idle()
        return off, session.chat.entries[-1]

    off, again = loop.run_until_complete(way())
    assert off.failed.kind is ErrorKind.CHILD_DIED
    assert off.failed.advice == "Try again to start it once more."
    assert (again.id, again.text, again.state) == (off.id, "hello", TurnState.DONE)


def test_an_engine_that_dies_with_nothing_to_do_is_mentioned(loop, session):
    async def way():
        await session.ask("hello")
        os.kill(session.engine.pid, signal.SIGKILL)
        await until(lambda: session.all_heard("noticed"))

    loop.run_until_complete(way())
    (noticed,) = session.all_heard("noticed")
    assert noticed.kind is ErrorKind.CHILD_DIED
    assert session.models.load_state.ready is None


def test_a_picture_that_kills_the_reader_fails_with_words_and_can_be_tried_again(loop, session):
    async def way():
        await session.attach("die once")
        (failed,) = session.attachments.items
        refused = session.all_heard("refused")
        session.attachments.retry(failed.key)
        await until(lambda: session.attachments.items[0].picture)
        answer = await session.ask("hello")
        return failed, refused, answer

    failed, refused, answer = loop.run_until_complete(way())
    assert failed.failed.headline == "The reader stopped while it worked on “shot.png”."
    assert failed.failed.kind is ErrorKind.CHILD_DIED
    assert refused == [failed.failed]
    assert answer.text == "hello"
    assert len(session.chat.entries[0].pictures) == 1


def test_a_reader_that_dies_under_a_question_keeps_the_question(loop, session):
    async def way():
        session.attachments.take_data(b"die once", "shot.png")
        failed = await session.ask("hello")
        session.chat.retry(failed.id)
        await session.idle()
        return failed

    failed = loop.run_until_complete(way())
    assert failed.failed.kind is ErrorKind.CHILD_DIED
    asked, answer = session.chat.entries
    assert (asked.text, len(asked.pictures)) == ("hello", 1)
    assert (answer.text, answer.failed) == ("hello", None)
    assert session.archive.turns(session.chat.conversation_id)[0].turn.pictures == asked.pictures


def test_killing_the_reader_while_it_reads_answers_without_the_text(loop, session):
    async def way():
        await session.attach("slow text")
        session.chat.send("hello")
        await until(lambda: session.chat.state.status == "Reading the text of the picture…")
        # One that has only arrived goes to the next reader.
        await until(lambda: session.reader.is_working)
        os.kill(session.reader.pid, signal.SIGKILL)
        await session.idle()

    loop.run_until_complete(way())
    answer = session.chat.entries[1]
    assert answer.text == "hello"
    assert answer.note == "The text of the picture could not be read, so none was used."


@pytest.mark.parametrize("question", ["/slow", "/hang", "/flood"])
def test_closing_in_the_middle_leaves_no_process_and_no_open_answer(loop, tmp_path, question):
    async def way():
        session = Session(tmp_path)
        session.start()
        await session.attach("slow text")
        session.chat.send(question)
        await until(lambda: session.chat.entries[1].text or question == "/hang")
        children = [session.engine.pid, session.reader.pid]
        began = time.monotonic()
        await session.close()
        return session, children, time.monotonic() - began

    session, children, seconds = loop.run_until_complete(way())
    assert not any(alive(pid) for pid in children)
    assert seconds < 30
    answer = session.chat.entries[1]
    with sqlite3.connect(tmp_path / "ocellus.sqlite") as database:
        ((text, state),) = database.execute("SELECT text, state FROM turns WHERE role = 'model'")
    database.close()
    assert (text, state) == (answer.text, "interrupted")


def test_a_disk_that_is_full_for_a_while_loses_no_words(loop, session, monkeypatch):
    """The archive's own faults have their tests; here it refuses on command."""
    full = OcellusError(Failed(ErrorKind.DISK_FULL, "The disk is full."))
    add_turn, update_text = session.archive.add_turn, session.archive.update_text

    def refuse(*_):
        raise full

    async def way():
        monkeypatch.setattr(session.archive, "add_turn", refuse)
        unsaved = await session.ask("hello")
        monkeypatch.setattr(session.archive, "add_turn", add_turn)
        session.chat.retry(unsaved.id)
        await session.idle()
        saved = session.chat.entries
        monkeypatch.setattr(session.archive, "update_text", refuse)
        session.heard.clear()
        streamed = await session.ask("more words")
        told = session.all_heard("noticed")
        monkeypatch.setattr(session.archive, "update_text", update_text)
        return unsaved, saved, streamed, told

    unsaved, saved, streamed, told = loop.run_until_complete(asyncio.wait_for(way(), 30))
    assert unsaved.failed.headline == "The disk is full."
    assert [entry.text for entry in saved] == ["hello", "hello"]
    assert session.stored()[:2] == [("person", "hello", "done", ""), ("model", "hello", "done", "")]
    assert streamed.text == "more words"
    assert told == [full.failed]
