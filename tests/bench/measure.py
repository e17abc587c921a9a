"""What every benchmark prints: its own figure, its peer's, and their ratio."""

import statistics
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """Medians in milliseconds over the same number of runs, taken in turn in one go."""

    name: str
    ours: list[float]
    peer_name: str
    peer: list[float]
    goal_ms: float

    def __str__(self) -> str:
        ours, peer = statistics.median(self.ours), statistics.median(self.peer)
        verdict = "met" if ours < self.goal_ms else "MISSED"
        spread = f"{min(self.ours):.0f} to {max(self.ours):.0f}"
        return (
            f"{self.name}: {ours:.0f} ms ({spread}); goal {self.goal_ms:.0f} ms {verdict}; "
            f"{peer:.0f} ms for {self.peer_name}; ratio {ours / peer:.2f}"
        )
