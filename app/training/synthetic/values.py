"""Values as documents carry them: money, dates, names, codes and odd strings."""

from __future__ import annotations

import random
import string
from collections.abc import Callable

from app.training.synthetic.words import Words

_MONTHS = "January February March April May June July August September October November December"
_CURRENCIES = ("$", "€", "£", "EUR", "USD", "CHF", "GBP", "kr", "¥", "Rs", "")
_EXTENSIONS = ("txt", "pdf", "dll", "exe", "log", "png", "docx", "json", "cfg", "db", "zip", "csv")
_DOMAINS = ("com", "org", "net", "de", "io", "co.uk", "fr", "eu", "es", "info")


def money_format(chance: random.Random) -> Callable[[float], str]:
    """How one document writes amounts."""
    currency = chance.choice(_CURRENCIES)
    comma = chance.random() < 0.2
    thousands = chance.random() < 0.5
    before = chance.random() < 0.6 if len(currency) < 2 else chance.random() < 0.4
    gap = " " if len(currency) > 1 or chance.random() < 0.25 else ""

    def write(amount: float) -> str:
        text = f"{amount:,.2f}" if thousands else f"{amount:.2f}"
        if comma:
            text = text.translate(str.maketrans(",.", ".,"))
        if not currency:
            return text
        return f"{currency}{gap}{text}" if before else f"{text}{gap}{currency}"

    return write


def amount(chance: random.Random) -> float:
    """Small amounts more often than large ones."""
    return round(10 ** chance.uniform(-0.3, chance.choice((1.3, 2, 3, 4.5))), 2)


def money(words: Words) -> str:
    """An amount in a format of its own."""
    return money_format(words.chance)(amount(words.chance))


def date(words: Words) -> str:
    """A date in one of many forms."""
    chance = words.chance
    day, month, year = chance.randint(1, 28), chance.randint(1, 12), chance.randint(1970, 2035)
    name = _MONTHS.split()[month - 1]
    return chance.choice(
        (
            f"{year}-{month:02}-{day:02}",
            f"{day:02}.{month:02}.{year}",
            f"{day:02}/{month:02}/{year}",
            f"{month:02}/{day:02}/{year % 100:02}",
            f"{day} {name} {year}",
            f"{name} {day}, {year}",
            f"{day} {name[:3]} {year}",
            f"{name[:3]} {day}, {year}",
            f"{day:02}-{name[:3]}-{year}",
            f"{day}.{month}.{year}",
        )
    )


def time(words: Words) -> str:
    """A time of day."""
    chance = words.chance
    hour, minute, second = chance.randint(0, 23), chance.randint(0, 59), chance.randint(0, 59)
    return chance.choice(
        (
            f"{hour:02}:{minute:02}",
            f"{hour:02}:{minute:02}:{second:02}",
            f"{hour % 12 + 1}:{minute:02} {'AM' if hour < 12 else 'PM'}",
            f"{hour % 12 + 1}:{minute:02}{'am' if hour < 12 else 'pm'}",
        )
    )


def code(words: Words) -> str:
    """Letters and digits without meaning: what has to be copied sign by sign."""
    chance = words.chance
    alphabet = chance.choice(
        (string.digits, string.digits, string.ascii_uppercase + string.digits,
         string.ascii_uppercase + string.digits, string.ascii_letters + string.digits,
         "0123456789abcdef", string.ascii_uppercase)
    )  # fmt: skip
    parts = [
        "".join(chance.choices(alphabet, k=chance.randint(2, 7)))
        for _ in range(chance.randint(1, 4))
    ]
    prefix = chance.choice(("", "", "", "#", "INV-", "ID", "0x", "A-", "No. ", "SN", "ORD-", "TX"))
    return prefix + chance.choice(("-", "-", "", "/", ".", " ")).join(parts)


def email(words: Words) -> str:
    """An e-mail address."""
    chance = words.chance
    left = chance.choice(
        (
            words.name().lower().replace(",", "").replace(". ", ".").replace(" ", "."),
            words.word(),
            f"{words.word()}{chance.randint(1, 999)}",
            f"{words.word()}_{words.word()}",
            "".join(chance.choices(string.ascii_lowercase, k=chance.randint(3, 9))),
        )
    )
    right = words.word() + chance.choice(("", "", f"-{words.word()}"))
    return f"{left}@{right}.{chance.choice(_DOMAINS)}"


def website(words: Words) -> str:
    """A web address."""
    start = words.chance.choice(("www.", "https://", "", "https://www."))
    name = words.word() + words.chance.choice(("", f"-{words.word()}"))
    return f"{start}{name}.{words.chance.choice(_DOMAINS)}"


def phone(words: Words) -> str:
    """A telephone number."""
    chance = words.chance

    def digits(count: int) -> str:
        return "".join(chance.choices(string.digits, k=count))

    return chance.choice(
        (
            f"+{chance.randint(1, 99)} {digits(2)} {digits(3)} {digits(4)}",
            f"({digits(3)}) {digits(3)}-{digits(4)}",
            f"{digits(3)}-{digits(3)}-{digits(4)}",
            f"0{digits(2)} {digits(7)}",
            f"0{digits(3)}/{digits(6)}",
            f"+{chance.randint(1, 99)}{digits(9)}",
        )
    )


def path(words: Words) -> str:
    """A file's path."""
    chance = words.chance
    parts = [words.word() for _ in range(chance.randint(1, 3))]
    name = f"{words.word()}{chance.choice(('', '_' + words.word(), str(chance.randint(0, 99))))}"
    name = f"{name}.{chance.choice(_EXTENSIONS)}"
    if chance.random() < 0.4:
        return "C:\\" + "\\".join([*(part.capitalize() for part in parts), name])
    return chance.choice(("/", "/home/", "~/", "/var/")) + "/".join([*parts, name])


def file_name(words: Words) -> str:
    """A file's name."""
    name = words.word() + words.chance.choice(("", "-", "_")) + words.word()
    return f"{name}.{words.chance.choice(_EXTENSIONS)}"


def version(words: Words) -> str:
    """A version number."""
    numbers = ".".join(str(words.chance.randint(0, 30)) for _ in range(words.chance.randint(2, 4)))
    return words.chance.choice(("", "", "v", "Version ")) + numbers


def percentage(words: Words) -> str:
    """A share in percent."""
    chance = words.chance
    number = chance.choice((str(chance.randint(0, 100)), f"{chance.uniform(0, 100):.1f}"))
    return number + chance.choice(("%", "%", " %"))


def quantity(words: Words) -> str:
    """A number with a unit."""
    chance = words.chance
    number = chance.choice((str(chance.randint(1, 2000)), f"{chance.uniform(0.1, 500):.1f}"))
    unit = chance.choice(
        ("GB", "MB", "KB", "TB", "kg", "g", "km", "m", "cm", "mm", "s", "ms", "min", "hours",
         "days", "px", "°C",
         "W", "V", "Hz", "GHz", "l", "ml", "dpi", "fps")
    )  # fmt: skip
    return number + chance.choice((" ", " ", "")) + unit


def number(words: Words) -> str:
    """A plain number."""
    return str(int(10 ** words.chance.uniform(0, 6)))


def address(words: Words) -> str:
    """A postal address on one line."""
    town = words.town()
    if words.chance.random() < 0.5:
        town = f"{words.chance.randint(1000, 99999)} {town}"
    return f"{words.street()}, {town}"


def choice(words: Words) -> str:
    """What a drop-down list shows."""
    phrase = words.phrase(1, 2)
    return phrase if words.chance.random() < 0.2 else phrase[0].upper() + phrase[1:]


def odd(words: Words) -> str:
    """A string of any printable characters: for exact copying."""
    chance = words.chance
    alphabet = chance.choice(
        (string.ascii_letters, string.ascii_letters + string.digits + "-_.:/@#+&*!?%=()")
    )
    parts = [
        "".join(chance.choices(alphabet, k=chance.randint(2, 9)))
        for _ in range(chance.randint(1, 3))
    ]
    return " ".join(parts)


KINDS: dict[str, Callable[[Words], str]] = {
    "money": money,
    "date": date,
    "time": time,
    "code": code,
    "email": email,
    "website": website,
    "phone": phone,
    "path": path,
    "file": file_name,
    "version": version,
    "percentage": percentage,
    "quantity": quantity,
    "number": number,
    "address": address,
    "choice": choice,
    "odd": odd,
    "person": Words.name,
    "company": Words.company,
    "town": Words.town,
}


def any_value(words: Words) -> str:
    """A value of any kind."""
    return KINDS[words.chance.choice(list(KINDS))](words)
