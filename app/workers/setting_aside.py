"""The files that ended the reader in this run: named, and not tried again by themselves."""

from __future__ import annotations

import hashlib
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from app.core.errors import ErrorKind, Failed
from app.core.requests import (
    ReadDocument,
    ReadPicture,
    Request,
    SaveReading,
    TakeCrops,
    TakeDocument,
    TakePage,
    TakePicture,
)

# A document that ends the reader at as many pages is not worth the rest.
MOST_DEATHS = 3
_AGAIN = "Ocellus will not open it again by itself. Your other files are not touched."


@dataclass(frozen=True, slots=True)
class Culprit:
    """What a request works on: a key that stands for its content, and words for a sentence.

    `document` is the key of the document that it is a page of, called `name`.
    """

    key: str
    words: str
    document: str = ""
    name: str = ""


class SetAside:
    """Remembers by content what ended the reader."""

    def __init__(self) -> None:
        self._failures: dict[str, Failed] = {}
        self._deaths: Counter[str] = Counter()
        self._sizes: set[int] = set()
        self._paths: dict[str, str] = {}

    def blame(self, culprit: Culprit, failed: Failed) -> Failed:
        """Set it aside for this end of the reader; returns the failure with its name."""
        said = failed.headline.rstrip(".").replace(" unexpectedly", "")
        named = replace(
            failed,
            headline=f"{said} while it worked on {culprit.words}.",
            advice=f"{_AGAIN} {failed.advice}".strip(),
        )
        self._failures[culprit.key] = named
        self._deaths[culprit.document] += 1
        if culprit.document and self._deaths[culprit.document] >= MOST_DEATHS:
            # Of another kind: whoever reads page by page goes on after one that ended the reader.
            self._failures[culprit.document] = named = Failed(
                ErrorKind.BAD_DOCUMENT,
                f"{culprit.name} ended the reader {MOST_DEATHS} times and was set aside.",
                "The pages that were read are kept. Your other files are not touched.",
                failed.detail,
            )
        return named

    def refusal(self, culprit: Culprit | None) -> Failed | None:
        """What to say instead of trying it again; None where nothing is known against it."""
        if culprit is None:
            return None
        return self._failures.get(culprit.document) or self._failures.get(culprit.key)

    def forgive(self, path: Path) -> None:
        """A person wants this file to be tried once more."""
        key = self._paths.get(str(path))
        if key is not None:
            self._failures.pop(key, None)

    def forgive_document(self, sha256: str) -> None:
        """A person wants this document, all its pages, to be tried once more."""
        self._deaths.pop(sha256, None)
        for key in [key for key in self._failures if key.startswith(sha256)]:
            del self._failures[key]

    def may_know(self, request: Request) -> bool:
        """Whether the content of this request's file is worth a look before it is sent."""
        if not isinstance(request, TakePicture | TakeDocument) or not self._sizes:
            return False
        with suppress(OSError):
            return Path(request.path).stat().st_size in self._sizes
        return False

    def remember_file(self, path: str, key: str) -> None:
        """The content that this path has, for `may_know` and `forgive`."""
        self._paths[path] = key
        with suppress(OSError):
            self._sizes.add(Path(path).stat().st_size)


def culprit_of(request: Request, arrived: int, about: str = "") -> Culprit | None:
    """What this request works on after so many of its events; None for no file.

    Reads the whole of a file that is not in the store: for a thread that may
    wait. `about` names a picture, whose request does not.
    """
    match request:
        case TakePicture(path, name) | TakeDocument(path, name):
            return _file(path, name or Path(path).name)
        case ReadPicture(sha256) | TakeCrops(sha256):
            words = f"“{about}”" if about else "a picture"
            return Culprit(f"{sha256} text", f"the text of {words}")
        case TakePage(document, page):
            return _page(document.sha256, document.name, page)
        case ReadDocument(document, pages):
            page = pages[min(arrived, len(pages) - 1)] if pages else arrived + 1
            return _page(document.sha256, document.name, page)
        case SaveReading(document):
            return Culprit(f"{document.sha256} saved", f"“{document.name}”")
        case _:
            return None


def _file(path: str, name: str) -> Culprit | None:
    try:
        with Path(path).open("rb") as file:
            key = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
    return Culprit(key, f"“{name}”")


def _page(sha256: str, name: str, page: int) -> Culprit:
    words = f"“{name}”"
    return Culprit(f"{sha256} page {page}", f"page {page} of {words}", sha256, words)
