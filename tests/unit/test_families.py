"""The table of model families: how a config.json finds its row, and what is said otherwise."""

import json

import pytest

from app.catalog.checkpoint import inspect
from app.catalog.families import FAMILIES, find_family, prompt_format
from app.core.errors import OcellusError
from app.core.model import Architecture, PromptFormat


@pytest.mark.parametrize(
    ("model_type", "tower", "architecture"),
    [
        ("llava", "clip_vision_model", Architecture.LLAVA),
        ("llava", "siglip_vision_model", Architecture.LLAVA_INTERLEAVE),
        # Its config.json may leave the tower out, or name one that nobody knows.
        ("llava", None, Architecture.LLAVA),
        ("llava", 7, Architecture.LLAVA),
        ("llava_next", "siglip_vision_model", Architecture.LLAVA_NEXT),
        ("llava_onevision", None, Architecture.LLAVA_ONEVISION),
    ],
)
def test_a_family_is_told_by_its_type_and_its_tower(model_type, tower, architecture):
    assert find_family(model_type, tower) is FAMILIES[architecture]


@pytest.mark.parametrize("model_type", ["qwen2_vl", "", None, ["llava"]])
def test_other_types_are_of_no_family(model_type):
    assert find_family(model_type, "clip_vision_model") is None


@pytest.mark.parametrize(
    ("model_type", "words", "wanted"),
    [
        ("llama", 63_999, PromptFormat.VICUNA),
        ("llama", 64_000, PromptFormat.CHATML_DIRECT),
        ("llama", 127_999, PromptFormat.CHATML_DIRECT),
        ("llama", 128_000, PromptFormat.LLAMA_3),
        ("llama", "many", None),
        ("llama4", 200_000, None),
        ("mistral", "many", PromptFormat.MISTRAL),
        ("qwen3", None, PromptFormat.CHATML),
        (7, 32_000, None),
    ],
)
def test_a_format_is_told_by_the_language_models_kind_and_vocabulary(model_type, words, wanted):
    assert prompt_format(FAMILIES[Architecture.LLAVA_NEXT], model_type, words) is wanted


@pytest.mark.parametrize(
    ("config", "advice"),
    [
        (
            {"model_type": "qwen2_vl"},
            (
                "Ocellus answers with LLaVA-1.5, LLaVA-1.6, LLaVA-NeXT, LLaVA-Interleave and "
                "LLaVA-OneVision models."
            ),
        ),
        (
            {"model_type": "llava_next", "text_config": {"model_type": "gemma"}},
            "It knows LLaVA on Vicuna, Mistral, Yi, Llama 3 and Qwen.",
        ),
    ],
)
def test_what_fits_is_said_where_a_folder_does_not(tmp_path, config, advice):
    (tmp_path / "config.json").write_text(json.dumps(config), "utf-8")
    (tmp_path / "model.safetensors").touch()
    with pytest.raises(OcellusError) as caught:
        inspect(tmp_path)
    assert caught.value.failed.advice == advice
