"""From a checkpoint folder to a model in memory, or to words that say why not."""

import json
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import BitsAndBytesConfig, LlavaNextForConditionalGeneration
from uncancelled import never

from app.catalog.checkpoint import inspect
from app.core.errors import ErrorKind, Failed, OcellusError
from app.core.events import Finished, FinishReason, Loading, Ready, Stage
from app.core.model import Architecture
from app.core.requests import LoadModel, TakePicture
from app.engine.four_bit import Linear4bit
from app.engine.loading import memory_check as room
from app.engine.loading.loader import load
from app.engine.loading.precision import FULL_PRECISION, check_precision, compute_dtype
from tests.engine.asking import question, read_through
from tests.engine.tolerance import same_answer


def linears(model):
    return {name: m for name, m in model.named_modules() if isinstance(m, torch.nn.Linear)}


@pytest.fixture
def copy(tiny, tmp_path):
    """A copy of the checkpoint to damage."""
    folder = tmp_path / "copy"
    shutil.copytree(tiny.folder, folder)
    return replace(tiny, folder=str(folder))


def weights(spec):
    return Path(spec.folder) / "model.safetensors"


def test_loading_tells_its_stages_and_ends_ready(bench, tiny):
    events = bench.handle(LoadModel(tiny))
    stages = [event.stage for event in events if isinstance(event, Loading)]
    assert stages[0] is Stage.STARTING
    assert stages[-1] is Stage.WARMING_UP
    reading = [e for e in events if isinstance(e, Loading) and e.stage is Stage.READING_WEIGHTS]
    assert [event.done for event in reading] == sorted(event.done for event in reading)
    assert reading[-1].done == reading[-1].total > 50
    ready, last = events[-2:]
    assert isinstance(ready, Ready)
    assert ready.model == "tiny"
    assert ready.device == ("cuda" if torch.cuda.is_available() else "cpu")
    assert 0 < ready.memory < 2 * weights(tiny).stat().st_size
    assert last == Finished()
    # Once more: it is there already.
    assert bench.handle(LoadModel(tiny)) == [ready, Finished()]


@pytest.mark.parametrize("name", ["tiny", "tiny_15"])
def test_only_the_decoder_is_in_four_bits(request, name):
    model = read_through(load(request.getfixturevalue(name), never)).model
    for layer, module in linears(model).items():
        quantised = layer.startswith("model.language_model.")
        assert isinstance(module, Linear4bit) is quantised, layer
        if quantised:
            assert module.weight.quant_type == "nf4"
            assert module.weight.compress_statistics, "double quantisation"
            assert module.weight.dtype == torch.uint8
        else:
            assert module.weight.is_floating_point()


def test_in_full_precision_nothing_is_in_four_bits(tiny):
    model = read_through(load(replace(tiny, four_bit=False), never)).model
    assert not any(isinstance(module, Linear4bit) for module in linears(model).values())


def test_a_checkpoint_already_in_four_bits_whose_skip_list_lacks_the_prefix(bench, tiny, tmp_path):
    folder = tmp_path / "in four bits"
    shutil.copytree(tiny.folder, folder)
    settings = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        llm_int8_skip_modules=list(FULL_PRECISION),
    )
    LlavaNextForConditionalGeneration.from_pretrained(
        tiny.folder, quantization_config=settings, dtype=compute_dtype(torch.device("cpu"))
    ).save_pretrained(folder)
    path = folder / "config.json"
    config = json.loads(path.read_text())
    listed = ["vision_tower", "multi_modal_projector"]
    config["quantization_config"]["llm_int8_skip_modules"] = listed
    path.write_text(json.dumps(config))
    spec = replace(tiny, id="quantised", folder=str(folder))
    turns = [question("What is it?", bench.picture(100, 60))]
    same_answer(bench.answer(spec, turns), bench.answer(tiny, turns))


def test_quantised_layers_in_the_wrong_place_are_noticed(tiny):
    model = read_through(load(tiny, never)).model
    model.model.multi_modal_projector.linear_1 = Linear4bit(32, 64)
    with pytest.raises(OcellusError) as caught:
        check_precision(model)
    assert "multi_modal_projector.linear_1" in caught.value.failed.detail


def remove_weight(spec):
    tensors = load_file(weights(spec))
    del tensors["multi_modal_projector.linear_1.weight"]
    save_file(tensors, weights(spec), {"format": "pt"})


def add_weight(spec):
    tensors = load_file(weights(spec))
    tensors["language_model.model.layers.7.mlp.up_proj.weight"] = torch.zeros(4, 4)
    save_file(tensors, weights(spec), {"format": "pt"})


def reshape_weight(spec):
    tensors = load_file(weights(spec))
    tensors["multi_modal_projector.linear_1.weight"] = torch.zeros(4, 4)
    save_file(tensors, weights(spec), {"format": "pt"})


def cut_off(spec):
    data = weights(spec).read_bytes()
    weights(spec).write_bytes(data[: len(data) * 2 // 3])


def pickle_only(spec):
    torch.save(load_file(weights(spec)), weights(spec).with_name("pytorch_model.bin"))
    weights(spec).unlink()


def adapter(spec):
    (Path(spec.folder) / "adapter_config.json").write_text("{}")


def no_tokenizer(spec):
    for path in Path(spec.folder).glob("tokenizer*"):
        path.unlink()


def other_quantisation(spec):
    path = Path(spec.folder) / "config.json"
    config = json.loads(path.read_text())
    config["quantization_config"] = {"quant_method": "awq", "bits": 4}
    path.write_text(json.dumps(config))


def other_picture_size(spec):
    path = Path(spec.folder) / "processor_config.json"
    path.write_text(path.read_text().replace("28", "42"))


@pytest.mark.parametrize(
    ("damage", "kind", "words"),
    [
        (lambda spec: shutil.rmtree(spec.folder), ErrorKind.NO_CHECKPOINT, "is not there"),
        (lambda spec: weights(spec).unlink(), ErrorKind.NO_CHECKPOINT, "weights are missing"),
        (pickle_only, ErrorKind.BAD_CHECKPOINT, "can run code"),
        (cut_off, ErrorKind.BAD_CHECKPOINT, "model.safetensors is damaged"),
        (remove_weight, ErrorKind.BAD_CHECKPOINT, "do not fit together"),
        (add_weight, ErrorKind.BAD_CHECKPOINT, "do not fit together"),
        (reshape_weight, ErrorKind.BAD_CHECKPOINT, "could not be loaded"),
        (adapter, ErrorKind.BAD_CHECKPOINT, "an adapter"),
        (no_tokenizer, ErrorKind.BAD_CHECKPOINT, "could not be loaded"),
        (other_quantisation, ErrorKind.BAD_CHECKPOINT, "quantised in a way"),
        (other_picture_size, ErrorKind.BAD_CHECKPOINT, "do not fit together"),
    ],
)
def test_a_damaged_checkpoint_fails_with_advice_and_the_next_one_loads(
    bench, tiny, copy, damage, kind, words
):
    damage(copy)
    failed = bench.handle(LoadModel(copy))[-1]
    assert isinstance(failed, Failed)
    assert failed.kind is kind, failed
    assert words in failed.headline
    assert failed.advice
    assert bench.answer(tiny, [question()])[-1].stats.new_tokens > 0


def test_a_folder_of_another_architecture_is_refused(bench, tiny):
    failed = bench.handle(LoadModel(replace(tiny, architecture=Architecture.LLAVA)))[-1]
    assert isinstance(failed, Failed)
    assert failed.kind is ErrorKind.BAD_CHECKPOINT


def test_loading_stops_when_cancelled_and_starts_anew(bench, tiny):
    asked = 0

    def after_a_few():
        nonlocal asked
        asked += 1
        return asked > 10

    events = bench.handle(LoadModel(tiny), after_a_few)
    assert events[-1] == Finished(FinishReason.STOPPED)
    assert not any(isinstance(event, Ready) for event in events)
    assert bench.handle(LoadModel(tiny))[-1] == Finished()


def test_another_model_takes_the_first_ones_place(bench, tiny, tiny_15):
    bench.handle(LoadModel(tiny))
    first = bench.engine.llava
    bench.answer(tiny_15, [question("What?", bench.picture(50, 50))])
    assert bench.engine.llava is not first
    assert bench.engine.llava.loaded.spec == tiny_15
    assert bench.answer(tiny, [question()])[-1].stats.new_tokens > 0


def test_what_is_not_for_the_engine_fails(bench):
    (failed,) = bench.handle(TakePicture("/x"))
    assert failed.kind is ErrorKind.INTERNAL


@pytest.mark.parametrize(
    ("name", "kind", "more"),
    [
        ("tiny", "LlavaNextImageProcessor", {"do_pad": True, "aspect_ratio_setting": "anyres"}),
        ("tiny_15", "CLIPImageProcessor", {"processor_class": "LlavaProcessor"}),
    ],
)
def test_checkpoints_as_they_were_published_at_first(request, bench, tmp_path, name, kind, more):
    """Their picture settings lie in a file of their own, without what came later."""
    spec = request.getfixturevalue(name)
    folder = tmp_path / "early"
    shutil.copytree(spec.folder, folder)
    (folder / "processor_config.json").unlink()
    settings = {
        "crop_size": {"height": 28, "width": 28},
        "do_center_crop": True,
        "do_convert_rgb": True,
        "do_normalize": True,
        "do_rescale": True,
        "do_resize": True,
        "image_mean": [0.48145466, 0.4578275, 0.40821073],
        "image_processor_type": kind,
        "image_std": [0.26862954, 0.26130258, 0.27577711],
        "resample": 3,
        "rescale_factor": 0.00392156862745098,
        "size": {"shortest_edge": 28},
        **more,
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(settings))
    turns = [question("What is it?", bench.picture(100, 60))]
    early = replace(spec, id="early", folder=str(folder))
    same_answer(bench.answer(early, turns), bench.answer(spec, turns))


def test_a_load_that_nobody_waits_for_ends(tiny):
    loading = load(tiny, never)
    for event in loading:
        if event.stage is Stage.READING_WEIGHTS:
            break
    loading.close()
    assert not any(thread.name == "load" for thread in threading.enumerate())


@pytest.mark.parametrize("four_bit", [True, False])
def test_the_memory_a_model_needs_is_known_beforehand(tiny, four_bit):
    loaded = read_through(load(replace(tiny, four_bit=four_bit), never))
    dtype = loaded.model.dtype
    needed = room.memory_needed(inspect(Path(tiny.folder)), dtype, four_bit=four_bit)
    assert needed == pytest.approx(loaded.memory, rel=0.03)


def test_a_model_that_cannot_fit_is_refused_before_it_is_loaded(bench, tiny, monkeypatch):
    monkeypatch.setattr(room, "memory_free", lambda _device: 100_000)
    events = bench.handle(LoadModel(tiny))
    assert not any(e.stage is Stage.READING_WEIGHTS for e in events if isinstance(e, Loading))
    failed = events[-1]
    assert failed.kind is ErrorKind.OUT_OF_MEMORY
    assert "0.4 MB of memory. This computer has 0.1 MB free" in failed.headline
    assert "smaller model" in failed.advice


def test_free_memory_is_what_the_machine_says():
    assert 10**8 < room.memory_free(torch.device("cpu")) < 10**14
