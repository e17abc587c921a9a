"""Tables of every kind, each as a small made page of words."""

import re

import cv2
import numpy as np
import pytest

from app.core.geometry import Box
from app.core.reading import Block, BlockKind, Line, Word
from app.reader.intake.residual_regions import left
from app.reader.layout.structure import structured
from app.text.tables import table_cells, table_csv, table_grid, table_html

# A letter's width, a line's height, and the distance between two lines, in pixels.
_WIDE, _HIGH, _STEP = 8, 20, 26
_LEFT, _TOP = 40, 40


def page_blocks(text: str, image=None) -> list[Block]:
    """The blocks of a page whose letters stand as in `text`."""
    lines = []
    for number, row in enumerate(text.strip("\n").split("\n")):
        words = tuple(
            Word(
                found.group(),
                Box(
                    _LEFT + _WIDE * found.start(),
                    _TOP + _STEP * number,
                    _LEFT + _WIDE * found.end(),
                    _TOP + _STEP * number + _HIGH,
                ),
                1.0,
            )
            for found in re.finditer(r"\S+", row)
        )
        if words:
            whole = Box.union(word.box for word in words)
            lines.append(Line(" ".join(word.text for word in words), whole, 1.0, words))
    return list(structured(lines, 1000, 800, image).blocks)


def table_of(text: str, image=None) -> Block:
    (table,) = [block for block in page_blocks(text, image) if block.kind is BlockKind.TABLE]
    return table


def cells_of(block: Block) -> list[tuple[int, int, int, int, str]]:
    return [
        (cell.row, cell.column, cell.rows, cell.columns, cell.text) for cell in table_cells(block)
    ]


def texts_of(block: Block) -> list[list[str]]:
    return [[slot.text if slot else "<" for slot in row] for row in table_grid(block)]


def row_y(number: float) -> int:
    """The height in the middle between the rows of text `number` - 1 and `number`."""
    return round(_TOP + _STEP * number - (_STEP - _HIGH) / 2)


def column_x(place: float) -> int:
    return round(_LEFT + _WIDE * place)


def ruled_page(levels, uprights, grey=0, dash=None):
    """A white page with rules: (y, left, right) and (x, top, bottom)."""
    image = np.full((800, 1000, 3), 255, np.uint8)
    for y, begin, end in levels:
        _draw(image, (begin, y), (end, y), grey, dash)
    for x, begin, end in uprights:
        _draw(image, (x, begin), (x, end), grey, dash)
    return image


def _draw(image, begin, end, grey, dash):
    if dash is None:
        cv2.line(image, begin, end, (grey,) * 3, 1)
        return
    length = max(end[0] - begin[0], end[1] - begin[1])
    step = np.sign(np.subtract(end, begin))
    for start in range(0, length, 2 * dash):
        first = np.add(begin, step * start)
        last = np.add(begin, step * min(length, start + dash - 1))
        cv2.line(image, tuple(map(int, first)), tuple(map(int, last)), (grey,) * 3, 1)


_NESTED = """
                                 Number              Percent
Characteristic               2009      2010      2009      2010
Total .....................  1,234     1,300     100.0     100.0
Under 18 years ............    300       320      24.3      24.6
Age and sex
  Male ....................    600       640      48.6      49.2
  Female, never married
    or separated ..........    634       660      51.4      50.8
"""


def test_names_over_several_columns_leaders_and_labels_of_two_lines():
    assert texts_of(table_of(_NESTED)) == [
        ["", "Number", "<", "Percent", "<"],
        ["Characteristic", "2009", "2010", "2009", "2010"],
        ["Total", "1,234", "1,300", "100.0", "100.0"],
        ["Under 18 years", "300", "320", "24.3", "24.6"],
        ["Age and sex", "", "", "", ""],
        ["Male", "600", "640", "48.6", "49.2"],
        ["Female, never married or separated", "634", "660", "51.4", "50.8"],
    ]


def test_html_spans_and_csv_repeats_a_name_over_several_columns():
    table = table_of(_NESTED)
    assert '<td colspan="2">Number</td>' in table_html(table)
    assert table_csv(table).splitlines()[0] == ",Number,Number,Percent,Percent"


def test_currency_signs_minus_signs_and_notes_are_of_their_numbers():
    table = table_of("""
                                   2008          2007
Assets:
  Cash and cash equivalents   $  1,200      $  1,100
  Accounts receivable, net         340          (320)
  Other                             --        -2 (1)
Total assets                  $  1,540      $  1,420
""")
    assert texts_of(table) == [
        ["", "2008", "2007"],
        ["Assets:", "", ""],
        ["Cash and cash equivalents", "$ 1,200", "$ 1,100"],
        ["Accounts receivable, net", "340", "(320)"],
        ["Other", "--", "-2 (1)"],
        ["Total assets", "$ 1,540", "$ 1,420"],
    ]


def test_cells_of_several_lines_without_rules():
    table = table_of("""
Agency        Program                        Budget      Change
                                        (thousands)   (percent)
DOE           Energy efficiency and           1,200        -3.2
              renewable energy
NASA          Earth science                     850       (5.0)
NSF           Research and related              640         1.1
              activities, including
              polar programs
""")
    assert texts_of(table) == [
        ["Agency", "Program", "Budget (thousands)", "Change (percent)"],
        ["DOE", "Energy efficiency and renewable energy", "1,200", "-3.2"],
        ["NASA", "Earth science", "850", "(5.0)"],
        ["NSF", "Research and related activities, including polar programs", "640", "1.1"],
    ]


def test_rules_of_dashes_say_which_columns_a_name_is_over():
    table = table_of("""
                                     Men                             Women
                            ----------------------        --------------------------
Education                   Number    Mean    S.E.        Number      Mean      S.E.
No degree                      120  20,100     100           100    18,000       120
High school diploma or
  equivalent degree            340  30,100     200           300    24,000       220
Bachelor's degree              240  50,100     300           250    44,000       320
""")
    assert texts_of(table)[:2] == [
        ["", "Men", "<", "<", "Women", "<", "<"],
        ["Education", "Number", "Mean", "S.E.", "Number", "Mean", "S.E."],
    ]
    assert texts_of(table)[3][0] == "High school diploma or equivalent degree"


_COUNTRIES = """
Country    Domestic   Imported    Total
Austria        86.2       13.8    3,375
Belgium           0          0    3,973
Denmark         3.1       10.2    1,662
"""


def test_upright_rules_of_the_head_alone_go_on_in_white():
    top, bottom = row_y(0) - 6, row_y(4) + 4
    left, right = column_x(-1), column_x(42)
    levels = [(y, left, right) for y in (top, row_y(1), row_y(2), row_y(3), bottom)]
    uprights = [(left, top, bottom), (right, top, bottom)]
    uprights += [(column_x(x), top, row_y(1)) for x in (9.5, 20.5, 32)]
    table = table_of(_COUNTRIES, ruled_page(levels, uprights))
    assert texts_of(table) == [row.split() for row in _COUNTRIES.strip().split("\n")]


def test_numbers_on_each_line_are_rows_though_rules_part_columns_alone():
    top, bottom = row_y(0) - 6, row_y(4) + 4
    xs = [column_x(x) for x in (-1, 9.5, 20.5, 32, 42)]
    levels = [(y, xs[0], xs[-1]) for y in (top, row_y(1), bottom)]
    table = table_of(_COUNTRIES, ruled_page(levels, [(x, top, bottom) for x in xs]))
    assert texts_of(table) == [row.split() for row in _COUNTRIES.strip().split("\n")]


@pytest.mark.parametrize(("grey", "dash"), [(0xD4, None), (0, 5)])
def test_a_grid_of_pale_or_dashed_rules_with_lone_digits(grey, dash):
    ys = [row_y(number) - (8 if not number else 0) for number in range(4)]
    xs = [column_x(x) for x in (-2, 6, 14, 22)]
    image = ruled_page(
        [(y, xs[0], xs[-1]) for y in ys], [(x, ys[0], ys[-1]) for x in xs], grey, dash
    )
    table = table_of(
        """
1       2       3
4               6
        8
""",
        image,
    )
    assert texts_of(table) == [["1", "2", "3"], ["4", "", "6"], ["", "8", ""]]


def test_a_rule_stays_where_a_letter_touches_it():
    ys = [row_y(number) - (8 if not number else 0) for number in range(4)]
    xs = [column_x(x) for x in (-2, 10, 22)]
    image = ruled_page([(y, xs[0], xs[-1]) for y in ys], [(x, ys[0], ys[-1]) for x in xs])
    # The foot of a letter, a pixel of white above the rule.
    image[ys[1] - 5 : ys[1] - 1, xs[0] + 20 : xs[0] + 80] = 0
    table = table_of("one         two\nthree       four\nfive        six", image)
    assert texts_of(table) == [["one", "two"], ["three", "four"], ["five", "six"]]


def test_three_rules_of_one_width_frame_two_columns():
    text = """
Term             Meaning
Grant            Money that is given
Loan             Money that is lent
Bond             A promise to pay
"""
    levels = [(y, column_x(-1), column_x(60)) for y in (row_y(0) - 6, row_y(1), row_y(4) + 4)]
    assert texts_of(table_of(text, ruled_page(levels, []))) == [
        ["Term", "Meaning"],
        ["Grant", "Money that is given"],
        ["Loan", "Money that is lent"],
        ["Bond", "A promise to pay"],
    ]
    assert not [block for block in page_blocks(text) if block.kind is BlockKind.TABLE]


def test_a_page_is_drawn_for_three_rules_of_one_width():
    page = np.full((400, 300), 255, np.uint8)
    for y in (100, 120):
        page[y, 40:250] = 0
    assert not left(page).has_grid
    page[200, 40:250] = 0
    assert left(page).has_grid


@pytest.mark.parametrize(
    "text",
    [
        """
The quick brown fox jumps over the   lazy dog and runs away from
it as fast as it can because the dog   is not so lazy as it seems
to be when seen from afar in the light   of a setting sun above the
hills of the country in which they live   together with many others
""",
        """
Name: John Smith                     Date: January 5, 2009
Address: 12 Main Street              Phone: 555-1234
City: Springfield                    State: IL
Zip: 62701                           Country: USA
""",
        """
30.5      49.0      20.4
29.7      48.6      21.7
28.7      46.3      25.0
27.2      45.0      27.8
""",
    ],
    ids=["prose", "form", "chart"],
)
def test_what_is_no_table(text):
    assert not [block for block in page_blocks(text) if block.kind is BlockKind.TABLE]
