"""The folder of the conversations: written by this program, looked at by another."""

import shutil
import subprocess
import sys
from pathlib import Path

from app.archive.archive import Archive
from app.core.conversation import Role, Turn

ROOT = Path(__file__).resolve().parents[2]


def opened(data):
    archive = Archive(data / "ocellus.sqlite")
    archive.heard = []
    archive.tell = archive.heard.append
    return archive


def ask(archive, text):
    conversation = archive.create()
    archive.add_turn(conversation, Turn(Role.PERSON, text))
    return conversation


def on_disk(data, told):
    """(whole turns of before, titles) of what another process finds there."""
    script = (
        "import sys; sys.path[:0] = ['.', 'tests/support']\n"
        "from pathlib import Path; from app.archive.archive import Archive\n"
        "archive = Archive(Path(sys.argv[1])); assert archive.set_aside is None\n"
        "for row in archive.conversations():\n"
        "    for turn in archive.turns(row.id): print(turn.id, turn.turn.text)\n"
    )
    # A copy: a second program would make an open answer an interrupted one.
    looked = data.parent / "looked"
    shutil.rmtree(looked, ignore_errors=True)
    shutil.copytree(data, looked, ignore=shutil.ignore_patterns("*.lock"))
    command = [sys.executable, "-c", script, str(looked / "ocellus.sqlite")]
    out = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    found = dict(line.split(" ", 1) for line in out.splitlines())
    return sum(found.get(str(n)) == text for n, text in told.items()), list(found.values())
