"""Whether models fit, and what the command line says and does with them."""

import shutil
from pathlib import Path

import pytest
from json_lines import said

from app.__main__ import main
from app.catalog.catalog import load_catalog
from app.catalog.fit import Verdict, contexts
from app.catalog.machine import Machine, choose_card, measure
from app.catalog.verdicts import best, disk_needed, verdicts
from app.core.errors import ErrorKind, OcellusError

ROOT = Path(__file__).resolve().parents[2]
BUILTIN = ROOT / "models" / "builtin"
MED = "llava-med-v1.5-mistral-7b"
GB = 10**9


def machine(free, number_bytes=2):
    return Machine("cuda", "A card", free, 80 * GB, number_bytes, 500 * GB)


@pytest.fixture
def catalog(tmp_path):
    return load_catalog(ROOT / "models" / "catalog.toml", BUILTIN, tmp_path / "models")


def judged(catalog, free, **more):
    return verdicts(catalog.entries, machine(free, **more))


def test_what_is_too_large_names_one_that_fits(catalog):
    fits = judged(catalog, 12 * GB)
    assert fits["llava-v1.6-mistral-7b"].verdict is Verdict.FITS
    large = fits["llava-v1.6-34b"]
    assert large.verdict is Verdict.TOO_LARGE
    assert large.instead == "LLaVA-1.6 Mistral 7B"
    assert large.words.endswith("Take LLaVA-1.6 Mistral 7B instead.")
    # Where nothing fits, nothing is advised.
    assert {fit.instead for fit in judged(catalog, GB).values()} == {""}


def test_less_memory_leaves_shorter_conversations(catalog):
    fit = judged(catalog, 8 * GB)["llava-v1.6-mistral-7b"]
    assert (fit.verdict, fit.context) == (Verdict.SHORTER, 8192)
    # At 9 GB Vicuna fits with all of its 4096 tokens, and Mistral with 16384.
    fits = judged(catalog, 9 * GB)
    assert fits["llava-v1.6-vicuna-7b"].verdict is Verdict.FITS
    assert fits["llava-v1.6-mistral-7b"].context == 16384
    assert best(catalog.entries, fits).id == "llava-v1.6-mistral-7b"
    assert contexts(32768) == (32768, 16384, 8192, 4096)
    assert contexts(0) == (4096,)
    assert contexts(2048) == (4096,)


def test_the_memory_of_the_model_in_use_counts_as_free(catalog):
    entries = catalog.entries
    tight = verdicts(entries, machine(4 * GB))["llava-v1.6-mistral-7b"]
    freed = verdicts(entries, machine(4 * GB), freed=8 * GB)["llava-v1.6-mistral-7b"]
    assert tight.verdict is Verdict.TOO_LARGE
    assert freed.verdict is Verdict.FITS
    assert freed.free == 12 * GB


def test_a_processor_that_needs_wide_numbers_needs_more_memory(catalog):
    narrow, wide = (judged(catalog, 80 * GB, number_bytes=n)["llava-1.5-7b"] for n in (2, 4))
    # The parts that are not in 4 bits, and the cache, are twice as large.
    shape = catalog.entry("llava-1.5-7b").shape
    assert wide.needed - narrow.needed == 2 * shape.other + 4096 * shape.cache_per_token


SMI = """0, GPU-aa11, 9000, 24564, NVIDIA GeForce RTX 4090
1, GPU-bb22, 70000, 81559, NVIDIA H100, 80GB HBM3
2, GPU-cc33, [N/A], [N/A], Broken
"""


def test_the_card_is_the_one_that_torch_takes():
    mib = 2**20
    assert choose_card(SMI, None) == ("NVIDIA H100, 80GB HBM3", 70000 * mib, 81559 * mib)
    assert choose_card(SMI, "0,1")[0] == "NVIDIA GeForce RTX 4090"
    assert choose_card(SMI, "GPU-aa")[0] == "NVIDIA GeForce RTX 4090"
    assert choose_card(SMI, "") is None
    assert choose_card("No devices were found\n", None) is None


def test_this_machine_is_measured(tmp_path):
    found = measure(tmp_path / "not" / "there" / "yet", "cpu")
    assert found.device == "cpu"
    assert found.free > 0
    assert found.total > 0
    assert found.number_bytes in (2, 4)
    assert abs(found.disk_free - shutil.disk_usage(tmp_path).free) < GB


# The command line


def test_list_and_show_tell_the_verdicts(home, capsys):
    assert main(["models", "list", "--json"]) == 0
    rows = {row["id"]: row for row in said(capsys)}
    assert rows["builtin"]["fit"] is None
    mistral = rows["llava-v1.6-mistral-7b"]
    assert mistral["fit"]["verdict"] in ("fits", "shorter", "too-large")
    assert str(round(mistral["fit"]["needed"] / 1e9, 1)) in mistral["fit"]["words"]
    assert mistral["disk_needed"] == pytest.approx(16.6e9, rel=0.01)
    assert main(["models", "list"]) == 0
    out = capsys.readouterr().out
    assert mistral["fit"]["words"].split(":")[0] in out
    assert "GB of the disk are free." in out.splitlines()[0]
    assert main(["models", "show", MED]) == 0
    out = capsys.readouterr().out
    assert "research alone" in out
    assert "to be imported" in out
    assert (
        disk_needed(
            load_catalog(home.models / "catalog.toml", BUILTIN, home.user_models).entry("builtin")
        )
        == 0
    )


def test_a_failure_is_a_line_of_json(home, capsys):
    assert main(["models", "pull", MED, "--json"]) == 1
    (line,) = said(capsys)
    assert line["failed"]["kind"] == "access"
    assert "import" in line["failed"]["advice"]
    assert main(["models", "rm", "builtin", "--json"]) == 1
    assert "stays" in said(capsys)[0]["failed"]["headline"]


def test_a_folder_is_imported_listed_and_removed(home, capsys, tmp_path):
    folder = tmp_path / "My LLaVA (small)"
    shutil.copytree(BUILTIN, folder)
    (folder / "evil.py").write_text("raise SystemExit", "utf-8")
    (folder / "optimizer.bin").write_bytes(b"\x80")
    assert main(["models", "import", "--json", str(folder)]) == 0
    *progress, last = said(capsys)
    assert last == {"id": "my-llava-small"}
    assert progress[-1]["done"] == progress[-1]["total"] > 6_000_000
    target = home.user_models / "my-llava-small"
    names = {path.name for path in target.iterdir()}
    assert names == {path.name for path in BUILTIN.iterdir() if path.name != "README.md"}
    assert (target / "model.safetensors").read_bytes() == (
        BUILTIN / "model.safetensors"
    ).read_bytes()

    assert main(["models", "show", "my-llava-small", "--json"]) == 0
    (shown,) = said(capsys)
    assert shown["on_disk"]
    assert shown["own"]
    assert shown["context"] == 4096
    # A small model, and the working memory that every model is given.
    assert 1.5e9 < shown["fit"]["needed"] < 1.6e9

    assert main(["models", "import", "--json", str(folder)]) == 1
    assert said(capsys)[0]["failed"]["kind"] == "exists"
    assert main(["models", "rm", "my-llava-small"]) == 0
    assert list(home.user_models.iterdir()) == []
    assert main(["models", "show", "my-llava-small", "--json"]) == 1


@pytest.mark.parametrize("name", ["builtin", "../up", ".parts", "con", "lpt1.x", "a/b", "Ä"])
def test_names_that_are_no_folders_of_ours_are_refused(home, capsys, name):
    assert main(["models", "import", "--json", "--name", name, str(BUILTIN)]) == 1
    assert said(capsys)[0]["failed"]["kind"] == "access"
    assert not home.user_models.exists() or list(home.user_models.iterdir()) == []


def test_a_model_is_not_taken_for_another_one(home, capsys, tmp_path):
    assert main(["models", "import", "--json", "--name", MED, str(BUILTIN)]) == 1
    assert said(capsys)[0]["failed"]["headline"].startswith("This folder does not hold LLaVA-Med")
    (tmp_path / "empty").mkdir()
    assert main(["models", "import", "--json", str(tmp_path / "empty")]) == 1
    assert said(capsys)[0]["failed"]["kind"] == ErrorKind.NO_CHECKPOINT
    assert not home.user_models.exists() or list(home.user_models.iterdir()) == []


def test_a_full_disk_is_told_with_both_figures(home, capsys, monkeypatch):
    free = type("Usage", (), {"free": 5_000_000})()
    monkeypatch.setattr("app.commands.importing.shutil.disk_usage", lambda _: free)
    assert main(["models", "import", "--json", "--name", "small", str(BUILTIN)]) == 1
    failed = said(capsys)[-1]["failed"]
    assert failed["kind"] == "disk-full"
    assert "are needed on the disk" in failed["headline"]
    assert list(home.user_models.iterdir()) == []


def test_a_catalog_of_ones_own_adds_models_and_a_bad_one_is_said(home):
    def load():
        return load_catalog(home.models / "catalog.toml", BUILTIN, home.user_models)

    home.user_models.mkdir(parents=True)
    own = home.user_models / "catalog.toml"
    entry = (home.models / "catalog.toml").read_text("utf-8").split("[[model]]")[2]
    own.write_text("[[model]]" + entry.replace("llava-v1.6-mistral-7b", "ours"), "utf-8")
    assert load().entries[-1].id == "ours"
    # What came with the program cannot be replaced.
    own.write_text("[[model]]" + entry.replace("llava-hf/", "evil/"), "utf-8")
    assert load().entry("llava-v1.6-mistral-7b").hub.startswith("llava-hf/")
    for bad in ("[[model]", "x = 1", "model = 3", '[[model]]\nid = "x"'):
        own.write_text(bad, "utf-8")
        with pytest.raises(OcellusError) as caught:
            load()
        assert str(own) in caught.value.failed.advice
