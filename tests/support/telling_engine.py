"""An engine that tells with each answer what it took."""

from answering_engine import AnsweringEngine

from app.core.events import Finished, FinishReason, Stats, Text

STATS = Stats(1948, 101, 0.42, 2.0, 4096, 4_900_000_000)


class TellingEngine(AnsweringEngine):
    def answer(self, ask):
        yield Text("8.88")
        yield Finished(FinishReason.END, STATS)


def make(config):
    return TellingEngine()
