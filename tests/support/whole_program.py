"""The whole program with the scripted engine and the real reader, also in a process of its own.

`python whole_program.py FOLDER STEP...` opens the window, goes through the steps and stays until it
is killed: "ask:WORDS", "take:FILE", "read" (all pages of the document that was taken last),
"delete", "empty the bin". Prints "ready" behind the last one.
"""

import asyncio
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHAPES = ROOT / "resources" / "samples" / "shapes.png"
RECEIPT = ROOT / "resources" / "samples" / "receipt.png"


def paths_in(folder):
    from app.paths import Paths  # noqa: PLC0415 - the path is set first where this is a script

    return Paths(ROOT, folder / "data", folder / "config" / "settings.json", folder / "logs")


def open_program(folder):
    """The program, not started yet."""
    from scripted_engine import scripted_child  # noqa: PLC0415

    from app.bootstrap import Program  # noqa: PLC0415

    paths = paths_in(folder)
    program = Program(paths, scripted_child(paths))
    program.window.show()
    return program


async def go(program, step):
    from sessions import until  # noqa: PLC0415

    word, _, what = step.partition(":")
    match word:
        case "ask":
            assert program.session.chat.send(what)
            await until(lambda: not program.session.chat.state.busy, 60)
        case "take":
            program.session.attachments.take_file(Path(what))
            await until(lambda: program.session.attachments.items[-1].picture, 60)
        case "read":
            document = program.session.documents.hashes[-1]
            program.session.documents.read(document)
            progress = program.session.documents.progress
            await until(lambda: not progress(document).running, 60)
        case "delete":
            program.session.library.delete(program.session.library.rows[0].id)
        case "empty the bin":
            program.session.library.empty_bin()
        case _:
            raise ValueError(step)


def stored(folder):
    """The names of the files in the picture store."""
    return sorted(p.name for p in (folder / "data" / "pictures").rglob("*") if p.is_file())


async def _stay(program, steps):
    program.start([])
    for step in steps:
        await go(program, step)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.sleep(600)


def _main():
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]
    import qasync  # noqa: PLC0415

    from app.bootstrap import build_application  # noqa: PLC0415

    application = build_application()
    program = open_program(Path(sys.argv[1]))
    with qasync.QEventLoop(application) as loop:
        loop.run_until_complete(_stay(program, sys.argv[2:]))


if __name__ == "__main__":
    _main()
