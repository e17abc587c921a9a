"""The window: how soon it takes a drop, shows a picture, and how long it ever stalls."""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.measure import Result
from tests.bench.screenshot import QUESTION, draw_screenshot

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RUNS = 5


def start() -> Result:
    """Process start to a window that takes a drop."""

    def once(which: str, home: str) -> float:
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, str(HERE / "start_window.py"), which],
            cwd=ROOT,
            env={**os.environ, "OCELLUS_HOME": home, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
        return (float(done.stdout.split()[-1]) - began) * 1000

    with tempfile.TemporaryDirectory() as home:
        once("ours", home)
        pairs = [(once("ours", home), once("bare", home)) for _ in range(RUNS)]
    return Result(
        "start to a window that takes a drop",
        [ours for ours, _ in pairs],
        "an empty Qt window",
        [peer for _, peer in pairs],
        1000,
    )


def drop() -> Result:
    """Drop of a 1080p screenshot to its picture on the screen, the reader up and idle."""
    with tempfile.TemporaryDirectory() as folder:
        screenshot = draw_screenshot(Path(folder) / "screenshot.png")
        ours = in_window(folder, lambda program: _drops(program, screenshot, Path(folder)))
        peer = [_decodein_window(screenshot) for _ in range(RUNS)]
    return Result(
        "drop of a 1080p screenshot to its picture shown",
        ours,
        "Qt decoding it inside the window",
        peer,
        200,
    )


# Seconds after which the window stands.
_PAINTED = 0.3


def gap() -> Result:
    """Longest gap of the window's event loop while the model loads and answers."""
    with tempfile.TemporaryDirectory() as folder:
        screenshot = draw_screenshot(Path(folder) / "screenshot.png")
        ours = [
            longest
            for run in range(RUNS)
            for longest in in_window(f"{folder}/{run}", lambda one: _answer_gap(one, screenshot))
        ]
    done = subprocess.run(
        [sys.executable, str(HERE / "threaded_peer.py")],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return Result(
        "longest gap of the event loop while loading and answering",
        ours,
        "loading the model in a thread of the window's process",
        [float(done.stdout.split()[-1])],
        50,
    )


def in_window(folder: str, work, script: str | None = None) -> list[float]:
    """Run `work(program)` in a whole program with a home in `folder`.

    With a `script`, the scripted engine plays that.
    """
    import qasync
    from PySide6.QtWidgets import QApplication

    from app.bootstrap import Program, build_application
    from app.paths import find_paths
    from tests.support.scripted_engine import scripted_child

    os.environ["OCELLUS_HOME"] = str(Path(folder) / "home")
    application = QApplication.instance() or build_application()
    paths = find_paths()
    program = Program(paths, None if script is None else scripted_child(paths, script))

    async def stay() -> list[float]:
        program.window.show()
        program.start([])
        try:
            return await work(program)
        finally:
            program.window.close()
            await program.close()

    with qasync.QEventLoop(application) as loop:
        return loop.run_until_complete(stay())


async def _drops(program, screenshot: Path, folder: Path) -> list[float]:
    from PIL import Image
    from PySide6.QtCore import QMimeData, QUrl

    times = []
    picture = Image.open(screenshot)
    for index in range(RUNS + 1):
        # Another picture each time: a known one would be in the store already.
        picture.putpixel((index, 0), (255, 0, index))
        path = folder / f"drop{index}.png"
        picture.save(path)
        shown = asyncio.Event()
        program.window.loader.loaded.connect(lambda *_, shown=shown: shown.set())
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(path))])
        began = time.monotonic()
        program.window.take_mime(mime)
        await shown.wait()
        await asyncio.sleep(0)
        times.append((time.monotonic() - began) * 1000)
        for item in program.session.attachments.items:
            await program.session.readings.read(item.picture)
    # The first waits for the reader's process to come up.
    return times[1:]


def _decodein_window(screenshot: Path) -> float:
    from PySide6.QtGui import QImage, QPixmap

    began = time.monotonic()
    QPixmap.fromImage(QImage(str(screenshot)))
    return (time.monotonic() - began) * 1000


async def _answer_gap(program, screenshot: Path) -> list[float]:
    # The window's first painting belongs to its start. The model takes longer to load.
    await asyncio.sleep(_PAINTED)
    longest, before, running = 0.0, time.monotonic(), True

    async def tick() -> None:
        nonlocal longest, before
        while running:
            await asyncio.sleep(0.001)
            now = time.monotonic()
            longest, before = max(longest, now - before), now

    ticking = asyncio.ensure_future(tick())
    program.session.attachments.take_file(screenshot)
    program.session.chat.send(QUESTION)
    while program.session.chat.state.busy:
        await asyncio.sleep(0.01)
    running = False
    await ticking
    answer = program.session.chat.entries[-1]
    if not answer.text:
        raise RuntimeError(f"no answer: {answer.failed}")
    return [longest * 1000]
