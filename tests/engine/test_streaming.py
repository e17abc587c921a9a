"""Text as it comes: whole characters only, whatever the tokenizer cuts them into."""

import pytest
from tokenizers import Tokenizer, models
from toy_tokenizers import sentencepiece_decoder
from transformers import PreTrainedTokenizerFast

from app.engine.decoding.streaming import IncrementalDecoder
from tests.engine.checkpoints import byte_level_tokenizer

TEXTS = [
    "The total is 12.50 euros.",
    "漢字かな交じり文、한국어 텍스트",
    "👍🏽 thumbs 👨‍👩‍👧‍👦 family 🇩🇪 flag",
    "mixed: é漢👍 and  two spaces\n\nand lines",
    "العربية עברית ไทย हिन्दी",
]


def byte_fallback_tokenizer():
    """As Llama 2's: what is not in the vocabulary is spelled in bytes."""
    words = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), "▁", "e", "t"]
    backend = Tokenizer(
        models.BPE(
            {word: index for index, word in enumerate(words)},
            [],
            unk_token="<unk>",
            byte_fallback=True,
        )
    )
    backend.decoder = sentencepiece_decoder()
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, bos_token="<s>", eos_token="</s>", unk_token="<unk>"
    )


@pytest.fixture(params=[byte_level_tokenizer, byte_fallback_tokenizer], scope="module")
def tokenizer(request):
    return request.param()


def spell(tokenizer, text):
    """Ids one byte each: the hardest way to say it."""
    vocabulary = tokenizer.get_vocab()
    if "<0x00>" in vocabulary:
        return [vocabulary[f"<0x{byte:02X}>"] for byte in text.encode()]
    return [
        token
        for byte in text
        for token in tokenizer.encode(byte, add_special_tokens=False, split_special_tokens=True)
    ]


@pytest.mark.parametrize("text", TEXTS)
def test_no_piece_ever_holds_half_a_character(tokenizer, text):
    decoder = IncrementalDecoder(tokenizer)
    ids = spell(tokenizer, text)
    pieces = [decoder.push(token) for token in ids]
    assert not any("\ufffd" in piece for piece in pieces)
    assert "".join(pieces) == text
    assert decoder.flush() == ""
    # Each is said as soon as its last byte is there, not at the end.
    assert sum(bool(piece) for piece in pieces) == len(text)


def test_words_come_with_their_spaces(tokenizer):
    decoder = IncrementalDecoder(tokenizer)
    ids = spell(tokenizer, "  \n the  te e")
    assert "".join(decoder.push(token) for token in ids) == "the  te e"


def test_what_is_broken_for_good_is_let_through(tokenizer):
    decoder = IncrementalDecoder(tokenizer)
    byte = spell(tokenizer, "é")[-1]
    text = "".join(decoder.push(token) for token in [*spell(tokenizer, "ab"), *[byte] * 6])
    words = tokenizer.encode("et", add_special_tokens=False)
    text += "".join(decoder.push(token) for token in words) + decoder.flush()
    assert text.startswith("ab\ufffd")
    assert text.endswith("\ufffdet")


def test_an_answer_cut_off_inside_a_character_shows_that(tokenizer):
    decoder = IncrementalDecoder(tokenizer)
    pieces = [decoder.push(token) for token in spell(tokenizer, "ok 👍")[:-1]]
    assert "".join(pieces) == "ok "
    assert set(decoder.flush()) == {"\ufffd"}


def test_control_tokens_are_not_shown():
    tokenizer = byte_level_tokenizer()
    decoder = IncrementalDecoder(tokenizer)
    ids = [
        *tokenizer.encode("a"),
        *tokenizer.convert_tokens_to_ids(["<image>", "<pad>", "<s>"]),
        *tokenizer.encode("b"),
    ]
    assert "".join(decoder.push(token) for token in ids) == "ab"


def test_a_long_answer_costs_no_more_per_token_than_a_short_one(tokenizer):
    """Only a small window is decoded again."""
    lengths = []

    class Counting:
        def decode(self, ids, **options):
            lengths.append(len(ids))
            return tokenizer.decode(ids, **options)

    decoder = IncrementalDecoder(Counting())
    for token in spell(tokenizer, "word 漢 " * 300):
        decoder.push(token)
    assert max(lengths) <= 12
