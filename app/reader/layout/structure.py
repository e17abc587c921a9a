"""From lines to a page: what belongs together, in which order, and as what."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from statistics import median

from app.core.geometry import Box
from app.core.reading import Block, Line, Page
from app.reader.layout.barcodes import barcodes, without_codes
from app.reader.layout.blocks import LineRow, blocks, classified
from app.reader.layout.bullets import with_bullets
from app.reader.layout.code_blocks import listings
from app.reader.layout.columns import regions
from app.reader.layout.initials import with_initials
from app.reader.layout.leaders import with_leaders
from app.reader.layout.margins import margins
from app.reader.layout.reading_order import Lines, parted, rows
from app.reader.layout.tables.aligned import aligned
from app.reader.layout.tables.framed import framed
from app.reader.layout.tables.grids import drawn
from app.reader.layout.tables.rows_of_cells import is_number
from app.reader.layout.tables.ruled import ruled
from app.reader.layout.tables.strokes import Rule, level_rules
from app.reader.ocr.onnx import Array

# Fewer words are no table.
_LEAST_WORDS = 4
# What looks like code is a table if so many of its rows are, and so many cells have numbers.
_TABLE_ROWS, _TABLE_NUMBERS = 0.7, 0.25


def structured(
    lines: Sequence[Line],
    width: int,
    height: int,
    image: Array | None = None,
    number: int = 1,
    added: float = 0.0,
) -> Page:
    """A page of level lines, in any order, of a picture of `width` × `height` pixels.

    `image` (uint8, height × width × 3) shows ruled lines and bar codes; a
    page's own text layer may come without. Lines should have words: tables
    and code are found by where those stand. `added` of the height came with
    setting a page level that was askew.
    """
    found: list[Block] = []
    rules: list[Rule] = []
    rest = with_leaders(with_initials(lines))
    if image is not None:
        codes = barcodes(image)
        tables, rest, rules = _ruled(without_codes(rest, codes), image)
        rest = with_bullets(rest, image)
        found = [*codes, *tables]
    # What is found already takes its place in the order as one large line.
    places = [Line("", Box.union(line.box for line in block.lines), 1.0) for block in found]
    fixed = {id(place): block for place, block in zip(places, found, strict=True)}
    parts = margins(rest, [place.box for place in places], width, height, added)
    body = [
        block
        for region in regions([*parts.body, *places])
        for block in _blocks(region, fixed, rules)
    ]
    return Page(width, height, (*parts.head, *classified(body), *parts.foot), number)


def _ruled(lines: Lines, image: Array) -> tuple[list[Block], Lines, list[Rule]]:
    """The tables that rules make, the lines in none, and the level rules."""
    if sum(len(line.words) or 1 for line in lines) < _LEAST_WORDS:
        return [], lines, []
    height = median(line.box.height for line in lines)
    across, down = drawn(image, height)
    rules = level_rules(across)
    tables, rest = ruled(lines, across, down, height)
    others, rest = framed(rest, rules)
    return [*tables, *others], rest, rules


def _blocks(region: Lines, fixed: dict[int, Block], rules: Sequence[Rule]) -> list[Block]:
    """The blocks of one region, in order; `fixed` has those that lines of it stand for."""
    found: list[Block] = []
    for is_fixed, stretch in groupby(_free(rows(region), fixed), lambda row: id(row[0]) in fixed):
        if is_fixed:
            found += [fixed[id(line)] for row in stretch for line in row]
        else:
            found += _texts(parted(list(stretch)), rules)
    return found


def _free(rows: Sequence[Lines], fixed: dict[int, Block]) -> list[Lines]:
    """Rows in which what is fixed stands alone, after what is beside it."""
    found: list[Lines] = []
    for row in rows:
        found += [
            part
            for part in (
                [line for line in row if id(line) not in fixed],
                *([line] for line in row if id(line) in fixed),
            )
            if part
        ]
    return found


def _texts(parts: Sequence[list[Lines]], rules: Sequence[Rule]) -> list[Block]:
    """Blocks of rows as code, tables, lists and paragraphs."""
    code = dict(listings(parts))
    found: list[Block] = []
    waiting: list[LineRow] = []
    for index, part in enumerate(parts):
        if index in code and not _is_mostly_table(part, rules):
            found += [*_tables_and_text(waiting, rules), code[index]]
            waiting = []
        else:
            waiting += [LineRow(row, starts=not place) for place, row in enumerate(part)]
    return [*found, *_tables_and_text(waiting, rules)]


def _is_mostly_table(rows: Sequence[Lines], rules: Sequence[Rule]) -> bool:
    """Whether rows in letters of one width are a table: most are rows of one, with numbers."""
    tables = aligned(rows, rules)
    cells = [cell for table in tables for cell in table.block.cells]
    numbers = sum(is_number(cell.text) for cell in cells)
    covered = sum(table.last - table.first for table in tables)
    return covered >= _TABLE_ROWS * len(rows) and numbers >= _TABLE_NUMBERS * len(cells)


def _tables_and_text(waiting: Sequence[LineRow], rules: Sequence[Rule]) -> list[Block]:
    found: list[Block] = []
    done = 0
    for table in aligned([row.lines for row in waiting], rules):
        found += [*blocks(waiting[done : table.first]), table.block]
        done = table.last
    return [*found, *blocks(waiting[done:])]
