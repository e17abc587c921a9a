"""Papers and what else is read from top to bottom: receipts, forms, tables, signs."""

from __future__ import annotations

from app.training.synthetic import values
from app.training.synthetic.documents import SampleDocument
from app.training.synthetic.fields import DATE, FORM, RECEIPT, TIME, TOTAL, as_asked, made_up
from app.training.synthetic.phrases import say
from app.training.synthetic.words import Words
from app.training.synthetic.writer import Writer, opened

# Kinds of value in a table's first column and in the others.
_NAMING = ("person", "choice", "town", "company", "code")
_MEASURED = ("money", "number", "percentage", "quantity", "date", "time", "version")
_CELLS = (*_MEASURED, "choice", "town", "person")
_HEADS = (("Item", "Price"), ("Qty", "Item", "Amount"), ("Description", "Total"))


def receipt(words: Words, length: float) -> SampleDocument:
    """A shop's receipt: items, sums and what stands around them."""
    chance = words.chance
    shop = words.company()
    document = SampleDocument("receipt", "a receipt", shop)
    writer = Writer(words, document, (*RECEIPT, *FORM))
    if writer.separator == "above":
        writer.separator = "cells"
    _shop(writer, shop)
    total = _items(writer, length)
    sums = [one for one in RECEIPT if one.kind == "money" and chance.random() < 0.5]
    sums.insert(chance.choice((len(sums), min(2, len(sums)))), TOTAL)
    for one in sums:
        writer.put(one, "text", writer.money(total if one is TOTAL else values.amount(chance)))
    if chance.random() < 0.6:
        writer.row(say(chance, "thanks"), style="center")
    writer.absent(2)
    opened(words, writer, document.what, shop)
    return document


def _shop(writer: Writer, shop: str) -> None:
    words, chance = writer.words, writer.chance
    writer.row(shop, style="title")
    writer.ask(say(chance, "ask_shop"), shop, "text")
    if chance.random() < 0.6:
        writer.row(words.street(), style="center")
        if chance.random() < 0.5:
            writer.row(f"{chance.randint(1000, 99999)} {words.town()}", style="center")
    head = [one for one in RECEIPT if one.kind != "money" and chance.random() < 0.5]
    for one in head:
        if one not in {DATE, TIME} or chance.random() >= 0.4:
            writer.put(one, "text")
    if DATE not in head and chance.random() < 0.5:
        day, hour = values.date(words), values.time(words)
        writer.row(day, hour, style="pair")
        writer.claim(DATE)
        writer.claim(TIME)
        writer.ask(chance.choice(DATE.whole), day, "text")
        writer.ask(chance.choice(TIME.whole), hour, "text")


def _items(writer: Writer, length: float) -> float:
    """Write what was bought; returns what it costs together."""
    words, chance = writer.words, writer.chance
    if chance.random() < 0.3:
        writer.row(*chance.choice(_HEADS))
    total = 0.0
    names: set[str] = set()
    for _ in range(chance.randint(1, 3 + int(10 * length))):
        name = words.phrase(1, 2 if chance.random() < 0.8 else 3)
        if name in names:
            continue
        names.add(name)
        name = writer.cased(name[0].upper() + name[1:])
        price = values.amount(chance)
        total += price
        text = writer.money(price)
        _item(writer, name, text)
        writer.ask(say(chance, "ask_price", as_asked(words, name)), text, "item")
    return total


def _item(writer: Writer, name: str, price: str) -> None:
    count, form = writer.chance.choice((1, 1, 1, 2, 3, 4)), writer.chance.random()
    if form < 0.55:
        writer.row(name, price, style="pair")
    elif form < 0.7:
        writer.row(f"{count} x {name}", price, style="pair")
    elif form < 0.8:
        writer.row(str(count), name, price, style="pair")
    elif form < 0.9:
        writer.row(f"{name} x{count}", price, style="pair")
    else:
        writer.row(f"{name} {price}")


def form(words: Words, length: float) -> SampleDocument:
    """A form, an invoice, a ticket: a title and labelled values."""
    chance = words.chance
    name = say(chance, "form_name")
    title = name if chance.random() < 0.5 else f"{words.phrase(1, 2).capitalize()} {name.lower()}"
    title = title.upper() if chance.random() < 0.3 else title
    document = SampleDocument("form", "a form", title)
    writer = Writer(words, document, FORM)
    writer.row(title, style="title")
    writer.ask(say(chance, "ask_title"), title, "text")
    for _ in range(chance.randint(2, 5 + int(16 * length))):
        candidate = chance.choice(FORM) if chance.random() < 0.4 else made_up(words)
        if writer.free(candidate):
            writer.put(candidate, "text")
        if chance.random() < 0.15:
            writer.noise(2)
    writer.absent(2)
    opened(words, writer, document.what, title)
    return document


def table(words: Words, length: float) -> SampleDocument:
    """Rows and columns under a header."""
    chance = words.chance
    title = words.phrase(1, 3).capitalize()
    document = SampleDocument("table", "a table", title)
    writer = Writer(words, document)
    if chance.random() < 0.7:
        writer.row(title, style="title")
        writer.ask(say(chance, "ask_title"), title, "text")
    else:
        document.title = ""
    columns = chance.randint(2, 4)
    heads: list[str] = []
    while len(heads) < columns:
        head = words.phrase(1, 1 if chance.random() < 0.8 else 2).capitalize()
        if head.lower() not in {one.lower() for one in heads}:
            heads.append(head)
    kinds = [chance.choice(_NAMING), *(chance.choice(_CELLS) for _ in heads[1:])]
    writer.row(*heads, style="head")
    seen: set[str] = set()
    for _ in range(chance.randint(2, 3 + int(9 * length))):
        cells = [writer.value(kind) for kind in kinds]
        if cells[0].lower() in seen:
            continue
        seen.add(cells[0].lower())
        writer.row(*cells, style="cells")
        column = chance.randrange(1, columns)
        asked = as_asked(words, heads[column])
        question = say(chance, "ask_cell", c=asked, r=cells[0])
        writer.ask(question, cells[column], "table")
    writer.absent(1)
    opened(words, writer, document.what, document.title)
    return document


def sign(words: Words, _length: float) -> SampleDocument:
    """A sign: a few words, large."""
    chance = words.chance
    usual = say(chance, "sign_text") + chance.choice(("", "", f" {words.phrase(1, 2)}"))
    lines = [chance.choice((words.phrase(1, 3), words.phrase(1, 2), usual))]
    while chance.random() < 0.4 and len(lines) < 3:
        distance = f"{chance.randint(1, 40)} km"
        more = (words.phrase(1, 3), values.time(words), distance, words.town())
        lines.append(chance.choice(more))
    shape = chance.choice((str.upper, str.upper, str.title, str.capitalize))
    lines = [shape(line) if line[0].isalpha() else line for line in lines]
    text = " ".join(lines)
    document = SampleDocument("sign", "a sign", text)
    writer = Writer(words, document, FORM)
    for line in lines:
        writer.row(line, style="sign")
    for _ in range(2):
        writer.ask(say(chance, "ask_sign"), text, "text")
    writer.absent(1)
    opened(words, writer, document.what, text)
    return document


def pairs(words: Words, length: float) -> SampleDocument:
    """Nothing but labelled values, in any order: looking up and copying."""
    document = SampleDocument("form", "a form", "")
    writer = Writer(words, document, FORM)
    for _ in range(words.chance.randint(2, 4 + int(24 * length))):
        candidate = made_up(words)
        if writer.free(candidate):
            writer.put(candidate, "text")
            if writer.chance.random() < 0.1:
                writer.noise(1)
    writer.absent(1)
    return document
