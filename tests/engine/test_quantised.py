"""The 4-bit form: saved after the first load, the same bits, and enough without the original."""

import json
import os
import shutil
import subprocess
import sys
import time
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from uncancelled import never

from app.catalog.catalog import Catalog, spec_for_folder
from app.catalog.checkpoint import has_checkpoint, inspect
from app.catalog.quantised import (
    FOUR_BIT,
    damaged,
    delete_original,
    original_size,
    quantised_folder,
)
from app.commands import models
from app.commands.importing import import_folder
from app.core.errors import OcellusError
from app.core.requests import LoadModel
from app.engine.convert import quantising
from app.engine.loading.loader import load
from tests.engine.asking import Bench, coarsest, finished, question, read_through
from tests.engine.four_bit_form import logits, save
from tests.engine.tolerance import same_answer, same_bits, same_logits

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.usefixtures("any_size_saved")


@pytest.fixture
def bench(libraries, tmp_path):
    bench = Bench(tmp_path / "pictures", models=str(tmp_path / "models"))
    yield bench
    bench.engine.close()


@pytest.mark.numbers
@pytest.mark.parametrize("name", ["tiny", "tiny_15"])
def test_the_saved_form_is_the_same_bit_for_bit_and_gives_the_same_logits(request, name, tmp_path):
    spec = request.getfixturevalue(name)
    shutil.copytree(spec.folder, tmp_path / "copy")
    spec = replace(spec, folder=str(tmp_path / "copy"))
    anew, first = logits(spec)
    assert first.checkpoint.folder == Path(spec.folder)
    folder = save(spec)
    again, second = logits(spec)
    assert second.checkpoint.folder == folder / FOUR_BIT
    assert anew.std() > 0.1
    same_logits(anew, again, coarsest(second.model))
    before, after = first.model.state_dict(), second.model.state_dict()
    assert before.keys() == after.keys()
    assert all(same_bits(value, after[key]) for key, value in before.items() if "state" not in key)


def test_after_the_first_answer_it_is_saved_and_then_used_and_the_original_may_go(bench, copy):
    folder = Path(copy.folder)
    turns = [question("What is it?", bench.picture(100, 60))]
    first = bench.answer(copy, turns)
    bench.engine.saver.wait(60)
    assert quantised_folder(folder) == inspect(folder).quantised_folder == folder / FOUR_BIT
    assert sorted(p.name for p in folder.iterdir() if p.name.startswith(".")) in (
        [],
        [".four-bit.lock"],
    )
    bench.engine.close()
    same_answer(bench.answer(copy, turns), first)
    assert bench.engine.llava.loaded.checkpoint.folder == folder / FOUR_BIT

    size = original_size(folder)
    assert size == (folder / "model.safetensors").stat().st_size
    assert delete_original(folder) == size
    assert not (folder / "model.safetensors").exists()
    assert original_size(folder) == 0
    assert has_checkpoint(folder)
    assert damaged(folder) == []
    # Also where the folder was copied, which changes the times of all files.
    for path in folder.glob("*.json"):
        os.utime(path, (1, 1))
    bench.engine.close()
    same_answer(bench.answer(copy, turns), first)
    picked = spec_for_folder(folder)
    assert picked.folder == copy.folder
    same_answer(bench.answer(replace(picked, four_bit=False), turns), first)


def test_a_model_without_its_original_can_be_imported(copy, tmp_path):
    folder = save(copy)
    anew, _ = logits(copy)
    delete_original(folder)
    catalog = Catalog((), tmp_path / "other")
    name = import_folder(str(folder), "again", None, catalog, lambda *_: None)
    again, loaded = logits(replace(copy, folder=str(tmp_path / "other" / name)))
    assert loaded.checkpoint.folder == tmp_path / "other" / "again"
    same_logits(anew, again, coarsest(loaded.model))


def test_what_is_left_is_verified_and_removed_by_command(copy, tmp_path, capsys):
    folder = save(copy)
    size = (folder / "model.safetensors").stat().st_size
    catalog = Catalog((), folder.parent)
    before = catalog.entry("copy")
    entry = Namespace(action="rm", json=True, model="copy", original=True)
    assert models.run_action(entry, catalog) == 0
    assert json.loads(capsys.readouterr().out) == {"id": "copy", "freed": size}
    assert logits(copy)[1].checkpoint.folder == folder / FOUR_BIT
    after = catalog.entry("copy")
    assert (after.folder, after.shape) == (before.folder, before.shape)
    # Once more there is nothing to delete, which is no error.
    assert models.run_action(entry, catalog) == 0
    assert json.loads(capsys.readouterr().out)["freed"] == 0
    shutil.rmtree(folder / FOUR_BIT)
    assert models.run_action(entry, catalog) == 1


def test_a_damaged_form_is_found_and_the_original_kept(copy):
    folder = save(copy)
    path = folder / FOUR_BIT / "model.safetensors"
    data = bytearray(path.read_bytes())
    data[-700] ^= 1
    path.write_bytes(data)
    assert damaged(folder) == ["model.safetensors"]
    with pytest.raises(OcellusError, match="still needed"):
        delete_original(folder)
    assert (folder / "model.safetensors").exists()
    path.write_bytes(data[:-5])
    assert quantised_folder(folder) is None
    assert logits(copy)[1].checkpoint.folder == folder


def test_another_original_takes_the_saved_forms_place(copy):
    folder = save(copy)
    tensors = load_file(folder / "model.safetensors")
    name = next(n for n in tensors if n.endswith("layers.0.mlp.up_proj.weight"))
    tensors[name] *= 2
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    os.utime(folder / "model.safetensors", ns=(1, time.time_ns()))
    assert quantised_folder(folder) is None
    anew, loaded = logits(copy)
    assert loaded.checkpoint.folder == folder
    save(copy)
    again, loaded = logits(copy)
    assert loaded.checkpoint.folder == folder / FOUR_BIT
    same_logits(anew, again, coarsest(loaded.model))


SAVE = """
import sys, torch
from pathlib import Path
from app.engine.environment import settle
settle()
from app.engine import libraries
libraries.prepare()
from app.catalog.checkpoint import inspect
from app.engine.convert.quantising import save_four_bit
left = int(sys.argv[2])
def check():
    global left
    left -= 1
    if left == 0:
        print("half", flush=True)
        sys.stdin.read()
save_four_bit(inspect(Path(sys.argv[1])), torch.bfloat16, torch.device("cpu"), check)
"""


def test_a_kill_half_way_leaves_nothing_that_is_loaded(bench, copy, monkeypatch):
    folder = Path(copy.folder)
    command = [sys.executable, "-c", SAVE, copy.folder, "25"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as child:
        assert child.stdout.readline() == b"half\n"
        # Another process is at it: this one leaves it alone.
        bfloat16, cpu = torch.bfloat16, torch.device("cpu")
        assert quantising.save_four_bit(inspect(folder), bfloat16, cpu, lambda: None) is None
        child.kill()
    part = folder / ".four-bit.saving"
    assert (part / "model.safetensors").stat().st_size > 0
    assert quantised_folder(folder) is None
    assert logits(copy)[1].checkpoint.folder == folder
    shutil.copytree(part, folder / "kept")
    save(copy)
    assert not part.exists()
    assert damaged(folder) == []
    # It goes as well where there is no room to save anything.
    shutil.rmtree(folder / FOUR_BIT)
    (folder / "kept").rename(part)
    monkeypatch.setattr(quantising, "SPARE", 10**18)
    bench.handle(LoadModel(copy))
    bench.engine.saver.wait(60)
    assert not part.exists()


FILL = """
import resource, signal
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="a limit of that kind")
def test_a_disk_that_fills_up_half_way_leaves_the_original_alone(copy):
    folder = Path(copy.folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert len(before["model.safetensors"]) > 300_000
    ended = subprocess.run(
        [sys.executable, "-c", FILL + SAVE, copy.folder, "0"],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert "File too large" in ended.stderr
    after = {path.name: path.read_bytes() for path in folder.iterdir() if path.name[0] != "."}
    assert after == before
    assert not (folder / ".four-bit.saving").exists()
    assert logits(copy)[1].checkpoint.folder == folder


def test_a_folder_of_the_persons_own_is_not_written_to(bench, copy, tmp_path):
    folder = tmp_path / "elsewhere" / "copy"
    shutil.copytree(copy.folder, folder)
    before = sorted(path.name for path in folder.iterdir())
    assert finished(bench.answer(replace(copy, folder=str(folder)), [question()])[-1])
    bench.engine.saver.wait(60)
    assert sorted(path.name for path in folder.iterdir()) == before


def test_no_answer_waits_for_the_saving(bench, copy):
    """While a request is under way nothing is written; letting go of the model ends it."""
    folder = Path(copy.folder)
    request = bench.engine.handle(LoadModel(copy), never)
    for _ in request:
        assert not (folder / FOUR_BIT).exists()
        assert not (folder / ".four-bit.saving").exists()
    bench.engine.saver.wait(60)
    assert (folder / FOUR_BIT).exists()

    shutil.rmtree(folder / FOUR_BIT)
    with bench.engine.saver.resting():
        bench.engine.close()
        bench.engine.saver.start(read_through(load(copy, never)))
        bench.engine.close()
    assert not (folder / FOUR_BIT).exists()


def test_a_full_disk_or_a_folder_to_read_only_is_no_error(bench, copy, monkeypatch):
    monkeypatch.setattr(quantising, "SPARE", 10**18)
    assert finished(bench.answer(copy, [question()])[-1])
    bench.engine.saver.wait(60)
    assert not (Path(copy.folder) / FOUR_BIT).exists()
    bench.engine.close()
    monkeypatch.setattr(quantising, "SPARE", 0)
    (Path(copy.folder) / ".four-bit.saving").write_text("in the way")
    assert finished(bench.answer(copy, [question()])[-1])
    bench.engine.saver.wait(60)
    assert not (Path(copy.folder) / FOUR_BIT).exists()
    assert finished(bench.answer(copy, [question()])[-1])
