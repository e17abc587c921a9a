"""Lines of code that mean little but look like a program."""

from app.training.synthetic import values
from app.training.synthetic.words import Words


def program(words: Words) -> list[str]:
    """Some Python functions, indented with spaces; an empty line between them."""
    chance = words.chance
    lines = [f"import {words.word()}", f"from {words.word()} import {words.word()}", ""]
    for _ in range(6):
        one, two, three = words.word(), words.word(), words.word()
        lines += [
            f"def {one}_{two}({three}: str, count: int = {chance.randint(0, 99)}) -> bool:",
            f'    """{words.phrase(2, 4).capitalize()}."""',
            f"    if len({three}) >= {chance.randint(1, 999)} and not {two}[0]:",
            f'        return self.{one}["{words.word()}"] != {chance.random():.4f}',
            f"    for index, {two} in enumerate({three}.items()):",
            f'        print(f"{{index}}: {words.word()}={{{two}!r}}")  # {words.phrase(1, 3)}',
            f'    {one}.{words.word()}("{values.path(words)}", {chance.choice(("True", "None"))})',
            "    return False",
            "",
        ]
    return lines
