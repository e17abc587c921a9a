"""A table as HTML, CSV, Markdown and lines with tabs, for files, the clipboard and the screen."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.core.reading import Block, BlockKind, Cell
from app.text.markup import html_text, markdown_text, one_line
from app.text.prose import paragraph_text

# A cell that begins so is a formula to a spreadsheet, in some languages in its wide form too.
_FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20")
# Figures and marks alone cannot call anything: -12.50, +49 (30) 1234-5, -3,5 %, -1.5e-3.
_FIGURES = re.compile(
    "[+\uff0b\uff0d-][-+\u2212\\d\\s.,:()/%\u2030'\u2019$€£¥]*(\\d[eE][+-]?\\d+)?"
)
# Spreadsheets drop the zeros and plus signs of numbers, unless told that they are text.
_SHORTENED = re.compile("[+\uff0b]|0\\d")
# Larger ones than a page can hold are a mistake, or meant to fill the memory.
_MOST_ROWS, _MOST_COLUMNS, _MOST_CELLS = 2000, 200, 20_000


@dataclass(slots=True)
class Slot:
    """A place of the grid where a cell begins, or where none is."""

    text: str = ""
    rows: int = 1
    columns: int = 1


Grid = list[list[Slot | None]]


def is_table(block: Block) -> bool:
    """Whether this block's cells can be shown as a table, with all of its text in it."""
    if block.kind is not BlockKind.TABLE:
        return False
    rows, columns = table_size(block)
    return 0 < rows * columns <= _MOST_CELLS and all(map(_fits, filter(_has_text, block.cells)))


def table_cells(block: Block) -> tuple[Cell, ...]:
    """The cells as they can stand in a grid, in rows: none over another, none too far out.

    Two at one place become one. One that would cover another's text is cut to
    its own place, and what is empty leaves its place to any that covers it.
    """
    cells: dict[tuple[int, int], Cell] = {}
    for cell in sorted(filter(_fits, block.cells), key=lambda cell: (cell.row, cell.column)):
        place = cell.row, cell.column
        before = cells.get(place)
        if before is None or not _has_text(before):
            cells[place] = replace(cell, rows=max(1, cell.rows), columns=max(1, cell.columns))
        elif _has_text(cell):
            cells[place] = replace(before, lines=before.lines + cell.lines)
    taken = {place for place, cell in cells.items() if _has_text(cell)}
    found: list[Cell] = []
    for place, cell in sorted(cells.items(), key=lambda one: (not _has_text(one[1]), one[0])):
        if place in taken and not _has_text(cell):
            continue
        covered = _covered(cell)
        is_free = taken.isdisjoint(covered)
        found.append(cell if is_free else replace(cell, rows=1, columns=1))
        taken |= {place, *(covered if is_free else ())}
    return tuple(sorted(found, key=lambda cell: (cell.row, cell.column)))


def table_size(block: Block) -> tuple[int, int]:
    """Rows and columns, with what the cells span."""
    return _size(table_cells(block))


def table_grid(block: Block) -> Grid:
    """The block's cells as rows of one length; None where a cell from above or left reaches.

    A block without cells, or with such as no page can hold, gives a column of its lines.
    """
    if not is_table(replace(block, kind=BlockKind.TABLE)):
        return [[Slot(one_line(row))] for row in paragraph_text(block).split("\n") if row]
    cells = table_cells(block)
    rows, columns = _size(cells)
    grid: Grid = [[Slot() for _ in range(columns)] for _ in range(rows)]
    for cell in cells:
        grid[cell.row][cell.column] = Slot(one_line(cell.text), cell.rows, cell.columns)
        for row, column in _covered(cell):
            grid[row][column] = None
    return grid


def table_texts(block: Block) -> list[list[str]]:
    """The table's rows as plain texts; a spanning cell's stands at its first place."""
    return [[slot.text if slot else "" for slot in row] for row in table_grid(block)]


def repeated_texts(block: Block) -> list[list[str]]:
    """The table's rows as plain texts, a name over several columns at each of them.

    Only in rows above the first without any: a text below it that reaches over its neighbours
    is no name of columns, and stands once.
    """
    grid = table_grid(block)
    rows = [[slot.text if slot else "" for slot in row] for row in grid]
    for slots, texts in zip(grid, rows, strict=True):
        for column, slot in enumerate(slots):
            if slot is not None and 1 < slot.columns < len(slots):
                texts[column : column + slot.columns] = [slot.text] * slot.columns
        if all(slot is None or slot.columns == 1 for slot in slots):
            break
    return rows


def table_html(block: Block) -> str:
    """The table as an HTML fragment, one `<table>` element.

    Spreadsheets that paste it are told to take as text what they would run as a
    formula or shorten.
    """
    lines = ["<table>"]
    for row in table_grid(block):
        cells = "".join(_html_cell(slot) for slot in row if slot)
        lines.append(f"<tr>{cells}</tr>")
    return "\n".join([*lines, "</table>"])


def table_page(block: Block) -> str:
    """The table as a whole HTML page, which is what clipboards hold."""
    return f'<html><head><meta charset="utf-8"></head><body>\n{table_html(block)}\n</body></html>'


def table_tabs(block: Block) -> str:
    """Rows as lines, cells parted by tabs: what a spreadsheet takes from plain text."""
    return "\n".join("\t".join(row) for row in table_texts(block))


def table_csv(block: Block) -> str:
    """The table as RFC 4180 has it, lines ended by CR LF, safe to open in a spreadsheet."""
    output = io.StringIO(newline="")
    writer = csv.writer(output, lineterminator="\r\n")
    writer.writerows([safe_cell(text) for text in row] for row in repeated_texts(block))
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


def _is_text(text: str) -> bool:
    """Whether a spreadsheet has to be told that this is no number and no formula."""
    return is_formula(text) or _SHORTENED.match(text) is not None


def _has_text(cell: Cell) -> bool:
    return any(line.text for line in cell.lines)


def _fits(cell: Cell) -> bool:
    down, right = cell.row + max(1, cell.rows), cell.column + max(1, cell.columns)
    return cell.row >= 0 and cell.column >= 0 and down <= _MOST_ROWS and right <= _MOST_COLUMNS


def _size(cells: Sequence[Cell]) -> tuple[int, int]:
    return (
        max((cell.row + cell.rows for cell in cells), default=0),
        max((cell.column + cell.columns for cell in cells), default=0),
    )


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
    attributes += " style=\"mso-number-format:'\\@'\"" if _is_text(slot.text) else ""
    return f"<td{attributes}>{html_text(slot.text)}</td>"
