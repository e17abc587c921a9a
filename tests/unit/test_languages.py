"""The catalog of language packs, and what `--lang` makes of it."""

import re
from pathlib import Path

import pytest
import yaml
from packs import catalog

from app.catalog.languages import LARGEST, load_languages, remove
from app.core.errors import OcellusError
from app.reader.ocr.languages import LETTERS, chosen
from app.reader.ocr.onnx import RECOGNITION, model_path

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "models" / "languages.toml"


def test_the_shipped_catalog_says_what_rapidocr_publishes(tmp_path):
    packs = load_languages(SHIPPED, tmp_path)
    models = Path(model_path(RECOGNITION)).parents[1] / "default_models.yaml"
    plain = yaml.safe_load(models.read_text("utf-8"))
    published = {
        entry["model_dir"]: entry["SHA256"]
        for version in plain["onnxruntime"].values()
        for entry in version["rec"].values()
    }
    for pack in packs.entries:
        assert published[pack.address] == pack.sha256
        assert pack.host == "www.modelscope.cn"
        assert not pack.on_disk
        assert pack.spec() is None
    names = [pack.file.name for pack in packs.entries]
    assert len({name.lower() for name in names}) == len(names)
    offered = {code for pack in packs.entries for code, _ in pack.languages}
    refused = {code for one in packs.refused for code, _ in one.languages}
    assert not offered & refused
    assert not (offered | refused) & LETTERS.keys()


def test_a_language_is_found_or_the_person_hears_what_to_do(tmp_path):
    packs = load_languages(SHIPPED, tmp_path)
    assert chosen("de, EN+ja", packs) == (None, "")
    for codes, words in (
        ("ru", r"Russian needs a language pack.* MB from www.modelscope.cn: `languages pull esl"),
        ("de,ru,uk", r"^Russian, Ukrainian needs"),
        ("ru,ko", r"ru, ko need more than one language pack"),
        ("ar", r"^Arabic is not offered. It runs from right to left"),
        ("xx,de", r"^There is no model for xx\."),
        ("", r"names no language"),
        (" , ", r"names no language"),
    ):
        spec, complaint = chosen(codes, packs)
        assert spec is None
        assert re.search(words, complaint), complaint
    with pytest.raises(OcellusError, match="no language pack called “klingon”"):
        packs.entry("klingon")
    assert packs.entry("hi").id == "devanagari"
    # Bulgarian with Russian needs the pack for both; one that is here is taken before another.
    bulgarian = packs.entry("bg")
    assert chosen("ru,bg", packs)[1].endswith("`languages pull cyrillic`")
    bulgarian.file.parent.mkdir(exist_ok=True)
    with bulgarian.file.open("wb") as file:
        file.truncate(bulgarian.size)
    assert chosen("ru", packs) == (bulgarian.spec(), "")
    with bulgarian.file.open("ab") as file:
        file.write(b"more")
    assert bulgarian.spec() is None
    remove(bulgarian)
    remove(bulgarian)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "change",
    [
        {"id": "../up"},
        {"id": "con.onnx"},
        {"sha256": "a" * 63},
        {"sha256": 5},
        {"size": 0},
        {"size": True},
        {"size": LARGEST + 1},
        {"address": "file:///etc/passwd"},
        {"script": "Cyrillic"},
        {"colour": "red"},
    ],
)
def test_a_damaged_catalog_is_refused(tmp_path, change):
    good = catalog(tmp_path / "good.toml", b"data", "https://example.org/a.onnx")
    assert load_languages(good, tmp_path).entry("uk").size == 4
    bad = catalog(tmp_path / "bad.toml", b"data", **{"address": "https://example.org/a"} | change)
    with pytest.raises(ValueError, match="language pack"):
        load_languages(bad, tmp_path)
    bad.write_text(good.read_text("utf-8") + "\n" + good.read_text("utf-8"), "utf-8")
    with pytest.raises(ValueError, match="twice"):
        load_languages(bad, tmp_path)
