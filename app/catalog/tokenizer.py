"""What a model's tokenizer.json may say before a tokenizer is made of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from app.catalog.files import read_json
from app.core.errors import ErrorKind, OcellusError

TOKENIZER = "tokenizer.json"
# Llama 3's has 9 MB.
_LONGEST = 100_000_000
_LONGEST_PATTERN = 2000
_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}%s"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
# The patterns of the family: Qwen's and Llama 3's. Others may take hours over a short text.
_KNOWN = frozenset({_WORDS % "", _WORDS % "{1,3}", " {2,}", r"\s+"})


def check_tokenizer(folder: Path) -> None:
    """Raise OcellusError where tokenizer.json is damaged or has a pattern of its own.

    Its patterns run over all that a person writes, and one can be made to run for ever.
    """
    path = folder / TOKENIZER
    if not path.is_file():
        return
    plain = read_json(path, _LONGEST)
    # Not the vocabulary, which is most of the file.
    parts = ("normalizer", "pre_tokenizer", "post_processor", "decoder")
    waiting: list[object] = [plain.get(part) for part in parts]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            table = cast("dict[str, Any]", value)
            pattern = table.get("Regex")
            if pattern is not None and pattern not in _KNOWN:
                raise OcellusError.of(
                    ErrorKind.BAD_CHECKPOINT,
                    "This model splits text in a way of its own, which Ocellus does not run.",
                    "Get the version that is published under llava-hf, and choose that.",
                    f"{path.name} has the pattern {str(pattern)[:_LONGEST_PATTERN]!r}",
                )
            waiting.extend(table.values())
        elif isinstance(value, list):
            waiting.extend(cast("list[object]", value))
