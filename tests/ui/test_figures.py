"""The small line under an answer: how fast it came, and what it took."""

from sessions import Session

from app.core.events import Stats
from app.session.chat import wording
from app.ui.chat.entry_view import AnswerEntry
from app.ui.chat.turns import Turns
from app.ui.widgets.theme import Theme
from tests.ui.conftest import RESOURCES


def test_figures_stand_under_the_answer_and_only_there(loop, tmp_path, qtbot):
    session = Session(tmp_path, engine="telling_engine:make")
    session.start()
    entry = loop.run_until_complete(session.ask("What is the total?"))
    stored = session.stored()[-1]
    loop.run_until_complete(session.close())
    said = "First word after 0.4 s · 50 tokens per second · 2,049 of 4,096 tokens"
    assert entry.figures == f"{said} · 4.9 GB of memory"
    # They are not part of what is kept, nor of what the person reads aloud or copies.
    assert entry.text == stored[1] == "8.88"
    assert stored[3] == ""
    turns = Turns()
    view = AnswerEntry(Theme(RESOURCES), entry, turns, 600)
    qtbot.addWidget(view)
    view.show()
    assert view.foot.figures.isVisible()
    assert view.foot.figures.text() == entry.figures
    assert not view.foot.note.isVisible()


def test_no_figures_where_there_is_nothing_to_tell():
    assert not wording.figures(Stats())
    assert not wording.figures(Stats(100, 5))
    # One token has no speed.
    assert (
        wording.figures(Stats(100, 1, 12.4, 0.0, 4096))
        == "First word after 12 s · 101 of 4,096 tokens"
    )
