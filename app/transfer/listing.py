"""What a repository of the hub holds, and which of it may come onto this disk."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from app.core.errors import ErrorKind, OcellusError
from app.core.words.hashes import SHA1, SHA256

# Data alone: no pickles (.bin, .pt), no code (.py), nothing in a folder. Two letters at least
# before the ending and no leading dot; the device names of Windows are refused below.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,150}\.(safetensors|json|txt|model|jinja)")
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
OURS = "ocellus.json"
# The largest LLaVA has 220 GB in 46 shards. Beyond these, an answer is a mistake or an attack.
_LARGEST_FILE = 1 << 40
_LARGEST = 1 << 42
_MOST_FILES = 2000


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file: `size` in bytes; `sha256`, or for small ones git's `sha1` of the blob."""

    name: str
    size: int
    sha256: str
    sha1: str

    def is_sound(self) -> bool:
        """Whether this may come: an allowed name, a size, and one hash of the right form."""
        size = type(self.size) is int and 0 <= self.size <= _LARGEST_FILE
        pair = (SHA256, self.sha256) if self.sha256 else (SHA1, self.sha1)
        return allowed(self.name) and size and bool(pair[0].fullmatch(pair[1]))

    def matches(self, path: Path, check: Callable[[], None] = lambda: None) -> bool:
        """Whether the file at `path` has this file's size and hash. Raises OSError.

        `check` is called for every megabyte, and may raise to break off.
        """
        if path.stat().st_size != self.size:
            return False
        # SHA-1 is what git names a blob by; it is all that the hub tells of small files.
        found = hashlib.sha256() if self.sha256 else hashlib.sha1(usedforsecurity=False)
        if not self.sha256:
            found.update(b"blob %d\0" % self.size)
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                found.update(piece)
                check()
        return found.hexdigest() == (self.sha256 or self.sha1)


@dataclass(frozen=True, slots=True)
class Listing:
    """The allowed files of one repository at one commit."""

    repository: str
    commit: str
    files: tuple[RemoteFile, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    def plain(self) -> dict[str, Any]:
        """As JSON; `from_plain` is the way back."""
        files = [[file.name, file.size, file.sha256, file.sha1] for file in self.files]
        return {"repository": self.repository, "commit": self.commit, "files": files}


def allowed(name: str) -> bool:
    """Whether a file of this name may be fetched: a plain name with an ending on the list."""
    return bool(_NAME.fullmatch(name)) and not _DEVICES.match(name) and name.lower() != OURS


def from_plain(plain: object) -> Listing:
    """A listing from JSON, checked again. Raises ValueError."""
    try:
        table = cast("dict[str, Any]", plain)
        files = tuple(RemoteFile(str(n), s, str(a), str(b)) for n, s, a, b in table["files"])
        listing = Listing(str(table["repository"]), str(table["commit"]), files)
    except (TypeError, KeyError) as error:
        raise ValueError(str(error)) from error
    _check(listing)
    return listing


def from_hub(repository: str, answer: object) -> Listing:
    """The allowed files in the hub's answer about a repository. Raises OcellusError."""
    try:
        table = cast("dict[str, Any]", answer)
        items = cast("list[dict[str, Any]]", table["siblings"])
        found = tuple(_file(item) for item in items if allowed(str(item["rfilename"])))
        listing = Listing(repository, str(table["sha"]), found)
        _check(listing)
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise no_sense(error) from error
    names = [file.name for file in found]
    if "config.json" not in names or not any(n.endswith(".safetensors") for n in names):
        raise OcellusError.of(
            ErrorKind.BAD_CHECKPOINT,
            "This model has no weights that are safe to open.",
            "Choose a model that is published with config.json and .safetensors files.",
            repository,
        )
    return listing


def no_sense(error: Exception) -> OcellusError:
    """The words for an answer that is no listing."""
    return OcellusError.of(
        ErrorKind.NETWORK,
        "The hub's answer cannot be understood.",
        "Try again later; if you set a mirror's address, check it.",
        repr(error)[:500],
    )


def _file(item: dict[str, Any]) -> RemoteFile:
    large = cast("dict[str, Any]", item.get("lfs") or {})
    sha1 = "" if large else str(item["blobId"])
    sha256 = str(large["sha256"]) if large else ""
    return RemoteFile(str(item["rfilename"]), large.get("size", item["size"]), sha256, sha1)


def _check(listing: Listing) -> None:
    """Raise ValueError for what no repository of a model has."""
    if not SHA1.fullmatch(listing.commit):
        raise ValueError(f"commit {listing.commit[:100]!r}")
    if len(listing.files) > _MOST_FILES:
        raise ValueError(f"{len(listing.files)} files")
    for file in listing.files:
        if not file.is_sound():
            raise ValueError(f"{file.name}: size {file.size!r:.50} or no hash")
    if listing.size > _LARGEST:
        raise ValueError(f"{listing.size} bytes")
    # Two names that differ in capitals alone are one file on Windows and macOS.
    if len({file.name.lower() for file in listing.files}) != len(listing.files):
        raise ValueError("two files of one name")
