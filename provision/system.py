"""What pip cannot install: Qt's system libraries, and the programs that tests run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from provision.messages import SetupError, say

_QT_PARTS = ("QtCore", "QtGui", "QtWidgets", "QtNetwork", "QtDBus")
_PLATFORM_PLUGIN = "Qt/plugins/platforms/libqxcb.so"


@dataclass(frozen=True)
class Need:
    """One line of requirements/debian.txt: a library, program or file, and its package."""

    group: str
    thing: str
    package: str


def provide(root: Path, pyside: Path, *groups: str) -> None:
    """Have what these groups of requirements/debian.txt need: "window", "tests", "bundle".

    As root on Debian it is installed by apt-get, which is said; otherwise
    SetupError names the one command to type. Does nothing but on Linux.
    """
    if sys.platform != "linux":
        return
    needs = _needs(root / "requirements" / "debian.txt")
    missing = missing_things(pyside, needs, groups)
    if not missing:
        return
    packages = {need.thing: need.package for need in needs}
    if any(thing not in packages for thing in missing):
        raise SetupError(_by_hand(missing))
    wanted = sorted({packages[thing] for thing in missing})
    fetch(missing, wanted)
    if still := missing_things(pyside, needs, groups):
        raise SetupError(
            f"apt-get did not bring {', '.join(still)}; it says above what stopped it. Try\n"
            f"    sudo apt-get install {' '.join(wanted)}\nand start again."
        )


def fetch(missing: list[str], packages: list[str]) -> None:
    """Install Debian's packages as root, and say so; otherwise raise SetupError."""
    if not shutil.which("apt-get"):
        raise SetupError(_by_hand(missing))
    lacks = f"This system lacks {', '.join(missing)}."
    if os.geteuid() != 0:
        command = f"sudo apt-get install {' '.join(packages)}"
        raise SetupError(f"{lacks} Install them with\n    {command}\nand start again.")
    say(f"{lacks} Installing {' '.join(packages)} with apt-get …")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "--quiet", "--yes", "--no-install-recommends", *packages]
    # A list of packages that was never fetched, or long ago, names files that are not there.
    for command in (["apt-get", "update", "--quiet"], install):
        subprocess.run(command, env=quiet, stdout=sys.stderr, check=False)


def missing_things(pyside: Path, needs: list[Need], groups: tuple[str, ...]) -> list[str]:
    """Libraries, programs and files that these groups need and this system lacks."""
    missing = missing_libraries(pyside) if "window" in groups else []
    for need in needs:
        if need.group not in groups or need.group == "window":
            continue
        there = Path(need.thing).exists() if need.thing[0] == "/" else shutil.which(need.thing)
        if not there:
            missing.append(need.thing)
    return missing


def missing_libraries(pyside: Path) -> list[str]:
    """Names of the libraries that Qt's parts and its X11 plugin ask the loader for in vain."""
    files = [pyside / f"{part}.abi3.so" for part in _QT_PARTS] + [pyside / _PLATFORM_PLUGIN]
    listed = subprocess.run(
        ["ldd", *(str(file) for file in files if file.exists())],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    lines = [line.split() for line in listed.splitlines() if line.endswith("not found")]
    return sorted({words[0] for words in lines})


def _needs(file: Path) -> list[Need]:
    lines = (line.split() for line in file.read_text("utf-8").splitlines())
    return [Need(*words) for words in lines if words and words[0] != "#"]


def _by_hand(missing: list[str]) -> str:
    lacks = f"This system lacks {', '.join(missing)}."
    if shutil.which("dnf"):
        # Fedora's packages can be asked for by the library that they carry.
        names = [f"'{thing}()(64bit)'" if ".so" in thing else thing for thing in missing]
        return (
            f"{lacks} Install them with\n    sudo dnf install {' '.join(names)}\nand start again."
        )
    return f"{lacks} Install the packages of your system that carry them and start again."
