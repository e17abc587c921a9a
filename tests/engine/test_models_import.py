"""`models import` of folders in the authors' own layout, as a person would call it."""

import json

import pytest

from app.__main__ import main
from app.catalog.original import NO_TOWER
from app.paths import find_paths
from tests.engine.originals import KINDS, reference_model, write_original

MED = "llava-med-v1.5-mistral-7b"


@pytest.fixture
def home(libraries, tmp_path, monkeypatch):
    monkeypatch.setenv("OCELLUS_HOME", str(tmp_path / "home"))
    return find_paths()


def run(capsys, *arguments):
    """(The exit code, the last line as JSON.)"""
    code = main(["models", *arguments, "--json"])
    return code, json.loads(capsys.readouterr().out.splitlines()[-1])


@pytest.mark.parametrize("name", sorted(KINDS))
def test_an_original_folder_becomes_a_model_of_the_list(home, capsys, tmp_path, name):
    kind = KINDS[name]
    folder = tmp_path / "Original LLaVA"
    clip = None if kind.tower_inside else tmp_path / "clip"
    write_original(folder, kind, reference_model(kind), clip)
    called = MED if name == "med" else "mine"
    arguments = ["import", str(folder), "--name", called]
    if clip is not None:
        # The window asks for the vision model's folder by this detail.
        code, said = run(capsys, *arguments)
        assert (code, said["failed"]["detail"]) == (1, NO_TOWER)
        assert list(home.user_models.iterdir()) == []
        arguments += ["--tower", str(clip)]
    assert run(capsys, *arguments) == (0, {"id": called})
    code, shown = run(capsys, "show", called)
    assert code == 0
    assert shown["on_disk"]
    assert shown["own"] is (called == "mine")


def test_pickles_are_refused_and_nothing_is_left(home, capsys, tmp_path):
    kind = KINDS["1.6-mistral"]
    folder = tmp_path / "old"
    write_original(folder, kind, reference_model(kind))
    for path in folder.glob("*.safetensors*"):
        path.unlink()
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04cos\nsystem\n.")
    code, said = run(capsys, "import", str(folder), "--name", "old")
    assert code == 1
    assert "can run code" in said["failed"]["headline"]
    assert not home.user_models.exists() or list(home.user_models.iterdir()) == []
