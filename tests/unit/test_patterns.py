"""Patterns of tokenizers: the published ones are taken, those that run for ever are not."""

import pytest

from app.catalog.patterns import why_slow

CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
UPPER, LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
SPACES = r"\s*[\r\n]+|\s+(?!\S)|\s+"
PUBLISHED = {
    "GPT-2": r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
    "Llama 3": CONTRACTIONS
    + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|"
    + SPACES,
    "Qwen": CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|" + SPACES,
    "Mistral's Tekken": rf"[^\r\n\p{{L}}\p{{N}}]?{UPPER}*{LOWER}+|[^\r\n\p{{L}}\p{{N}}]?{UPPER}+"
    rf"{LOWER}*|\p{{N}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|{SPACES}",
    "GPT-4o": rf"[^\r\n\p{{L}}\p{{N}}]?{UPPER}*{LOWER}+{CONTRACTIONS}?|[^\r\n\p{{L}}\p{{N}}]?"
    rf"{UPPER}+{LOWER}*{CONTRACTIONS}?|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|{SPACES}",
    "GPT-4, possessive": r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+|"
    r" ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s",
    "DeepSeek": r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?"
    r"[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|" + SPACES,
    "DeepSeek, letters": "[一-龥\u3040-ゟ\u30a0-ヿ]+",
    "BLOOM": r" ?[^(\s|[.,!?…。\uff0c、।\u06d4،])]+",
    "Falcon": "[0-9][0-9][0-9]",
    "digits in threes": r"(?=(\d{3})+(?!\d))",
    "the built-in one": r"\p{L}\p{M}*(?:\p{L}|\p{M})*|\p{N}| +|\n+|\.{2,}|[^\s\p{L}\p{N}]|\s",
    "spaces": " {2,}",
    "a space": r"\s+",
    "Kimi": r"[\p{Han}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{M}&&[^\p{Han}]]*[\p{Ll}\p{M}&&[^\p{Han}]]+"
    + CONTRACTIONS
    + "?|"
    + SPACES,
}
ENDLESS = [
    "(a+)+$",
    "(a|a)*$",
    "(?:a|ab)+$",
    r"(?:\p{L}|\p{L})+x",
    r"(?:\p{L}|\p{Lu})+x",
    "(a?)*b",
    "(.*)*x",
    "((a)+b?){2,}",
    "(a{1,3})+c",
    "(?>(a+)b)+",
    "(?<name>a*)+",
    "((?:x|[)]+))+y",
    r"(\)+)+",
    r"([\]V]+)+",
    "a{1,999999999}",
    r"(?=(a+))\1*b",
    r"(?<n>a+)\k<n>",
    r"(?<n>a\g<n>?b)",
    "a*a*a*a*b",
    "(a*a*)(a*a*)b",
    "(a",
    "a)",
    "[a",
    "x" * 5000,
]


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_ones_are_taken(name):
    assert why_slow(PUBLISHED[name]) == ""


@pytest.mark.parametrize("pattern", ENDLESS, ids=lambda pattern: pattern[:20])
def test_what_may_never_end_is_told(pattern):
    assert why_slow(pattern)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "pattern",
    ["(" * 1999 + ")" * 1999, "[" * 3999, "((a+)+" * 600, "a|" * 1999, "{1," * 1300, "a?" * 1999],
)
def test_looking_at_one_ends_itself(pattern):
    assert why_slow(pattern) == why_slow(pattern)
