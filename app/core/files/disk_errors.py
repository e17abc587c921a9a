"""What a disk refuses, and why, as a person would hear it."""

from __future__ import annotations

import errno
from enum import StrEnum

from app.core.errors import ErrorKind, OcellusError


class Trouble(StrEnum):
    """Why the system did not do what was asked; the value begins a sentence about writing."""

    FULL = "The disk is full"
    TOO_LARGE = "This disk cannot hold a file as large as that"
    NO_PERMISSION = "You have no permission to write there"
    READ_ONLY = "The disk is read-only"
    NOT_FOUND = "The folder is not there"
    TAKEN = "A file is where the folder should be"
    NAME_TOO_LONG = "The name or the path is too long"
    IN_USE = "Another program is using the file"
    OTHER = "The disk reported an error"


_BY_NUMBER = {
    errno.ENOSPC: Trouble.FULL,
    errno.EDQUOT: Trouble.FULL,  # the person's share of it
    errno.EFBIG: Trouble.TOO_LARGE,
    errno.EACCES: Trouble.NO_PERMISSION,
    errno.EPERM: Trouble.NO_PERMISSION,
    errno.EROFS: Trouble.READ_ONLY,
    errno.ENOENT: Trouble.NOT_FOUND,
    errno.ENOTDIR: Trouble.NOT_FOUND,
    errno.EEXIST: Trouble.TAKEN,
    errno.ENAMETOOLONG: Trouble.NAME_TOO_LONG,
    errno.EBUSY: Trouble.IN_USE,
    errno.ETXTBSY: Trouble.IN_USE,
}
# Windows' own numbers say more than the errno that Python makes of them: see winerror.h.
_BY_WINDOWS_NUMBER = {
    19: Trouble.READ_ONLY,  # ERROR_WRITE_PROTECT
    32: Trouble.IN_USE,  # ERROR_SHARING_VIOLATION
    33: Trouble.IN_USE,  # ERROR_LOCK_VIOLATION
    39: Trouble.FULL,  # ERROR_HANDLE_DISK_FULL
    112: Trouble.FULL,  # ERROR_DISK_FULL
    206: Trouble.NAME_TOO_LONG,  # ERROR_FILENAME_EXCED_RANGE
    223: Trouble.TOO_LARGE,  # ERROR_FILE_TOO_LARGE
    1295: Trouble.FULL,  # ERROR_DISK_QUOTA_EXCEEDED
}


def trouble_of(error: OSError) -> Trouble:
    """What this error of the system means."""
    by_windows = _BY_WINDOWS_NUMBER.get(getattr(error, "winerror", None) or 0)
    return by_windows or _BY_NUMBER.get(error.errno or 0, Trouble.OTHER)


def is_full(error: OSError) -> bool:
    """Whether the disk, or the person's share of it, has no room for what was written.

    Also where no file may grow so large, on this disk or for this person.
    """
    return trouble_of(error) in (Trouble.FULL, Trouble.TOO_LARGE)


def not_written(
    error: OSError,
    lost: str,
    with_room: str,
    otherwise: str = "Check the folder's permissions, and that its drive is there.",
    *,
    kind: ErrorKind = ErrorKind.UNREADABLE,
) -> OcellusError:
    """That the disk refused what was written to it.

    `lost` says what there is not now ("letter.txt was not saved"), `with_room` what is to be done
    on a full disk ("Free some space, then …"), `otherwise` what else helps. `kind` is that of
    all but a full disk.
    """
    trouble = trouble_of(error)
    advice = otherwise
    if trouble is Trouble.FULL:
        advice = with_room
    elif trouble is Trouble.TOO_LARGE:
        advice = "Choose a folder on another disk; memory sticks often hold 4 GB per file."
    elif trouble is Trouble.IN_USE:
        advice = "Close that program, then try again."
    kind = ErrorKind.DISK_FULL if is_full(error) else kind
    return OcellusError.of(kind, f"{trouble}: {lost}.", advice, f"{type(error).__name__}: {error}")


def not_read(error: OSError | ValueError, name: str) -> OcellusError:
    """That a person's file, which messages call `name`, could not be read."""
    trouble = trouble_of(error) if isinstance(error, OSError) else Trouble.OTHER
    match trouble:
        case Trouble.NOT_FOUND:
            headline = f"{name} is not there."
            advice = "Check its name, and that it was not moved or deleted."
        case Trouble.NO_PERMISSION:
            headline = f"You have no permission to read {name}."
            advice = "Change the file's permissions, or copy it to a folder of yours."
        case Trouble.IN_USE:
            headline = f"Another program is using {name}."
            advice = "Close that program, then try again."
        case _:
            headline = f"{name} could not be read."
            advice = "If it lies on a network or a removable drive, copy it to this computer first."
    return OcellusError.of(ErrorKind.UNREADABLE, headline, advice, str(error))


def not_removed(error: OSError, what: str) -> OcellusError:
    """That the files of `what` could not be deleted."""
    return OcellusError.of(
        ErrorKind.UNREADABLE,
        f"{what} could not be removed.",
        "Close other programs that use its files, and check their folder's permissions.",
        str(error),
    )
