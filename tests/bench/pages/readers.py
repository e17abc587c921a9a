"""The readers as commands, each page in a process of its own: its seconds contain its start."""

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.bench.pages.page_set import RealPage
from tests.bench.reading.peers import MISSING_TESSERACT

ROOT = Path(__file__).resolve().parents[3]
# On a machine with other work one page may wait long for its turn.
_LONGEST = 1800

Command = Callable[[RealPage], list[str] | None]


@dataclass(frozen=True)
class Taken:
    """What a reader printed, and the processor's seconds that it and its children took.

    `failure` is what it said last where it did not end well.
    """

    text: str
    seconds: float
    failure: str = ""


def readers(names: list[str]) -> dict[str, Command]:
    """How each of these reads a page. Raises RuntimeError where one is not installed."""
    known: dict[str, Callable[[], Command]] = {
        "Ocellus": lambda: _ocellus,
        "Tesseract": _tesseract,
        "RapidOCR": lambda: _rapidocr,
    }
    by_name = {name.lower(): name for name in known}
    if unknown := [name for name in names if name.lower() not in by_name]:
        raise RuntimeError(
            f"No reader is called {', '.join(unknown)}; there are {', '.join(known)}."
        )
    chosen = [by_name[name.lower()] for name in names] or list(known)
    return {name: known[name]() for name in chosen}


def take(command: list[str]) -> Taken:
    """Run one command to its end."""
    # Tesseract's threads spin while they wait for each other, which would count as seconds of work.
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_THREAD_LIMIT": "1"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=_LONGEST, env=environment, check=False
        )
        text = done.stdout.decode("utf-8", "replace")
        said = done.stderr.decode("utf-8", "replace").strip() or f"exit code {done.returncode}"
        failure = said.splitlines()[-1] if done.returncode else ""
    except subprocess.TimeoutExpired:
        text, failure = "", f"no end within {_LONGEST} s"
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Taken(text, used, failure)


def _ocellus(page: RealPage) -> list[str]:
    """The program as a person calls it, with no language chosen."""
    return [sys.executable, "-P", "-m", "app", "read", str(page.file)]


def _tesseract() -> Command:
    """Debian's program, in the page's languages as far as they are installed."""
    program = shutil.which("tesseract")
    if program is None:
        raise RuntimeError(MISSING_TESSERACT)
    listed = subprocess.run([program, "--list-langs"], capture_output=True, text=True, check=True)
    installed = set(listed.stdout.split("\n")[1:])

    def command(page: RealPage) -> list[str] | None:
        if page.is_pdf:
            return None
        languages = [one for one in page.language.split("+") if one in installed] or ["eng"]
        return [program, str(page.file), "stdout", "--psm", "3", "-l", "+".join(languages)]

    return command


def _rapidocr(page: RealPage) -> list[str] | None:
    """RapidOCR's own pipeline, as `bench reading` runs it."""
    if page.is_pdf:
        return None
    code = (
        "import sys; from pathlib import Path; from tests.bench.reading.peers import rapidocr; "
        "print(rapidocr()(Path(sys.argv[1])).text)"
    )
    return [sys.executable, "-P", "-c", code, str(page.file)]
