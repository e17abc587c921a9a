"""Linux: Landlock, by which the kernel shows a process only the files that it was given.

Constants are those of linux/landlock.h. The rules hold for the thread that
sets them and for all that it starts from then on.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import struct
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

# The same on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION = 1
_PATH_BENEATH = 1
_PR_SET_NO_NEW_PRIVS = 38

_EXECUTE, _WRITE, _READ, _READ_FOLDER = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_FOLDER, _REMOVE, _MAKE_FOLDER, _MAKE = 1 << 4, 1 << 5, 1 << 7, 1 << 8
_REFER, _TRUNCATE = 1 << 13, 1 << 14
# All to do with files that the first version knows, 2's moves between folders, 3's truncation.
_FIRST, _SECOND, _THIRD = (1 << 13) - 1, _REFER, _TRUNCATE
# Plain files and folders: by a link of its making, others would be led to files that it cannot see.
_KEEP = _WRITE | _READ | _READ_FOLDER | _REMOVE_FOLDER | _REMOVE | _MAKE_FOLDER | _MAKE
_ON_FILES = _EXECUTE | _WRITE | _READ | _TRUNCATE
_TCP = 0b11  # 4: to listen, to connect
_SCOPES = 0b11  # 6: no abstract local sockets, no signals to processes outside

_LEAST = 2
"""The first version lets no file be moved from one folder to another, which storing needs."""


def version() -> int:
    """The kernel's version of Landlock; 0 where there is none or it is switched off."""
    found = _call(_CREATE_RULESET, None, 0, _VERSION)
    return max(found, 0)


def show_only(reads: Iterable[Path], writes: Iterable[Path], devices: Iterable[Path]) -> None:
    """Refuse every file but those at or below these paths, for good.

    Paths that are not there stay out. `devices` may be written to, not made.
    Raises OSError where the kernel does not do that.
    """
    known = version()
    if known < _LEAST:
        raise OSError(errno.ENOSYS, f"Landlock is at version {known}, and {_LEAST} is needed")
    handled = _FIRST | _SECOND | (_THIRD if known >= 3 else 0)
    attributes = struct.pack(
        "=QQQ", handled, _TCP if known >= 4 else 0, _SCOPES if known >= 6 else 0
    )
    # Older kernels know a shorter form.
    size = 24 if known >= 6 else 16 if known >= 4 else 8
    ruleset = _done(_call(_CREATE_RULESET, ctypes.c_char_p(attributes), size, 0))
    try:
        for path in reads:
            _allow(ruleset, path, handled & (_EXECUTE | _READ | _READ_FOLDER))
        for path in writes:
            _allow(ruleset, path, handled & (_KEEP | _REFER | _TRUNCATE))
        for path in devices:
            _allow(ruleset, path, handled & (_READ | _WRITE | _READ_FOLDER))
        library = ctypes.CDLL(None, use_errno=True)
        _done(library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        _done(_call(_RESTRICT_SELF, ruleset, 0))
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    # O_PATH: also what cannot be opened can be named.
    with suppress(FileNotFoundError, NotADirectoryError, PermissionError):
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not stat.S_ISDIR(os.fstat(place).st_mode):
                rights &= _ON_FILES
            rule = struct.pack("=Qi", rights, place)
            _done(_call(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.c_char_p(rule), 0))
        finally:
            os.close(place)


def _call(number: int, *arguments: object) -> int:
    library = ctypes.CDLL(None, use_errno=True)
    wide = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    return library.syscall(ctypes.c_long(number), *wide)


def _done(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
