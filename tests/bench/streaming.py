"""What the window adds to an answer: until its first word is painted, and while it streams.

The engine's child plays a script, so that nothing of what is measured is the model's.
"""

import asyncio
import json
import tempfile
import time

from tests.bench.measure import Result
from tests.bench.window import in_window

RUNS = 10
# A model that writes a hundred tokens a second, for this many.
TOKENS, PAUSE = 400, 0.01
# A paragraph, a list and a table, again and again: what answers are made of.
_ANSWER = (
    "The total of this receipt is **40.64**, and it was paid by card.\n\n- Tea: 8.00\n- Two "
    "cakes: 32.64\n\n| item | price |\n|---|---|\n| Tea | 8.00 |\n| Cakes | 32.64 |\n\n"
)
_PIECES = _ANSWER.split(" ")
_WORD = "Yes,"
# Seconds after which a window stands, and after which nothing will come any more.
_PAINTED, _PATIENCE = 0.3, 10


def first_paint() -> Result:
    """A question sent to the first word of its answer on the screen; the engine takes no time."""
    questions = [f"Question {number}" for number in range(RUNS + 1)]
    script = json.dumps({question: [[0, _WORD + " "]] for question in questions})

    async def ask(program) -> list[float]:
        await _stands(program)
        return [await _until_painted(program, question) for question in questions][1:]

    with tempfile.TemporaryDirectory() as folder:
        ours = in_window(folder, ask, script)
    return Result(
        "question sent to its first word painted, without the engine's time",
        ours,
        "a bare text view that a thread of its process gives a word to",
        _bare_paints(),
        40,
    )


def frames() -> Result:
    """The longest time but for one in a hundred that the window stands still while text streams."""
    beats = [[PAUSE, _PIECES[number % len(_PIECES)] + " "] for number in range(TOKENS)]
    script = json.dumps({"Tell me.": beats})
    idle = []

    async def ask(program) -> list[float]:
        await _stands(program)
        idle.append(await _stalls(asyncio.sleep(TOKENS * PAUSE)))
        program.session.chat.send("Tell me.")
        streamed = await _stalls(_idle(program))
        if len(program.session.chat.entries[-1].text.split()) < TOKENS / 2:
            raise RuntimeError(f"no answer: {program.session.chat.entries[-1].failed}")
        return [streamed]

    ours = []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as folder:
            ours += in_window(folder, ask, script)
    return Result(
        "gap between frames at 100 tokens a second, 99 of 100", ours, "the window idle", idle, 20
    )


async def _stands(program) -> None:
    await asyncio.sleep(_PAINTED)
    # The engine's process is up and has the model; that is loading, not answering.
    program.session.chat.send("Are you there?")
    await _idle(program)


async def _idle(program) -> None:
    while program.session.chat.state.busy:
        await asyncio.sleep(0.005)


async def _until_painted(program, question: str) -> float:
    from PySide6.QtWidgets import QApplication

    from app.ui.chat.answer_browser import AnswerBrowser

    known = set(program.window.findChildren(AnswerBrowser))

    def is_answer(widget) -> bool:
        view = widget.parent()
        return (
            isinstance(view, AnswerBrowser)
            and view not in known
            and view.toPlainText().startswith(_WORD)
        )

    watch = _paint_watch(is_answer)
    application = QApplication.instance()
    application.installEventFilter(watch)
    began = time.monotonic()
    program.session.chat.send(question)
    took = (await watch.painted() - began) * 1000
    application.removeEventFilter(watch)
    await _idle(program)
    return took


def _paint_watch(wanted):
    from PySide6.QtCore import QEvent, QObject

    class Watch(QObject):
        """Notes when a widget that is `wanted` is painted for the first time."""

        at = 0.0

        def eventFilter(self, watched, event) -> bool:  # noqa: N802 - Qt's name
            if event.type() == QEvent.Type.Paint and not self.at and wanted(watched):
                self.at = time.monotonic()
            return False

        async def painted(self) -> float:
            """When that was. Raises TimeoutError."""
            async with asyncio.timeout(_PATIENCE):
                while not self.at:
                    await asyncio.sleep(0.001)
            return self.at

    return Watch()


async def _stalls(way) -> float:
    """Milliseconds: in 99 of 100 moments of `way` the event loop comes round sooner than this."""
    gaps, before = [], time.monotonic()
    task = asyncio.ensure_future(way)
    while not task.done():
        await asyncio.sleep(0.001)
        now = time.monotonic()
        gaps.append(now - before)
        before = now
    # By time, not by number: a long one is met by whoever looks while it lasts.
    seen, whole = 0.0, sum(gaps)
    for gap in sorted(gaps, reverse=True):
        seen += gap
        if seen >= whole / 100:
            return gap * 1000
    return 0.0


def _bare_paints() -> list[float]:
    """Milliseconds from a thread's signal to a painted word in a window of nothing else."""
    import threading

    import qasync
    from PySide6.QtCore import QObject, Signal
    from PySide6.QtWidgets import QApplication, QTextBrowser

    class Source(QObject):
        said = Signal(str)

    async def once(view: QTextBrowser) -> float:
        view.clear()
        await asyncio.sleep(_PAINTED / 10)
        watch, source = _paint_watch(lambda _: view.toPlainText() == _WORD), Source()
        view.viewport().installEventFilter(watch)
        source.said.connect(view.insertPlainText)
        began = time.monotonic()
        thread = threading.Thread(target=source.said.emit, args=(_WORD,))
        thread.start()
        took = (await watch.painted() - began) * 1000
        thread.join()
        return took

    async def every() -> list[float]:
        view = QTextBrowser()
        view.show()
        await asyncio.sleep(_PAINTED)
        took = [await once(view) for _ in range(RUNS + 1)][1:]
        view.close()
        return took

    with qasync.QEventLoop(QApplication.instance()) as loop:
        return loop.run_until_complete(every())
