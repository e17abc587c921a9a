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
    goal_ms: float | None = None

    def __str__(self) -> str:
        ours, peer = statistics.median(self.ours), statistics.median(self.peer)
        # A step of the engine takes a few milliseconds, of which tenths count.
        digits = 1 if min(ours, peer) < 20 else 0
        spread = f"{min(self.ours):.{digits}f} to {max(self.ours):.{digits}f}"
        goal = ""
        if self.goal_ms is not None:
            goal = f" goal {self.goal_ms:.0f} ms {'met' if ours < self.goal_ms else 'MISSED'};"
        return (
            f"{self.name}: {ours:.{digits}f} ms ({spread});{goal} "
            f"{peer:.{digits}f} ms for {self.peer_name}; ratio {ours / peer:.2f}"
        )
