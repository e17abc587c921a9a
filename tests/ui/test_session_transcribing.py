"""“Read with LLaVA” without a window: a real reader's crops, an engine that plays a script."""

import json

import pypdfium2
import pytest
from papers import Paper, text
from sessions import until
from written import ENDING_TEXT, LETTER_TEXT, TABLE_TEXT, Written, written_page

from app.core.conversation import ReferenceMode
from app.core.document import Document, DocumentKind
from app.core.errors import ErrorKind
from app.core.export import ExportFormat
from app.session.reading.page_text import PageText
from app.session.reading.saving import SavedFile
from app.session.reading.transcribing import INSTRUCTION
from app.text.choices import Version
from app.text.regions import FRAMES

SECONDS = 90
SAID = LETTER_TEXT.replace("harbour", "harbor")
PAID = ENDING_TEXT.replace("1,204.50", "1,284.50")


@pytest.fixture
def opened(loop, tmp_path):
    sessions = []

    def make(*replies):
        session = Written(tmp_path, *replies)
        sessions.append(session)
        session.start()
        return session

    yield make
    for session in sessions:
        loop.run_until_complete(session.close())


async def finish(session, picture):
    session.transcribing.start(picture)
    await until(lambda: not session.progress(picture).running, SECONDS)


def test_every_part_is_read_by_itself_and_compared(loop, opened):
    session = opened(SAID, TABLE_TEXT, PAID)
    steps = []

    async def way():
        picture = await session.page()
        session.transcribing.progressed.connect(
            lambda sha256: steps.append(session.transcribing.progress(sha256).done)
        )
        await finish(session, picture)
        return picture

    picture = loop.run_until_complete(session.settle(way()))
    progress = session.progress(picture)
    assert (progress.done, progress.total, progress.kept) == (4, 4, 0)
    assert progress.is_complete
    assert steps == sorted(steps)
    assert set(steps) == {0, 1, 2, 3, 4}
    # Nobody was asked about the part without ink; the others one by one, at their own size.
    asked = session.asked()
    assert [one["reply"] for one in asked] == [SAID, TABLE_TEXT, PAID]
    for one in asked:
        assert (one["temperature"], one["reference"], one["turns"]) == (0, [], 1)
        ((sha256, width, height),) = one["pictures"]
        assert sha256 != picture.sha256
        assert any(width <= wide and height <= high for wide, high in FRAMES)
    assert session.versions(picture) == [("harbour", "harbor"), ("1,204.50", "1,284.50")]
    assert session.readings.known(picture.sha256) == written_page()


def test_the_chosen_version_goes_wherever_the_text_goes(loop, opened, tmp_path):
    session = opened(SAID, TABLE_TEXT, PAID, "A question's own words")
    session.chat.set_reference(ReferenceMode.ON)

    async def way():
        picture = await session.page()
        await finish(session, picture)
        town, due = session.comparisons.marks(picture.sha256)
        session.comparisons.choose(picture.sha256, due.difference, Version.MODEL)
        session.comparisons.choose(picture.sha256, town.difference, Version.READER)
        saved = []
        session.saving.saved.connect(lambda file, _words: saved.append(file.form))
        for form in ExportFormat:
            document = Document(picture.sha256, DocumentKind.PICTURE, 1, "page.png")
            reading = session.readings.known(picture.sha256)
            session.saving.save(SavedFile(document, reading, form, tmp_path / form.value))
            await until(lambda form=form: form in saved)
        await session.ask("What is due?")
        return picture, town, due

    picture, town, due = loop.run_until_complete(session.settle(way()))
    page, before = PageText(session.readings.known(picture.sha256)), PageText(written_page())
    assert "The harbour lies" in page.text
    (place,) = page.find("1,284.50")
    assert page.find("1,204.50") == []
    assert page.boxes(*place) == before.boxes(*before.find("1,204.50")[0])
    for form in set(ExportFormat) - {ExportFormat.PDF}:
        told = (tmp_path / form.value).read_text("utf-8")
        # Of a page only its tables go into a spreadsheet.
        assert ("1,284.50" in told) == (form is not ExportFormat.CSV), form
        assert "1,204.50" not in told
    with pypdfium2.PdfDocument(tmp_path / "pdf") as pdf:
        assert "1,284.50" in pdf[0].get_textpage().get_text_bounded()
    question = session.asked()[-1]
    assert question["note"] == "question"
    assert any("1,284.50" in row for row in question["reference"])

    # What is read anew keeps what was chosen, until that is taken back.
    session.readings.keep(picture.sha256, written_page())
    assert "1,284.50" in session.readings.known(picture.sha256).text
    assert session.comparisons.undo(picture.sha256) == town.difference
    assert session.comparisons.undo(picture.sha256) == due.difference
    assert not session.comparisons.can_undo(picture.sha256)
    assert session.readings.known(picture.sha256) == written_page()


def test_a_loop_is_ended_and_that_part_alone_read_again_in_smaller_crops(loop, opened):
    first, second = LETTER_TEXT.split(" may ")
    session = opened("/loop", "/loop", f"may {second}".replace("boats", "goats"), TABLE_TEXT, PAID)

    async def way():
        picture = await session.page()
        await finish(session, picture)
        return picture

    picture = loop.run_until_complete(session.settle(way()))
    asked = session.asked()
    assert [one["reply"] for one in asked[:2]] == ["/loop", "/loop"]
    assert len(asked) == 5
    whole, upper, lower = (one["pictures"][0] for one in asked[:3])
    assert max(upper[2], lower[2]) < whole[2]
    # The half that it could not read keeps the reader's text, and is said to.
    progress = session.progress(picture)
    assert (progress.done, progress.total, progress.kept) == (4, 4, 1)
    assert progress.kept_lines == {0}
    assert session.versions(picture) == [("boats", "goats"), ("1,204.50", "1,284.50")]
    assert first in session.readings.known(picture.sha256).text


def test_an_answer_about_something_else_is_not_taken_for_the_text(loop, opened):
    story = "In this image we can see a nice letter that lies upon a wooden table"
    session = opened(story, story, story, TABLE_TEXT, PAID)

    async def way():
        picture = await session.page()
        await finish(session, picture)
        return picture

    picture = loop.run_until_complete(session.settle(way()))
    assert session.progress(picture).kept_lines == {0, 1}
    assert session.versions(picture) == [("1,204.50", "1,284.50")]


def test_it_stops_at_once_and_goes_on_where_it_was(loop, opened):
    session = opened(SAID, "/hang", TABLE_TEXT, PAID)

    async def way():
        picture = await session.page()
        session.transcribing.start(picture)
        await until(lambda: len(session.asked()) == 2, SECONDS)
        session.transcribing.cancel(picture.sha256)
        await until(lambda: not session.progress(picture).running, 5)
        stopped = session.progress(picture)
        kept = session.versions(picture)
        await finish(session, picture)
        return picture, stopped, kept

    picture, stopped, kept = loop.run_until_complete(session.settle(way()))
    # The letter, and the part without ink.
    assert (stopped.done, stopped.total, stopped.failed) == (2, 4, None)
    assert kept == [("harbour", "harbor")]
    assert [one["reply"] for one in session.asked()] == [SAID, "/hang", TABLE_TEXT, PAID]
    assert session.progress(picture).is_complete
    assert len(session.versions(picture)) == 2


def test_a_question_goes_first_and_the_reading_goes_on_after_its_answer(loop, opened):
    session = opened("/hang", SAID, TABLE_TEXT, PAID)
    waited = []

    async def way():
        picture = await session.page()
        session.attachments.remove(session.attachments.items[0].key)
        session.transcribing.progressed.connect(
            lambda sha256: waited.append(session.transcribing.progress(sha256).waiting)
        )
        session.transcribing.start(picture)
        await until(session.asked, SECONDS)
        answer = await session.ask("Is it late?")
        await until(lambda: not session.progress(picture).running, SECONDS)
        return picture, answer

    picture, answer = loop.run_until_complete(session.settle(way()))
    assert answer.text.strip() == "Is it late?"
    asked = [one["reply"] for one in session.asked()]
    assert asked == ["/hang", "Is it late?", SAID, TABLE_TEXT, PAID]
    assert True in waited
    assert not waited[-1]
    assert session.progress(picture).is_complete
    # The reading is not part of the conversation.
    assert INSTRUCTION not in json.dumps(session.stored())


def test_an_engine_that_dies_half_way_is_told_and_what_is_done_stays(loop, opened):
    session = opened(SAID, "/die", TABLE_TEXT, PAID)

    async def way():
        picture = await session.page()
        await finish(session, picture)
        died, kept = session.progress(picture), session.versions(picture)
        await finish(session, picture)
        return picture, died, kept

    picture, died, kept = loop.run_until_complete(session.settle(way()))
    assert died.failed.kind is ErrorKind.CHILD_DIED
    assert died.failed.headline
    assert (died.done, died.total) == (2, 4)
    assert kept == [("harbour", "harbor")]
    assert session.progress(picture).is_complete
    assert session.progress(picture).failed is None
    assert session.versions(picture)[1:] == [("1,204.50", "1,284.50")]


def test_a_page_of_a_document_is_compared_and_the_document_has_what_was_chosen(
    loop, opened, tmp_path
):
    paper = Paper().page(text(60, 700, "The harbour lies north of the town"))
    source = paper.page(text(60, 700, "A second page")).save(tmp_path / "letter.pdf")
    session = opened("The harbor lies north of the town")

    async def way():
        session.attachments.take_file(source)
        await until(lambda: session.attachments.items[0].picture, SECONDS)
        picture = session.attachments.items[0].picture
        document = session.documents.place(picture.sha256).document.sha256
        session.documents.read(document)
        await until(lambda: session.documents.progress(document).done == 2, SECONDS)
        await finish(session, picture)
        (mark,) = session.comparisons.marks(picture.sha256)
        session.comparisons.choose(picture.sha256, mark.difference, Version.MODEL)
        return picture, document

    picture, document = loop.run_until_complete(session.settle(way()))
    whole = session.documents.reading(document)
    assert [page.number for page in whole.pages] == [1, 2]
    assert whole.text == "The harbor lies north of the town\n\nA second page"
    assert session.documents.find(document, "harbor") == {1: 1}
    assert session.documents.turn_to(document, 1) == picture
    assert "harbor" in session.readings.known(picture.sha256).text
    session.comparisons.undo(picture.sha256)
    assert session.documents.find(document, "harbour") == {1: 1}


def test_another_model_does_not_go_on_by_itself_but_when_asked_to(loop, opened):
    session = opened("/hang", SAID, TABLE_TEXT, PAID)

    async def way():
        picture = await session.page()
        session.transcribing.start(picture)
        await until(session.asked, SECONDS)
        session.models.choose("other")
        await until(lambda: not session.progress(picture).running, SECONDS)
        left = session.progress(picture)
        await finish(session, picture)
        return picture, left

    picture, left = loop.run_until_complete(session.settle(way()))
    assert left.failed.headline == "Another model was chosen, so this one stopped reading."
    assert session.progress(picture).is_complete
