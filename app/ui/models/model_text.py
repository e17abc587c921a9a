"""What the models window says about a model, in plain words."""

from __future__ import annotations

from app.catalog.fit import FITS_EVERYWHERE, Fit, Verdict
from app.catalog.machine import Machine
from app.core.words.sizes import size
from app.session.models.download import ModelDownload, Step
from app.session.models.library_row import ModelRow

_MINUTE, _HOUR = 60.0, 3600.0


_BEFORE = {
    Step.WAITING: "It starts when the other download is done.",
    Step.RUNNING: "Asking the hub for the list of files…",
    Step.PAUSED: "Nothing has arrived yet.",
    Step.IMPORTING: "Looking at the folder…",
}


def time_left(seconds: float) -> str:
    """About how long it still takes."""
    if seconds < _MINUTE:
        return "less than a minute left"
    if seconds < _HOUR:
        minutes = round(seconds / _MINUTE)
        return f"about {minutes} {'minute' if minutes == 1 else 'minutes'} left"
    hours, rest = divmod(round(seconds / _MINUTE), 60)
    return f"about {hours} h {rest} min left"


def machine(found: Machine | None) -> str:
    """What this machine has to give to a model."""
    if found is None:
        return "Looking at this machine…"
    return found.words


def verdict(row: ModelRow, found: Machine | None) -> str:
    """Whether it fits into the memory."""
    if row.entry.for_trying:
        return FITS_EVERYWHERE
    if row.fit is None:
        return "" if found is not None else "Looking at the memory…"
    return row.fit.words


def colour(fit: Fit) -> str:
    """The theme's colour for a verdict."""
    colours = {Verdict.FITS: "accent", Verdict.SHORTER: "warning", Verdict.TOO_LARGE: "danger"}
    return colours[fit.verdict]


def disk(row: ModelRow, found: Machine | None) -> str:
    """What it takes on the disk; both figures where the disk is too small."""
    if row.on_disk:
        return f"{size(row.size)} on this disk"
    if not row.size:
        return ""
    if row.missing and found is not None:
        needed = row.missing + found.disk_free
        return (
            f"The disk is too small: {size(needed)} are needed with some spare, "
            f"{size(found.disk_free)} are free"
        )
    return f"{size(row.size)} to bring along" if row.entry.by_hand else f"{size(row.size)} to fetch"


def badge(row: ModelRow) -> str:
    """The state in a word or two."""
    step = row.download.step if row.download else None
    words = {
        Step.WAITING: "Waiting",
        Step.RUNNING: "Downloading",
        Step.PAUSED: "Paused",
        Step.FAILED: "Interrupted",
        Step.IMPORTING: "Importing",
        Step.REMOVING: "Deleting",
    }
    if step is not None:
        return words[step]
    if row.current:
        return "In use"
    if row.on_disk:
        return "On this disk"
    return "Recommended" if row.best else ""


def progress(item: ModelDownload) -> str:
    """How far a download or an import is."""
    if item.step is Step.FAILED and item.failed is not None:
        after = "Ocellus tries again by itself." if item.retries else item.failed.advice
        return f"{item.failed.headline} {after}".strip()
    if item.step is Step.REMOVING:
        return "The files are being deleted…"
    if item.step is Step.RUNNING and item.waiting is not None:
        attempt, attempts = item.waiting
        words = f"Waiting for the hub, try {attempt} of {attempts}."
        return f"{size(item.done)} of {size(item.total)} · {words}" if item.total else words
    if not item.total:
        return _BEFORE.get(item.step, "")
    words = f"{size(item.done)} of {size(item.total)}"
    if item.step is Step.RUNNING and item.done >= item.total:
        return f"{words} · checking the files…"
    if item.speed:
        words += f" · {size(item.speed)}/s"
    if item.left is not None and item.done < item.total:
        words += f" · {time_left(item.left)}"
    return words


def fraction(item: ModelDownload) -> float | None:
    """From 0 to 1; None where it is not known."""
    return min(1.0, item.done / item.total) if item.total else None
