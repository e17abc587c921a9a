"""Windows of programs: settings and error boxes."""

from __future__ import annotations

from app.training.synthetic import values
from app.training.synthetic.documents import ABSENT, SampleDocument
from app.training.synthetic.fields import ERROR_CODE, FORM, SETTINGS, as_asked, ask, made_up
from app.training.synthetic.phrases import say, some
from app.training.synthetic.words import Words
from app.training.synthetic.writer import Writer, opened

_STATES = (("On", "Off"), ("On", "Off"), ("ON", "OFF"), ("Enabled", "Disabled"), ("Yes", "No"))
_THINGS = (values.file_name, values.path, values.website, Words.name, values.code)


def settings(words: Words, length: float) -> SampleDocument:
    """A window with options: choices, numbers and switches."""
    chance = words.chance
    title = say(chance, "settings_title", words.phrase(1, 2).capitalize())
    document = SampleDocument("settings", "a settings window", title)
    writer = Writer(words, document, SETTINGS)
    writer.row(title, style="title")
    writer.ask(say(chance, "ask_window"), title, "text")
    states = chance.choice(_STATES)
    if chance.random() < 0.3:
        writer.row(*(words.phrase(1, 1).capitalize() for _ in range(chance.randint(2, 5))))
    for _ in range(chance.randint(2, 4 + int(14 * length))):
        form = chance.random()
        if form < 0.12:
            writer.row(words.phrase(1, 2).capitalize(), style="title")
        elif form < 0.45:
            _switch(writer, states)
        else:
            candidate = chance.choice(SETTINGS) if chance.random() < 0.4 else made_up(words)
            if writer.free(candidate):
                writer.put(candidate, "text")
    if chance.random() < 0.6:
        writer.row(*some(chance, "settings_button", 3))
    writer.absent(2)
    opened(words, writer, document.what, title)
    return document


def _switch(writer: Writer, states: tuple[str, str]) -> None:
    words, chance = writer.words, writer.chance
    switch = made_up(words)
    if not writer.free(switch):
        return
    writer.claim(switch)
    on = chance.random() < 0.5
    label, state = writer.cased(switch.labels[0]), states[0] if on else states[1]
    writer.pair(label, state)
    if chance.random() < 0.2:
        writer.ask(ask(words, label, "choice"), state, "text")
        return
    asked, wanted = (
        as_asked(words, label),
        chance.choice(("on", "on", "on", "off", "enabled", "active")),
    )
    short = wanted in {"on", "off"}
    question = say(chance, "ask_switch", asked, wanted) if short else f"Is {asked} {wanted}?"
    writer.ask(question, "Yes" if on is (wanted != "off") else "No", "switch")


def error(words: Words, length: float) -> SampleDocument:
    """A box that says what went wrong."""
    chance = words.chance
    title = say(chance, "error_title", words.phrase(1, 2).capitalize())
    document = SampleDocument("error", "an error message", title)
    writer = Writer(words, document, FORM)
    writer.claim(ERROR_CODE)
    writer.row(title, style="title")
    thing = chance.choice(_THINGS)(words)
    message = say(chance, "error_text", thing, w=words.word(), v=words.word())
    parts = _wrapped(message, chance.choice((80, 40, 30)))
    for part in parts:
        writer.row(part)
    writer.ask(say(chance, "ask_error"), " ".join(parts), "text")
    writer.ask(say(chance, "ask_window"), title, "text")
    _code(writer)
    for _ in range(chance.randint(0, int(6 * length))):
        candidate = made_up(words)
        if writer.free(candidate):
            writer.put(candidate, "text")
    if chance.random() < 0.7:
        writer.row(*some(chance, "error_button", 3))
    writer.absent(1)
    opened(words, writer, document.what, title)
    return document


def _code(writer: Writer) -> None:
    """An error's code, or a question for the code that it does not have."""
    words, chance = writer.words, writer.chance
    if chance.random() < 0.4:
        writer.ask(chance.choice(ERROR_CODE.whole), ABSENT, "absent")
        return
    code = values.code(words)
    label = writer.cased(chance.choice(ERROR_CODE.labels))
    writer.row(f"{label}{chance.choice((': ', ' ', ':', '  '))}{code}")
    labelled = ask(words, chance.choice(ERROR_CODE.asks), "code")
    writer.ask(chance.choice((*ERROR_CODE.whole, labelled)), code, "text")


def _wrapped(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and len(lines[-1]) + len(word) + 1 > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
