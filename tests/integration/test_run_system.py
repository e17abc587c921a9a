"""Which system libraries are missing, and what is said or done about it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import PySide6
import pytest

ROOT = Path(__file__).resolve().parents[2]
PLUGIN = Path(PySide6.__file__).parent / "Qt" / "plugins" / "platforms" / "libqxcb.so"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux lacks libraries of Qt")


def provide(pyside: Path, programs: Path, *, root: bool = True) -> subprocess.CompletedProcess[str]:
    """Call the real function in a process whose PATH holds `programs` alone."""
    # A process that gave up root could not read the test's own folders either.
    give_up_root = "" if root else "os.geteuid = lambda: 1000;"
    code = (
        "import os, sys; from pathlib import Path; sys.path.insert(0, os.getcwd());"
        "from provision.system import provide; from provision.messages import SetupError;"
        f"{give_up_root}\n"
        "try:\n    provide(Path.cwd(), Path(sys.argv[1]), 'window')\n"
        "except SetupError as error:\n    sys.exit(str(error))"
    )
    return subprocess.run(
        [sys.executable, "-c", code, str(pyside)],
        cwd=ROOT,
        env={"PATH": str(programs)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def pyside(tmp_path: Path) -> Path:
    """A folder like PySide6's whose X11 plugin asks for a library that is nowhere."""
    folder = tmp_path / "PySide6"
    plugin = folder / "Qt" / "plugins" / "platforms" / "libqxcb.so"
    plugin.parent.mkdir(parents=True)
    (folder / "Qt" / "lib").symlink_to(PLUGIN.parents[2] / "lib")
    content = PLUGIN.read_bytes()
    assert b"libxcb-icccm.so.4\0" in content
    plugin.write_bytes(content.replace(b"libxcb-icccm.so.4\0", b"libxcb-icccm.so.0\0"))
    return folder


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder for PATH that holds no package manager: ldd and what it runs."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in ("ldd", "cat"):
        program(folder, name, f'exec {shutil.which(name)} "$@"')
    return folder


def program(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_without_apt_the_libraries_are_named(pyside: Path, programs: Path) -> None:
    done = provide(pyside, programs)
    assert done.returncode == 1
    assert "This system lacks libxcb-icccm.so.0" in done.stderr
    assert "libxcb-icccm.so.0" not in provide(PLUGIN.parents[3], programs).stderr

    program(programs, "dnf", "exit 99")
    assert "sudo dnf install 'libxcb-icccm.so.0()(64bit)'" in provide(pyside, programs).stderr


def test_without_root_the_one_command_is_named(pyside: Path, programs: Path) -> None:
    """The loader is played by a script: this system has its libraries."""
    program(programs, "ldd", "echo 'libEGL.so.1 => not found'; echo 'libGL.so.1 => not found'")
    program(programs, "apt-get", "exit 99")
    done = provide(pyside, programs, root=False)
    assert done.returncode == 1
    assert "    sudo apt-get install libegl1 libgl1\n" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="apt-get is for root")
def test_root_on_debian_gets_them_installed_and_is_told(
    pyside: Path, programs: Path, tmp_path: Path
) -> None:
    """The loader and apt-get are played by scripts: this system has its libraries."""
    there, calls = tmp_path / "there", tmp_path / "calls"
    program(programs, "ldd", f"cat {there} 2>/dev/null || echo 'libEGL.so.1 => not found'")
    program(programs, "apt-get", f'echo "$@" >> {calls}; [ "$1" = update ] || echo > {there}')
    done = provide(pyside, programs)
    assert done.returncode == 0, done.stderr
    assert "Installing libegl1 with apt-get" in done.stderr
    update, install = calls.read_text().splitlines()
    assert update.startswith("update")
    assert install.startswith("install ")
    assert install.endswith(" libegl1")

    there.unlink()
    program(programs, "apt-get", "exit 100")
    failed = provide(pyside, programs)
    assert failed.returncode == 1
    assert "sudo apt-get install libegl1" in failed.stderr
