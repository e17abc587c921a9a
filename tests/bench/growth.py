"""`python3 run.py bench engine-growth`: time for a token and memory, as a conversation grows.

A small random model: what is looked for is the shape of the curves, which the engine makes, not
their height, which the weights make. `--save DIR` writes a plot beside the numbers.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path

CONTEXTS = (1024, 2048, 4096, 8192, 16384, 32000)
PICTURES = 8
TURNS = 200
TOLD_TURNS = (1, 10, 25, 50, 100, 150, 200)
TOKENS = 16


@dataclass(frozen=True)
class Point:
    """How far it has grown, and what a token then takes (ms), the first token (ms), memory (MB)."""

    size: int
    token: float
    first: float
    memory: float


def growth(save=None):
    """Print the numbers, and plot them into the folder `save`."""
    from app.engine.environment import settle

    settle()
    from app.engine import libraries

    libraries.prepare()
    series = {}
    for name, grow in (("tokens", _contexts), ("pictures", _pictures), ("turns", _turns)):
        print(f"{name:>9} {'a token':>10} {'the first':>10} {'memory':>10}", flush=True)
        series[name] = []
        for point in grow():
            series[name].append(point)
            print(
                f"{point.size:>9} {point.token:>7.2f} ms {point.first:>7.0f} ms "
                f"{point.memory:>7.1f} MB",
                flush=True,
            )
    if save is not None:
        save.mkdir(parents=True, exist_ok=True)
        file = save / "growth.svg"
        file.write_text(plot(series), "utf-8")
        print(file)


def _contexts():
    """Behind ever longer texts; the first token is that of a follow-up of 24 tokens."""
    import time

    from tests.bench.engine import device_and_dtype
    from tests.bench.engine_peers import Ours, filled
    from tests.bench.random_model import THIN, random_model

    ours = Ours(random_model(8, THIN, *device_and_dtype()))
    for length in CONTEXTS:
        cache = filled(ours.decoder, length)
        began = time.perf_counter()
        ours.start([5] * (length + 24), cache)
        first = (time.perf_counter() - began) * 1000
        token = min(ours.after(length, TOKENS) for _ in range(3))
        yield Point(length, token, first, cache.size / 1e6)


def _pictures():
    """One conversation, in which each question brings one more picture of 2,340 tokens."""
    with _asked(side=336) as asked:
        for count in range(1, PICTURES + 1):
            yield asked(count, [asked.bench.picture(640, 480, seed=count)])


def _turns():
    """One conversation of short questions."""
    with _asked(side=28) as asked:
        for count in range(1, TURNS + 1):
            point = asked(count, [])
            if count in TOLD_TURNS:
                yield point


class _asked:  # noqa: N801 - used as a function
    """A conversation with the whole engine over a small checkpoint."""

    def __init__(self, side):
        self._side = side
        self._turns = []

    def __enter__(self):
        from app.core.model import Architecture, ModelSpec, PromptFormat
        from tests.engine.asking import Bench
        from tests.engine.checkpoints import write_checkpoint

        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        side = self._side
        grid = [[side, 2 * side], [2 * side, side], [2 * side, 2 * side]]
        write_checkpoint(folder / "model", Architecture.LLAVA_NEXT, 32768, side=side, grid=grid)
        self._spec = ModelSpec("small", "Small", str(folder / "model"), PromptFormat.MISTRAL)
        self.bench = Bench(folder / "pictures")
        return self

    def __exit__(self, *_):
        self.bench.engine.close()
        self._folder.cleanup()

    def __call__(self, size, pictures):
        """Ask once more; the Point at this size."""
        from app.core.conversation import Role, Turn
        from tests.engine.asking import question

        self._turns.append(question("And what does this say?", *pictures))
        _, text, _, last = self.bench.answer(self._spec, self._turns, max_new_tokens=TOKENS)
        self._turns.append(Turn(Role.MODEL, text))
        stats = last.stats
        token = 1000 / stats.tokens_per_second if stats.tokens_per_second else 0.0
        return Point(size, token, stats.prefill_seconds * 1000, stats.memory / 1e6)


def plot(series):
    """An SVG: a panel for each series and measure, each from 0 to its own greatest value."""
    wide, high, edge = 220, 120, 40
    measures = (("ms for a token", "token"), ("ms to the first", "first"), ("MB in use", "memory"))
    width, height = len(series) * (wide + edge) + edge, len(measures) * (high + edge) + edge
    box = f'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="10" fill="#555"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {box}>']
    for column, (name, points) in enumerate(series.items()):
        for row, (title, field) in enumerate(measures):
            left, bottom = edge + column * (wide + edge), (row + 1) * (high + edge)
            values = [getattr(point, field) for point in points]
            top, last = max(values) or 1, points[-1].size
            line = " ".join(
                f"{left + wide * point.size / last:.1f},{bottom - high * value / top:.1f}"
                for point, value in zip(points, values, strict=True)
            )
            parts.append(
                f'<path d="M{left} {bottom - high}V{bottom}h{wide}" fill="none" stroke="#bbb"/>'
                f'<polyline points="{line}" fill="none" stroke="#06c" stroke-width="2"/>'
                f'<text x="{left}" y="{bottom - high - 6}">{title}, up to {top:.4g}</text>'
                f'<text x="{left + wide}" y="{bottom + 12}" text-anchor="end">{last} {name}</text>'
            )
    return "\n".join([*parts, "</svg>"])
