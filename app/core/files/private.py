"""Folders and files that nobody else on this machine can look into, from their first byte.

What the program keeps lies below folders of 0700; its files are 0600. What a person saves in a
place of their own gets the rights that their other files get (`usual_rights`). The process's umask
is left alone: a browser that is opened from here would inherit it. Windows keeps each person's
folders apart by itself, and these rights mean nothing there.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

FOLDER_RIGHTS = 0o700
FILE_RIGHTS = 0o600

# Read when nothing else runs yet; while it is set, new files are closed to others.
_UMASK = os.umask(0o077)
os.umask(_UMASK)


def make_folder(folder: Path) -> None:
    """Make a folder of the program's own, and those above it; a folder that is open is closed.

    Folders above it that are there already stay as they are. Raises OSError.
    """
    for missing in reversed([folder, *folder.parents]):
        if not missing.exists():
            missing.mkdir(FOLDER_RIGHTS, exist_ok=True)
    if not folder.is_dir():
        folder.mkdir(FOLDER_RIGHTS)
    _close_to_others(folder)


def open_file(path: Path, *, new: bool = False, buffered: bool = True) -> BinaryIO:
    """Open a file of the program's own for writing, from its start; `new` ones must not be there.

    Raises OSError.
    """
    flags = os.O_EXCL if new else os.O_TRUNC
    descriptor = _private(path, os.O_WRONLY | os.O_CREAT | flags)
    return os.fdopen(descriptor, "wb", buffering=-1 if buffered else 0)


def write_all(file: BinaryIO, data: bytes) -> None:
    """Write to an unbuffered file, which may take less than it is given. Raises OSError."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


def make_file(path: Path) -> None:
    """Make an empty file unless it is there; close one that is open to others. Raises OSError."""
    os.close(_private(path, os.O_WRONLY | os.O_CREAT))
    _close_to_others(path)


def close_tree(folder: Path) -> None:
    """Close `folder` and all in it to others, where an earlier version left it open."""
    if os.name == "nt" or not folder.is_dir() or not _is_open(folder):
        return
    for place, _, files in os.walk(folder, topdown=False):
        for name in files:
            with suppress(OSError):
                _close_to_others(Path(place, name))
        with suppress(OSError):
            _close_to_others(Path(place))


def usual_rights(path: Path) -> None:
    """Give a file that a person saved the rights that their other files get."""
    if os.name != "nt":
        with suppress(OSError):
            path.chmod(0o666 & ~_UMASK)


def _private(path: Path, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_BINARY", 0), FILE_RIGHTS)


def _is_open(path: Path) -> bool:
    return bool(path.lstat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def _close_to_others(path: Path) -> None:
    """Take away the rights of others; a link's target belongs to somebody else."""
    if os.name == "nt" or path.is_symlink() or not _is_open(path):
        return
    # On a file system without such rights, a memory stick's, nothing can be done.
    with suppress(OSError):
        path.chmod(stat.S_IMODE(path.stat().st_mode) & ~(stat.S_IRWXG | stat.S_IRWXO))
