"""Attachments, readings, the list of conversations, settings and models, on real children."""

import asyncio
import os

import pytest
from sessions import Session, until

from app.core.conversation import ReferenceMode
from app.core.errors import ErrorKind, OcellusError
from app.core.files.file_kinds import MAX_DOCUMENT, MAX_PICTURE
from app.core.settings import load_settings
from app.session.preferences import Preferences


@pytest.fixture
def session(begin_session):
    return begin_session()


def test_files_and_data_become_pictures_in_the_order_in_which_they_came(loop, session, tmp_path):
    path = tmp_path / "a \u202e\nname.png"
    path.write_text("slow", "utf-8")

    async def way():
        changes = []
        session.attachments.changed.connect(changes.append)
        session.attachments.take_file(path)
        session.attachments.take_data(b"pasted words", "")
        await until(lambda: all(item.picture for item in session.attachments.items))
        return changes

    changes = loop.run_until_complete(session.settle(way()))
    assert [(item.name, item.picture) for item in changes[0]] == [("a name.png", None)]
    names = [item.picture.name for item in session.attachments.items]
    assert names == ["a name.png", "Pasted picture"]
    assert [picture.name for picture in session.all_heard("shown")] == names
    assert path.exists()
    assert list(session.inbox.iterdir()) == []


def test_what_is_no_picture_is_refused_with_a_reason(loop, session, tmp_path):
    large, pipe = tmp_path / "large.pdf", tmp_path / "pipe.png"
    with large.open("wb") as file:
        file.write(b"%PDF-1.7")
        file.truncate(MAX_DOCUMENT + 1)
    os.mkfifo(pipe)

    async def way():
        session.attachments.take_file(tmp_path / "gone.png")
        session.attachments.take_file(large)
        session.attachments.take_file(pipe)
        session.attachments.take_data(b"", "empty.png")
        session.attachments.take_data(bytes(MAX_PICTURE + 1), "huge.png")
        await session.attach("bad", "letter.doc")

    loop.run_until_complete(session.settle(way()))
    assert [(failed.kind, failed.headline) for failed in session.all_heard("refused")] == [
        (ErrorKind.UNREADABLE, "gone.png is not there."),
        (ErrorKind.TOO_LARGE, "large.pdf has 2,049 MB; the limit is 2,048."),
        (ErrorKind.NOT_A_PICTURE, "pipe.png is neither a picture nor a PDF."),
        (ErrorKind.BAD_PICTURE, "empty.png is empty (0 bytes)."),
        (ErrorKind.TOO_LARGE, "huge.png has 65 MB; the limit is 64."),
        (ErrorKind.NOT_A_PICTURE, "“letter.doc” is not a picture."),
    ]
    assert session.attachments.items == ()
    assert list(session.inbox.iterdir()) == []


def test_of_a_file_that_was_cut_off_it_is_said_and_what_there_is_is_taken(loop, session):
    said = []
    session.attachments.noticed.connect(said.append)
    loop.run_until_complete(session.settle(session.attach("cut off", "beach.jpg")))
    (item,) = session.attachments.items
    assert item.picture.name == "beach.jpg"
    assert [failed.headline.split(":")[0] for failed in said] == ["beach.jpg was cut off"]
    assert session.all_heard("refused") == []


def test_a_reader_that_was_taken_over_cannot_name_files_elsewhere(loop, session):
    loop.run_until_complete(session.settle(session.attach("forged")))
    (item,) = session.attachments.items
    assert item.picture is None
    assert item.failed.kind is ErrorKind.INTERNAL
    assert session.all_heard("shown") == []


def test_one_that_is_removed_while_it_is_taken_is_gone(loop, session):
    async def way():
        session.attachments.take_data(b"slow", "slow.png")
        await until(lambda: session.reader.is_working)
        session.attachments.remove(session.attachments.items[0].key)
        await session.attach("words", "next.png")

    loop.run_until_complete(session.settle(way()))
    assert [item.name for item in session.attachments.items] == ["next.png"]
    assert [picture.name for picture in session.all_heard("shown")] == ["next.png"]


def test_a_disk_that_takes_no_data_is_said_and_can_be_tried_again(loop, session):
    async def way():
        session.inbox.write_text("a file where the folder belongs", "utf-8")
        await session.attach("words")
        (failed,) = session.attachments.items
        session.inbox.unlink()
        session.attachments.retry(failed.key)
        await until(lambda: session.attachments.items[0].picture)
        return failed

    failed = loop.run_until_complete(session.settle(way()))
    assert failed.failed.kind is ErrorKind.DISK_FULL
    assert session.all_heard("refused") == [failed.failed]


def test_a_picture_is_read_once_for_all_who_ask(loop, session):
    async def way():
        ready = []
        session.readings.readingReady.connect(lambda sha256, reading: ready.append(reading.text))
        await session.attach("slow text")
        picture = session.attachments.items[0].picture
        session.readings.request(picture)
        readings = await asyncio.gather(*(session.readings.read(picture) for _ in range(3)))
        first = list(ready)
        session.readings.request(picture)
        return readings, first, ready, session.readings.known(picture.sha256)

    readings, first, ready, known = loop.run_until_complete(session.settle(way()))
    assert readings == [known] * 3
    assert first == ["slow text"]
    assert ready == ["slow text"] * 2


def test_one_caller_that_gives_up_does_not_take_the_reading_from_the_others(loop, session):
    async def way():
        await session.attach("slow text")
        picture = session.attachments.items[0].picture
        leaving = asyncio.ensure_future(session.readings.read(picture))
        staying = asyncio.ensure_future(session.readings.read(picture))
        await until(lambda: session.reader.is_working)
        leaving.cancel()
        return await staying

    assert loop.run_until_complete(session.settle(way())).text == "slow text"


def test_a_dropped_picture_does_not_wait_for_a_reading(loop, session):
    async def way():
        order = []
        session.readings.readingReady.connect(lambda sha256, reading: order.append(reading.text))
        session.attachments.shown.connect(lambda picture: order.append(picture.name))
        await session.attach("slow text", "first.png")
        await until(lambda: session.reader.is_working)
        session.attachments.take_data(b"words", "second.png")
        session.attachments.take_data(b"more words", "third.png")
        await until(lambda: len(order) == 6)
        return order

    order = loop.run_until_complete(session.settle(way()))
    assert order[:3] == ["first.png", "second.png", "third.png"]
    assert set(order[3:]) == {"slow text", "words", "more words"}


def test_a_picture_that_cannot_be_read_is_said_and_tried_again_when_asked_for(loop, session):
    async def way():
        told = []
        session.readings.readingFailed.connect(lambda sha256, failed: told.append(failed.headline))
        await session.attach("unreadable")
        picture = session.attachments.items[0].picture
        await until(lambda: told)
        with pytest.raises(OcellusError):
            await session.readings.read(picture)
        return told

    assert loop.run_until_complete(session.settle(way())) == ["The text could not be read."] * 2


def test_conversations_are_renamed_deleted_and_brought_back(loop, session):
    chat, library = session.chat, session.library

    async def way():
        await session.ask("first question")
        first = chat.conversation_id
        chat.new_conversation()
        await session.ask("second question")
        second = chat.conversation_id
        library.rename(first, "  a better\n title ")
        library.rename(second, "  ")
        titles = [row.title for row in library.rows]
        deleted, restored = [], []
        library.deleted.connect(deleted.append)
        library.restored.connect(restored.append)
        library.delete(first)
        library.delete(second)
        gone = (library.rows, chat.entries, chat.conversation_id)
        library.undo_delete()
        back = [entry.text for entry in chat.entries]
        library.undo_delete()
        library.undo_delete()
        return first, second, titles, [row.id for row in deleted], restored, gone, back

    first, second, titles, deleted, restored, gone, back = loop.run_until_complete(
        session.settle(way())
    )
    assert titles == ["second question", "a better title"]
    assert deleted == [first, second]
    assert gone == ([], (), None)
    # The one that was on the screen comes back to it.
    assert back == ["second question", "second question"]
    assert restored == [second, first]
    assert {row.id for row in library.rows} == {first, second}


def test_deleting_a_conversation_ends_its_answer(loop, session):
    async def way():
        session.chat.send("/slow")
        await until(lambda: "1" in session.chat.entries[-1].text)
        session.library.refresh()
        session.library.delete(session.chat.conversation_id)
        await session.idle()
        await session.ask("still here")

    loop.run_until_complete(session.settle(way()))
    assert [row.title for row in session.library.rows] == ["still here"]


def test_choices_are_kept_and_a_folder_that_takes_none_is_said(qapp, tmp_path):
    preferences = Preferences(tmp_path / "new" / "settings.json")
    preferences.set_reference(ReferenceMode.OFF)
    preferences.set_model("other")
    stored = load_settings(tmp_path / "new" / "settings.json")
    assert (stored.reference, stored.model) == (ReferenceMode.OFF, "other")

    (tmp_path / "file").touch()
    unwritable = Preferences(tmp_path / "file" / "settings.json")
    told = []
    unwritable.noticed.connect(told.append)
    unwritable.set_model("other")
    assert unwritable.settings.model == "other"
    assert told[0].headline.startswith("Your choice could not be saved")


def test_a_choice_that_cannot_be_saved_is_noticed_in_the_window(loop, tmp_path):
    (tmp_path / "settings.json").mkdir()

    async def way():
        session = Session(tmp_path)
        session.chat.set_reference(ReferenceMode.ON)
        await session.close()
        return session

    session = loop.run_until_complete(way())
    assert session.chat.reference is ReferenceMode.ON
    (noticed,) = session.all_heard("noticed")
    assert noticed.headline.startswith("Your choice could not be saved")


def test_a_model_is_chosen_loaded_and_remembered(loop, session, tmp_path):
    models = session.models

    async def way():
        states = []
        models.loadingChanged.connect(states.append)
        models.load()
        await until(lambda: models.load_state.ready)
        first = [state.fraction for state in states if state.fraction is not None]
        models.choose("absent")
        models.choose("other")
        await until(lambda: models.load_state.ready and models.load_state.ready.model == "other")
        return first

    assert loop.run_until_complete(session.settle(way())) == [0.25, 0.5, 0.75, 1.0]
    assert models.current.id == "other"
    (noticed,) = session.all_heard("noticed")
    assert noticed.headline == "Absent is not on this disk."
    assert load_settings(tmp_path / "settings.json").model == "other"


def test_a_remembered_model_that_has_gone_is_said_and_the_built_in_one_answers(loop, tmp_path):
    Preferences(tmp_path / "settings.json").set_model("", str(tmp_path / "gone"))

    async def way():
        session = Session(tmp_path)
        session.start()
        session.models.load()
        answer = await session.ask("hello")
        await session.close()
        return session, answer

    session, answer = loop.run_until_complete(way())
    assert answer.text == "hello"
    assert session.models.current.id == "builtin"
    assert [failed.kind for failed in session.all_heard("noticed")] == [ErrorKind.NO_CHECKPOINT]
