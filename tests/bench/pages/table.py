"""What `bench pages` prints: a Markdown table of the pages, with the readers side by side."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import mean

from tests.bench.pages.scores import PageScore

_FIGURES: dict[str, Callable[["Result"], float | None]] = {
    "CER": lambda one: one.score.cer,
    "F1": lambda one: one.score.f1,
    "next": lambda one: one.score.follows,
    "CPU s": lambda one: one.seconds,
}


@dataclass(frozen=True)
class Result:
    """One page as one reader read it; `seconds` are the processor's."""

    score: PageScore
    seconds: float


Row = Mapping[str, Result]


def table(rows: Mapping[str, Row], readers: list[str]) -> str:
    """A line a page, its figures by reader, and the means over the pages that have the figure."""
    heads = [f"{figure} {reader}" for figure in _FIGURES for reader in readers]
    lines = ["| page | " + " | ".join(heads) + " |", "|---" * (len(heads) + 1) + "|"]
    lines += [_line(page, _values(row, readers)) for page, row in rows.items()]
    columns = zip(*(_values(row, readers) for row in rows.values()), strict=True)
    means = [_mean(list(column), head) for column, head in zip(columns, heads, strict=True)]
    lines.append(_line(f"**mean of {len(rows)}**", means))
    return "\n".join(lines)


def _values(row: Row, readers: list[str]) -> list[float | None]:
    return [
        value(row[reader]) if reader in row else None
        for value in _FIGURES.values()
        for reader in readers
    ]


def _mean(column: list[float | None], head: str) -> float | None:
    """One page that was read as many times its length of nonsense counts as one not read."""
    most = float("inf") if head.startswith("CPU") else 1.0
    known = [min(most, value) for value in column if value is not None]
    return mean(known) if known else None


def _line(name: str, values: list[float | None]) -> str:
    shown = ["–" if value is None else f"{value:.3f}" for value in values]
    quarter = len(shown) // len(_FIGURES)
    seconds = ["–" if value is None else f"{value:.1f}" for value in values[-quarter:]]
    return f"| {name} | " + " | ".join([*shown[:-quarter], *seconds]) + " |"
