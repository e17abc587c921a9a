"""Sets a child's walls by the means of its system, and tries whether they hold."""

from __future__ import annotations

import ctypes
import errno
import socket
import sys
from contextlib import suppress
from pathlib import Path

from app.core.walls import Wall, Walls

_FAMILIES = ("AF_INET", "AF_INET6", "AF_PACKET", "AF_NETLINK", "AF_VSOCK", "AF_BLUETOOTH")
_IO_URING_SETUP = 425


def raise_walls(walls: Walls) -> tuple[Wall, ...]:
    """Set what this system can set, for good and for all that this process starts.

    Never raises: a wall that cannot be set is told, and the work goes on without it.
    """
    try:
        if sys.platform == "linux":
            from app.sandbox.linux import raise_walls as raise_them  # noqa: PLC0415
        elif sys.platform == "darwin":
            from app.sandbox.macos import raise_walls as raise_them  # noqa: PLC0415
        elif sys.platform == "win32":
            from app.sandbox.windows import raise_walls as raise_them  # noqa: PLC0415
        else:
            return (Wall("network", False, f"There are no walls for {sys.platform}."),)  # noqa: FBT003
        return raise_them(walls)
    except Exception as error:  # noqa: BLE001 - no child stays away because of its walls
        return (Wall("network", False, f"The walls could not be set: {error!r}."),)  # noqa: FBT003


def try_walls(walls: Walls, outside: Path, told: tuple[Wall, ...] = ()) -> tuple[Wall, ...]:
    """What really happens where a wall should be: each is run against.

    `outside` is a file that this process was not handed; `told` is what `raise_walls`
    said, for the reasons.
    """
    reasons = {wall.name: wall.words for wall in told if not wall.stands}
    found = [_tried("network", _opened_sockets(), reasons)]
    if not walls.local:
        found.append(_tried("programs", _opened_local(), reasons))
    if walls.files is not None:
        found.append(_tried("files", _opened_files(outside), reasons))
    return tuple(found)


def _tried(name: str, opened: list[str], reasons: dict[str, str]) -> Wall:
    if not opened:
        return Wall(name, True, _HELD[name])  # noqa: FBT003
    reason = reasons.get(name) or reasons.get("network", "")
    return Wall(name, False, f"{_FAILED[name]}: {', '.join(opened)}. {reason}".strip())  # noqa: FBT003


_HELD = {
    "network": "no internet socket",
    "programs": "no other program on this machine",
    "files": "no file but those that it is handed",
}
_FAILED = {
    "network": "sockets can be opened",
    "programs": "other programs can be reached",
    "files": "other files can be used",
}


def _opened_sockets() -> list[str]:
    opened: list[str] = []
    for name in _FAMILIES:
        family = getattr(socket, name, None)
        if family is None:
            continue
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
            with suppress(OSError), socket.socket(family, kind):
                opened.append(f"{name} {kind.name}")
    if sys.platform == "linux" and _has_io_uring():
        opened.append("io_uring")
    return opened


def _has_io_uring() -> bool:
    """Whether the kernel gets as far as looking at the arguments, which are nothing here."""
    library = ctypes.CDLL(None, use_errno=True)
    library.syscall(ctypes.c_long(_IO_URING_SETUP), ctypes.c_long(1), None)
    return ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS)


def _opened_local() -> list[str]:
    if not hasattr(socket, "AF_UNIX"):
        return []
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM):
        return ["AF_UNIX"]
    return []


def _opened_files(outside: Path) -> list[str]:
    opened: list[str] = []
    with suppress(OSError), outside.open("rb"):
        opened.append("reading")
    with suppress(OSError), outside.open("ab"):
        opened.append("writing")
    beside = outside.with_name(outside.name + ".made")
    with suppress(OSError):
        beside.touch()
        opened.append("making")
        beside.unlink()
    return opened
