"""Files that end the reader: each is named and set aside, and the others go on."""

import asyncio
import os
import signal
import time

from deadly_files import bomb_pdf, paths_pdf
from papers import Paper, text
from processes import gone_within
from sessions import until

from app.core.errors import ErrorKind
from app.workers.limits import Limits

SOON = Limits(beat=0.05, silence=1.0, start=20.0, work=2.0, obey=1.0, flood=0.5)


def failures(session):
    return [item.failed.headline for item in session.attachments.items if item.failed]


def test_files_made_to_end_the_real_reader_are_named_and_the_next_one_is_read(
    loop, begin_session, tmp_path
):
    """A bomb, endless drawing and a bomb again: three deaths within a minute."""
    session = begin_session(reader="app.reader.service:make")
    files = [
        bomb_pdf(tmp_path / "invoice.pdf"),
        paths_pdf(tmp_path / "plan.pdf"),
        bomb_pdf(tmp_path / "second.pdf", megabytes=1_201),
        Paper().page(text(60, 700, "Still here")).save(tmp_path / "good.pdf"),
    ]

    async def way():
        for file in files:
            session.attachments.take_file(file)
        await until(
            lambda: all(item.picture or item.failed for item in session.attachments.items), 150
        )
        (good,) = [item.picture for item in session.attachments.items if item.picture]
        return await session.readings.read(good)

    reading = loop.run_until_complete(way())
    assert failures(session) == [
        "The reader stopped while it worked on page 1 of “invoice.pdf”.",
        "The reader stopped while it worked on page 1 of “plan.pdf”.",
        "The reader stopped while it worked on page 1 of “second.pdf”.",
    ]
    assert reading.rows() == ("Still here",)
    assert session.reader.state.running
    assert not session.reader.state.can_restart


def test_five_files_that_crash_the_reader_do_not_switch_it_off(loop, begin_session, tmp_path):
    """All dropped at once, with good ones between: what waits goes to the next reader."""
    session = begin_session()

    async def way():
        for number in range(5):
            session.attachments.take_data(f"abort\n{number}".encode(), f"bad{number}.png")
            session.attachments.take_data(f"good {number}".encode(), f"good{number}.png")
        await until(lambda: all(i.picture or i.failed for i in session.attachments.items), 60)
        pictures = [item.picture for item in session.attachments.items if item.picture]
        return [(await session.readings.read(picture)).rows() for picture in pictures]

    rows = loop.run_until_complete(way())
    assert failures(session) == [
        f"The reader stopped while it worked on “bad{number}.png”." for number in range(5)
    ]
    assert rows == [(f"good {number}",) for number in range(5)]
    assert session.reader.state.running


def test_a_file_set_aside_is_not_opened_again_by_itself_under_any_name(
    loop, begin_session, tmp_path
):
    session = begin_session()
    for name in ("one.png", "two.png"):
        (tmp_path / name).write_text("abort")

    async def way():
        session.attachments.take_file(tmp_path / "one.png")
        await until(lambda: failures(session))
        await until(lambda: session.reader.pid is not None)
        await session.attach("good")
        pid = session.reader.pid
        session.attachments.take_file(tmp_path / "two.png")
        await until(lambda: len(failures(session)) == 2)
        refused = session.reader.pid == pid
        # A person may insist; here, the file was mended meanwhile.
        (tmp_path / "two.png").write_text("mended")
        session.attachments.retry(session.attachments.items[-1].key)
        await until(lambda: session.attachments.items[-1].picture)
        return refused

    assert loop.run_until_complete(way())
    first = session.all_heard("refused")[0]
    assert first.kind is ErrorKind.CHILD_DIED
    assert "will not open it again by itself" in first.advice


def test_insisting_on_a_file_that_ends_the_reader_ends_only_that_reader(loop, begin_session):
    session = begin_session()

    async def way():
        await session.attach("abort")
        for _ in range(4):
            pid = session.reader.pid
            session.attachments.retry(session.attachments.items[0].key)
            await until(lambda: session.attachments.items[0].failed)
            await until(lambda pid=pid: session.reader.pid not in (pid, None))
        await session.attach("good")

    loop.run_until_complete(way())
    assert session.attachments.items[-1].picture
    assert session.reader.state.running


def test_a_document_that_ends_the_reader_at_three_pages_is_set_aside_whole(
    loop, begin_session, tmp_path
):
    session = begin_session()
    path = tmp_path / "book.pdf"
    pages = ["one", "deadly", "two", "deadly", "deadly", "deadly", "last"]
    path.write_text("%PDF-\n" + "\n---\n".join(pages), "utf-8")
    noticed = []
    session.documents.noticed.connect(noticed.append)

    async def way():
        session.attachments.take_file(path)
        await until(lambda: session.attachments.items[0].picture)
        picture = session.attachments.items[0].picture
        document = session.documents.place(picture.sha256).document.sha256
        session.documents.read(document)
        await until(lambda: noticed, 60)
        await session.attach("another")
        return [page.number for page in session.documents.reading(document).pages if page.blocks]

    assert loop.run_until_complete(way()) == [1, 3]
    (failed,) = noticed
    assert failed.headline == "“book.pdf” ended the reader 3 times and was set aside."
    assert session.attachments.items[-1].picture


def test_a_picture_that_hangs_the_reader_is_named_too(loop, begin_session):
    session = begin_session(limits=SOON)

    async def way():
        await session.attach("stopped", "photo.png")
        await session.attach("good")

    loop.run_until_complete(asyncio.wait_for(way(), 30))
    assert failures(session) == [
        "The reader did not answer for 1 second while it worked on “photo.png”."
    ]
    assert session.attachments.items[-1].picture


def test_a_reader_that_dies_with_nothing_to_do_is_switched_off_after_the_third_time(
    loop, begin_session
):
    session = begin_session()

    async def way():
        for _ in range(3):
            await until(lambda: session.reader.pid is not None)
            pid = session.reader.pid
            os.kill(pid, signal.SIGKILL)
            await until(lambda pid=pid: session.reader.pid != pid)
        await until(lambda: session.reader.state.can_restart)
        return session.reader.state

    state = loop.run_until_complete(way())
    assert state.sentence == "The reader keeps stopping and is switched off."


def test_a_reader_that_cannot_even_be_made_is_switched_off(loop, begin_session):
    session = begin_session(reader="workers_child:make_dead")

    async def way():
        began = time.monotonic()
        await session.attach("good")
        await until(lambda: session.reader.state.can_restart)
        return time.monotonic() - began

    loop.run_until_complete(asyncio.wait_for(way(), 60))
    assert failures(session) == ["The reader stopped unexpectedly."]


def test_a_question_to_a_stopped_engine_is_kept_and_the_next_one_answered(loop, begin_session):
    session = begin_session(limits=SOON)

    async def way():
        session.chat.send("/slow")
        await until(lambda: "3 " in session.chat.entries[1].text)
        pid = session.engine.pid
        os.kill(pid, signal.SIGSTOP)
        session.chat.send("and now?")
        await session.idle()
        return pid

    pid = loop.run_until_complete(asyncio.wait_for(way(), 60))
    assert gone_within(pid, 10)
    _, answer, _, after = session.chat.entries
    assert answer.text.startswith("0 1 2 3")
    assert answer.state.value == "interrupted"
    assert answer.failed.headline == "The engine did not answer for 1 second."
    assert session.engine.state.sentence == (
        "The engine did not answer for 1 second. It was started again."
    )
    assert (after.text, after.failed) == ("and now?", None)
