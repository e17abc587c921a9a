"""What the bench prints, and which goals were met."""

from dataclasses import dataclass, field

from tests.bench.reading.scores import Score

READERS = ("Ocellus", "Tesseract", "RapidOCR")
MOST_OF_PEER, MOST_OVERALL, MOST_TIME = 0.5, 0.015, 1.15


@dataclass
class Results:
    """Scores by layout class and reader, added up."""

    scores: dict[str, dict[str, Score]] = field(default_factory=dict)

    def add(self, layout: str, reader: str, score: Score) -> None:
        row = self.scores.setdefault(layout, {})
        row[reader] = row.get(reader, Score()) + score

    def overall(self) -> dict[str, Score]:
        return {
            reader: sum((row[reader] for row in self.scores.values()), Score())
            for reader in READERS
        }

    def table(self) -> str:
        """A Markdown table: errors of the three, words of the three, cells of Ocellus."""
        heads = [*(f"CER {one}" for one in READERS), *(f"words {one}" for one in READERS), "cells"]
        lines = ["| layout | " + " | ".join(heads) + " |", "|---" * (len(heads) + 1) + "|"]
        for layout, row in [*self.scores.items(), ("**all**", self.overall())]:
            figures = [f"{row[one].cer:.2%}" for one in READERS]
            figures += [f"{row[one].words.f1:.3f}" for one in READERS]
            ours = row["Ocellus"].cells
            figures.append(f"{ours.f1:.3f}" if ours.wanted else "–")
            lines.append(f"| {layout} | " + " | ".join(figures) + " |")
        return "\n".join(lines)

    def goals(self) -> list[tuple[str, bool]]:
        """Each goal in words with its figures, and whether it was met."""
        goals: list[tuple[str, bool]] = []
        for layout, row in self.scores.items():
            peer = min(READERS[1:], key=lambda one: row[one].cer)
            ours, most = row["Ocellus"].cer, MOST_OF_PEER * row[peer].cer
            goals.append(
                (f"{layout}: CER {ours:.2%}, at most half of {peer}'s {row[peer].cer:.2%}",
                 ours <= most)
            )  # fmt: skip
        overall = self.overall()["Ocellus"].cer
        goals.append((f"all: CER {overall:.2%}, under {MOST_OVERALL:.1%}", overall < MOST_OVERALL))
        return goals


def time_goal(ours: list[float], peer: list[float]) -> tuple[str, bool]:
    """The least of each side's seconds, and their ratio."""
    ratio = min(ours) / min(peer)
    times = f"Ocellus {min(ours):.2f} s, RapidOCR {min(peer):.2f} s (least of {len(ours)}, in turn)"
    return (
        f"time for 1920×1080: {times}; ratio {ratio:.2f}, at most {MOST_TIME}",
        ratio <= MOST_TIME,
    )
