"""`logged_visit.py DOCUMENT`: the window as a person starts it, and a visit in which much happens.

The document is read, a question asked (the scripted engine answers in its words), the reader is
killed, a slot fails and a model is fetched. What came of it goes to stdout, as one object of JSON.
With FILL the disk below the logs is full from the visit's beginning.
"""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from disks import fill
from PySide6.QtCore import QTimer
from scripted_engine import scripted_child
from sessions import until

from app import bootstrap

SECONDS = 60
visits = []


class VisitedProgram(bootstrap.Program):
    def __init__(self, paths):
        super().__init__(paths, scripted_child(paths))
        self.came = None

    def start(self, pictures):
        if os.environ.get("FILL"):
            fill(os.environ["LOGS"])
        super().start(pictures)
        visits.append(asyncio.ensure_future(visit(self)))
        visits[0].add_done_callback(lambda _: self.window.close())


async def visit(program):
    session, document = program.session, Path(sys.argv[1])
    session.attachments.take_file(document)
    await until(lambda: session.attachments.items[0].picture, SECONDS)
    (sha256,) = session.documents.hashes
    session.documents.read(sha256)
    await until(lambda: session.documents.progress(sha256).done == 1, SECONDS)
    text = [*session.documents.reading(sha256).rows()]
    assert session.chat.send("mirabelle")
    await until(lambda: not session.chat.state.busy, SECONDS)
    answer = session.chat.entries[-1].text

    QTimer.singleShot(0, stumble)
    pid = session.reader.pid
    os.kill(pid, signal.SIGKILL)
    await until(lambda: session.reader.pid not in (pid, None), SECONDS)
    session.attachments.take_file(document)
    await until(lambda: session.attachments.items[-1].picture, SECONDS)

    ended = asyncio.Event()
    program.downloads.arrived.connect(ended.set)
    program.downloads.failed.connect(ended.set)
    program.downloads.begin("pflaume")
    await asyncio.wait_for(ended.wait(), SECONDS)
    return {"text": text, "answer": answer, "restarted": True}


def stumble():
    raise ValueError(f"cannot open {sys.argv[1]}")


# The children are started with this module, too.
if __name__ == "__main__":
    bootstrap.Program = VisitedProgram
    code = bootstrap.run_window([])
    print(json.dumps(visits[0].result()))  # noqa: T201 - to the test
    sys.exit(code)
