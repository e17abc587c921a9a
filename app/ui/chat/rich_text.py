"""Model text as a document: Markdown without HTML, pictures or anything that loads."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QObject
from PySide6.QtGui import (
    QBrush,
    QFont,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFragment,
    QTextFrameFormat,
    QTextTable,
)

from app.core.cleaning import clean
from app.ui.chat.links import tip_for, web_link
from app.ui.widgets.theme import Theme

_HEADING_SCALE = (1.0, 1.3, 1.17, 1.08, 1.0, 1.0, 1.0)
_FEATURES = (
    QTextDocument.MarkdownFeature.MarkdownDialectGitHub
    | QTextDocument.MarkdownFeature.MarkdownNoHTML
)


def plain_document(parent: QObject, font: QFont) -> QTextDocument:
    """An empty document without a margin."""
    document = QTextDocument(parent)
    document.setUndoRedoEnabled(False)
    document.setDocumentMargin(0)
    document.setDefaultFont(font)
    return document


def markdown_document(text: str, parent: QObject, font: QFont, theme: Theme) -> QTextDocument:
    """`text` as a document in which nothing can be loaded and links name where they lead.

    The document is made safe before any widget lays it out: while laying out,
    Qt looks for pictures (and for their @2x files) on its own.
    """
    document = plain_document(parent, font)
    document.setMarkdown(clean(text), _FEATURES)
    # One edit for all: each of its own would lay out its whole paragraph again, and a
    # paragraph of many small code spans or links would take the square of their number.
    edits = QTextCursor(document)
    edits.beginEditBlock()
    _make_safe(document, theme)
    _set_type(document, font, theme)
    edits.endEditBlock()
    return document


def _make_safe(document: QTextDocument, theme: Theme) -> None:
    edits: list[tuple[int, int, QTextCharFormat]] = []
    block = document.begin()
    while block.isValid():
        for fragment in _fragments(block):
            shape = fragment.charFormat()
            if shape.isImageFormat() or shape.isAnchor() or shape.fontFixedPitch():
                edits.append((fragment.position(), fragment.length(), shape))
        block = block.next()
    cursor = QTextCursor(document)
    # From the end, so that positions before stay true.
    for position, length, shape in reversed(edits):
        cursor.setPosition(position)
        cursor.setPosition(position + length, QTextCursor.MoveMode.KeepAnchor)
        if shape.isImageFormat():
            alternative = shape.stringProperty(QTextFormat.Property.ImageAltText)
            cursor.insertText(f"[picture: {alternative}]", QTextCharFormat())
        elif shape.isAnchor():
            cursor.setCharFormat(_link_format(shape, theme))
        else:
            shape.setBackground(theme.color("sunken"))
            cursor.setCharFormat(shape)


def _link_format(shape: QTextCharFormat, theme: Theme) -> QTextCharFormat:
    url = web_link(shape.anchorHref())
    kept = QTextCharFormat()
    kept.setFontWeight(shape.fontWeight())
    kept.setFontItalic(shape.fontItalic())
    if url is not None:
        kept.setAnchor(True)
        kept.setAnchorHref(shape.anchorHref())
        kept.setToolTip(tip_for(url))
        kept.setForeground(theme.color("link"))
        kept.setFontUnderline(True)
    return kept


def _set_type(document: QTextDocument, font: QFont, theme: Theme) -> None:
    """Headings, rules, quotes and tables in the window's own type."""
    cursor = QTextCursor(document)
    block = document.begin()
    while block.isValid():
        shape = block.blockFormat()
        cursor.setPosition(block.position())
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
        changed = QTextBlockFormat()
        if not shape.property(QTextFormat.Property.BlockCodeFence):
            changed.setLineHeight(132, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        if level := shape.headingLevel():
            heading = QTextCharFormat()
            heading.setProperty(QTextFormat.Property.FontSizeAdjustment, 0)
            heading.setFontPointSize(font.pointSizeF() * _HEADING_SCALE[level])
            heading.setFontWeight(QFont.Weight.DemiBold)
            cursor.mergeCharFormat(heading)
            changed.setTopMargin(12)
            changed.setBottomMargin(4)
        elif shape.intProperty(QTextFormat.Property.BlockQuoteLevel):
            quoted = QTextCharFormat()
            quoted.setForeground(theme.color("muted"))
            cursor.mergeCharFormat(quoted)
        cursor.mergeBlockFormat(changed)
        block = block.next()
    first = document.begin()
    top = QTextBlockFormat()
    top.setTopMargin(0)
    QTextCursor(first).mergeBlockFormat(top)
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            _set_table(frame, theme)


def _set_table(table: QTextTable, theme: Theme) -> None:
    shape = table.format()
    shape.setBorderCollapse(True)
    shape.setBorder(1)
    shape.setBorderBrush(QBrush(theme.color("border")))
    shape.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    shape.setCellPadding(5)
    shape.setCellSpacing(0)
    shape.setTopMargin(4)
    shape.setBottomMargin(8)
    table.setFormat(shape)
    for column in range(table.columns()):
        cell = table.cellAt(0, column)
        head = cell.format()
        head.setBackground(theme.color("code"))
        cell.setFormat(head)


def _fragments(block: QTextBlock) -> Iterator[QTextFragment]:
    step = block.begin()
    while not step.atEnd():
        yield step.fragment()
        step += 1
