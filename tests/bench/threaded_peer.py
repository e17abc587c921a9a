"""The peer of the gap: the same engine in a thread of the process that has the window."""

import sys
import tempfile
import threading
import time
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.core.conversation import Ask, Role, Turn
from app.core.requests import GenerateAnswer
from app.installed import find_catalog
from app.paths import find_paths
from tests.bench.screenshot import QUESTION

application = QApplication(sys.argv[:1])
longest, before = 0.0, time.monotonic()


def work() -> None:
    from app.engine.service import make

    with tempfile.TemporaryDirectory() as folder:
        engine = make({"pictures": str(Path(folder))})
        ask = Ask(find_catalog(find_paths()).spec("builtin"), (Turn(Role.PERSON, QUESTION),))
        for _ in engine.handle(GenerateAnswer(ask), lambda: False):
            pass
        engine.close()


def tick() -> None:
    global longest, before
    now = time.monotonic()
    longest, before = max(longest, now - before), now
    if not thread.is_alive():
        application.quit()


thread = threading.Thread(target=work)
timer = QTimer()
timer.timeout.connect(tick)
timer.start(1)
thread.start()
application.exec()
print(longest * 1000)
