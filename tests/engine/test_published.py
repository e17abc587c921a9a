"""Every model of the catalog, made small: pulled from a hub, verified, put into 4 bits, asked."""

import json
from pathlib import Path

import pytest
from hub import LoopbackHub

from app.__main__ import main
from app.catalog.catalog import BUILTIN, load_catalog, spec_for_folder
from app.catalog.families import packages
from app.catalog.quantised import FOUR_BIT
from app.core.model import Architecture, PromptFormat
from app.engine.convert import quantising
from app.paths import find_paths
from tests.engine.asking import Bench, question
from tests.engine.checkpoints import write_checkpoint
from tests.engine.originals import KINDS, reference_model, write_original
from tests.engine.telling import never_said, told_as_generate_does
from tests.engine.tolerance import same_answer

ROOT = Path(__file__).resolve().parents[2]
NOWHERE = ROOT / "nowhere"
CATALOG = load_catalog(ROOT / "models" / "catalog.toml", NOWHERE, NOWHERE)
NEXT, LLAVA = Architecture.LLAVA_NEXT, Architecture.LLAVA
# The decoder of each kind of model that is fetched, by what the catalog says of it.
DECODERS = {
    (NEXT, PromptFormat.MISTRAL): "mistral",
    (NEXT, PromptFormat.VICUNA): "llama",
    (NEXT, PromptFormat.CHATML_DIRECT): "yi",
    (NEXT, PromptFormat.LLAMA_3): "llama-3",
    (NEXT, PromptFormat.CHATML): "qwen2",
    (LLAVA, PromptFormat.LLAVA_15): "llama",
    (Architecture.LLAVA_ONEVISION, PromptFormat.CHATML): "qwen2-tied",
    (Architecture.LLAVA_INTERLEAVE, PromptFormat.CHATML): "qwen2-tied",
}
# By which their format is told from their config.
ROWS = {"yi": 64064, "llama-3": 128320}
# The originals of models that are not fetched, or were before there were converted ones.
MED = "llava-med-v1.5-mistral-7b"
ORIGINALS = {
    "1.5": "llava-1.5-7b",
    "1.6-vicuna": "llava-v1.6-vicuna-7b",
    "1.6-mistral": "llava-v1.6-mistral-7b",
    "med": MED,
}


def kind(entry):
    return entry.architecture, entry.prompt_format


def of_kind(wanted):
    return next(entry.id for entry in CATALOG.entries if entry.hub and kind(entry) == wanted)


def test_every_kind_in_the_catalog_has_its_case():
    assert {kind(entry) for entry in CATALOG.entries if entry.hub} == set(DECODERS)
    assert {entry.id for entry in CATALOG.entries if entry.by_hand} == {MED}
    assert {entry.id for entry in CATALOG.entries if not entry.hub} == {BUILTIN, MED}
    assert KINDS.keys() == ORIGINALS.keys()


@pytest.fixture
def place(libraries, tmp_path, monkeypatch):
    """(A hub, a profile with its models, an engine that saves what it loads there).

    Each test has its own: a model that one leaves there would be in the next one's way.
    """
    monkeypatch.setenv("OCELLUS_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(quantising, "LEAST", 0)
    monkeypatch.setattr(quantising, "SPARE", 0)
    models = find_paths().user_models
    bench = Bench(tmp_path / "pictures", models=str(models))
    with LoopbackHub({}) as hub:
        yield hub, models, bench
    bench.engine.close()


def run(capsys, *arguments):
    """(The exit code, the last line as JSON) of a command about models."""
    code = main(["models", *arguments, "--json"])
    return code, json.loads(capsys.readouterr().out.splitlines()[-1])


def ask_in_four_bits(model_id, models, bench):
    """Have it loaded and saved; the answers before, after, and of transformers are the same."""
    spec = load_catalog(ROOT / "models" / "catalog.toml", NOWHERE, models).spec(model_id)
    told = spec_for_folder(Path(spec.folder))
    assert (told.architecture, told.prompt_format) == (spec.architecture, spec.prompt_format)
    turns = [question("What is the total?", bench.picture(100, 60))]
    first = bench.answer(spec, turns, max_new_tokens=8)
    bench.engine.saver.wait(60)
    bench.engine.close()
    told_as_generate_does(bench, spec, turns, new_tokens=8)
    loaded = bench.engine.llava.loaded
    assert loaded.checkpoint.folder == Path(spec.folder) / FOUR_BIT
    same_answer(first, bench.answer(spec, turns, max_new_tokens=8))
    assert used(loaded) <= packages()
    bench.engine.close()


def used(loaded):
    """The packages of transformers.models that a model is made of."""
    parts = [*loaded.model.modules(), loaded.tokenizer, loaded.processor]
    parts += [loaded.processor.image_processor, loaded.model.config]
    parts += [loaded.model.config.text_config, loaded.model.config.vision_config]
    names = [base.__module__.split(".") for part in parts for base in type(part).__mro__]
    return {name[2] for name in names if name[:2] == ["transformers", "models"]}


@pytest.mark.parametrize("wanted", DECODERS, ids="-".join)
def test_it_is_pulled_verified_put_into_four_bits_and_asked(place, capsys, tmp_path, wanted):
    hub, models, bench = place
    source = tmp_path / "source"
    decoder = DECODERS[wanted]
    write_checkpoint(source, wanted[0], decoder=decoder, rows=ROWS.get(decoder, 0))
    never_said(source, "<image>")
    hub.files = {path.name: path.read_bytes() for path in source.iterdir()}
    model_id, hub.served = of_kind(wanted), 0
    assert run(capsys, "pull", model_id, "--mirror", hub.endpoint)[0] == 0
    assert hub.served == sum(map(len, hub.files.values()))
    assert run(capsys, "verify", model_id)[1]["damaged"] == []
    ask_in_four_bits(model_id, models, bench)
    assert run(capsys, "verify", model_id)[1]["damaged"] == []
    assert run(capsys, "rm", model_id)[0] == 0
    assert not (models / model_id).exists()


@pytest.mark.parametrize("name", KINDS)
def test_an_original_is_imported_verified_put_into_four_bits_and_asked(
    place, capsys, tmp_path, name
):
    _, models, bench = place
    kind_ = KINDS[name]
    clip = tmp_path / "clip"
    write_original(tmp_path / "source", kind_, reference_model(kind_), clip)
    arguments = [str(tmp_path / "source"), "--name", ORIGINALS[name]]
    arguments += [] if kind_.tower_inside else ["--tower", str(clip)]
    assert run(capsys, "import", *arguments) == (0, {"id": ORIGINALS[name]})
    assert run(capsys, "verify", ORIGINALS[name])[1]["original"] == "imported"
    assert run(capsys, "verify", ORIGINALS[name])[1]["damaged"] == []
    never_said(models / ORIGINALS[name], "<image>")
    ask_in_four_bits(ORIGINALS[name], models, bench)
    assert run(capsys, "rm", ORIGINALS[name])[0] == 0


def test_without_its_original_a_model_is_left_alone_or_mended(place, capsys, tmp_path):
    hub, models, bench = place
    kind_ = (NEXT, PromptFormat.MISTRAL)
    write_checkpoint(tmp_path / "source", kind_[0])
    hub.files = {path.name: path.read_bytes() for path in (tmp_path / "source").iterdir()}
    model_id = of_kind(kind_)
    pull = ("pull", model_id, "--mirror", hub.endpoint)
    assert run(capsys, *pull)[1]["original"] is True
    spec = load_catalog(ROOT / "models" / "catalog.toml", NOWHERE, models).spec(model_id)
    told = bench.answer(spec, [question()])
    bench.engine.saver.wait(60)
    assert run(capsys, "rm", "--original", model_id)[0] == 0

    # Enough as it is: verified as such, nothing is fetched, it answers as before.
    said = {"id": model_id, "damaged": [], "original": "deleted"}
    assert run(capsys, "verify", model_id) == (0, said)
    assert main(["models", "verify", model_id]) == 0
    assert "its original was deleted" in capsys.readouterr().out
    hub.served = 0
    code, said = run(capsys, *pull)
    assert (code, said["original"], hub.served) == (0, False, 0)
    assert main(["models", *pull]) == 0
    assert f"models rm {model_id}, then models pull {model_id}" in capsys.readouterr().out
    bench.engine.close()
    same_answer(bench.answer(spec, [question()]), told)
    bench.engine.close()

    # A flipped bit is found, and said with what to do.
    small = models / model_id / FOUR_BIT / "model.safetensors"
    data = bytearray(small.read_bytes())
    data[-100] ^= 1
    small.write_bytes(data)
    assert run(capsys, "verify", model_id)[1]["damaged"] == [f"{FOUR_BIT}/model.safetensors"]
    assert main(["models", "verify", model_id]) == 1
    assert "To have it whole: models rm" in capsys.readouterr().out

    # Cut off, it counts no more: the weights alone are fetched again, and it answers.
    small.write_bytes(data[:-5])
    assert run(capsys, "verify", model_id)[1]["damaged"] == ["model.safetensors"]
    code, said = run(capsys, *pull)
    assert (code, said["original"]) == (0, True)
    assert hub.served == len(hub.files["model.safetensors"])
    assert run(capsys, "verify", model_id)[1] == {
        "id": model_id,
        "damaged": [],
        "original": "published",
    }
    same_answer(bench.answer(spec, [question()]), told)
    assert run(capsys, "rm", model_id)[0] == 0
    assert [path.name for path in models.iterdir() if path.name != ".parts"] == []


def test_what_was_never_fetched_is_verified_as_far_as_that_goes(place, capsys):
    said = {"id": BUILTIN, "damaged": [], "original": "built in"}
    assert run(capsys, "verify", BUILTIN) == (0, said)
    code, said = run(capsys, "verify", "llava-1.5-13b")
    assert code == 1
    assert said["failed"]["headline"] == "LLaVA-1.5 13B is not on this disk."
    assert "models pull llava-1.5-13b" in said["failed"]["advice"]


def test_a_model_for_research_is_shown_with_its_terms_and_never_fetched(place, capsys):
    hub, models, _ = place
    hub.requests.clear()
    terms = CATALOG.entry(MED).terms
    assert "research" in terms
    for command in ("show", "pull"):
        more = ["--mirror", hub.endpoint] if command == "pull" else []
        code = main(["models", command, MED, *more])
        shown = capsys.readouterr()
        assert terms in shown.out + shown.err
        assert code == (0 if command == "show" else 1)
    assert f"models import FOLDER --name {MED}" in shown.err
    code, said = run(capsys, "pull", MED, "--mirror", hub.endpoint)
    assert code == 1
    assert terms in said["failed"]["headline"]
    # Not even where somebody's own catalog says where it lies.
    own = """
[[model]]
id = "mine"
title = "Mine"
hub = "somebody/mine"
by_hand = true
licence = "Research only"
terms = "For research alone."
good_for = "Tests."
architecture = "llava"
prompt_format = "mistral"
memory_gb = 1
"""
    models.mkdir(parents=True, exist_ok=True)
    (models / "catalog.toml").write_text(own, "utf-8")
    assert run(capsys, "pull", "mine", "--mirror", hub.endpoint)[0] == 1
    (models / "catalog.toml").unlink()
    assert hub.requests == []
