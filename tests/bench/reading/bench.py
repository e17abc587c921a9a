"""`python3 run.py bench reading`: how well and how fast Ocellus reads, beside two peers."""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from app.reader.ocr.onnx import cores
from tests.bench.reading.layouts import LAYOUTS, make, screenshot
from tests.bench.reading.peers import Answer, Ocellus, Peer, rapidocr, tesseract
from tests.bench.reading.scores import Score, score
from tests.bench.reading.table import Results, time_goal


def reading(options: argparse.Namespace) -> int:
    """Run the bench: 0 when every goal is met, 1 when one is missed, 2 if it cannot run."""
    layouts = options.classes.split(",") if options.classes else list(LAYOUTS)
    if unknown := [layout for layout in layouts if layout not in LAYOUTS]:
        print(f"No class is called {', '.join(unknown)}; there are {', '.join(LAYOUTS)}.")
        return 2
    if options.count < 1:
        print("--count must be at least 1.")
        return 2
    try:
        peers = {"Tesseract": tesseract(), "RapidOCR": rapidocr()}
        make(layouts[0], 0, options.seed)  # Says which fonts are missing before any work.
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        ours = Ocellus(Path(folder))
        try:
            return _run(options, layouts, Path(folder), {"Ocellus": ours, **peers})
        finally:
            ours.close()


def _run(
    options: argparse.Namespace, layouts: list[str], folder: Path, readers: dict[str, Peer]
) -> int:
    results, worst = Results(), []
    for layout in layouts:
        for number in range(options.count):
            sample = make(layout, number, options.seed)
            path = (options.save or folder) / f"{sample.name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            sample.picture.save(path, compress_level=1)
            if options.save:
                path.with_suffix(".txt").write_text(sample.text + "\n", "utf-8")
            for name, read in readers.items():
                answer = read(path)
                one = score(sample.text, answer.text, sample.tables, answer.tables)
                results.add(layout, name, one)
                if name == "Ocellus":
                    worst.append((one, sample, answer))
            _progress(f"{sample.name}: {worst[-1][0].cer:.2%}")
    _progress("")
    for one, sample, answer in sorted(worst, key=lambda entry: -entry[0].cer)[: options.wrong]:
        _print_wrong(one, sample.name, sample.text, answer)
    print(
        f"\n{options.count} pictures of each class, seed {options.seed}, "
        f"{cores()} thread(s)\n\n{results.table()}\n"
    )
    goals = results.goals()
    if options.rounds:
        goals.append(_time(options, folder, readers))
    for goal, met in goals:
        print(f"{'met    ' if met else 'NOT MET'}  {goal}")
    return 0 if all(met for _, met in goals) else 1


def _time(options: argparse.Namespace, folder: Path, readers: dict[str, Peer]) -> tuple[str, bool]:
    """Seconds from the stored picture to its text, the two in turn after one round unmeasured."""
    path = folder / "screenshot.png"
    screenshot(options.seed).picture.save(path, compress_level=1)
    ours, peer = readers["Ocellus"], readers["RapidOCR"]
    assert isinstance(ours, Ocellus)
    sha256 = ours.take(path)
    pair = [(lambda: ours.read(sha256), []), (lambda: peer(path), [])]
    chance = random.Random(options.seed)  # noqa: S311 - which goes first
    for number in range(options.rounds + 1):
        for read, seconds in chance.sample(pair, 2):
            start = time.perf_counter()
            read()
            if number:
                seconds.append(time.perf_counter() - start)
    return time_goal(pair[0][1], pair[1][1])


def _print_wrong(one: Score, name: str, truth: str, answer: Answer) -> None:
    print(f"=== {name}: CER {one.cer:.2%}, words {one.words.f1:.3f}, cells {one.cells.f1:.3f}")
    print(f"--- truth\n{truth}\n--- Ocellus\n{answer.text}")
    for table in answer.tables:
        print("--- table")
        for row in table:
            print(" | ".join(row))


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
