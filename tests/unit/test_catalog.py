"""The catalog of models, and which kind of model a folder holds."""

from pathlib import Path

import pytest
from checkpoint_folders import checkpoint, config

from app.catalog.catalog import load_catalog, spec_for_folder
from app.catalog.fit import Fit, Verdict, judge
from app.core.errors import ErrorKind, OcellusError
from app.core.model import Architecture, PromptFormat

CATALOG = Path(__file__).resolve().parents[2] / "models" / "catalog.toml"


@pytest.fixture
def catalog(tmp_path):
    return load_catalog(CATALOG, tmp_path / "builtin", tmp_path / "models")


def test_the_catalog_offers_the_built_in_model_first(catalog):
    first, *others = catalog.entries
    assert (first.id, first.for_trying, first.hub) == ("builtin", True, "")
    assert first.fit(1, (4096,)) is None
    assert len({entry.id for entry in catalog.entries}) == len(catalog.entries)
    for entry in catalog.entries:
        assert entry.licence
        assert entry.title
        for sentence in (entry.terms, entry.good_for):
            assert sentence.endswith(".")
    for entry in others:
        assert entry.hub.startswith("llava-hf/") is not entry.by_hand
        # Four bits take about a third of the download, with the context's cache and working memory.
        assert 0.25 * entry.download_gb < entry.memory_gb < 0.35 * entry.download_gb + 4


# GB of the weights as published and in 4 bits, KiB of a token's cache.
PUBLISHED = {
    "llava-v1.6-mistral-7b": (15.1, 4.8, 128),
    "llava-v1.6-vicuna-7b": (14.1, 4.5, 512),
    "llava-1.5-7b": (14.1, 4.5, 512),
    "llava-v1.6-vicuna-13b": (26.6, 7.9, 800),
    "llava-1.5-13b": (26.6, 7.9, 800),
    "llava-v1.6-34b": (69, 19.8, 240),
    "llama3-llava-next-8b": (16.7, 6.4, 128),
    "llava-next-72b": (145, 42, 2560),
    "llava-next-110b": (223, 62, 320),
    "llava-med-v1.5-mistral-7b": (15.1, 4.8, 128),
    "llava-onevision-qwen2-7b": (16.06, 6.43, 56),
    "llava-onevision-qwen2-0.5b": (1.787, 1.256, 12),
    "llava-interleave-qwen-0.5b": (1.73, 1.27, 96),
}


def test_sizes_reckoned_from_the_configs_are_the_published_ones(catalog):
    assert PUBLISHED.keys() == {entry.id for entry in catalog.entries} - {"builtin"}
    for name, (download, four_bit, cache) in PUBLISHED.items():
        entry = catalog.entry(name)
        assert entry.download_gb == pytest.approx(download, rel=0.008)
        assert entry.shape.weights(four_bit=True) / 1e9 == pytest.approx(four_bit, rel=0.012)
        assert entry.shape.cache_per_token == cache * 1024


def test_an_entry_tells_whether_it_fits(catalog):
    mistral, vicuna = (catalog.entry(f"llava-v1.6-{name}-7b") for name in ("mistral", "vicuna"))
    contexts = (4096, 8192, 32768)
    assert mistral.fit(12 * 10**9, contexts).verdict is Verdict.FITS
    assert mistral.fit(8 * 10**9, contexts).context == 8192
    # Four times the cache for a token.
    assert vicuna.fit(8 * 10**9, contexts).verdict is Verdict.TOO_LARGE
    needed = mistral.fit(10**12, (4096,)).needed
    assert needed / 1e9 == pytest.approx(mistral.memory_gb)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("licence =", "license =", 1),
        lambda text: text.replace("layers = 32", 'layers = "32"', 1),
        lambda text: text.replace("layers = 32", "layer = 32", 1),
        lambda text: text.replace("memory_gb = 0.5", "", 1),
        lambda text: text.replace('"llava-next"', '"other"', 1),
    ],
)
def test_a_damaged_catalog_is_noticed(tmp_path, change):
    text = CATALOG.read_text("utf-8")
    assert change(text) != text
    (tmp_path / "catalog.toml").write_text(change(text), "utf-8")
    with pytest.raises(ValueError, match=r"catalog entry|Architecture"):
        load_catalog(tmp_path / "catalog.toml", tmp_path, tmp_path)


def test_a_model_that_the_person_brings_is_imported(catalog):
    with pytest.raises(OcellusError) as caught:
        catalog.spec("llava-med-v1.5-mistral-7b")
    assert "import" in caught.value.failed.advice


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
        (
            config("qwen2", 152000, "llava_onevision"),
            Architecture.LLAVA_ONEVISION,
            PromptFormat.CHATML,
        ),
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
        "llava-med-v1.5-mistral-7b": config("mistral", 32064, "llava"),
        "llava-onevision-qwen2-7b": config("qwen2", 152128, "llava_onevision"),
        "llava-onevision-qwen2-0.5b": config("qwen2", 152000, "llava_onevision"),
        "llava-interleave-qwen-0.5b": config(
            "qwen2", 152000, "llava", vision_config={"model_type": "siglip_vision_model"}
        ),
    }
    assert published.keys() == {entry.id for entry in catalog.entries} - {"builtin"}
    for name, settings in published.items():
        spec = spec_for_folder(checkpoint(tmp_path / name, settings))
        entry = catalog.entry(name)
        assert (spec.prompt_format, spec.architecture) == (entry.prompt_format, entry.architecture)


def test_a_model_fits_fits_with_less_context_or_not_at_all():
    def verdict(free):
        return judge(4_000, 10, (100, 200, 400), 500, free)

    assert verdict(8_500) == Fit(Verdict.FITS, 400, 8_500, 8_500)
    assert verdict(8_499) == Fit(Verdict.SHORTER, 200, 6_500, 8_499)
    assert "200 tokens" in verdict(8_499).words
    assert verdict(5_499) == Fit(Verdict.TOO_LARGE, 0, 5_500, 5_499)
    assert verdict(5_499).words.startswith("Too large")
