"""A tokenizer's patterns that could run for ever over a short text, told by how they look."""

from __future__ import annotations

import re

_LONGEST = 4000
_LARGEST_COUNT = 1000
# Published patterns have two that follow one another: letters of one kind, then of another.
_MOST_OPEN = 3
# A reference to what was matched, a call of a group, a condition, a flag that lasts.
_CALL = re.compile(r"\\[1-9]|\\[kg][<'{]|\(\?(?:\(|R\)|&|\d|P[>=])")
_ESCAPE = re.compile(r"\\(?:[pP]\{[^}]*\}|x\{[^}]*\}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)", re.DOTALL)
_TIMES = re.compile(r"([*+?]|\{\d*,?\d*\})[+?]?")
_GROUP = re.compile(r"\((?:\?(?:[a-zA-Z-]*:|<?[=!]|>|<\w+>))?([^()]*)\)")
# Whole categories of letters, which have nothing in common: one of them matches, in one way.
_EITHER = re.compile(r"\(\?:\\p\{([A-Z])\}\|\\p\{([A-Z])\}\)")
_FLAGS = re.compile(r"\(\?[a-zA-Z-]+\)")
# What takes the place of a part: one that matches in one length and way, one that does not,
# and an open repetition in it.
_FIXED, _VARIES, _OPEN = "a", "V", "W"
_REPEATED = re.compile(rf"[{_VARIES}{_OPEN}](?:[*+]|\{{)")


def why_slow(pattern: str) -> str:
    """Why a pattern of Oniguruma's kind is not to be trusted; empty where nothing is wrong.

    What takes time beyond all bounds is a group that is repeated while what is in it matches
    in several ways, a call to another part, and many open repetitions in a row. None of the
    published patterns has one of these.
    """
    if len(pattern) > _LONGEST:
        return f"is longer than {_LONGEST} characters"
    # Two backslashes are one that stands for itself.
    if _CALL.search(pattern.replace("\\\\", _FIXED)):
        return "goes back to another part"
    # Letters that are to stand for parts stand for nothing else.
    plain = re.sub(f"[{_VARIES}{_OPEN}]", _FIXED, _ESCAPE.sub(_FIXED, _EITHER.sub(_one, pattern)))
    plain = _without_classes(plain)
    plain = _FLAGS.sub("", plain)
    for count in re.findall(r"\d+", " ".join(re.findall(r"\{\d*,?\d*\}", plain))):
        if len(count) > len(str(_LARGEST_COUNT)) or int(count) > _LARGEST_COUNT:
            return f"repeats something {count[:20]} times"
    while not _REPEATED.search(plain) and (found := _GROUP.sub(_shortened, plain)) != plain:
        plain = found
    if _REPEATED.search(plain):
        return "repeats a group that matches in several ways"
    if _open(plain) > _MOST_OPEN:
        return f"has more than {_MOST_OPEN} open repetitions in a row"
    return "does not parse" if "(" in plain or ")" in plain else ""


def _one(either: re.Match[str]) -> str:
    return _FIXED if either[1] != either[2] else either[0]


def _without_classes(plain: str) -> str:
    """Each [...] as one letter; they hold one another in this dialect."""
    kept: list[str] = []
    depth, start = 0, -1
    for at, mark in enumerate(plain):
        if mark == "[":
            depth += 1
            start = at
            if depth == 1:
                kept.append(_FIXED)
        elif mark == "]" and depth and plain[start + 1 : at] not in ("", "^"):
            depth -= 1
        elif not depth:
            kept.append(mark)
    return "".join(kept) if not depth else "("


def _shortened(group: re.Match[str]) -> str:
    inner = group[1]
    varies = "|" in inner or any(
        not re.fullmatch(r"\{\d+\}", times[0]) for times in _TIMES.finditer(inner)
    )
    if not varies and _VARIES not in inner:
        return _FIXED
    return _VARIES + _OPEN * _open(inner)


def _open(plain: str) -> int:
    """The most repetitions without an end in one branch."""
    return max(
        branch.count(_OPEN)
        + sum(times[1] in "*+" or times[1].endswith(",}") for times in _TIMES.finditer(branch))
        for branch in plain.split("|")
    )
