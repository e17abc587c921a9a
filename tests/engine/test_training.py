"""The way from random weights to a checkpoint, on a model of some 100,000 parameters."""

from dataclasses import replace

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from torch import nn

from app.catalog.catalog import spec_for_folder
from app.core.prompts import REFERENCE_HEADING
from app.training import __main__ as command
from app.training import checkpoints, config, pictures, tower
from app.training.assembly import processor
from app.training.checkpoints import Phase, train
from app.training.language import IGNORED
from app.training.samples import TextBatches
from app.training.synthetic.documents import ABSENT
from app.training.tokenizer import Encoder, load_tokenizer
from tests.engine.asking import finished, question
from tests.engine.tolerance import same_bits

TINY = replace(
    config.BUILTIN,
    vocabulary=420,
    width=64,
    layers=2,
    heads=2,
    inner=64,
    tower_width=16,
    tower_layers=2,
    tower_heads=2,
    tile=28,
    grids=((28, 56), (56, 28)),
    copy_steps=2,
    copy_batch=2,
    recall_steps=2,
    recall_tokens=200,
    text_steps=3,
    text_tokens=300,
    tower_steps=2,
    tower_batch=8,
    patch_steps=2,
    align_steps=2,
    align_batch=2,
    look_steps=2,
    look_batch=2,
    instruct_steps=2,
    instruct_batch=2,
)


@pytest.fixture(scope="module")
def without_fonts():
    """Documents as blank pages: which fonts a machine has does not matter here."""

    def blank(*_):
        return Image.new("RGB", (300, 200), "white")

    with pytest.MonkeyPatch.context() as patch:
        for module in (pictures, tower):
            patch.setattr(module, "draw", blank)
            patch.setattr(module, "chart", lambda *_: (blank(), ["Sales"], "Sales"))
        yield


@pytest.fixture(scope="module")
def made(libraries, without_fonts, tmp_path_factory):
    """The command, run once; its work folder and the checkpoint."""
    folder = tmp_path_factory.mktemp("training")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(config.SIZES, "builtin", TINY)
        call = ["builtin", "--work", str(folder / "work"), "--out", str(folder / "out")]
        assert command.main([*call, "--threads", "1"]) == 0
    return folder


def stored(made, phase):
    return checkpoints.load(made / "work" / f"{phase}.pt")["weights"]


def test_the_checkpoint_answers_in_the_engine(made, shared_bench):
    spec = spec_for_folder(made / "out")
    _, _, chances, last = shared_bench.answer(spec, [question("Hi", shared_bench.picture(60, 40))])
    assert finished(last).stats.new_tokens > 0
    assert all(0 < chance <= 1 for chance in chances)


def test_stage_1_trains_the_projector_alone_and_the_tower_stays_frozen(made):
    assert {name.split(".")[1] for name in stored(made, "align")} == {
        "multi_modal_projector",
        "image_newline",
    }
    learned = {name.split(".")[1] for name in stored(made, "instruct")}
    assert learned == {"multi_modal_projector", "image_newline", "language_model"}
    kept = load_file(made / "out" / "model.safetensors")
    trained = {name: one for name, one in stored(made, "tower").items() if name[:6] == "tower."}
    assert trained
    for name, weight in trained.items():
        written = next(one for key, one in kept.items() if key.endswith(f"vision_{name}"))
        assert same_bits(written, weight.to(torch.bfloat16)), name


def test_a_second_run_finds_everything_done(made, monkeypatch, capsys):
    monkeypatch.setitem(config.SIZES, "builtin", TINY)
    before = (made / "out" / "model.safetensors").read_bytes()
    monkeypatch.setattr(torch.optim.AdamW, "step", lambda *_: pytest.fail("trained again"))
    call = ["builtin", "--work", str(made / "work"), "--out", str(made / "out")]
    assert command.main(call) == 0
    assert "MiB" in capsys.readouterr().out
    assert (made / "out" / "model.safetensors").read_bytes() == before


def test_a_checkpoint_over_its_limit_is_not_called_done(made, monkeypatch):
    monkeypatch.setitem(config.SIZES, "builtin", replace(TINY, most_bytes=10_000))
    call = ["builtin", "--work", str(made / "work"), "--out", str(made / "too large")]
    with pytest.raises(ValueError, match="10000 are allowed"):
        command.main(call)


@pytest.fixture
def tokenizer(made):
    return load_tokenizer(made / "work" / "tokenizer", TINY, 0)


@pytest.fixture
def encoder(tokenizer):
    return Encoder(tokenizer)


def test_a_batch_follows_from_its_step_alone(encoder):
    def batches():
        return TextBatches(encoder, "0 test", 600, length=(0.0, 0.5), ramp=40)

    once, again = batches(), batches()
    late = [again(step) for step in (17, 3)]
    for (ids, labels), step in zip(late, (17, 3), strict=True):
        torch.testing.assert_close(once(step), (ids, labels), rtol=0, atol=0)
    assert late[0][0].tolist() != late[1][0].tolist()


def test_only_answers_are_learned_and_the_question_stands_after_the_text(encoder):
    asked = [("What is the total?", "4.20"), ("Tip?", ABSENT)]
    ids, own = encoder.conversation(asked, ["Total  4.20"], picture_tokens=3)
    learned = [token for token, mine in zip(ids, own, strict=True) if mine]
    end = [config.EOS]
    assert learned == [*encoder.plain("4.20"), *end, *encoder.plain(ABSENT), *end]
    assert ids.count(config.IMAGE) == 3
    places = [_find(ids, encoder.plain(text)) for text in (REFERENCE_HEADING, "total?", "Tip?")]
    assert places == sorted(places)


def _find(ids, part):
    return next(at for at in range(len(ids)) if ids[at : at + len(part)] == part)


def test_a_stopped_phase_goes_on_as_if_it_had_never_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoints, "_SAVE_SECONDS", 0.0)
    phase = Phase("some", 8, 1e-2, warm_up=2)

    def run(work, stop=None):
        torch.manual_seed(7)
        model = nn.Linear(5, 3)

        def loss(step):
            if step == stop:
                raise KeyboardInterrupt
            return (model(torch.randn(4, 5)) - step).square().mean()

        train(phase, model, loss, work)
        return model.weight

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "stopped", stop=5)
    stopped, whole = run(tmp_path / "stopped"), run(tmp_path / "whole")
    torch.testing.assert_close(stopped, whole, rtol=1e-5, atol=1e-6)


def test_padding_and_pictures_are_never_learned(encoder, tokenizer, without_fonts):
    cutter = processor(TINY, tokenizer)
    batch = pictures.PictureBatches(encoder, cutter, "0 test", 3, captions=False)(4)
    ids = batch.inputs["input_ids"]
    assert ids.shape == batch.labels.shape
    learned = batch.labels != IGNORED
    assert same_bits(batch.labels[learned], ids[learned])
    assert not (learned & ((ids == config.PAD) | (ids == config.IMAGE))).any()
    assert learned.any(1).all()
