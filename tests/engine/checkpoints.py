"""Checkpoints of the real classes with tiny random weights."""

import json

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers.models.llava.image_processing_pil_llava import LlavaImageProcessorPil
from transformers.models.llava_next.image_processing_pil_llava_next import (
    LlavaNextImageProcessorPil,
)
from transformers.models.llava_onevision.image_processing_pil_llava_onevision import (
    LlavaOnevisionImageProcessorPil,
)
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

from app.core.model import Architecture

SPECIALS = ["<pad>", "<s>", "</s>", "<image>"]
SIDE, PATCH = 28, 14
CORPUS = [
    "[INST] What is the total? [/INST] The total is 12.50 euros.",
    "USER: What colour is the sign? ASSISTANT: It is red.",
    "Reference OCR token: Total  12.50\nItem 7  3.20\nThank you for your visit",
] * 20


# What the decoders of the family differ in beside their sizes.
DECODERS = {
    "mistral": (transformers.MistralConfig, {"sliding_window": None}),
    "mistral-near": (transformers.MistralConfig, {"sliding_window": 64}),
    "llama": (transformers.LlamaConfig, {}),
    "yi": (transformers.LlamaConfig, {"rope_theta": 5e6, "rms_norm_eps": 1e-5, "eos_token_id": 5}),
    "llama-3": (transformers.LlamaConfig, {"rope_theta": 5e5, "rms_norm_eps": 1e-5}),
    "qwen2": (transformers.Qwen2Config, {"rope_theta": 1e6}),
    "qwen2-tied": (transformers.Qwen2Config, {"rope_theta": 1e6, "tie_word_embeddings": True}),
}
CHATML = ("<|im_start|>", "<|im_end|>")
LLAMA_3 = ("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>")
MORE_SPECIALS = {"yi": CHATML, "qwen2": CHATML, "qwen2-tied": CHATML, "llama-3": LLAMA_3}


def byte_level_tokenizer(more=()):
    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=[*SPECIALS, *more],
        show_progress=False,
    )
    backend.train_from_iterator(CORPUS, trainer)
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=backend, bos_token="<s>", eos_token="</s>", pad_token="<pad>"
    )


def write_checkpoint(
    folder,
    architecture,
    context=2048,
    *,
    decoder_layers=2,
    side=SIDE,
    grid=None,
    decoder=None,
    rows=0,
):
    """Random weights, real files. The head is scaled up so that tokens differ in probability.

    With `rows` there are so many in the tables of words, and those of no word are never said.
    """
    decoder = decoder or ("mistral" if architecture is Architecture.LLAVA_NEXT else "llama")
    tokenizer = byte_level_tokenizer(MORE_SPECIALS.get(decoder, ()))
    text, own = DECODERS[decoder]
    vision = transformers.CLIPVisionConfig(**_tower(side))
    numbers = {
        "vocab_size": max(len(tokenizer), rows),
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": decoder_layers,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": context,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "pad_token_id": 0,
        **own,
    }
    image = tokenizer.convert_tokens_to_ids("<image>")
    sizes = {
        "size": {"shortest_edge": side},
        "crop_size": {"height": side, "width": side},
    }
    common = {"patch_size": PATCH, "vision_feature_select_strategy": "default"}
    torch.manual_seed(11)
    grid = grid or [[side, 2 * side], [2 * side, side], [2 * side, 2 * side]]
    if architecture is Architecture.LLAVA_ONEVISION:
        config = transformers.LlavaOnevisionConfig(
            vision_config=siglip(side),
            text_config=text(**numbers),
            image_token_index=image,
            video_token_index=0,
            image_grid_pinpoints=[[side * h, side * w] for h in range(1, 7) for w in range(1, 7)],
        )
        model = transformers.LlavaOnevisionForConditionalGeneration(config)
        images = LlavaOnevisionImageProcessorPil(
            image_grid_pinpoints=config.image_grid_pinpoints, size={"height": side, "width": side}
        )
        # As published: all in files of their own, and no video processor here.
        images.save_pretrained(folder)
        processor = tokenizer
    elif architecture is Architecture.LLAVA_INTERLEAVE:
        # As converted and published: the last layer whole, and SigLIP's own processor.
        config = transformers.LlavaConfig(
            vision_config=siglip(side),
            text_config=text(**numbers),
            image_token_index=image,
            vision_feature_select_strategy="full",
            vision_feature_layer=-1,
        )
        model = transformers.LlavaForConditionalGeneration(config)
        images = SiglipImageProcessorPil(size={"height": side, "width": side})
        images.save_pretrained(folder)
        processor = tokenizer
    elif architecture is Architecture.LLAVA_NEXT:
        config = transformers.LlavaNextConfig(
            vision_config=vision,
            text_config=text(**numbers),
            image_token_index=image,
            image_grid_pinpoints=grid,
        )
        model = transformers.LlavaNextForConditionalGeneration(config)
        images = LlavaNextImageProcessorPil(image_grid_pinpoints=grid, **sizes)
        processor = transformers.LlavaNextProcessor(images, tokenizer, **common)
    else:
        config = transformers.LlavaConfig(
            vision_config=vision,
            text_config=text(**numbers),
            image_token_index=image,
        )
        model = transformers.LlavaForConditionalGeneration(config)
        processor = transformers.LlavaProcessor(
            LlavaImageProcessorPil(**sizes), tokenizer, **common
        )
    with torch.no_grad():
        model.lm_head.weight *= 20
        model.lm_head.weight[len(tokenizer) :] = 0
        # Biases and norms begin at 0 and 1, with which a lost one would not show.
        for value in model.parameters():
            if decoder not in ("mistral", "llama") and value.dim() == 1:
                value.add_(torch.randn_like(value), alpha=0.1)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    if config.text_config.tie_word_embeddings:
        # Published ones say it of the decoder alone.
        settings = json.loads((folder / "config.json").read_text("utf-8"))
        settings["tie_word_embeddings"] = False
        (folder / "config.json").write_text(json.dumps(settings), "utf-8")


def _tower(side):
    return {
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 3,
        "num_attention_heads": 2,
        "image_size": side,
        "patch_size": PATCH,
    }


def siglip(side):
    """Interleave's and OneVision's tower: no token for the whole picture, and no head."""
    return transformers.SiglipVisionConfig(**_tower(side), vision_use_head=False)
