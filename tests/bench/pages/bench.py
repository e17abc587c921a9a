"""`python -m app bench pages SET`: how well pages that strangers drew are read, beside two peers.

SET is a folder with `manifest.json`, a list of objects: `id`, `file` and `truth` (paths in the
folder: the page, and its text in reading order), and where there is need `kind`, `lang` (of
Tesseract's names), `excerpt` and `drop` (see `page_set.py`).
"""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from tests.bench.pages.page_set import RealPage, load
from tests.bench.pages.readers import Command, readers, take
from tests.bench.pages.scores import PageScore, score
from tests.bench.pages.table import Result, table

_RESULTS = "results.json"


def pages(options: argparse.Namespace, words: list[str]) -> int:
    """Run the bench and print its tables: 0, or 2 where it was called wrongly."""
    if len(words) != 1:
        print("Name one folder of pages: bench pages SET.", file=sys.stderr)
        return 2
    try:
        found = load(Path(words[0]))
        chosen = readers(_listed(options.readers))
    except (RuntimeError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    ids = _listed(options.ids)
    if unknown := set(ids) - {page.name for page in found}:
        print(f"There is no page {', '.join(sorted(unknown))} in {words[0]}.", file=sys.stderr)
        return 2
    wanted = [page for page in found if not ids or page.name in ids]
    results = _kept(options.save)
    for page in wanted:
        for name, command in chosen.items():
            _read(page, name, command, results, options.save)
    for title, part in (
        ("pictures", [page for page in wanted if not page.is_pdf]),
        ("PDFs as they are", [page for page in wanted if page.is_pdf]),
    ):
        if part:
            rows = {page.name: results.get(page.name, {}) for page in part}
            names = [name for name in ORDER if any(name in row for row in rows.values())]
            print(f"\n{title}\n\n{table(rows, names)}")
    return 0


ORDER = ("Ocellus", "Tesseract", "RapidOCR")


def _read(
    page: RealPage,
    name: str,
    command: Command,
    results: dict[str, dict[str, Result]],
    folder: Path | None,
) -> None:
    """Have one reader read one page, and keep what came of it."""
    words = command(page)
    if words is None:
        return
    taken = take(words)
    if taken.failure:
        print(f"{page.name}: {name} failed: {taken.failure}", file=sys.stderr)
    text = page.without_dropped(taken.text)
    one = Result(score(page.truth, text, excerpt=page.excerpt), taken.seconds)
    results.setdefault(page.name, {})[name] = one
    figures = (one.score.cer, one.score.f1, one.score.follows)
    shown = " ".join("    –" if value is None else f"{value:.3f}" for value in figures)
    print(f"{page.name:18} {name:10} {shown} {one.seconds:6.1f} s", file=sys.stderr, flush=True)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{page.name}.{name}.txt").write_text(taken.text, "utf-8")
        plain = {
            id_: {reader: asdict(result) for reader, result in row.items()}
            for id_, row in results.items()
        }
        (folder / _RESULTS).write_text(json.dumps(plain, indent=1), "utf-8")


def _kept(folder: Path | None) -> dict[str, dict[str, Result]]:
    """What an earlier run kept in this folder, so that peers need not read all of it again."""
    if folder is None or not (folder / _RESULTS).is_file():
        return {}
    return {
        page: {
            reader: Result(PageScore(**one["score"]), one["seconds"]) for reader, one in row.items()
        }
        for page, row in json.loads((folder / _RESULTS).read_text("utf-8")).items()
    }


def _listed(names: str) -> list[str]:
    return [name.strip() for name in names.split(",") if name.strip()]
