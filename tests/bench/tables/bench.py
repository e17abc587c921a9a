"""`run.py bench tables FOLDER`: how well tables are read from PDFs, and from pictures of them.

FOLDER has documents in the form of the ICDAR 2013 table competition (see `icdar.py`). Of each only
the pages with tables are read. The measure is in `adjacency.py`, and the mean is of documents.
"""

import argparse
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from app.core.reading import BlockKind, Page
from app.reader.intake.page_text import page_of
from app.reader.intake.pdf import PdfPages
from app.reader.ocr.picture_text import Ocr
from app.text.tables import table_cells
from tests.bench.tables.adjacency import TableCell, TableScore, score
from tests.bench.tables.icdar import TableDocument, load

_Read = Callable[[PdfPages, int], Page]


def tables(options: argparse.Namespace, words: list[str]) -> int:
    """Run the bench and print its table: 0, or 2 where it was called wrongly."""
    if len(words) != 1:
        print("Name one folder of documents: bench tables FOLDER.", file=sys.stderr)
        return 2
    try:
        found = load(Path(words[0]))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    ids = [name.strip() for name in options.ids.split(",") if name.strip()]
    wanted = [one for one in found if not ids or one.name in ids]
    ocr = Ocr()
    try:
        ways: dict[str, _Read] = {
            "as it is": lambda pages, number: page_of(
                pages.prepare(number, _never), number, ocr, _never
            ),
            "200 dpi": lambda pages, number: ocr.page(
                pages.picture(number, _never), _never, number
            ),
        }
        print(f"{'document':10} {'relations':>9}" + "".join(f"{name:>10}" for name in ways))
        results = [_scores(one, ways.values()) for one in wanted]
    finally:
        ocr.close()
    means = [sum(one.f1 for one in column) / len(column) for column in zip(*results, strict=True)]
    print(f"{'mean F1':10} {'':9}" + "".join(f"{mean:10.3f}" for mean in means))
    return 0


def _scores(document: TableDocument, ways: Iterable[_Read]) -> list[TableScore]:
    """A document's scores, one for each way to read it, which it prints too."""
    pages = PdfPages(document.file, document.name, "")
    try:
        scores = [
            score(
                document.tables,
                {number: _cells(read(pages, number)) for number in sorted(document.tables)},
            )
            for read in ways
        ]
    finally:
        pages.close()
    figures = "".join(f"{one.f1:10.3f}" for one in scores)
    print(f"{document.name:10} {scores[0].true:9}{figures}", flush=True)
    return scores


def _cells(page: Page) -> list[list[TableCell]]:
    return [
        [
            TableCell(cell.row, cell.column, cell.rows, cell.columns, cell.text)
            for cell in table_cells(block)
        ]
        for block in page.blocks
        if block.kind is BlockKind.TABLE
    ]


def _never() -> bool:
    return False
