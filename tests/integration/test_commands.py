"""What the command line imports for which command, asked in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from provision.commands import WITHOUT_WINDOW

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = {"ask", "languages", "models", "read", "selftest"}
SAY = """
import sys
from app.__main__ import main
try:
    main(sys.argv[1:])
finally:
    print(*sys.modules, file=sys.stderr)
"""


def imported_by(tmp_path, *words):
    ended = subprocess.run(
        [sys.executable, "-c", SAY, *words],
        cwd=ROOT,
        env=os.environ | {"OCELLUS_HOME": str(tmp_path)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert ended.returncode in (0, 1), ended.stderr
    return set(ended.stderr.splitlines()[-1].split())


def commands(modules):
    return {name for name in COMMANDS if f"app.commands.{name}" in modules}


def test_the_list_of_commands_imports_none_of_them(tmp_path):
    assert not commands(imported_by(tmp_path, "--help"))


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_command_imports_no_other(tmp_path, name):
    modules = imported_by(tmp_path, name, "--help")
    # `selftest` asks as `ask` does.
    assert commands(modules) == {name} | ({"ask"} if name == "selftest" else set())
    assert not modules & {"torch", "PIL", "httpx2", "PySide6"}


@pytest.mark.parametrize("words", [("languages",), ("models",), ("read", "none.png")])
def test_what_runs_without_qts_libraries_imports_no_qt(tmp_path, words):
    assert words[0] in WITHOUT_WINDOW
    modules = imported_by(tmp_path, *words)
    assert not {name for name in modules if name.split(".")[0] in ("PySide6", "qasync")}
