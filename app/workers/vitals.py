"""What a child and its host tell one another without the pipe."""

from __future__ import annotations

from multiprocessing.context import SpawnContext

_WATERMARK, _BEATS, _RECEIVED, _WORKING, _STEPS, _SETTLED, _COUNT = range(7)


class Vitals:
    """A few numbers in memory that two processes share; each has one writer.

    Numbers can be read while a pipe is blocked, and a process that is stopped
    or stuck in a library cannot forget to send them.
    """

    def __init__(self, context: SpawnContext) -> None:
        self._numbers = context.RawArray("Q", _COUNT)

    @property
    def watermark(self) -> int:
        """Requests up to this number are cancelled (the host's)."""
        return self._numbers[_WATERMARK]

    @watermark.setter
    def watermark(self, number: int) -> None:
        self._numbers[_WATERMARK] = number

    @property
    def beats(self) -> int:
        """Grows as long as the child's threads get to run."""
        return self._numbers[_BEATS]

    def beat(self) -> None:
        """One more sign of life."""
        self._numbers[_BEATS] += 1

    @property
    def received(self) -> int:
        """The number of the request that reached the child last."""
        return self._numbers[_RECEIVED]

    @received.setter
    def received(self, number: int) -> None:
        self._numbers[_RECEIVED] = number

    @property
    def working(self) -> int:
        """The number of the request that is worked on; 0 for none."""
        return self._numbers[_WORKING]

    @working.setter
    def working(self, number: int) -> None:
        self._numbers[_WORKING] = number

    @property
    def steps(self) -> int:
        """Grows with every event, and every look at whether the work is cancelled."""
        return self._numbers[_STEPS]

    def step(self) -> None:
        """The work has come a bit further."""
        self._numbers[_STEPS] += 1

    @property
    def is_settled(self) -> bool:
        """Whether the service was made, its libraries imported."""
        return self._numbers[_SETTLED] == 1

    def settle(self) -> None:
        """The service was made, or could not be."""
        self._numbers[_SETTLED] = 1
