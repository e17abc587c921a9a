"""A drawn page with three parts for a model to read, and a session whose engine is told what to."""

import json

from drawing import Sheet
from read_pages import row_of
from sessions import Session, until

from app.core.reading import Block, BlockKind, Cell, Page, Reading

WIDTH, HEIGHT = 700, 2300
LETTER = (
    "The harbour lies north of the town and",
    "may be entered by small boats at night",
)
ENDING = ("Please pay 1,204.50 EUR before the end", "of May and keep this letter for later")
# Where the reader says that words are; nothing stands there.
BLANK = ("Words of a layer that nobody can see",)
TABLE = (("Item", "Price"), ("Nails", "2.50"))
LETTER_TEXT, ENDING_TEXT = " ".join(LETTER), " ".join(ENDING)
TABLE_TEXT = "Item Price\nNails 2.50"


def written_page():
    """The reading: a letter, invisible words, a table, and an ending far below."""
    blocks = [
        _block(LETTER, 40),
        _block(BLANK, 780),
        _table(1500),
        _block(ENDING, 2200),
    ]
    return Reading((Page(WIDTH, HEIGHT, tuple(blocks)),))


def draw_page(path):
    """The picture that it is the reading of."""
    sheet = Sheet(WIDTH, HEIGHT)
    for block in written_page().pages[0].blocks:
        for line in block.lines:
            if line.text not in BLANK:
                for word in line.words:
                    sheet.write(word.box.left, word.box.top, 20, word.text)
    sheet.picture.save(path)
    return path


def _block(texts, top):
    lines = tuple(row_of(text, top=top + 40 * index) for index, text in enumerate(texts))
    return Block(lines)


def _table(top):
    cells = []
    for row, texts in enumerate(TABLE):
        for column, text in enumerate(texts):
            line = row_of(text, left=40 + 200 * column, top=top + 40 * row)
            cells.append(Cell(row, column, (line,)))
    lines = tuple(line for cell in cells for line in cell.lines)
    return Block(lines, BlockKind.TABLE, cells=tuple(cells))


class Written(Session):
    """A session with the real reader, and an engine that writes these replies one by one."""

    def __init__(self, folder, *replies):
        self.record = folder / "asked.jsonl"
        script = {"replies": replies, "record": str(self.record)}
        reader, engine = "app.reader.service:make", "writing_engine:make"
        super().__init__(folder, script, engine=engine, reader=reader)

    def asked(self):
        """What the engine was asked so far, as dictionaries."""
        text = self.record.read_text("utf-8") if self.record.exists() else ""
        return [json.loads(line) for line in text.splitlines()]

    async def page(self):
        """The drawn page, taken and known."""
        path = draw_page(self.folder / "page.png")
        self.attachments.take_file(path)
        await until(lambda: self.attachments.items[0].picture, 60)
        picture = self.attachments.items[0].picture
        await self.readings.read(picture)
        self.readings.keep(picture.sha256, written_page())
        return picture

    def progress(self, picture):
        return self.transcribing.progress(picture.sha256)

    def versions(self, picture):
        """Both versions of each difference."""
        marks = self.comparisons.marks(picture.sha256)
        return [(mark.difference.reader, mark.difference.model) for mark in marks]
