"""Checkpoints in the layouts of LLaVA's authors, by inverse renaming of transformers' models."""

import io
import json
from dataclasses import dataclass
from pathlib import Path

import sentencepiece
import torch
import transformers
from safetensors.torch import save_file

from app.catalog.catalog import spec_for_folder
from app.core.model import Architecture
from app.engine.convert.importing import convert

SIDE, PATCH = 28, 14
WORDS = 400
# Sizes in pixels as the authors write them: (width, height).
PINPOINTS = [[28, 56], [56, 28], [56, 56], [84, 28], [28, 84]]
CORPUS = [
    "[INST] What is the total? [/INST] The total is 12.50 euros.",
    "USER: What colour is the sign? ASSISTANT: It is red, and the letters are white.",
    "Reference OCR token: Total  12.50\nItem 7  3.20\nThank you for your visit",
    "A chat between a curious human and an artificial intelligence assistant.",
] * 20


@dataclass(frozen=True)
class Kind:
    """One of the published originals, as its config.json tells it."""

    architecture: Architecture
    decoder: str
    tower_inside: bool
    settings: dict


ANYRES = {
    "image_aspect_ratio": "anyres",
    "mm_patch_merge_type": "spatial_unpad",
    "image_grid_pinpoints": PINPOINTS,
}
KINDS = {
    "1.5": Kind(
        Architecture.LLAVA,
        "llama",
        tower_inside=False,
        settings={"model_type": "llava", "image_aspect_ratio": "pad"},
    ),
    "1.6-vicuna": Kind(
        Architecture.LLAVA_NEXT, "llama", True, {"model_type": "llava_llama", **ANYRES}
    ),
    "1.6-mistral": Kind(
        Architecture.LLAVA_NEXT, "mistral", True, {"model_type": "llava_mistral", **ANYRES}
    ),
    # Keeps the tiling options of the code that it was trained with, and pads.
    "med": Kind(
        Architecture.LLAVA,
        "mistral",
        True,
        {"model_type": "llava_mistral", **ANYRES, "image_aspect_ratio": "pad"},
    ),
}


def reference_model(kind: Kind, **sizes):
    """A small transformers model; its image token follows the words, as after an import."""
    torch.manual_seed(5)
    text = {"llama": transformers.LlamaConfig, "mistral": transformers.MistralConfig}
    sizes = {"hidden_size": 64, "intermediate_size": 128, **sizes}
    more = {"sliding_window": None} if kind.decoder == "mistral" else {}
    decoder = text[kind.decoder](
        vocab_size=448,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=2048,
        rms_norm_eps=1e-5,
        rope_theta=1e6,
        **sizes,
        **more,
    )
    vision = transformers.CLIPVisionConfig(
        hidden_size=128,
        intermediate_size=160,
        num_hidden_layers=3,
        num_attention_heads=2,
        image_size=SIDE,
        patch_size=PATCH,
    )
    names = "LlavaNext" if kind.architecture is Architecture.LLAVA_NEXT else "Llava"
    grid = {"image_grid_pinpoints": [[h, w] for w, h in PINPOINTS]} if names != "Llava" else {}
    config = getattr(transformers, f"{names}Config")(
        vision_config=vision, text_config=decoder, image_token_index=WORDS, **grid
    )
    model = getattr(transformers, f"{names}ForConditionalGeneration")(config)
    with torch.no_grad():
        model.lm_head.weight *= 20
    return model.eval()


RENAMED = {
    "model.vision_tower.": "model.vision_tower.vision_tower.vision_model.",
    "model.multi_modal_projector.linear_1.": "model.mm_projector.0.",
    "model.multi_modal_projector.linear_2.": "model.mm_projector.2.",
    "model.language_model.": "model.",
}


def write_original(folder: Path, kind: Kind, model, tower: Path | None = None, shards=1):
    """`model` as its authors would have published it; the vision tower in `tower` where apart."""
    folder.mkdir(parents=True)
    tensors = {}
    for name, value in model.state_dict().items():
        prefix = next((prefix for prefix in RENAMED if name.startswith(prefix)), None)
        tensors[RENAMED[prefix] + name[len(prefix) :] if prefix else name] = value.clone()
    for name in ("model.embed_tokens.weight", "lm_head.weight"):
        tensors[name] = tensors[name][:WORDS].clone()
    tensors["model.layers.0.self_attn.rotary_emb.inv_freq"] = torch.ones(8)
    if kind.settings.get("mm_patch_merge_type"):
        tensors.setdefault("model.image_newline", torch.ones(model.config.text_config.hidden_size))
    if not kind.tower_inside:
        tensors = {n: t for n, t in tensors.items() if not n.startswith("model.vision_tower.")}
        write_clip(tower, model)
    write_shards(folder, tensors, shards)
    text = model.config.text_config
    config = {
        "architectures": [
            "LlavaMistralForCausalLM" if kind.decoder == "mistral" else "LlavaLlamaForCausalLM"
        ],
        "vocab_size": WORDS,
        "hidden_size": text.hidden_size,
        "intermediate_size": text.intermediate_size,
        "num_hidden_layers": text.num_hidden_layers,
        "num_attention_heads": text.num_attention_heads,
        "num_key_value_heads": text.num_key_value_heads,
        "hidden_act": "silu",
        "max_position_embeddings": text.max_position_embeddings,
        "rms_norm_eps": 1e-5,
        "rope_theta": 1e6,
        "sliding_window": None,
        "tie_word_embeddings": False,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "torch_dtype": "bfloat16",
        "mm_hidden_size": 128,
        "mm_projector_type": "mlp2x_gelu",
        "mm_use_im_start_end": False,
        "mm_use_im_patch_token": False,
        "mm_vision_select_feature": "patch",
        "mm_vision_select_layer": -2,
        "mm_vision_tower": "openai/clip-vit-large-patch14-336",
        "use_mm_proj": True,
        **kind.settings,
    }
    (folder / "config.json").write_text(json.dumps(config))
    write_sentencepiece(folder)


def write_shards(folder: Path, tensors, shards):
    names = list(tensors)
    where = {}
    for number in range(shards):
        file = f"model-{number + 1:05}-of-{shards:05}.safetensors"
        if shards == 1:
            file = "model.safetensors"
        chosen = {name: tensors[name].contiguous() for name in names[number::shards]}
        save_file(chosen, folder / file, {"format": "pt"})
        where |= dict.fromkeys(chosen, file)
    if shards > 1:
        index = {"metadata": {}, "weight_map": where}
        (folder / "model.safetensors.index.json").write_text(json.dumps(index))


def write_clip(folder: Path, model):
    """A whole CLIP as it is published: with the half that reads text, and old names."""
    folder.mkdir(parents=True)
    tower = model.model.vision_tower.state_dict()
    tensors = {f"vision_model.{name}": value.clone() for name, value in tower.items()}
    tensors["vision_model.embeddings.position_ids"] = torch.arange(5)
    tensors["text_model.final_layer_norm.weight"] = torch.ones(8)
    tensors["logit_scale"] = torch.tensor(2.6)
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    vision = model.config.vision_config.to_dict()
    config = {"model_type": "clip", "vision_config": vision, "text_config": {"hidden_size": 8}}
    (folder / "config.json").write_text(json.dumps(config))


def write_sentencepiece(folder: Path):
    file = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS),
        model_writer=file,
        model_type="bpe",
        vocab_size=WORDS,
        byte_fallback=True,
        split_digits=True,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        allow_whitespace_only_pieces=True,
        character_coverage=1.0,
        minloglevel=2,
    )
    (folder / "tokenizer.model").write_bytes(file.getvalue())
    settings = {
        "tokenizer_class": "LlamaTokenizer",
        "add_bos_token": True,
        "bos_token": "<s>",
        "eos_token": "</s>",
        "unk_token": "<unk>",
        "pad_token": "<unk>",
        "legacy": False,
        "chat_template": "{{ cycler.__init__.__globals__ }}",
        "model_max_length": 2048,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))


def written(source, target, tower=None):
    """(All progress that was told, what to load)."""
    told = []
    convert(source, target, tower, lambda done, total: told.append((done, total)))
    return told, spec_for_folder(target)
