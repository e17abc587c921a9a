"""What cannot be imported: the words for it, and that nothing is left of the try."""

import json
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from app.core.cancelled import WorkCancelledError
from app.core.errors import ErrorKind, OcellusError
from app.engine.convert import importing
from app.engine.convert.importing import convert
from tests.engine.originals import written


def edit(folder, **settings):
    path = folder / "config.json"
    config = {**json.loads(path.read_text()), **settings}
    path.write_text(json.dumps({key: value for key, value in config.items() if value is not ...}))


def without(folder, name):
    tensors = load_file(folder / "model.safetensors")
    del tensors[name]
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})


def pickled(folder):
    class Canary:
        def __reduce__(self):
            return (open, (str(folder / "ran"), "w"))

    torch.save({"w": Canary()}, folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()


def other_projector(folder):
    tensors = load_file(folder / "model.safetensors")
    tensors["model.mm_projector.0.weight"] = torch.zeros(3, 3)
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})


def in_integers(folder):
    tensors = load_file(folder / "model.safetensors")
    tensors["model.norm.weight"] = torch.zeros(64, dtype=torch.int8)
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})


def cut_off(folder):
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[:-100])


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (pickled, "can run code"),
        (lambda f: (f / "model.safetensors").unlink(), "weights are missing"),
        (cut_off, "model.safetensors is damaged"),
        (lambda f: without(f, "model.mm_projector.2.bias"), "do not fit together"),
        (lambda f: without(f, "model.image_newline"), "do not fit together"),
        (other_projector, "do not fit together"),
        (in_integers, "do not fit together"),
        (lambda f: (f / "tokenizer.model").unlink(), "tokenizer is missing"),
        (lambda f: (f / "tokenizer.model").write_bytes(b"no"), "could not be loaded"),
        (lambda f: edit(f, auto_map={"AutoModel": "evil.Model"}), "code of its own"),
        (lambda f: (f / "adapter_config.json").write_text("{}"), "an adapter"),
        (lambda f: edit(f, model_type="llava_next", mm_vision_tower=...), "authors' own layout"),
        (lambda f: edit(f, architectures=["LlavaMptForCausalLM"]), "cannot import"),
        (lambda f: edit(f, mm_projector_type="linear"), "cannot import"),
        (lambda f: edit(f, mm_use_im_start_end=True), "cannot import"),
        (lambda f: edit(f, mm_patch_merge_type="flat"), "cannot import"),
        (lambda f: edit(f, image_aspect_ratio=...), "cannot import"),
        (lambda f: edit(f, image_grid_pinpoints="(1x1),...,(6x6)"), "cannot import"),
        (lambda f: edit(f, mm_vision_select_layer="x"), "cannot import"),
        (lambda f: edit(f, mm_vision_select_layer=-9), "do not fit together"),
        (lambda f: edit(f, mm_vision_tower="google/siglip"), "does not know"),
        (lambda f: edit(f, vocab_size=100), "tokenizer is missing"),
        (lambda f: edit(f, num_hidden_layers=3), "do not fit together"),
        (lambda f: edit(f, hidden_size="wide"), "could not be loaded"),
    ],
)
def test_what_cannot_be_imported_is_said_and_leaves_nothing(originals, tmp_path, damage, words):
    source = tmp_path / "source"
    shutil.copytree(originals["1.6-vicuna"][0], source)
    damage(source)
    with pytest.raises(OcellusError) as caught:
        written(source, tmp_path / "models" / "new")
    failed = caught.value.failed
    assert words in failed.headline, failed
    assert failed.advice
    assert not list(tmp_path.glob("models/*")) + list(tmp_path.glob("models/.*"))
    assert not (source / "ran").exists()


def test_a_model_without_its_tower_asks_for_it(originals, tmp_path):
    source, tower, _ = originals["1.5"]
    with pytest.raises(OcellusError) as caught:
        written(source, tmp_path / "new")
    assert "vision tower is not in its folder" in caught.value.failed.headline
    assert "openai/clip-vit-large-patch14-336" in caught.value.failed.advice
    other = tmp_path / "other"
    shutil.copytree(tower, other)
    edit(other, model_type="siglip")
    with pytest.raises(OcellusError, match="do not fit together"):
        written(source, tmp_path / "new", other)
    assert not (tmp_path / "new").exists()


def test_a_full_disk_is_told_before_anything_large_is_written(originals, tmp_path, monkeypatch):
    free = replace_free(monkeypatch, 1_000_000)
    with pytest.raises(OcellusError) as caught:
        written(originals["med"][0], tmp_path / "m" / "new")
    assert caught.value.failed.kind is ErrorKind.DISK_FULL
    assert f"{free / 1e6:.1f} MB are free" in caught.value.failed.headline
    assert not list((tmp_path / "m").iterdir())


def replace_free(monkeypatch, free):
    usage = shutil.disk_usage("/")._replace(free=free)
    monkeypatch.setattr(importing.shutil, "disk_usage", lambda _path: usage)
    return free


def test_stopping_leaves_nothing_and_the_next_try_clears_what_a_kill_left(originals, tmp_path):
    source = originals["med"][0]
    told = []

    def after_a_few(done, _total):
        told.append(done)
        if len(told) > 10:
            raise WorkCancelledError

    with pytest.raises(WorkCancelledError):
        convert(source, tmp_path / "m" / "new", None, after_a_few)
    assert not list((tmp_path / "m").iterdir())
    left = tmp_path / "m" / ".new.importing"
    left.mkdir()
    (left / "model.safetensors").write_bytes(b"half")
    spec = written(source, tmp_path / "m" / "new")[1]
    assert spec.folder == str(tmp_path / "m" / "new")
    assert not left.exists()
    with pytest.raises(OcellusError) as caught:
        written(source, tmp_path / "m" / "new")
    assert "already" in caught.value.failed.headline
    assert (tmp_path / "m" / "new" / "model.safetensors").stat().st_size > 2_000_000
