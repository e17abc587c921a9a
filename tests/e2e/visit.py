"""`visit.py SECONDS FOLDER PICTURE DOCUMENT`: a person's visit, from opening to closing.

The picture and the document are dropped and read, the picture is asked about, the
document's text is saved into the folder, and the window then stands idle for a while.
What came of it goes to stdout, as one object of JSON.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

from app.core import quiet

quiet.settle()

import qasync  # noqa: E402
from PySide6.QtCore import QMimeData, QUrl  # noqa: E402
from PySide6.QtWidgets import QFileDialog  # noqa: E402

from app.bootstrap import Program, build_application  # noqa: E402
from app.core.conversation import ReferenceMode  # noqa: E402
from app.core.export import ExportFormat  # noqa: E402
from app.paths import find_paths  # noqa: E402
from app.session.reading.saving import SavedFile  # noqa: E402

LONGEST = 120


async def until(condition, seconds=LONGEST):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError
        await asyncio.sleep(0.05)


async def drop(program, path):
    """The picture that the composer shows of this file, once it is there."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    program.window.take_mime(mime)
    await until(
        lambda: program.session.attachments.items and program.session.attachments.items[-1].picture
    )
    return program.session.attachments.items[-1].picture


async def visit(program, idle, folder, picture, document):
    program.window.show()
    program.start([])
    taken = await drop(program, picture)
    await until(lambda: program.session.readings.known(taken.sha256))
    rows = program.session.readings.known(taken.sha256).rows()
    program.session.chat.set_reference(ReferenceMode.ON)
    assert program.session.chat.send("What is the total?")
    await until(lambda: not program.session.chat.state.busy)
    answer = program.session.chat.entries[-1].text

    await drop(program, document)
    (sha256,) = program.session.documents.hashes
    program.session.documents.read(sha256)
    await until(lambda: program.session.documents.progress(sha256).done == 2)
    place = program.session.documents.place(program.session.attachments.items[-1].picture.sha256)
    saved = []
    program.session.saving.saved.connect(lambda _, words: saved.append(words))
    reading = program.session.documents.reading(sha256)
    target = Path(folder) / "letter.pdf"
    program.session.saving.save(SavedFile(place.document, reading, ExportFormat.PDF, target))
    # Where a person would choose the name; Qt keeps notes about its dialogs.
    dialog = QFileDialog(program.window)
    dialog.show()
    await until(lambda: saved)
    dialog.reject()
    await asyncio.sleep(idle)
    program.window.close()
    await program.close()
    return {"rows": len(rows), "answer": answer, "saved": saved}


def main():
    idle, *paths = sys.argv[1:]
    application = build_application()
    program = Program(find_paths())
    with qasync.QEventLoop(application) as loop:
        found = loop.run_until_complete(visit(program, float(idle), *paths))
    print(json.dumps(found))


# The children are started with this module, too.
if __name__ == "__main__":
    main()
