"""What can go wrong, as a person would hear it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ErrorKind(StrEnum):
    """The kinds of failure that parts of the program tell apart."""

    BAD_PICTURE = "bad-picture"
    BAD_DOCUMENT = "bad-document"
    PASSWORD = "password"  # noqa: S105 - the kind of a failure
    TOO_LARGE = "too-large"
    NOT_A_PICTURE = "not-a-picture"
    UNREADABLE = "unreadable"
    EXISTS = "exists"
    NO_TABLE = "no-table"
    DISK_FULL = "disk-full"
    OUT_OF_MEMORY = "out-of-memory"
    DEVICE = "device"
    NO_CHECKPOINT = "no-checkpoint"
    BAD_CHECKPOINT = "bad-checkpoint"
    NETWORK = "network"
    ACCESS = "access"
    CHILD_DIED = "child-died"
    TOO_LONG = "too-long"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Failed:
    """A request ended without its result.

    `headline` says what happened in one plain sentence, `advice` what to do
    about it, `detail` keeps the raw text (a traceback, a library's message)
    for the Details button.
    """

    kind: ErrorKind
    headline: str
    advice: str = ""
    detail: str = ""


class OcellusError(Exception):
    """An error that already carries its words for the screen."""

    def __init__(self, failed: Failed) -> None:
        super().__init__(failed.headline)
        self.failed = failed

    @classmethod
    def of(cls, kind: ErrorKind, headline: str, advice: str = "", detail: str = "") -> OcellusError:
        """Build the error and its `Failed` in one step."""
        return cls(Failed(kind, headline, advice, detail))
