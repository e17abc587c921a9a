"""Tables between level rules alone: those of one width, above, between and below their rows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise
from statistics import median

from app.core.reading import Block, Line
from app.reader.layout.reading_order import rows
from app.reader.layout.tables.aligned import framed_table
from app.reader.layout.tables.pieces import pieces
from app.reader.layout.tables.strokes import Rule

# A table is so many line heights wide; rules of one table begin and end within one of each other.
_LEAST_WIDTH, _SAME = 8.0, 1.0
# Strokes of one rule, as under the names of single columns, are no further apart than this.
_JOINED = 1.5
# What stands between two rules is of a table if half of its rows have several pieces,
# or it is a name or a heading of the table.
_SEVERAL, _FEW_ROWS = 0.5, 2
_LEAST_ROWS = 2


def framed(lines: Sequence[Line], rules: Sequence[Rule]) -> tuple[list[Block], list[Line]]:
    """Tables between rules of one width, and the lines in none."""
    tables: list[Block] = []
    rest = list(lines)
    if not rest:
        return tables, rest
    height = median(line.box.height for line in rest)
    for chain in _chains(_whole(rules, height), rest, height):
        held = [line for line in rest if _is_between(line, chain[0], chain[-1], height)]
        table = framed_table(rows(held), rules) if held else None
        if table is not None:
            tables.append(table)
            rest = [line for line in rest if line not in held]
    return tables, rest


def _whole(rules: Sequence[Rule], height: float) -> list[Rule]:
    """Rules of some length, those drawn in several strokes as one."""
    found: list[Rule] = []
    for _, level in groupby(rules, lambda rule: round(rule.y / 3)):
        strokes = sorted(level, key=lambda rule: rule.left)
        whole = strokes[0]
        for rule in strokes[1:]:
            if rule.left - whole.right <= _JOINED * height:
                whole = Rule(whole.left, max(whole.right, rule.right), whole.y)
            else:
                found.append(whole)
                whole = rule
        found.append(whole)
    return [rule for rule in found if rule.right - rule.left >= _LEAST_WIDTH * height]


def _chains(rules: Sequence[Rule], lines: Sequence[Line], height: float) -> list[list[Rule]]:
    """Rules of one table each, the first above and the last below it."""
    groups: list[list[Rule]] = []
    for rule in sorted(rules, key=lambda rule: rule.y):
        group = next((one for one in groups if _are_alike(one[0], rule, height)), None)
        if group is None:
            groups.append([rule])
        else:
            group.append(rule)
    found: list[list[Rule]] = []
    for group in groups:
        found += _tabular(group, lines, height)
    return found


def _are_alike(one: Rule, other: Rule, height: float) -> bool:
    return max(abs(one.left - other.left), abs(one.right - other.right)) <= _SAME * height


def _tabular(group: Sequence[Rule], lines: Sequence[Line], height: float) -> list[list[Rule]]:
    """Parts of a group of rules between which tables stand."""
    found: list[list[Rule]] = []
    chain: list[Rule] = []
    several = 0
    for above, below in pairwise(group):
        parted = [
            pieces(row, height)
            for row in rows([line for line in lines if _is_between(line, above, below, height)])
        ]
        count = sum(len(row) > 1 for row in parted)
        is_tabular = count >= _SEVERAL * len(parted) if count else len(parted) <= _FEW_ROWS
        # A title between two rules begins no table.
        if not is_tabular or (not chain and not count):
            found += [chain] if several >= _LEAST_ROWS and len(chain) > 2 else []
            chain, several = [], 0
            continue
        chain = [*chain, below] if chain else [above, below]
        several += count
    return [*found, *([chain] if several >= _LEAST_ROWS and len(chain) > 2 else [])]


def _is_between(line: Line, above: Rule, below: Rule, height: float) -> bool:
    x, y = line.box.centre_x, line.box.centre_y
    return above.y < y < below.y and above.left - height <= x <= above.right + height
