"""A virtual screen of its own, with hands: windows, mouse, keys, screenshots."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WIDTH, HEIGHT = 1680, 1000
ONLOOKER = Path(__file__).parent / "onlooker.py"


def wait_for(what: Callable[[], object], *, seconds: float, saying: str) -> object:
    """The first true value of `what`; AssertionError with `saying` when it never comes."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if value := what():
            return value
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s for {saying}")


class Desktop:
    """One Xvfb. Everything started through it is gone when it closes."""

    def __init__(self, folder: Path) -> None:
        missing = [name for name in ("Xvfb", "xdotool") if shutil.which(name) is None]
        if missing:
            raise RuntimeError(f"install {' and '.join(missing).lower()} to run these tests")
        read_end, write_end = os.pipe()
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write_end), "-screen", "0", f"{WIDTH}x{HEIGHT}x24"],
            pass_fds=[write_end],
            stderr=subprocess.DEVNULL,
        )
        os.close(write_end)
        with os.fdopen(read_end) as answer:
            number = answer.readline().strip()
        self.environment = {
            **os.environ,
            "DISPLAY": f":{number}",
            "QT_QPA_PLATFORM": "xcb",
            "OCELLUS_HOME": str(folder / "home"),
        }
        self._shot = folder / "screen.png"
        self._children: list[subprocess.Popen[str]] = []

    def start(self, *words: str) -> subprocess.Popen[str]:
        child = subprocess.Popen(
            [sys.executable, *words],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._children.append(child)
        return child

    def hand(self, *words: str) -> str:
        """Run xdotool."""
        return self.run("xdotool", *words)

    def run(self, *words: str) -> str:
        """What another program on this screen prints."""
        done = subprocess.run(
            words,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        return done.stdout.strip()

    def window(self, title: str, *, seconds: float = 30) -> str:
        """The id of the visible window with this title."""
        return str(
            wait_for(
                lambda: self.hand("search", "--onlyvisible", "--name", title).split("\n")[-1],
                seconds=seconds,
                saying=f"a window called {title}",
            )
        )

    def see(self, words: str, *, seconds: float = 60) -> tuple[int, int]:
        """The middle of these words on the screen, read from it, once they are there."""

        def place() -> tuple[int, int] | None:
            self._run(str(ONLOOKER), "screen", str(self._shot))
            shown = json.loads(self._run("-m", "app", "read", str(self._shot), "--format", "json"))
            for page in shown["pages"]:
                for line in (line for block in page["blocks"] for line in block["lines"]):
                    if (at := line["text"].find(words)) >= 0:
                        left, top, right, bottom = line["box"]
                        share = (at + len(words) / 2) / len(line["text"])
                        return round(left + share * (right - left)), round((top + bottom) / 2)
            return None

        found = wait_for(place, seconds=seconds, saying=f"“{words}” on the screen")
        assert isinstance(found, tuple)
        return found

    def click(self, place: tuple[int, int]) -> None:
        self.hand("mousemove", *map(str, place), "click", "1")

    def clipboard(self, kind: str) -> str:
        """What another program pastes as this MIME type."""
        return self._run(str(ONLOOKER), "clipboard", kind)

    def _run(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.stdout

    def drag(self, kind: str, path: Path, to: tuple[int, int]) -> str:
        """Drag `path` from another program to this point; the action that was taken."""
        source = self.start(
            str(Path(__file__).parent / "drag_source.py"),
            *(str(number) for number in (WIDTH - 90, HEIGHT - 90, 80, 80)),
            kind,
            str(path),
        )
        assert source.stdout is not None
        assert source.stdout.readline().strip() == "ready"
        start = (WIDTH - 50, HEIGHT - 50)
        self.hand("mousemove", *map(str, start), "mousedown", "1")
        steps = 12
        for step in range(1, steps + 1):
            point = [str(a + (b - a) * step // steps) for a, b in zip(start, to, strict=True)]
            self.hand("mousemove", *point)
            time.sleep(0.03)
        time.sleep(0.2)
        self.hand("mouseup", "1")
        action = source.stdout.readline().strip()
        # Qt calls a drag done once it has said "drop"; the target fetches the data after that.
        time.sleep(1.0)
        source.kill()
        source.wait()
        return action

    def close(self) -> None:
        for child in self._children:
            if child.poll() is None:
                child.kill()
            child.wait()
            if child.stdout is not None:
                child.stdout.close()
        self._server.terminate()
        self._server.wait()


@contextlib.contextmanager
def desktop(folder: Path) -> Iterator[Desktop]:
    screen = Desktop(folder)
    try:
        yield screen
    finally:
        screen.close()
