"""Tokenizers trained here on a few sentences, of the kinds that the published models have."""

from tokenizers import (
    AddedToken,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    trainers,
)
from transformers import PreTrainedTokenizerFast

SPECIALS = [
    "<pad>",
    "<s>",
    "</s>",
    "<image>",
    "<|im_start|>",
    "<|im_end|>",
    "<|start_header_id|>",
    "<|end_header_id|>",
    "<|eot_id|>",
]

CORPUS = [
    "USER: What is the total? ASSISTANT: The total is 12.50 euros.",
    "[INST] What colour is the sign? [/INST] It is red.",
    "<|im_start|>user system assistant <|im_end|> </s> <s> <image> <pad>",
    "Reference OCR token: Total  12.50\nThank you for your visit",
] * 20


def wrapped(backend, **names):
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, bos_token="<s>", eos_token="</s>", **names
    )


def byte_level_tokenizer():
    """As Mistral's and Llama 3's newer tokenizers, and the built-in model's."""
    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=600, initial_alphabet=alphabet, special_tokens=SPECIALS, show_progress=False
    )
    backend.train_from_iterator(CORPUS, trainer)
    return wrapped(backend, pad_token="<pad>")


def sentencepiece_decoder():
    """Makes text of pieces: ▁ to spaces, bytes to characters, without the space before all."""
    return decoders.Sequence(
        [
            decoders.Replace("▁", " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(" ", 1, 0),
        ]
    )


def sentencepiece_tokenizer():
    """As Llama 2's: spaces as ▁, one put before each text, unknown bytes spelled out."""
    normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    draft = Tokenizer(models.BPE(unk_token="<unk>"))
    draft.normalizer = normalizer
    trainer = trainers.BpeTrainer(vocab_size=500, special_tokens=["<unk>"], show_progress=False)
    draft.train_from_iterator(CORPUS, trainer)
    learnt = draft.get_vocab()
    merges = []
    for word in sorted(learnt, key=learnt.__getitem__):
        cuts = [(word[:i], word[i:]) for i in range(1, len(word))]
        merges += [cut for cut in cuts if cut[0] in learnt and cut[1] in learnt][:1]
    # As in Llama's vocabulary, the control tokens are ordinary entries of it too.
    words = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    words += [word for word in sorted(learnt, key=learnt.__getitem__) if word not in words]
    vocabulary = {word: index for index, word in enumerate(words)}
    backend = Tokenizer(
        models.BPE(vocabulary, merges, unk_token="<unk>", byte_fallback=True, fuse_unk=True)
    )
    backend.normalizer = normalizer
    backend.decoder = sentencepiece_decoder()
    backend.add_special_tokens([AddedToken(token, normalized=False) for token in SPECIALS])
    return wrapped(backend, pad_token="<pad>", unk_token="<unk>")


def careless_tokenizer():
    """One whose files forget to say that its control tokens are special."""
    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        initial_alphabet=alphabet, special_tokens=SPECIALS[:4], show_progress=False
    )
    backend.train_from_iterator([], trainer)
    backend.add_tokens([AddedToken(token, special=False) for token in SPECIALS[4:]])
    return wrapped(backend, pad_token="<pad>")
