"""A file that is whole under its name, or not there at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from app.core.errors import ErrorKind, OcellusError
from app.core.files.atomic import new_file, publish
from app.core.files.disk_errors import not_written
from app.core.files.private import usual_rights, write_all

# What an unfinished file is called beside its target; a killed program may leave one.
PASSING_NAMES = ".ocellus-*.part"

Words = Callable[[OSError, Path], OcellusError]


def place(
    fill: Callable[[Output], object],
    path: Path,
    *,
    replace: bool = False,
) -> None:
    """Have `fill` write a file under a passing name beside `path`, then rename it to that.

    Raises OcellusError: of kind EXISTS where `path` is taken and not to be
    replaced, DISK_FULL, UNREADABLE for any other reason of the disk; and what
    `fill` raises. Nothing is left behind then, and what was there stays.
    """
    check_free(path, replace=replace)
    with _in_words(path):
        is_link = path.is_symlink()
    if replace and is_link:
        path = path.resolve()
    # A name of its own: other programs write into this folder, too.
    part = path.with_name(PASSING_NAMES.replace("*", secrets.token_hex(8)))
    with new_output(part, path) as output:
        fill(output)
    try:
        usual_rights(part)
        with _in_words(path):
            publish(part, path, replace=replace)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise


def check_free(path: Path, *, replace: bool) -> None:
    """Raise OcellusError of kind EXISTS where `path` is taken and not to be replaced.

    Only files are: a folder, a device or a pipe of this name would be lost to everybody.
    """
    with _in_words(path):
        may_go = path.is_file() or path.is_symlink()
        is_taken = os.path.lexists(path)
    if is_taken and not (replace and may_go and not path.is_dir()):
        raise _exists(path)


class Output:
    """A new file whose every failure is told in words about the file at `path`."""

    def __init__(self, file: BinaryIO, path: Path, words: Words | None) -> None:
        self._file, self._path, self._words = file, path, words

    def write(self, data: bytes, /) -> int:
        """Write all of `data`. Raises OcellusError."""
        with _in_words(self._path, self._words):
            write_all(self._file, data)
        return len(data)


@contextmanager
def new_output(part: Path, path: Path, words: Words | None = None) -> Generator[Output]:
    """The new file `part`, on the disk when the block ends, and told of as `path`.

    Nobody else's to read before it has the person's name and rights. `words` are the caller's
    own for what the disk refuses. Raises OcellusError; nothing is left then.
    """
    with ExitStack() as stack:
        with _in_words(path, words):
            # Unbuffered, so that what the disk refuses is told at once.
            file = stack.enter_context(new_file(part, private=True, buffered=False))
        yield Output(file, path, words)
        with _in_words(path, words):
            stack.close()


@contextmanager
def _in_words(path: Path, words: Words | None = None) -> Generator[None]:
    try:
        yield
    except FileExistsError as error:
        raise _exists(path) from error
    except OSError as error:
        raise (words or _unwritten)(error, path) from error


def _exists(path: Path) -> OcellusError:
    if path.is_dir():
        return OcellusError.of(
            ErrorKind.EXISTS,
            f"There is a folder called {path.name} already.",
            "Choose another name.",
        )
    if path.exists() and not path.is_file():
        return OcellusError.of(
            ErrorKind.EXISTS,
            f"{path.name} is not a file but a device or a pipe.",
            "Choose another name.",
        )
    return OcellusError.of(
        ErrorKind.EXISTS,
        f"There is a file called {path.name} already.",
        "Replace it, or choose another name.",
    )


def _unwritten(error: OSError, path: Path) -> OcellusError:
    return not_written(
        error,
        f"{path.name} was not saved",
        "Free some space, or save it on another disk.",
        "Choose another folder.",
    )
