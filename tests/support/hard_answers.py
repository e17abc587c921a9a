"""Answers that are hard to draw, as a small or a confused model writes them, or a hostile one."""

import random

_WORDS = ["the", "total", "of", "this", "receipt", "is", "and", "it", "was", "paid", "by", "card"]
_MARKS = ["`", "**", "*", "~~", "[", "](http://a.example)", "|", "\n", "\n\n", "- ", "> ", "# "]
_LETTERS = [*"aA1 \t<&\\_", "\u0301", "\u202e", "\u05d0", "\u0627", "\u4e00", "\U0001f469\u200d"]


def hard_answers():
    """Name and text of each; together some 6 MB."""
    cells = "1|" * 500
    return {
        "3,000 characters of code spans": "`a` " * 750,
        "6,000 characters of code spans": "`a` " * 1500,
        "code spans of one paragraph, 60,000": "`ab`c" * 12_000,
        "bold and italic in turn": "**a** *b* " * 6000,
        "a list of 5,000": "- a\n" * 5000,
        "lists 1,000 deep": "".join("  " * depth + "- a\n" for depth in range(1000)),
        "lists 1,000 deep in one line": "- " * 1000 + "a\n",
        "quotes 1,000 deep": "".join(">" * depth + " a\n" for depth in range(1000)),
        "a table of 5,000 rows": "| a | b | c |\n|---|---|---|\n" + "| 1 | 2 | 3 |\n" * 5000,
        "a table of 500 columns": f"|{cells}\n|{'-|' * 500}\n" + f"|{cells}\n" * 50,
        "200,000 line breaks": "a" + "\n" * 200_000 + "b",
        "a line of 1,000,000": "x" * 1_000_000,
        "50,000 links": "[a](http://a.example) " * 50_000,
        "50,000 headings": "# a\n" * 50_000,
        "marks that combine": ("a" + "\u0301" * 60) * 2000,
        "two directions": "\u202ea\u05d0b\u0661 " * 10_000,
        "joined emoji": "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 10_000,
        "an open fence, 20,000 lines": "```\n" + "x = 1\n" * 20_000,
        "an open fence, a line of 500,000": "```\n" + "x" * 500_000,
        "20,000 fences": "```\nx\n```\n" * 20_000,
    }


def random_answer(seed, parts=20_000):
    """Words, marks and odd letters, one of them more often than the others."""
    chance = random.Random(seed)  # noqa: S311 - for tests
    kinds = [_WORDS, _MARKS, _LETTERS]
    weights = [chance.random() ** 3 for _ in kinds]
    favourite = chance.choice(_MARKS)
    found = []
    for _ in range(parts):
        kind = chance.choices(kinds, weights)[0]
        one = favourite if chance.random() < 0.1 else chance.choice(kind)
        found.append(f"{one} " if kind is _WORDS else one)
    return "".join(found)
