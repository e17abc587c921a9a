"""The language model before it has seen a picture: first copying, then questions.

Questions alone teach a small decoder nothing for a long time: to answer from a
text it has to look something up and copy it out, and that skill appears at once
and early when it is trained by itself, on random tokens that come twice.
"""

from __future__ import annotations

import random

import torch
from torch import nn
from torch.nn import functional
from transformers import MistralConfig, MistralForCausalLM

from app.core.prompts import REFERENCE_HEADING
from app.training.config import BOS, EOS, PAD, SPECIALS, Size
from app.training.tokenizer import Encoder

Batch = tuple[torch.Tensor, torch.Tensor]
IGNORED = -100
# How much more the first tokens of an answer count. To find the place is the hard step,
# and one digit does not tell it from others; from the third on what was written does.
_FIRST = 4.0
# Tokens of a value that has few different ones, and how long such a value gets.
_FEW = 12
_LONGEST_NUMERAL = 12


def text_config(size: Size) -> MistralConfig:
    """The decoder's shape."""
    return MistralConfig(
        vocab_size=size.vocabulary,
        hidden_size=size.width,
        num_hidden_layers=size.layers,
        num_attention_heads=size.heads,
        num_key_value_heads=size.heads,
        intermediate_size=size.inner,
        max_position_embeddings=size.context,
        rope_parameters={"rope_type": "default", "rope_theta": 100_000.0},
        sliding_window=None,
        rms_norm_eps=1e-5,
        pad_token_id=PAD,
        bos_token_id=BOS,
        eos_token_id=EOS,
        tie_word_embeddings=True,
        use_cache=False,
    )


def new_decoder(size: Size, seed: int) -> MistralForCausalLM:
    """A decoder with fresh weights."""
    torch.manual_seed(seed)
    return MistralForCausalLM(text_config(size))


def padded(rows: list[tuple[list[int], list[int]]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and labels of a batch, padded to the right: two (batch, length) tensors."""
    longest = max(len(ids) for ids, _ in rows)
    ids = torch.full((len(rows), longest), PAD)
    labels = torch.full((len(rows), longest), IGNORED)
    for row, (tokens, wanted) in enumerate(rows):
        ids[row, : len(tokens)] = torch.tensor(tokens)
        labels[row, : len(wanted)] = torch.tensor(wanted)
    return ids, labels


def answer_loss(hidden: torch.Tensor, head: nn.Module, labels: torch.Tensor) -> torch.Tensor:
    """Cross entropy of the labelled tokens; hidden (batch, length, width), labels (batch, length).

    The head is applied to labelled places alone, and padding to the right needs
    no attention mask: causal attention never looks there.
    """
    wanted = labels[:, 1:]
    places = wanted != IGNORED
    first = places & (labels[:, :-1] == IGNORED)
    second = places & functional.pad(first, (1, 0))[:, :-1]
    weights = torch.where(first | second, _FIRST, 1.0)[places]
    each = functional.cross_entropy(
        head(hidden[:, :-1][places]).float(), wanted[places], reduction="none"
    )
    return (each * weights).sum() / weights.sum()


def copying_batch(size: Size, seed: int, step: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Random tokens that come twice; only the second time counts."""
    chance = random.Random(f"{seed} copy {step}")
    longest = 12 + step // 20
    length = chance.randint(6, min(64, longest))
    rows: list[tuple[list[int], list[int]]] = []
    for _ in range(size.copy_batch * 24 // max(24, length) + 8):
        tokens = [chance.randrange(len(SPECIALS), size.vocabulary) for _ in range(length)]
        rows.append(([BOS, *tokens, EOS, *tokens], [IGNORED] * (length + 2) + tokens))
    return padded(rows)


def recall_batch(size: Size, encoder: Encoder, seed: int, step: int) -> Batch:
    """Random tokens in pairs, some of which are asked for: looking up, and nothing else.

    Every other text has values of few different tokens, as amounts and dates have:
    to copy those, it takes more than what comes after the token just written.
    """
    chance = random.Random(f"{seed} recall {step}")
    between = [encoder.plain(text) for text in (": ", "  ", " ", "\n", " = ", ":")]
    before = [encoder.plain(text) for text in ("What is the ", "", "Tell me the ", "what's the ")]
    after = [encoder.plain(text) for text in ("", "?", ".")]
    line, blank = encoder.plain("\n"), encoder.plain("\n\n")
    start, end = encoder.plain("[INST] "), encoder.plain(" [/INST]")
    heading = encoder.plain(f"{REFERENCE_HEADING} ")
    digits = encoder.plain("0123456789012345678901234567890123456789.,-/:")

    def some(most: int, least: int = 1) -> list[int]:
        count = chance.randint(least, most)
        return chance.choices(range(len(SPECIALS), size.vocabulary), k=count)

    def numeral() -> list[int]:
        return chance.choices(few, k=chance.randint(2, _LONGEST_NUMERAL))

    rows: list[tuple[list[int], list[int]]] = []
    total, count = 0, chance.randint(2, min(24, 3 + step // 25))
    while total < size.recall_tokens:
        joined, longest = chance.choice(between), chance.choice((1, 2, 2, 3))
        few = digits if chance.random() < 0.7 else some(_FEW, least=_FEW)
        numeric = chance.random() < 0.5
        pairs = [(some(longest), numeral() if numeric else some(5)) for _ in range(count)]
        text = [token for key, value in pairs for token in (*key, *joined, *value, *line)][:-1]
        reference = [*heading, *text, *blank]
        ids, labels = [BOS], [IGNORED]
        for place, (key, value) in enumerate(
            chance.sample(pairs, min(count, chance.choice((1, 1, 4))))
        ):
            asked = [*start, *(reference if not place else ())]
            asked += [*chance.choice(before), *key, *chance.choice(after), *end]
            ids += [*asked, *value, EOS]
            labels += [*[IGNORED] * len(asked), *value, EOS]
        rows.append((ids, labels))
        total += len(ids)
    return padded(rows)


def text_loss(model: MistralForCausalLM, batch: Batch) -> torch.Tensor:
    """The loss of one batch without pictures."""
    ids, labels = (one.to(model.device) for one in batch)
    hidden = model.model(input_ids=ids).last_hidden_state
    return answer_loss(hidden, model.lm_head, labels)
