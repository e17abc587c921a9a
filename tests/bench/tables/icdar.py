"""Documents with the right tables, in the form of the ICDAR 2013 table competition.

Each `NAME.pdf` has a `NAME-str.xml` beside it: tables, their regions (one per page), and cells with
the rows and columns that they fill. https://www.tamirhassan.com/html/competition.html
"""

import xml.etree.ElementTree as ET
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from tests.bench.tables.adjacency import TableCell


@dataclass(frozen=True)
class TableDocument:
    """A PDF and its right tables, by page number; a table over two pages is one on each."""

    name: str
    file: Path
    tables: dict[int, list[list[TableCell]]]


def load(folder: Path) -> list[TableDocument]:
    """The documents below `folder`. Raises ValueError in plain words where there are none."""
    found: list[TableDocument] = []
    for truth in sorted(folder.rglob("*-str.xml")):
        file = truth.with_name(truth.name.removesuffix("-str.xml") + ".pdf")
        if file.is_file():
            found.append(TableDocument(file.stem, file, _tables(truth)))
    if not found:
        raise ValueError(f"{folder} has no PDF with its tables (NAME.pdf and NAME-str.xml).")
    return found


def _tables(truth: Path) -> dict[int, list[list[TableCell]]]:
    found: dict[int, list[list[TableCell]]] = defaultdict(list)
    for region in ET.parse(truth).getroot().iter("region"):  # noqa: S314 - the bench's own data
        found[int(region.attrib["page"])].append([_cell(cell) for cell in region.iter("cell")])
    return dict(found)


def _cell(cell: ET.Element) -> TableCell:
    row, column = int(cell.attrib["start-row"]), int(cell.attrib["start-col"])
    return TableCell(
        row,
        column,
        int(cell.get("end-row", row)) - row + 1,
        int(cell.get("end-col", column)) - column + 1,
        cell.findtext("content", ""),
    )
