"""Checkpoints in 4 bits from elsewhere: what their config says, and what lies in their files."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from app.catalog.quantised import FOUR_BIT
from app.core.errors import ErrorKind, OcellusError
from tests.engine.asking import coarsest
from tests.engine.four_bit_form import logits, save
from tests.engine.tolerance import same_logits

pytestmark = pytest.mark.usefixtures("any_size_saved")


def elsewhere(copy, listed, change=lambda tensors: None):
    folder = save(copy)
    inner = folder.parent / "elsewhere"
    (folder / FOUR_BIT).rename(inner)
    (inner / "origin.json").unlink()
    config = json.loads((inner / "config.json").read_text())
    if listed is ...:
        del config["quantization_config"]["llm_int8_skip_modules"]
    else:
        config["quantization_config"]["llm_int8_skip_modules"] = listed
    (inner / "config.json").write_text(json.dumps(config))
    tensors = load_file(inner / "model.safetensors")
    change(tensors)
    save_file(tensors, inner / "model.safetensors", {"format": "pt"})
    return replace(copy, id="elsewhere", folder=str(inner))


@pytest.mark.parametrize(
    "listed",
    [..., None, [], ["lm_head"], ["vision_tower"], [".*"], ["(a+)+$"], ["model.language_model"]],
)
def test_whatever_its_list_says_what_is_in_four_bits_is_told_from_its_files(copy, listed):
    anew, _ = logits(copy)
    again, loaded = logits(elsewhere(copy, listed))
    assert loaded.checkpoint.is_quantised
    same_logits(anew, again, coarsest(loaded.model))


def test_a_layer_of_the_decoder_that_was_left_in_full_stays_so(copy):
    whole = load_file(Path(copy.folder) / "model.safetensors")
    name = next(n for n in whole if n.endswith("layers.1.mlp.down_proj.weight"))

    def keep(tensors):
        for key in [key for key in tensors if key.startswith(name)]:
            del tensors[key]
        tensors[name] = whole[name]

    _, loaded = logits(elsewhere(copy, None, keep))
    layer = loaded.model.model.language_model.layers[1].mlp
    assert type(layer.down_proj) is torch.nn.Linear
    assert type(layer.up_proj) is not torch.nn.Linear


def test_a_tower_in_four_bits_is_refused(copy):
    def squeeze(tensors):
        name = next(n for n in tensors if "vision_tower" in n and n.endswith("fc1.weight"))
        tensors[f"{name}.quant_state.bitsandbytes__nf4"] = torch.zeros(8, dtype=torch.uint8)

    with pytest.raises(OcellusError) as caught:
        logits(elsewhere(copy, None, squeeze))
    assert caught.value.failed.kind is ErrorKind.BAD_CHECKPOINT
    assert "vision tower" in caught.value.failed.headline
