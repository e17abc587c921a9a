"""Questions on their way to a real child and back, without a window."""

import pytest
from sessions import Session, until

from app.archive.archive import TurnState
from app.core.conversation import Role
from app.core.errors import ErrorKind

SCRIPT = {
    "What is the total?": [[0.0, " The total"], [0.02, " is 9.50."]],
    "Count slowly": [[0.0, "one "], [0.1, "two "], *[[0.1, f"{n} "] for n in range(3, 40)]],
    "Overrides": [[0.0, "\u202eevil\u0000 "], [0.0, "text \n"]],
    "Nothing": [],
    "Line breaks": [[0.0, "a\n"], [0.0, "  b "], [0.0, "\n\n"]],
}


@pytest.fixture
def session(begin_session):
    return begin_session(SCRIPT)


def test_a_question_is_answered_streamed_and_stored(loop, session):
    ids = []
    session.chat.entryAdded.connect(lambda entry: ids.append(session.chat.conversation_id))

    async def way():
        session.chat.new_conversation()
        await session.ask("  What is the total? ")

    loop.run_until_complete(way())
    assert None not in ids
    asked, answered = session.chat.entries
    assert (asked.role, asked.text, asked.state) == (
        Role.PERSON,
        "What is the total?",
        TurnState.DONE,
    )
    assert (answered.role, answered.text, answered.state, answered.note) == (
        Role.MODEL,
        "The total is 9.50.",
        TurnState.DONE,
        "",
    )
    pieces = session.all_heard("textArrived")
    assert {entry_id for entry_id, _ in pieces} == {answered.id}
    assert "".join(piece for _, piece in pieces) == "The total is 9.50."
    assert [entry.id for entry in session.all_heard("entryAdded")] == [asked.id, answered.id]
    assert session.stored() == [
        ("person", "What is the total?", "done", ""),
        ("model", "The total is 9.50.", "done", ""),
    ]
    assert [row.title for row in session.library.rows] == ["What is the total?"]
    states = session.all_heard("stateChanged")
    assert states[0].busy
    assert "Answering…" in [state.status for state in states]
    assert not states[-1].busy
    assert session.all_heard("noticed") == []


def test_what_comes_is_cleaned_and_what_is_empty_is_said(loop, session):
    async def way():
        overrides = await session.ask("Overrides")
        lines = await session.ask("Line breaks")
        nothing = await session.ask("Nothing")
        return overrides, lines, nothing

    overrides, lines, nothing = loop.run_until_complete(way())
    assert overrides.text == "evil text"
    assert lines.text == "a\n  b"
    assert (nothing.text, nothing.note) == ("", "The model had nothing to say.")


def test_a_question_is_on_disk_when_send_returns_and_waits_for_its_picture(loop, session):
    async def way():
        session.attachments.take_data(b"slow", "slow.png")
        assert session.chat.send("What is the total?")
        stored = session.stored()
        shown = session.chat.entries
        composer = session.attachments.items
        await session.idle()
        return stored, shown, composer

    stored, shown, composer = loop.run_until_complete(way())
    assert stored == [("person", "What is the total?", "done", ""), ("model", "", "open", "")]
    assert shown[0].state is TurnState.OPEN
    assert composer == ()
    asked, answered = session.chat.entries
    assert [picture.name for picture in asked.pictures] == ["slow.png"]
    assert answered.text == "The total is 9.50."
    statuses = [state.status for state in session.all_heard("stateChanged")]
    assert "Opening the picture…" in statuses
    turns = session.archive.turns(session.chat.conversation_id)
    assert turns[0].turn.pictures == asked.pictures


def test_stop_keeps_what_was_written_and_drops_what_waits(loop, session):
    async def way():
        session.chat.send("Count slowly")
        session.chat.send("What is the total?")
        await until(lambda: any("two" in entry.text for entry in session.chat.entries))
        session.chat.stop()
        await session.idle()

    loop.run_until_complete(way())
    asked, answer, waiting, unanswered = session.chat.entries
    assert answer.text.startswith("one two")
    assert (answer.state, answer.note) == (TurnState.STOPPED, "Stopped.")
    assert (unanswered.state, unanswered.note) == (
        TurnState.STOPPED,
        "Stopped before it was answered.",
    )
    assert asked.state is waiting.state is TurnState.DONE
    assert session.stored() == [
        ("person", "Count slowly", "done", ""),
        ("model", answer.text, "stopped", "Stopped."),
        ("person", "What is the total?", "done", ""),
        ("model", "", "stopped", "Stopped before it was answered."),
    ]
    after = loop.run_until_complete(session.ask("What is the total?"))
    assert after.text == "The total is 9.50."


def test_stop_before_the_first_step_ends_the_question(loop, session):
    async def way():
        session.chat.send("What is the total?")
        session.chat.stop()
        await session.idle()

    loop.run_until_complete(way())
    asked, answer = session.chat.entries
    assert asked.state is TurnState.DONE
    assert answer.state is TurnState.STOPPED
    assert session.stored()[1][2] == "stopped"


def test_text_reaches_the_disk_while_it_streams(loop, session):
    """All that is on the screen, and long before the answer ends."""

    async def way():
        session.chat.send("Count slowly")
        for _ in range(4):
            before = session.chat.entries[1].text
            await until(lambda before=before: session.chat.entries[1].text != before)
            shown = session.chat.entries[1].text
            await until(lambda shown=shown: session.stored()[1][1].startswith(shown.rstrip()))
            assert session.stored()[1][2] == "open"
        session.chat.stop()

    loop.run_until_complete(way())


def test_switching_away_the_answer_goes_on_in_its_own_conversation(loop, session):
    async def way():
        session.chat.send("Count slowly")
        await until(lambda: len(session.chat.entries) == 2 and session.chat.entries[1].text)
        first = session.chat.conversation_id
        session.chat.new_conversation()
        session.heard.clear()
        await until(lambda: "7" in session.archive.turns(first)[1].turn.text)
        elsewhere = session.chat.state
        silent = session.all_heard("textArrived") == []
        session.chat.open_conversation(first)
        (shown,) = session.all_heard("conversationOpened")
        await until(lambda: session.all_heard("textArrived"))
        session.chat.stop()
        await session.idle()
        return elsewhere, silent, shown

    elsewhere, silent, shown = loop.run_until_complete(way())
    assert elsewhere.busy
    assert elsewhere.status == "In another conversation: answering…"
    assert silent
    assert shown[1].text.startswith("one two 3")
    assert shown[1].state is TurnState.OPEN
    assert session.stored()[1][1].startswith("one two 3")


def test_a_conversation_opens_again_as_it_was_after_a_new_start(loop, tmp_path):
    async def first_run():
        session = Session(tmp_path, SCRIPT)
        session.start()
        await session.attach("TOTAL 9.50")
        await session.ask("What is the total?")
        session.chat.send("Count slowly")
        await until(lambda: "two" in session.chat.entries[-1].text)
        session.chat.send("What is the total?")
        await session.close()
        return session.chat.conversation_id, session.chat.entries

    conversation, before = loop.run_until_complete(first_run())

    async def second_run():
        session = Session(tmp_path, SCRIPT)
        session.start()
        session.chat.open_conversation(conversation)
        opened = session.chat.entries
        session.chat.retry(opened[5].id)
        await session.idle()
        answered = session.chat.entries[5]
        await session.close()
        return opened, answered

    opened, answered = loop.run_until_complete(second_run())
    assert [(e.role, e.text, e.pictures) for e in opened] == [
        (e.role, e.text.strip(), e.pictures) for e in before
    ]
    assert opened[1].note == "Used 1 line of text read from the picture."
    assert (opened[3].state, opened[3].note) == (
        TurnState.INTERRUPTED,
        "Interrupted: the window was closed.",
    )
    assert (opened[5].state, opened[5].note) == (
        TurnState.INTERRUPTED,
        "Interrupted before it was complete.",
    )
    assert (answered.id, answered.text) == (opened[5].id, "The total is 9.50.")


def test_failures_keep_the_words_and_can_be_tried_again(loop, session):
    async def way():
        failed = await session.ask("/fail")
        session.chat.retry(failed.id)
        again = session.chat.entries[-1]
        await session.idle()
        return failed, again

    failed, again = loop.run_until_complete(way())
    assert failed.text == "So far"
    assert failed.state is TurnState.FAILED
    assert failed.failed.kind is ErrorKind.OUT_OF_MEMORY
    assert failed.failed.advice
    assert (again.id, again.text, again.state, again.failed) == (
        failed.id,
        "",
        TurnState.OPEN,
        None,
    )
    assert len(session.chat.entries) == 2
    assert session.stored()[1] == (
        "model",
        "So far",
        "failed",
        "There is not enough memory for this.",
    )


def test_a_question_waits_while_the_model_loads_and_says_how_far_it_is(loop, session):
    async def way():
        return await session.ask("/load")

    answer = loop.run_until_complete(way())
    assert answer.text == "/load"
    fractions = [
        state.fraction
        for state in session.all_heard("stateChanged")
        if state.status == "Loading the model…"
    ]
    assert fractions[-4:] == [0.25, 0.5, 0.75, 1.0]
    assert session.models.load_state.ready.model == "builtin"
