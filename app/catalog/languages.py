"""Which languages can be added to the reader's own, and which of them are on this disk."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.core.errors import ErrorKind, OcellusError
from app.core.language import PackSpec
from app.core.words.hashes import SHA256

LARGEST = 64 << 20
"""Bytes that no recognition model needs."""

_REQUIRED = {"id", "title", "script", "size", "sha256", "address", "languages"}
_KNOWN = _REQUIRED | {"note"}
_ID = re.compile(r"[a-z][a-z0-9-]{1,30}")
_CODE = re.compile(r"[a-z]{2,3}")
_SCRIPT = re.compile(r"[A-Z]{3,20}")
_ADDRESS = re.compile(r"https?://[^\s/]+/\S+")


@dataclass(frozen=True, slots=True)
class Pack:
    """One recognition model that can be fetched.

    `languages` are pairs of a code (ISO 639) and a name. `file` is where it
    lies once it is on this disk, `size` its bytes, `script` as in `PackSpec`.
    `note` is a sentence about what it cannot do.
    """

    id: str
    title: str
    script: str
    size: int
    sha256: str
    address: str
    languages: tuple[tuple[str, str], ...]
    file: Path
    note: str = ""

    @property
    def on_disk(self) -> bool:
        """Whether the file is there in full, asked anew each time; its hash is the reader's."""
        try:
            return self.file.stat().st_size == self.size
        except OSError:
            return False

    @property
    def host(self) -> str:
        """Who is asked for it."""
        return self.address.split("/")[2]

    def spec(self) -> PackSpec | None:
        """What to read with, or None while it is not on the disk."""
        if not self.on_disk:
            return None
        path = str(self.file.absolute())
        return PackSpec(self.id, self.title, path, self.sha256, self.size, self.script)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Languages that are not offered, and why."""

    reason: str
    languages: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Packs:
    """The packs in the order in which they are offered."""

    entries: tuple[Pack, ...]
    refused: tuple[Refusal, ...] = ()
    licence: str = ""

    def of_language(self, code: str) -> Pack | None:
        """The first pack that reads this language."""
        return next((pack for pack in self.entries if code in dict(pack.languages)), None)

    def why_not(self, code: str) -> str:
        """Why a language is not offered, as sentences; "" where nothing is known of it."""
        for refusal in self.refused:
            if (name := dict(refusal.languages).get(code)) is not None:
                return f"{name} is not offered. {refusal.reason}"
        return ""

    def entry(self, name: str) -> Pack:
        """The pack of this id, or for the language of this code. Raises OcellusError."""
        pack = next((pack for pack in self.entries if pack.id == name), self.of_language(name))
        if pack is not None:
            return pack
        known = ", ".join(pack.id for pack in self.entries)
        raise OcellusError.of(
            ErrorKind.NO_CHECKPOINT,
            self.why_not(name) or f"There is no language pack called “{name}”.",
            f"The known ones are: {known}. A language's code will do as well.",
        )


def load_languages(catalog_file: Path, folder: Path) -> Packs:
    """The catalog at `catalog_file`, which comes with the program; packs lie in `folder`.

    Raises OSError or ValueError when the installation is damaged.
    """
    with catalog_file.open("rb") as file:
        plain = tomllib.load(file)
    if plain.keys() - {"licence", "pack", "refused"}:
        raise ValueError(f"{catalog_file.name}: unknown {sorted(plain)}")
    packs = tuple(_pack(table, folder) for table in plain.get("pack", []))
    if len({pack.id for pack in packs}) != len(packs):
        raise ValueError(f"{catalog_file.name}: an id comes twice")
    refused = tuple(
        Refusal(str(table["reason"]), _languages(table["languages"]))
        for table in plain.get("refused", [])
    )
    return Packs(packs, refused, str(plain.get("licence", "")))


def remove(pack: Pack) -> None:
    """Delete a pack and what an unfinished download has left. Raises OSError."""
    for ending in ("", ".part", ".blocks", ".etag", ".lock"):
        pack.file.with_name(pack.file.name + ending).unlink(missing_ok=True)


def _pack(table: dict[str, Any], folder: Path) -> Pack:
    missing, unknown = _REQUIRED - table.keys(), table.keys() - _KNOWN
    if missing or unknown:
        raise ValueError(
            f"language pack {table.get('id')!r}: missing {sorted(missing)}, "
            f"unknown {sorted(unknown)}"
        )
    for key, pattern in (
        ("id", _ID),
        ("script", _SCRIPT),
        ("sha256", SHA256),
        ("address", _ADDRESS),
    ):
        if not isinstance(table[key], str) or not pattern.fullmatch(table[key]):
            raise ValueError(f"language pack {table['id']!r}: {key} {table[key]!r}")
    size = table["size"]
    if type(size) is not int or not 0 < size <= LARGEST:
        raise ValueError(f"language pack {table['id']!r}: size {size!r}")
    # The hash in the name: an older file is never taken for the one of a newer catalog.
    name = f"{table['id']}-{table['sha256'][:12]}.onnx"
    return Pack(
        id=table["id"],
        title=str(table["title"]),
        script=table["script"],
        size=size,
        sha256=table["sha256"],
        address=table["address"],
        languages=_languages(table["languages"]),
        file=folder / name,
        note=str(table.get("note", "")),
    )


def _languages(table: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    pairs = tuple((code, str(name)) for code, name in table.items())
    if not pairs or not all(_CODE.fullmatch(code) for code, _ in pairs):
        raise ValueError(f"languages {table!r}")
    return pairs
