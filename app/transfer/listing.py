"""What a repository of the hub holds, and which of it may come onto this disk."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from app.core.errors import ErrorKind, OcellusError

# Data alone: no pickles (.bin, .pt), no code (.py), nothing in a folder. Two letters at least
# before the ending and no leading dot; the device names of Windows are refused below.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,150}\.(safetensors|json|txt|model|jinja)")
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
OURS = "ocellus.json"


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file: `size` in bytes; `sha256`, or for small ones git's `sha1` of the blob."""

    name: str
    size: int
    sha256: str
    sha1: str

    def matches(self, path: Path) -> bool:
        """Whether the file at `path` has this file's size and hash. Raises OSError."""
        if path.stat().st_size != self.size:
            return False
        # SHA-1 is what git names a blob by; it is all that the hub tells of small files.
        check = hashlib.sha256() if self.sha256 else hashlib.sha1(usedforsecurity=False)
        if not self.sha256:
            check.update(b"blob %d\0" % self.size)
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                check.update(piece)
        return check.hexdigest() == (self.sha256 or self.sha1)


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
    return bool(_NAME.fullmatch(name)) and not _DEVICES.match(name) and name != OURS


def from_plain(plain: object) -> Listing:
    """A listing from JSON, checked again. Raises ValueError."""
    try:
        table = cast("dict[str, Any]", plain)
        files = tuple(RemoteFile(str(n), int(s), str(a), str(b)) for n, s, a, b in table["files"])
        listing = Listing(str(table["repository"]), str(table["commit"]), files)
    except (TypeError, KeyError) as error:
        raise ValueError(str(error)) from error
    if not all(allowed(file.name) for file in files) or not _COMMIT.fullmatch(listing.commit):
        raise ValueError("not a listing")
    return listing


def from_hub(repository: str, answer: object) -> Listing:
    """The allowed files in the hub's answer about a repository. Raises OcellusError."""
    try:
        table = cast("dict[str, Any]", answer)
        commit = str(table["sha"])
        found = [_file(item) for item in table["siblings"] if allowed(str(item["rfilename"]))]
    except (TypeError, KeyError, ValueError) as error:
        raise _odd(repr(error)) from error
    names = [file.name.lower() for file in found]
    if not _COMMIT.fullmatch(commit) or len(set(names)) != len(names):
        raise _odd(f"commit {commit!r}, {len(names)} files")
    if "config.json" not in names or not any(n.endswith(".safetensors") for n in names):
        raise OcellusError.of(
            ErrorKind.BAD_CHECKPOINT,
            "This model has no weights that are safe to open.",
            "Choose a model that is published with config.json and .safetensors files.",
            repository,
        )
    return Listing(repository, commit, tuple(found))


def _file(item: dict[str, Any]) -> RemoteFile:
    large = cast("dict[str, Any]", item.get("lfs") or {})
    sha256, sha1 = str(large.get("sha256", "")), str(item.get("blobId", ""))
    size = int(large.get("size", item["size"]))
    if size < 0 or not (_SHA256.fullmatch(sha256) if large else _COMMIT.fullmatch(sha1)):
        raise ValueError(f"{item['rfilename']}: no hash")
    return RemoteFile(str(item["rfilename"]), size, sha256, sha1)


def _odd(detail: str) -> OcellusError:
    return OcellusError.of(
        ErrorKind.NETWORK,
        "The hub's answer makes no sense.",
        "Try again later; if you set a mirror's address, check it.",
        detail,
    )
