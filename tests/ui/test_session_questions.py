"""What the engine is sent with a question: earlier turns, pictures, the text read from them."""

import json

import pytest

from app.core.conversation import ReferenceMode, Role


@pytest.fixture
def echo(begin_session):
    return begin_session(engine="echo_engine:make")


def test_read_text_goes_with_the_question_and_the_note_says_so(loop, echo):
    async def way():
        await echo.attach("Milk 1.20\nTOTAL 9.50\u202e\n \nThanks")
        return await echo.ask("What is the total?")

    answer = loop.run_until_complete(way())
    assert json.loads(answer.text) == [
        ["person", "What is the total?", ["shot.png"], ["Milk 1.20", "TOTAL 9.50", "Thanks"]]
    ]
    assert answer.note == "Used 3 lines of text read from the picture."
    assert echo.stored()[1][3] == answer.note
    turn = echo.archive.turns(echo.chat.conversation_id)[0].turn
    assert turn.reference == ("Milk 1.20", "TOTAL 9.50", "Thanks")


@pytest.mark.parametrize(
    ("mode", "words", "rows", "note"),
    [
        (ReferenceMode.AUTO, "faint line", [], ""),
        (
            ReferenceMode.AUTO,
            "one line",
            ["one line"],
            "Used 1 line of text read from the picture.",
        ),
        (
            ReferenceMode.AUTO,
            "unreadable",
            [],
            "The text of the picture could not be read, so none was used.",
        ),
        (
            ReferenceMode.ON,
            "faint line",
            ["faint line"],
            "Used 1 line of text read from the picture.",
        ),
        (ReferenceMode.ON, "", [], "No text was found in the picture."),
        (ReferenceMode.OFF, "one line", [], ""),
        (
            ReferenceMode.AUTO,
            "\n".join(f"row {n}" for n in range(62)),
            [f"row {n}" for n in range(62)],
            "Used 40 of 62 lines of text read from the picture; the rest did not fit.",
        ),
    ],
)
def test_the_switch_decides_about_read_text(loop, echo, mode, words, rows, note):
    async def way():
        echo.chat.set_reference(mode)
        if words:
            await echo.attach(words)
        else:
            await echo.attach(" ")
        return await echo.ask("What is it?")

    answer = loop.run_until_complete(way())
    assert json.loads(answer.text)[0][3] == rows
    assert answer.note == note
    assert echo.preferences.settings.reference is mode


def test_switched_off_the_text_of_earlier_pictures_stays_out_too(loop, echo):
    async def way():
        await echo.attach("TOTAL 9.50")
        first = await echo.ask("What is it?")
        echo.chat.set_reference(ReferenceMode.OFF)
        return first, await echo.ask("And now?")

    first, answer = loop.run_until_complete(way())
    assert json.loads(answer.text) == [
        ["person", "What is it?", ["shot.png"], []],
        ["model", first.text, [], []],
        ["person", "And now?", [], []],
    ]
    assert answer.note == ""


def test_a_picture_without_words_is_described_and_names_the_conversation(loop, echo):
    async def way():
        assert not echo.chat.send("  \n")
        await echo.attach("words", "holiday.png")
        await echo.attach("other words", "dog.png")
        return await echo.ask("")

    answer = loop.run_until_complete(way())
    assert json.loads(answer.text)[0][1:3] == [
        "Describe these pictures.",
        ["holiday.png", "dog.png"],
    ]
    assert [row.title for row in echo.library.rows] == ["holiday.png"]


def test_questions_queue_and_the_whole_conversation_goes_along(loop, echo):
    async def way():
        await echo.attach("TOTAL 9.50")
        assert echo.chat.send("one")
        assert echo.chat.send("two")
        await echo.idle()

    loop.run_until_complete(way())
    roles = [entry.role for entry in echo.chat.entries]
    first = echo.chat.entries[1]
    assert roles == [Role.PERSON, Role.MODEL, Role.PERSON, Role.MODEL]
    assert json.loads(first.text) == [["person", "one", ["shot.png"], ["TOTAL 9.50"]]]
    assert json.loads(echo.chat.entries[-1].text) == [
        ["person", "one", ["shot.png"], ["TOTAL 9.50"]],
        ["model", first.text, [], []],
        ["person", "two", [], []],
    ]


def test_a_question_that_was_not_answered_leaves_its_pictures_to_the_next(loop, echo):
    async def way():
        await echo.attach("TOTAL 9.50")
        echo.chat.send("one")
        echo.chat.stop()
        await echo.idle()
        return await echo.ask("two")

    answer = loop.run_until_complete(way())
    assert [turn[:3] for turn in json.loads(answer.text)] == [["person", "two", ["shot.png"]]]
