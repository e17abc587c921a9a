"""What run.py can be asked for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from provision import processors
from provision.environment import Environment
from provision.messages import SetupError, say
from provision.system import provide

ROOT = Path(__file__).resolve().parent.parent
# These do without Qt, so they do not wait for its system libraries.
WITHOUT_WINDOW = ("ask", "read", "models", "languages", "--version", "--help", "-h")

HELP = """run.py sets the program up where that is still to be done. Its own commands:
    test [ARGUMENTS]   run the tests; arguments go to pytest (-n 0: one by one)
    test --fast        run the unit tests, in under a minute
    test --processors  run the tests of the engine's numbers as other processors compute them
    check              run linters and type checks
    bench [NAMES]      measure this installation beside named peers
    bundle             make the folder that runs without Python

"""

# Most tests wait for processes of their own and leave a core idle: two at a time take half as
# long. A file's tests stay together, because they share what they made; those that take longest,
# in e2e and engine, come first by their names, so that neither of the two waits at the end.
SIDE_BY_SIDE = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")
# Neither processes nor the network nor a window: nothing that takes long.
FAST = "tests/unit"

CHECKS = {
    "ruff check": ("-m", "ruff", "check", "."),
    "ruff format": ("-m", "ruff", "format", "--check", "."),
    "pyright": ("-m", "pyright"),
    "import-linter": (
        "-c",
        "from importlinter.cli import lint_imports_command as run; run()",
    ),
}


def main(arguments: list[str]) -> int:
    """Provide what the command needs and run it; return its exit code."""
    command = arguments[0] if arguments else "window"
    if command == "window" and not has_display():
        # The program says the same; this is said before some minutes of installing.
        say(
            "There is no display here, so the window cannot open. Without one, use\n"
            '    python3 run.py ask PICTURE "QUESTION"\n'
            "    python3 run.py read PICTURE"
        )
        return 2
    if command in ("--help", "-h"):
        sys.stdout.write(HELP)
        sys.stdout.flush()
    try:
        return _run(command, arguments)
    except SetupError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        return 130


def has_display() -> bool:
    """Whether a window could open; on Linux the environment says so."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return sys.platform != "linux" or any(os.environ.get(name) for name in names)


def _run(command: str, arguments: list[str]) -> int:
    environment = Environment(ROOT)
    match command:
        case "test":
            environment.prepare("app", "dev")
            _provide(environment, "window", "tests")
            rest = [word for word in arguments[1:] if word not in ("--processors", "--fast")]
            if "--processors" in arguments:
                return processors.run(environment, SIDE_BY_SIDE, rest)
            which = [FAST] if "--fast" in arguments else []
            return environment.run("-m", "pytest", *SIDE_BY_SIDE, *which, *rest)
        case "check":
            environment.prepare("app", "dev")
            return _check(environment)
        case "bundle":
            environment.prepare("app", "dev")
            _provide(environment, "window", "bundle")
            return environment.run(
                "-m", "PyInstaller", "--noconfirm", "--log-level=WARN", "packaging/ocellus.spec"
            )
        case "bench":
            # The peers, and the letters that pictures are drawn in.
            environment.prepare("app", "dev")
            _provide(environment, "window", "bench")
            return _start(environment, "tests.bench", arguments[1:])
    environment.prepare("app")
    if command not in WITHOUT_WINDOW:
        _provide(environment, "window")
    return _start(environment, "app", arguments)


def _provide(environment: Environment, *groups: str) -> None:
    provide(environment.root, environment.site_packages / "PySide6", *groups)


def _check(environment: Environment) -> int:
    """Run every check, whatever the others found."""
    found: list[str] = []
    for name, words in CHECKS.items():
        say(f"== {name}")
        if environment.run(*words) != 0:
            found.append(name)
    say(f"Not passed: {', '.join(found)}." if found else "All checks pass.")
    return 1 if found else 0


def _start(environment: Environment, package: str, arguments: list[str]) -> int:
    """Become the program, or another package of ours, in the folder where the person is."""
    # -P: a folder called `app` where the person happens to be is not ours.
    words = [str(environment.interpreter), "-P", "-m", package, *arguments]
    if sys.platform != "win32":
        # ^C waits until the program's first line, which takes it on: Python's own would be a
        # traceback.
        signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
        os.execve(words[0], words, environment.variables())  # noqa: S606 - without a shell
    return subprocess.run(words, env=environment.variables(), check=False).returncode
