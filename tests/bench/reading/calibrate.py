"""What the reader's confidence is worth: `python -m tests.bench.reading.calibrate`.

Reads the made pictures of `bench reading`, every second one shrunk so that more goes wrong, and
counts how many words of each confidence are right. A monotone map is fitted to one half of the
pictures and checked on the other, and the other way round; with `--write` that of the first half
becomes `app/text/confidence_knots.py`.
"""

import argparse
import sys
import tempfile
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from app.core.reading import Reading
from app.text.confidence import interpolated
from tests.bench.reading.layouts import LAYOUTS, make
from tests.bench.reading.peers import Ocellus
from tests.bench.reading.scores import plain

LEAST_WORDS = 100  # behind each knot
SMALLER = 0.6
BINS = 15
KNOTS = Path(__file__).resolve().parents[3] / "app" / "text" / "confidence_knots.py"

Knots = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Read:
    """A word as it was read: the network's confidence, and whether it is in the truth."""

    confidence: float
    right: bool


def words_of(reading: Reading) -> Iterator[tuple[str, float]]:
    """Every word that the reader found, with its confidence."""
    for line in reading.lines:
        for word in line.words:
            for part in plain(word.text).split():
                yield part, word.confidence


def judged(reading: Reading, truth: str) -> Iterator[Read]:
    """Each word right where the truth has it, as often as the truth has it."""
    left = Counter(plain(truth).split())
    for text, confidence in words_of(reading):
        yield Read(confidence, left[text] > 0)
        left[text] -= 1


def fitted(words: Sequence[Read]) -> list[tuple[float, float]]:
    """Knots of the isotonic regression (pool adjacent violators), at least LEAST_WORDS each."""
    ordered = sorted(words, key=lambda word: word.confidence)
    # Sum of confidences, of right words, and of words.
    pools: list[list[float]] = []
    for first in range(0, len(ordered), LEAST_WORDS):
        part = ordered[first : first + LEAST_WORDS]
        pool = pools.pop() if len(part) < LEAST_WORDS and pools else [0.0, 0.0, 0.0]
        pool[0] += sum(word.confidence for word in part)
        pool[1] += sum(word.right for word in part)
        pool[2] += len(part)
        pools.append(pool)
        while len(pools) > 1 and pools[-2][1] / pools[-2][2] >= pools[-1][1] / pools[-1][2]:
            last = pools.pop()
            pools[-1] = [one + other for one, other in zip(pools[-1], last, strict=True)]
    return [(round(pool[0] / pool[2], 6), round(pool[1] / pool[2], 4)) for pool in pools]


def expected_error(pairs: Sequence[tuple[float, bool]], *, of_equal_size: bool) -> float:
    """Expected calibration error over BINS bins, of equal width or of as many words each."""
    ordered = sorted(pairs)
    edges = [place / BINS for place in range(1, BINS)]
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for place, pair in enumerate(ordered):
        at = place * BINS // len(ordered) if of_equal_size else bisect_right(edges, pair[0])
        bins[at].append(pair)
    return sum(
        abs(sum(chance for chance, _ in one) - sum(right for _, right in one)) for one in bins
    ) / len(ordered)


def told(name: str, words: Sequence[Read], knots: Knots) -> list[str]:
    """How far the figures are from the share of right words, before and after."""
    raw = [(word.confidence, word.right) for word in words]
    after = [(interpolated(knots, word.confidence), word.right) for word in words]
    wrong = sum(not word.right for word in words)
    rows = [f"{name}: {len(words)} words, {wrong} of them wrong"]
    for title, equal in (("equal width", False), ("equal size", True)):
        before, now = (expected_error(pairs, of_equal_size=equal) for pairs in (raw, after))
        rows.append(f"  expected calibration error, {title}: {before:.4f} raw, {now:.4f} after")
    for least in (0.5, 0.8, 0.9, 0.95):
        below = [right for chance, right in after if chance < least]
        rows.append(f"  below {least:.2f}: {len(below)} words, {below.count(False)} of them wrong")
    raw_below = [right for chance, right in raw if chance < 0.8]
    rows.append(f"  raw below 0.80: {len(raw_below)} words, {raw_below.count(False)} wrong")
    return rows


def main() -> int:
    """Read, fit and check. 0 when both maps are better on what they were not fitted to."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=32, help="pictures of each class")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--words", type=Path, help="keep the words here, or take them from here")
    options.add_argument("--write", action="store_true", help="store the map in the program")
    chosen = options.parse_args()
    if chosen.words is not None and chosen.words.exists():
        words = _kept(chosen.words)
    else:
        words = list(_read_all(chosen.count, chosen.seed))
        if chosen.words is not None:
            rows = (f"{number} {one.confidence!r} {int(one.right)}\n" for number, one in words)
            chosen.words.write_text("".join(rows), "utf-8")
    halves = [[one for number, one in words if _half(number) == half] for half in (0, 1)]
    maps = [fitted(half) for half in halves]
    rows = [
        f"--count {chosen.count} --seed {chosen.seed}",
        *told("fitted to", halves[0], maps[0]),
        *told("checked on", halves[1], maps[0]),
        "The other way round, and not kept:",
        *told("checked on", halves[0], maps[1]),
    ]
    print("\n".join(rows), *maps[0], sep="\n")
    if chosen.write:
        KNOTS.write_text(_module(rows, maps[0]), "utf-8")
    better = all(
        _error(half, fit) < _error(half, None)
        for half, fit in ((halves[1], maps[0]), (halves[0], maps[1]))
    )
    return 0 if better else 1


def _half(number: int) -> int:
    """Which half a picture is of. Both have as many of each size, and as many that were shrunk."""
    return number // 4 % 2


def _read_all(count: int, seed: int) -> Iterator[tuple[int, Read]]:
    """Each word of each picture, with the picture's number within its class."""
    with tempfile.TemporaryDirectory() as folder:
        ours, path = Ocellus(Path(folder)), Path(folder) / "sample.png"
        for layout in LAYOUTS:
            for number in range(count):
                sample = make(layout, number, seed)
                picture = sample.picture
                if number // 2 % 2:
                    wide, high = (round(SMALLER * side) for side in picture.size)
                    picture = picture.resize((wide, high), Image.Resampling.BICUBIC)
                picture.save(path, compress_level=1)
                for word in judged(ours.reading(ours.take(path)), sample.text):
                    yield number, word
            print(layout, file=sys.stderr, flush=True)
        ours.close()


def _kept(path: Path) -> list[tuple[int, Read]]:
    rows = (line.split() for line in path.read_text("utf-8").splitlines())
    return [(int(number), Read(float(raw), right == "1")) for number, raw, right in rows]


def _error(words: Sequence[Read], knots: Knots | None) -> float:
    pairs = [
        (one.confidence if knots is None else interpolated(knots, one.confidence), one.right)
        for one in words
    ]
    return expected_error(pairs, of_equal_size=True)


def _module(rows: Sequence[str], knots: Knots) -> str:
    said = "\n".join(rows)
    table = "".join(f"    ({raw}, {share}),\n" for raw, share in knots)
    return (
        '"""The share of right words by the reader\'s raw confidence, as knots.\n\n'
        f"Written by `python -m tests.bench.reading.calibrate --write`:\n{said}\n"
        f'"""\n\nKNOTS: tuple[tuple[float, float], ...] = (\n{table})\n'
    )


if __name__ == "__main__":
    sys.exit(main())
