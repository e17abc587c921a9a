"""A table as HTML, CSV and Markdown, for files and for the clipboard."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass

from app.core.markup import html_text, markdown_text, one_line
from app.core.prose import paragraph_text
from app.core.reading import Block, Cell

# A cell that begins so is a formula to a spreadsheet, in some languages in its wide form too.
_FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20")
# Figures and marks alone cannot call anything: -12.50, +49 (30) 1234-5, -3,5 %, -1.5e-3.
_FIGURES = re.compile(
    "[+\uff0b\uff0d-][-+\u2212\\d\\s.,:()/%\u2030'\u2019$€£¥]*(\\d[eE][+-]?\\d+)?"
)


@dataclass(slots=True)
class Slot:
    """A place of the grid where a cell begins, or where none is."""

    text: str = ""
    rows: int = 1
    columns: int = 1


Grid = list[list[Slot | None]]


def table_grid(block: Block) -> Grid:
    """The block's cells as rows of one length; None where a cell from above or left reaches.

    A cell that would cover another is cut to its own place; two at one place
    become one. A block without cells gives a column of its lines.
    """
    if not block.cells:
        return [[Slot(one_line(row))] for row in paragraph_text(block).split("\n") if row]
    rows = max(cell.row + max(1, cell.rows) for cell in block.cells)
    columns = max(cell.column + max(1, cell.columns) for cell in block.cells)
    grid: Grid = [[Slot() for _ in range(columns)] for _ in range(rows)]
    taken: set[tuple[int, int]] = {(cell.row, cell.column) for cell in block.cells}
    for cell in sorted(block.cells, key=lambda cell: (cell.row, cell.column)):
        slot = grid[cell.row][cell.column]
        assert slot is not None  # noqa: S101 - no span covers a cell's own place
        slot.text = f"{slot.text} {one_line(cell.text)}".strip()
        covered = _covered(cell)
        if covered and taken.isdisjoint(covered):
            slot.rows, slot.columns = max(1, cell.rows), max(1, cell.columns)
            taken.update(covered)
            for row, column in covered:
                grid[row][column] = None
    return grid


def table_texts(block: Block) -> list[list[str]]:
    """The table's rows as plain texts; a spanning cell's stands at its first place."""
    return [[slot.text if slot else "" for slot in row] for row in table_grid(block)]


def table_html(block: Block) -> str:
    """The table as an HTML fragment, one `<table>` element.

    Spreadsheets that paste it are told to take what looks like a formula as text.
    """
    lines = ["<table>"]
    for row in table_grid(block):
        cells = "".join(_html_cell(slot) for slot in row if slot)
        lines.append(f"<tr>{cells}</tr>")
    return "\n".join([*lines, "</table>"])


def table_csv(block: Block) -> str:
    """The table as RFC 4180 has it, lines ended by CR LF, safe to open in a spreadsheet."""
    output = io.StringIO(newline="")
    writer = csv.writer(output, lineterminator="\r\n")
    writer.writerows([safe_cell(text) for text in row] for row in table_texts(block))
    return output.getvalue()


def table_markdown(block: Block) -> str:
    """The table as GitHub's Markdown has it, its first row as the head; ends without a break."""
    rows = [[markdown_text(text) for text in row] for row in table_texts(block)]
    if not rows:
        return ""
    rows.insert(1, ["---"] * len(rows[0]))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def safe_cell(text: str) -> str:
    """`text`, with an apostrophe before it where a spreadsheet would run it as a formula."""
    return f"'{text}" if is_formula(text) else text


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would take `text` for a formula that can do more than compute."""
    text = text.strip()
    return text.startswith(_FORMULA) and not _FIGURES.fullmatch(text)


def _covered(cell: Cell) -> set[tuple[int, int]]:
    """Every place that the cell spans but its first."""
    places = {
        (cell.row + down, cell.column + right)
        for down in range(max(1, cell.rows))
        for right in range(max(1, cell.columns))
    }
    return places - {(cell.row, cell.column)}


def _html_cell(slot: Slot) -> str:
    attributes = f' rowspan="{slot.rows}"' if slot.rows > 1 else ""
    attributes += f' colspan="{slot.columns}"' if slot.columns > 1 else ""
    attributes += " style=\"mso-number-format:'\\@'\"" if is_formula(slot.text) else ""
    return f"<td{attributes}>{html_text(slot.text)}</td>"
