"""transformers' settings for a model in its authors' own layout."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import transformers

from app.catalog.checkpoint import read_config
from app.catalog.files import read_json
from app.catalog.original import TOWER, Original
from app.core.errors import ErrorKind, OcellusError
from app.engine.convert.vocabulary import Vocabulary
from app.engine.loading.families import ORIGINAL_DECODERS

_DECODER = (
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
    "num_key_value_heads",
    "head_dim",
    "hidden_act",
    "max_position_embeddings",
    "initializer_range",
    "rms_norm_eps",
    "tie_word_embeddings",
    "rope_theta",
    "rope_scaling",
    "rope_parameters",
    "attention_bias",
    "mlp_bias",
    "sliding_window",
    "bos_token_id",
    "eos_token_id",
)
_TOWER = (
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
    "num_channels",
    "image_size",
    "patch_size",
    "hidden_act",
    "layer_norm_eps",
    "projection_dim",
)
# Of every CLIP that OpenAI published.
_OPENAI = "openai/clip-vit-"
_OPENAI_HEAD_WIDTH = 64
_OPENAI_MEAN = [0.48145466, 0.4578275, 0.40821073]
_OPENAI_STD = [0.26862954, 0.26130258, 0.27577711]


def build_config(original: Original, config: Any, clip: Path | None, vocabulary: Vocabulary) -> Any:
    """An instance of the class `config`. Raises OcellusError where a number is missing."""
    stated = {key: original.config[key] for key in _DECODER if key in original.config}
    text = ORIGINAL_DECODERS[original.decoder](
        **stated, vocab_size=vocabulary.rows, pad_token_id=vocabulary.pad
    )
    vision: Any = transformers.CLIPVisionConfig(
        **(_stated_tower(clip) if clip else _measured_tower(original))
    )
    if not -vision.num_hidden_layers <= original.layer <= vision.num_hidden_layers:
        raise _does_not_fit(f"layer {original.layer} of {vision.num_hidden_layers}")
    whole = original.whole_features
    more: dict[str, Any] = {}
    if original.grid:
        more["image_grid_pinpoints"] = [list(sides) for sides in original.grid]
    return config(
        vision_config=vision,
        text_config=text,
        image_token_index=vocabulary.image,
        vision_feature_layer=original.layer,
        vision_feature_select_strategy="full" if whole else "default",
        image_seq_length=(vision.image_size // vision.patch_size) ** 2 + whole,
        projector_hidden_act="gelu",
        tie_word_embeddings=text.tie_word_embeddings,
        **more,
    )


def picture_settings(original: Original, config: Any, clip: Path | None) -> dict[str, Any]:
    """What the image processor is made with, beside its family's own options."""
    side = config.vision_config.image_size
    settings: dict[str, Any] = {
        "size": {"shortest_edge": side},
        "crop_size": {"height": side, "width": side},
        "image_mean": _OPENAI_MEAN,
        "image_std": _OPENAI_STD,
    }
    path = clip / "preprocessor_config.json" if clip else None
    if path and path.is_file():
        found = read_json(path)
        settings |= {key: found[key] for key in ("image_mean", "image_std") if key in found}
    if original.grid:
        settings["image_grid_pinpoints"] = config.image_grid_pinpoints
    return settings


def _stated_tower(clip: Path) -> dict[str, Any]:
    config = read_config(clip)
    if config.get("model_type") not in ("clip", "clip_vision_model"):
        raise _does_not_fit(f"the vision model is {config.get('model_type')!r}, not CLIP")
    stated = config.get("vision_config", config)
    if not isinstance(stated, dict):
        raise _does_not_fit(f"vision_config {json.dumps(stated)[:200]}")
    return {key: stated[key] for key in _TOWER if key in stated}


def _measured_tower(original: Original) -> dict[str, Any]:
    """The tower's sizes from its weights: the authors' config only names it."""
    name = str(original.config.get("mm_vision_tower"))
    if _OPENAI not in name.lower():
        raise OcellusError.of(
            ErrorKind.BAD_CHECKPOINT,
            "This model sees with a vision model that Ocellus does not know.",
            f"If it is a CLIP model, get {name} as well, and give its folder too.",
            f"mm_vision_tower {name!r}",
        )
    shapes = {
        key.removeprefix(TOWER): part.tensor.shape
        for key, part in original.parts.items()
        if key.startswith(TOWER)
    }
    try:
        width, channels, patch, _ = shapes["embeddings.patch_embedding.weight"]
        places = shapes["embeddings.position_embedding.weight"][0] - 1
        middle = shapes["encoder.layers.0.mlp.fc1.weight"][0]
    except (KeyError, IndexError, ValueError) as error:
        raise _does_not_fit(f"the vision tower lacks {error}") from error
    layers = {key.split(".")[2] for key in shapes if key.startswith("encoder.layers.")}
    return {
        "hidden_size": width,
        "intermediate_size": middle,
        "num_hidden_layers": len(layers),
        "num_attention_heads": max(1, width // _OPENAI_HEAD_WIDTH),
        "num_channels": channels,
        "image_size": math.isqrt(places) * patch,
        "patch_size": patch,
    }


def _does_not_fit(detail: str) -> OcellusError:
    return OcellusError.of(
        ErrorKind.BAD_CHECKPOINT,
        "The model's files do not fit together.",
        "Get the model again, all files from the same place, with the vision model it names.",
        detail,
    )
