"""Checkpoints of the real classes with tiny random weights."""

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers.models.llava.image_processing_pil_llava import LlavaImageProcessorPil
from transformers.models.llava_next.image_processing_pil_llava_next import (
    LlavaNextImageProcessorPil,
)

from app.core.model import Architecture

SPECIALS = ["<pad>", "<s>", "</s>", "<image>"]
SIDE, PATCH = 28, 14
CORPUS = [
    "[INST] What is the total? [/INST] The total is 12.50 euros.",
    "USER: What colour is the sign? ASSISTANT: It is red.",
    "Reference OCR token: Total  12.50\nItem 7  3.20\nThank you for your visit",
] * 20


def byte_level_tokenizer():
    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=SPECIALS,
        show_progress=False,
    )
    backend.train_from_iterator(CORPUS, trainer)
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=backend, bos_token="<s>", eos_token="</s>", pad_token="<pad>"
    )


def write_checkpoint(folder, architecture, context=2048, decoder_layers=2, side=SIDE, grid=None):
    """Random weights, real files. The head is scaled up so that tokens differ in probability."""
    tokenizer = byte_level_tokenizer()
    vision = transformers.CLIPVisionConfig(
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=3,
        num_attention_heads=2,
        image_size=side,
        patch_size=PATCH,
    )
    decoder = {
        "vocab_size": len(tokenizer),
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": decoder_layers,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": context,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "pad_token_id": 0,
    }
    image = tokenizer.convert_tokens_to_ids("<image>")
    sizes = {
        "size": {"shortest_edge": side},
        "crop_size": {"height": side, "width": side},
    }
    common = {"patch_size": PATCH, "vision_feature_select_strategy": "default"}
    torch.manual_seed(11)
    if architecture is Architecture.LLAVA_NEXT:
        grid = grid or [[side, 2 * side], [2 * side, side], [2 * side, 2 * side]]
        config = transformers.LlavaNextConfig(
            vision_config=vision,
            text_config=transformers.MistralConfig(sliding_window=None, **decoder),
            image_token_index=image,
            image_grid_pinpoints=grid,
        )
        model = transformers.LlavaNextForConditionalGeneration(config)
        images = LlavaNextImageProcessorPil(image_grid_pinpoints=grid, **sizes)
        processor = transformers.LlavaNextProcessor(images, tokenizer, **common)
    else:
        config = transformers.LlavaConfig(
            vision_config=vision,
            text_config=transformers.LlamaConfig(**decoder),
            image_token_index=image,
        )
        model = transformers.LlavaForConditionalGeneration(config)
        processor = transformers.LlavaProcessor(
            LlavaImageProcessorPil(**sizes), tokenizer, **common
        )
    with torch.no_grad():
        model.lm_head.weight *= 20
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
