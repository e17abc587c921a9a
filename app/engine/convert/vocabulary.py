"""The tokenizer of a language model, extended by what a picture needs."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers import normalizers
from transformers import AddedToken, LlamaTokenizer, PreTrainedTokenizerFast

from app.catalog.original import Original
from app.catalog.tokenizer import check_tokenizer
from app.core.errors import ErrorKind, OcellusError

IMAGE = "<image>"
PAD = "<pad>"
_SPACE = "▁"
# Code (auto_map) has been looked for in these; a chat template is never run, and left behind.
_FILES = (
    "tokenizer.json",
    "tokenizer.model",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
)
# Published models have as many rows as a multiple of this, which graphics cards like.
_MULTIPLE = 64


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A tokenizer that knows pictures; `rows` is how many embeddings the model has with it."""

    tokenizer: Any
    image: int
    pad: int
    rows: int


def extend(original: Original, folder: Path) -> Vocabulary:
    """The tokenizer of `original`, with a token for pictures and one for padding.

    Its files are copied into `folder` and read there, where nothing else lies
    that a tokenizer class would follow. Raises OcellusError.
    """
    copied = [name for name in _FILES if (original.folder / name).is_file()]
    for name in copied:
        shutil.copyfile(original.folder / name, folder / name)
    if not {"tokenizer.json", "tokenizer.model"} & set(copied):
        raise _missing("neither tokenizer.json nor tokenizer.model")
    check_tokenizer(folder)
    tokenizer = _read(folder)
    for name in copied:
        (folder / name).unlink()
    tokenizer.chat_template = None
    rows = int(original.config.get("vocab_size") or 0)
    # A few words that were added for another use and have no row were never said.
    if not 0 < len(tokenizer) <= rows + _MULTIPLE:
        raise _missing(f"{len(tokenizer)} words for {rows} embeddings")
    tokenizer.add_tokens([AddedToken(IMAGE, special=True, normalized=False)], special_tokens=True)
    if tokenizer.pad_token is None or tokenizer.pad_token in (
        tokenizer.eos_token,
        tokenizer.unk_token,
    ):
        tokenizer.add_special_tokens({"pad_token": PAD})
    if len(tokenizer) > rows:
        rows = -(-len(tokenizer) // _MULTIPLE) * _MULTIPLE
    image = tokenizer.convert_tokens_to_ids(IMAGE)
    return Vocabulary(tokenizer, int(image), int(tokenizer.pad_token_id), rows)


def _read(folder: Path) -> Any:
    fast: Any = PreTrainedTokenizerFast
    if (folder / "tokenizer.json").is_file():
        return fast.from_pretrained(str(folder), local_files_only=True)
    pieces: Any = LlamaTokenizer
    tokenizer = pieces.from_pretrained(str(folder), local_files_only=True)
    backend = tokenizer.backend_tokenizer
    # As SentencePiece does it, with which LLaVA was trained: a space goes before text
    # that begins with one, too.
    backend.pre_tokenizer = None
    backend.normalizer = normalizers.Sequence(
        [normalizers.Prepend(_SPACE), normalizers.Replace(" ", _SPACE)]
    )
    return tokenizer


def _missing(detail: str) -> OcellusError:
    return OcellusError.of(
        ErrorKind.BAD_CHECKPOINT,
        "The model's tokenizer is missing, or it is another model's.",
        "Get the model's tokenizer files again.",
        detail,
    )
