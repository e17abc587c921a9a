"""The catalog, and what is told from a checkpoint folder's files."""

import json
import struct
from pathlib import Path

import pytest

from app.catalog.catalog import load_catalog, spec_for_folder
from app.catalog.fit import Fit, Shape, Verdict, judge
from app.core.errors import ErrorKind, OcellusError
from app.core.model import Architecture, PromptFormat

CATALOG = Path(__file__).resolve().parents[2] / "models" / "catalog.toml"


def safetensors(values=b"\0" * 8, promised=8):
    header = json.dumps(
        {
            "__metadata__": {"format": "pt"},
            "w": {"dtype": "F32", "shape": [promised // 4], "data_offsets": [0, promised]},
        }
    ).encode()
    return struct.pack("<Q", len(header)) + header + values


def checkpoint(folder, config, **files):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    for name, data in (files or {"model.safetensors": safetensors()}).items():
        (folder / name).write_bytes(data)
    return folder


def config(family="mistral", words=32064, kind="llava_next", **more):
    return {"model_type": kind, "text_config": {"model_type": family, "vocab_size": words}, **more}


@pytest.fixture
def catalog(tmp_path):
    return load_catalog(CATALOG, tmp_path / "builtin", tmp_path / "models")


def test_the_catalog_offers_the_built_in_model_first(catalog):
    first, *others = catalog.entries
    assert (first.id, first.for_trying, first.hub) == ("builtin", True, "")
    assert len({entry.id for entry in catalog.entries}) == len(catalog.entries)
    for entry in others:
        assert entry.hub.startswith("llava-hf/")
        assert entry.licence
        assert entry.title
        # Four bits take about a third of the download, with the context's cache and working memory.
        assert 0.25 * entry.download_gb < entry.memory_gb < 0.35 * entry.download_gb + 4


def test_a_model_is_there_once_its_files_are(catalog, tmp_path):
    entry = catalog.entry("llava-v1.6-mistral-7b")
    assert not entry.on_disk
    assert entry.spec() is None
    with pytest.raises(OcellusError) as caught:
        catalog.spec(entry.id)
    failed = caught.value.failed
    assert failed.kind is ErrorKind.NO_CHECKPOINT
    assert entry.hub in failed.advice
    assert str(tmp_path / "models" / entry.id) in failed.advice

    checkpoint(tmp_path / "models" / entry.id, config())
    assert entry.on_disk
    spec = catalog.spec(entry.id)
    assert spec.folder == str(tmp_path / "models" / entry.id)
    assert spec.prompt_format is PromptFormat.MISTRAL
    assert not spec.for_trying

    checkpoint(tmp_path / "builtin", config())
    assert catalog.spec("builtin").for_trying


def test_an_unknown_model_is_answered_with_the_known_ones(catalog):
    with pytest.raises(OcellusError) as caught:
        catalog.spec("gpt-9")
    assert "gpt-9" in caught.value.failed.headline
    assert "llava-v1.6-vicuna-13b" in caught.value.failed.advice


@pytest.mark.parametrize(
    ("settings", "architecture", "prompt_format"),
    [
        (config(), Architecture.LLAVA_NEXT, PromptFormat.MISTRAL),
        (config("llama"), Architecture.LLAVA_NEXT, PromptFormat.VICUNA),
        (config("llama", 64064), Architecture.LLAVA_NEXT, PromptFormat.CHATML_DIRECT),
        (config("llama", 128320), Architecture.LLAVA_NEXT, PromptFormat.LLAMA_3),
        (config("qwen2", 152064), Architecture.LLAVA_NEXT, PromptFormat.CHATML),
        (config("llama", kind="llava"), Architecture.LLAVA, PromptFormat.LLAVA_15),
        (config("mistral", kind="llava"), Architecture.LLAVA, PromptFormat.MISTRAL),
        # The oldest published ones leave out what is the family's default.
        ({"model_type": "llava"}, Architecture.LLAVA, PromptFormat.LLAVA_15),
        (
            {"model_type": "llava_next", "image_token_index": 64000, "text_config": {}},
            Architecture.LLAVA_NEXT,
            PromptFormat.CHATML_DIRECT,
        ),
    ],
)
def test_a_folders_kind_and_format_are_told_from_its_config(
    tmp_path, catalog, settings, architecture, prompt_format
):
    folder = checkpoint(tmp_path / "my model", settings)
    spec = catalog.spec_for_folder(folder)
    assert spec.architecture is architecture
    assert spec.prompt_format is prompt_format
    assert spec.title == "my model"
    assert spec.folder == str(folder)


def test_the_catalogs_formats_are_those_that_the_published_configs_lead_to(tmp_path, catalog):
    published = {
        "llava-v1.6-mistral-7b": config("mistral", 32064),
        "llava-v1.6-vicuna-7b": config("llama", 32064),
        "llava-v1.6-vicuna-13b": config("llama", 32064),
        "llava-v1.6-34b": config("llama", 64064),
        "llama3-llava-next-8b": config("llama", 128320),
        "llava-next-72b": config("qwen2", 152064),
        "llava-next-110b": config("qwen2", 152064),
        "llava-1.5-7b": config("llama", 32064, "llava"),
        "llava-1.5-13b": config("llama", 32064, "llava"),
    }
    assert published.keys() == {entry.id for entry in catalog.entries} - {"builtin"}
    for name, settings in published.items():
        spec = spec_for_folder(checkpoint(tmp_path / name, settings))
        entry = catalog.entry(name)
        assert (spec.prompt_format, spec.architecture) == (entry.prompt_format, entry.architecture)


INDEX = json.dumps({"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}})
ESCAPE = json.dumps({"weight_map": {"a": "../model.safetensors"}})


@pytest.mark.parametrize(
    ("settings", "files", "kind", "words"),
    [
        (config(kind="qwen2_vl"), {}, ErrorKind.BAD_CHECKPOINT, "another kind of model"),
        (config(kind="llava_llama"), {}, ErrorKind.BAD_CHECKPOINT, "its authors' own layout"),
        (
            config(kind="llava", mm_vision_tower="openai/clip"),
            {},
            ErrorKind.BAD_CHECKPOINT,
            "its authors' own layout",
        ),
        (config("gemma"), {}, ErrorKind.BAD_CHECKPOINT, "how to talk to"),
        (config(), {"pytorch_model.bin": b"x"}, ErrorKind.BAD_CHECKPOINT, "can run code"),
        (config(), {"readme.txt": b"x"}, ErrorKind.NO_CHECKPOINT, "weights are missing"),
        (config(), {"model.safetensors": b""}, ErrorKind.BAD_CHECKPOINT, "is damaged"),
        (config(), {"model.safetensors": b"\xff" * 99}, ErrorKind.BAD_CHECKPOINT, "is damaged"),
        (config(auto_map={"AutoModel": "evil.Model"}), {}, ErrorKind.BAD_CHECKPOINT, "code of its"),
        (
            config(),
            {"model.safetensors": safetensors(), "tokenizer_config.json": b'{"auto_map": {}}'},
            ErrorKind.BAD_CHECKPOINT,
            "code of its own",
        ),
        # A header of 2 GB.
        (
            config(),
            {"model.safetensors": struct.pack("<Q", 2 * 10**9) + b"{}"},
            ErrorKind.BAD_CHECKPOINT,
            "is damaged",
        ),
        (
            config(),
            {"model.safetensors": safetensors(promised=400)},
            ErrorKind.BAD_CHECKPOINT,
            "is damaged",
        ),
        (
            config(),
            {"model.safetensors.index.json": INDEX.encode(), "model-1.safetensors": safetensors()},
            ErrorKind.NO_CHECKPOINT,
            "1 of the model's 2 files",
        ),
        (
            config(),
            {"model.safetensors.index.json": ESCAPE.encode()},
            ErrorKind.BAD_CHECKPOINT,
            "is damaged",
        ),
    ],
)
def test_what_is_wrong_with_a_folder_is_said_plainly(tmp_path, settings, files, kind, words):
    (tmp_path / "model.safetensors").write_bytes(safetensors())
    folder = checkpoint(tmp_path / "folder", settings, **files)
    with pytest.raises(OcellusError) as caught:
        spec_for_folder(folder)
    failed = caught.value.failed
    assert failed.kind is kind
    assert words in failed.headline
    assert failed.advice


def test_a_folder_without_a_model(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "config.json").write_bytes(b"{")
    for name, kind in (
        ("gone", ErrorKind.NO_CHECKPOINT),
        ("empty", ErrorKind.NO_CHECKPOINT),
        ("broken", ErrorKind.BAD_CHECKPOINT),
    ):
        with pytest.raises(OcellusError) as caught:
            spec_for_folder(tmp_path / name)
        assert caught.value.failed.kind is kind


def test_shards_are_checked_and_counted(tmp_path):
    folder = checkpoint(
        tmp_path / "sharded",
        config(),
        **{
            "model.safetensors.index.json": INDEX.encode(),
            "model-1.safetensors": safetensors(),
            "model-2.safetensors": safetensors(),
        },
    )
    assert spec_for_folder(folder).architecture is Architecture.LLAVA_NEXT


CLIP = {"tower_parameters": 303_507_456, "tower_width": 1024}
MISTRAL_7B = Shape(32, 4096, 32, 8, 32064, 14336, **CLIP)
VICUNA_7B = Shape(32, 4096, 32, 32, 32064, 11008, **CLIP)


@pytest.mark.parametrize(
    ("shape", "published_gb", "cache_kib"),
    [(MISTRAL_7B, 15.1, 128), (VICUNA_7B, 14.1, 512)],
)
def test_sizes_reckoned_from_a_config_are_the_published_ones(shape, published_gb, cache_kib):
    assert shape.weights(four_bit=False) / 1e9 == pytest.approx(published_gb, abs=0.05)
    assert shape.cache_per_token == cache_kib * 1024


def test_a_model_fits_fits_with_less_context_or_not_at_all():
    def verdict(free):
        return judge(4_000, 10, (100, 200, 400), 500, free)

    assert verdict(8_500) == Fit(Verdict.FITS, 400, 8_500, 8_500)
    assert verdict(8_499) == Fit(Verdict.SHORTER, 200, 6_500, 8_499)
    assert "200 tokens" in verdict(8_499).words
    assert verdict(5_499) == Fit(Verdict.TOO_LARGE, 0, 5_500, 5_499)
    assert verdict(5_499).words.startswith("Too large")
