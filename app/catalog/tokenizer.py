"""What a model's tokenizer.json may say before a tokenizer is made of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from app.catalog.files import read_json
from app.catalog.patterns import why_slow
from app.core.errors import ErrorKind, OcellusError

TOKENIZER = "tokenizer.json"
# Llama 3's has 9 MB.
_LONGEST = 100_000_000
_SHOWN = 2000


def check_tokenizer(folder: Path) -> None:
    """Raise OcellusError where tokenizer.json is damaged or has a pattern that may never end.

    Its patterns run over all that a person writes, where no Stop reaches.
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
            why = why_slow(pattern) if isinstance(pattern, str) else ""
            if why:
                raise OcellusError.of(
                    ErrorKind.BAD_CHECKPOINT,
                    "This model's tokenizer could take for ever on some text.",
                    "Get the version that is published under llava-hf, and choose that.",
                    f"{path.name} has a pattern that {why}: {str(pattern)[:_SHOWN]!r}",
                )
            waiting.extend(table.values())
        elif isinstance(value, list):
            waiting.extend(cast("list[object]", value))
