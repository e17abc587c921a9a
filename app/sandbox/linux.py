"""The walls on Linux, each with a sentence on whether it stands."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from app.core.walls import Files, Wall, Walls
from app.sandbox import landlock, seccomp

# Libraries, fonts and the loader's cache; on NixOS and Guix libraries lie in a store of their own.
_SYSTEM = (
    "/usr",
    "/lib",
    "/lib32",
    "/lib64",
    "/nix/store",
    "/gnu/store",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.preload",
    "/etc/localtime",
    "/etc/os-release",
    "/etc/ssl/openssl.cnf",
)
# Which processors and cards there are, how much memory, and this process's own state.
_KERNEL = (
    "/proc/self",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/sys/vm/overcommit_memory",
    "/sys/bus",
    "/sys/class",
    "/sys/devices",
    "/sys/fs/cgroup",
)
_DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
_MODPROBE_SECONDS = 10


def raise_walls(walls: Walls) -> tuple[Wall, ...]:
    """Set what can be set; the rest is told and the child goes on."""
    if walls.local:
        _wake_card()
    # First: opening a filter reads nothing, and Landlock needs no socket.
    standing = [_network(local=walls.local)]
    if walls.files is not None:
        standing.append(_files(walls.files))
    return tuple(standing)


def _network(*, local: bool) -> Wall:
    try:
        seccomp.refuse_sockets(local=local)
    except OSError as error:
        return Wall("network", False, f"The kernel sets no filter on sockets: {error}.")  # noqa: FBT003
    words = "no internet socket" if local else "no socket of any kind"
    return Wall("network", True, f"The kernel gives this process {words}.")  # noqa: FBT003


def _files(files: Files) -> Wall:
    _compile_own()
    try:
        for folder in files.writes:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        system = [Path(name) for name in (*_SYSTEM, *_KERNEL)]
        reads = [*system, *_installation(), *files.reads]
        landlock.show_only(reads, files.writes, [Path(name) for name in _DEVICES])
    except OSError as error:
        return Wall("files", False, f"The kernel does not hide files: {error}.")  # noqa: FBT003
    if files.writes:
        # Where a library wants a passing file, it is one of ours.
        os.environ["TMPDIR"] = str(files.writes[-1])
    return Wall("files", True, "The kernel shows this process only the files that it is handed.")  # noqa: FBT003


def _installation() -> list[Path]:
    """Python, its packages and this program, where they lie outside the system's folders."""
    own = Path(__file__).resolve().parents[1]
    places = [Path(sys.prefix), Path(sys.base_prefix), Path(sys.exec_prefix), own]
    if frozen := getattr(sys, "_MEIPASS", None):
        places = [Path(frozen), Path(sys.executable).parent]
    # Packages outside the environment, but no folder that is merely worked in.
    places += [Path(name) for name in sys.path if name.endswith(("-packages", ".zip"))]
    paths = os.environ.get("LD_LIBRARY_PATH", "").split(":")
    return [*places, *(Path(name) for name in paths if name)]


def _compile_own() -> None:
    """Keep our compiled modules: from within the walls, each start would compile them anew."""
    if sys.dont_write_bytecode or getattr(sys, "frozen", False):
        return
    import compileall  # noqa: PLC0415 - only here, and not in what is frozen

    for name in ("core", "reader"):
        compileall.compile_dir(Path(__file__).resolve().parents[1] / name, quiet=2)


def _wake_card() -> None:
    """Have NVIDIA's helper load the part of its driver that CUDA needs.

    CUDA starts it by itself, but it is root's, and from within the walls nothing becomes root.
    """
    helper = shutil.which("nvidia-modprobe")
    if helper is None or Path("/dev/nvidia-uvm").exists():
        return
    with suppress(OSError, subprocess.SubprocessError):
        words = [helper, "-c", "0", "-u"]
        subprocess.run(words, check=False, timeout=_MODPROBE_SECONDS, capture_output=True)
