"""A small byte-level BPE that can spell anything, and prompts as token ids.

Spaces, single digits and signs are tokens of their own and never part of a
word's: a word then has the same ids wherever it stands, so looking up and
copying are a matter of equal tokens.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from app.core.conversation import Picture, Role, Turn
from app.core.model import PromptFormat
from app.core.prompts import BOS as BOS_PIECE
from app.core.prompts import Generated, PictureSlot, Plain, Special, render
from app.training.config import BOS, EOS, IMAGE, PAD, SPECIALS, Size
from app.training.synthetic.makers import document
from app.training.synthetic.shapes import COLOURS, SHAPES, plural
from app.training.synthetic.words import Split

_PIECES = r"\p{L}\p{M}*(?:\p{L}|\p{M})*|\p{N}| +|\n+|\.{2,}|[^\s\p{L}\p{N}]|\s"
# What the eye has names for, one token each: a patch can then be matched with its word.
SEEN = (*COLOURS, *SHAPES, *(plural(name) for name in SHAPES))
_NO_PICTURE = Picture("", 0, 0)


def train_tokenizer(size: Size, seed: int) -> PreTrainedTokenizerFast:
    """Learn the vocabulary from documents of the trained split."""
    chance = random.Random(f"{seed} tokenizer")
    texts: list[str] = []
    for _ in range(6000):
        made = document(chance, Split.TRAINED, 0.5)
        texts.append("\n".join(made.reference()))
        texts.extend(f"{one.text} {one.answer}" for one in made.questions[:6])
    texts.append("[INST] \n [/INST] Reference OCR token: " * 50)
    plain = Tokenizer(models.BPE())
    plain.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_PIECES), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    plain.decoder = decoders.ByteLevel()
    plain.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=size.vocabulary - len(SEEN),
            special_tokens=list(SPECIALS),
            initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
            show_progress=False,
        ),
    )
    plain.add_tokens([AddedToken(word, single_word=True, normalized=False) for word in SEEN])
    return PreTrainedTokenizerFast(
        tokenizer_object=plain,
        pad_token=SPECIALS[PAD],
        bos_token=SPECIALS[BOS],
        eos_token=SPECIALS[EOS],
        extra_special_tokens=[SPECIALS[IMAGE]],
        model_max_length=size.context,
        padding_side="left",
        clean_up_tokenization_spaces=False,
    )


def load_tokenizer(folder: Path, size: Size, seed: int) -> PreTrainedTokenizerFast:
    """The tokenizer of this run, trained once."""
    if not (folder / "tokenizer.json").exists():
        train_tokenizer(size, seed).save_pretrained(str(folder))
    return PreTrainedTokenizerFast.from_pretrained(str(folder), local_files_only=True)


class Encoder:
    """Conversations to ids and labels, in the very form in which the engine prompts."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast) -> None:
        self._tokenizer = tokenizer

    def plain(self, text: str) -> list[int]:
        """Ids of words in which nothing is structure."""
        return list(
            self._tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"]
        )

    def conversation(
        self,
        asked: Sequence[tuple[str, str]],
        reference: Sequence[str],
        picture_tokens: int = 0,
    ) -> tuple[list[int], list[bool]]:
        """Ids, and for each whether it is the model's own.

        `asked` holds questions with their answers; the first carries the
        picture (of so many tokens, none without) and the reference rows.
        """
        turns: list[Turn] = []
        for index, (question, _) in enumerate(asked):
            pictures = (_NO_PICTURE,) if picture_tokens and not index else ()
            rows = tuple(reference) if not index else ()
            turns.append(Turn(Role.PERSON, question, pictures, rows))
            turns.append(Turn(Role.MODEL, ""))
        generated = range(1, len(turns), 2)
        ids: list[int] = []
        own: list[bool] = []
        for piece in render(PromptFormat.BUILTIN, turns, generated):
            mine = False
            match piece:
                case Special(token):
                    # The end of a turn is the model's to say; the start is not.
                    found, mine = [BOS if token == BOS_PIECE else EOS], token != BOS_PIECE
                case Plain(text):
                    found = self.plain(text)
                case PictureSlot():
                    found = [IMAGE] * picture_tokens
                case Generated(turn):
                    found, mine = self.plain(asked[turn // 2][1]), True
            ids.extend(found)
            own.extend([mine] * len(found))
        return ids, own
