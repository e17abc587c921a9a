"""The Python environment in .venv and the packages in it."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.core.quiet import settle
from provision import torch_build
from provision.messages import SetupError, say
from provision.system import fetch

# An environment was measured to take 1.17 times the size of its packages' own files, for their
# bytecode; the rest is for the downloads, which lie twice on the disk while pip is at work.
DISK_FACTOR = 1.6
DISK_MARGIN_MB = 100
_SMALL_PACKAGE_MB = 2

_PIN = re.compile(r'([\w.-]+)==([^\s;]+)(?:\s*;\s*sys_platform == "(\w+)")?(?:\s+#\s*(\d+) MB)?')


@dataclass(frozen=True)
class Pin:
    """One line of a requirements file: a package, its version, its size on disk."""

    name: str
    version: str
    megabytes: int


class Environment:
    """.venv in the project's folder `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / ".venv"
        self.interpreter = self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        places = {"base": str(self.folder), "platbase": str(self.folder)}
        self.site_packages = Path(sysconfig.get_path("purelib", "venv", places))
        self._requirements = root / "requirements"
        self._stamp = self.folder / "ocellus-setup.json"

    def prepare(self, *groups: str) -> None:
        """Have these groups of requirements installed: "app", "dev".

        Nothing is done where the stamp says that they are. Raises SetupError.
        """
        build = torch_build.wanted()
        marks = {group: self._mark(group, build) for group in groups}
        if self._holds(marks):
            return
        with _alone(self.root):
            if self._holds(marks):
                return
            usable = self._is_usable()
            present = self.sound_packages() if usable else {}
            missing = {group: self._missing(group, present) for group in groups}
            torch = self._torch_choices(present, build) if "app" in groups else []
            sizes = [pin.megabytes for pins in missing.values() for pin in pins]
            sizes.extend(choice.megabytes for choice in torch[:1])
            self._check_disk(sum(sizes) * DISK_FACTOR)
            if not usable:
                self._make()
            if sizes:
                say(f"Installing {len(sizes)} packages into .venv; this is done once …")
            if torch:
                self._install_torch(torch)
            for group in groups:
                if missing[group]:
                    self._install(group)
            # So that the program can be started from any folder.
            (self.site_packages / "ocellus.pth").write_text(f"{self.root}\n", "utf-8")
            part = self._stamp.with_suffix(".part")
            part.write_text(json.dumps({**self._stamps(), **marks}), "utf-8")
            part.replace(self._stamp)

    def run(self, *words: str) -> int:
        """Run the environment's Python in the project's folder; return its exit code."""
        command = [str(self.interpreter), *words]
        return subprocess.run(command, cwd=self.root, env=self.variables(), check=False).returncode

    def variables(self) -> dict[str, str]:
        """Our variables without those that would bring strange modules in.

        Nor that by which each of the program's processes, of which the tests start hundreds,
        would compile the program anew. With those that keep libraries from reporting.
        """
        strange = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONDONTWRITEBYTECODE")
        ours = {name: value for name, value in os.environ.items() if name not in strange}
        settle(ours)
        return ours

    def pins(self, file: str) -> list[Pin]:
        """The requirements of a file that hold on this system."""
        found: list[Pin] = []
        for line in (self._requirements / file).read_text("utf-8").splitlines():
            if match := _PIN.match(line):
                name, version, system, size = match.groups()
                if system in (None, sys.platform):
                    found.append(Pin(_normal(name), version, int(size or _SMALL_PACKAGE_MB)))
        return found

    def sound_packages(self) -> dict[str, str]:
        """Name and version of each whole package; half-installed ones are undone.

        pip takes a package for installed when its metadata is there, also if
        it was killed before all of its files were.
        """
        present: dict[str, str] = {}
        for folder in self.site_packages.glob("*.dist-info"):
            package = importlib.metadata.Distribution.at(folder)
            if _is_whole(package):
                present[_normal(package.metadata["Name"])] = package.version
            else:
                say(f"{folder.name.split('-')[0]} is not whole; it is installed again.")
                shutil.rmtree(folder)
        return present

    def _stamps(self) -> dict[str, str]:
        try:
            return json.loads(self._stamp.read_text("utf-8"))
        except (OSError, ValueError):
            return {}

    def _holds(self, marks: dict[str, str]) -> bool:
        stamps = self._stamps() if self.interpreter.exists() else {}
        return all(stamps.get(group) == mark for group, mark in marks.items())

    def _mark(self, group: str, build: str) -> str:
        """Changes with the requirements, Python, the place and the wanted build of torch."""
        names = ("app.txt", "torch.txt") if group == "app" else (f"{group}.txt",)
        parts = [(self._requirements / name).read_bytes() for name in names]
        parts.append(f"{sys.version_info[:2]} {self.root} {build}".encode())
        return hashlib.sha256(b"\0".join(parts)).hexdigest()

    def _is_usable(self) -> bool:
        """Whether there is an environment whose Python runs, has pip and is of our version."""
        code = "import sys, pip; print(*sys.version_info[:2])"
        try:
            asked = subprocess.run(
                [str(self.interpreter), "-c", code], capture_output=True, text=True, check=False
            )
        except OSError:  # there is none, or the Python that it was made with is gone
            return False
        return asked.stdout.split() == [str(part) for part in sys.version_info[:2]]

    def _make(self) -> None:
        if importlib.util.find_spec("ensurepip") is None:
            # Debian keeps it in a package of its own.
            python = f"python{sys.version_info[0]}.{sys.version_info[1]}"
            fetch([f"{python}'s module ensurepip"], [f"{python}-venv"])
            importlib.invalidate_caches()
        say("Making .venv …")
        builder = venv.EnvBuilder(
            clear=self.folder.exists(), with_pip=True, symlinks=os.name != "nt"
        )
        builder.create(self.folder)

    def _missing(self, group: str, present: dict[str, str]) -> list[Pin]:
        pins = self.pins(f"{group}.txt")
        return [pin for pin in pins if present.get(pin.name) != pin.version]

    def _torch_choices(self, present: dict[str, str], build: str) -> list[torch_build.Choice]:
        (torch,) = self.pins("torch.txt")
        return torch_build.choices(build, torch.version, present.get("torch"))

    def _install(self, group: str) -> None:
        if not self._pip("--no-deps", "-r", str(self._requirements / f"{group}.txt")):
            raise SetupError(
                "The libraries could not be installed; pip says above what stopped it. When that "
                "is mended (often the network), start again: what is there already stays."
            )

    def _install_torch(self, choices: list[torch_build.Choice]) -> None:
        for choice in choices:
            if choice.note:
                self._check_disk(choice.megabytes * DISK_FACTOR)
                say(choice.note)
            constraint = ("-c", str(self._requirements / "app.txt"))
            words = constraint if choice.with_parts else ("--no-deps",)
            if self._pip(*words, *choice.words):
                return
        raise SetupError(
            "No build of torch could be installed; pip says above what stopped it. When that is "
            "mended (often the network), start again."
        )

    def _check_disk(self, megabytes: float) -> None:
        needed = megabytes + DISK_MARGIN_MB
        free = shutil.disk_usage(self.root).free / 1e6
        if free < needed:
            raise SetupError(
                f"The disk is too full for the libraries: they need {needed:,.0f} MB in "
                f"{self.root}, and {free:,.0f} MB are free. Make space and start again."
            )

    def _pip(self, *words: str) -> bool:
        """Run pip's install; whether it succeeded."""
        # Unpack on the disk that was measured: /tmp is often a small one.
        scratch = self.folder / "tmp"
        scratch.mkdir(exist_ok=True)
        settings = {name: str(scratch) for name in ("TMPDIR", "TEMP", "TMP")}
        settings["PIP_DISABLE_PIP_VERSION_CHECK"] = settings["PIP_NO_INPUT"] = "1"
        command = [str(self.interpreter), "-m", "pip", "install", "--only-binary=:all:", *words]
        status = subprocess.run(
            command, env={**self.variables(), **settings}, stdout=sys.stderr, check=False
        ).returncode
        shutil.rmtree(scratch, ignore_errors=True)
        return status == 0


@contextlib.contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Wait until no other run.py installs for this folder. Windows lets both try.

    By hand, as there is no filelock yet.
    """
    if os.name == "nt":
        yield
        return
    import fcntl  # noqa: PLC0415 - not on Windows

    name = f"ocellus-{os.getuid()}-{hashlib.sha256(str(root).encode()).hexdigest()[:16]}.lock"
    with (Path(tempfile.gettempdir()) / name).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("Another run.py is installing; waiting for it …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_whole(package: importlib.metadata.Distribution) -> bool:
    try:
        return package.files is not None and all(
            Path(str(file.locate())).stat().st_size == file.size
            for file in package.files
            # Python writes its own bytecode over a package's.
            if file.size is not None and file.suffix != ".pyc"
        )
    except OSError:
        return False


def _normal(name: str) -> str:
    """A package's name in the form in which names are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()
