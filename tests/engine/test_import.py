"""From the authors' own layout to a model that answers as the plain transformers model does."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import sentencepiece
import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file
from transformers import AutoTokenizer
from uncancelled import never

from app.core.model import PromptFormat
from app.engine.convert import rewriting
from app.engine.loading.loader import load
from tests.engine.asking import finished, question
from tests.engine.checkpoints import byte_level_tokenizer
from tests.engine.originals import (
    CORPUS,
    KINDS,
    PINPOINTS,
    WORDS,
    reference_model,
    write_original,
    written,
)
from tests.engine.tolerance import same_answer, same_bits, same_logits

FORMATS = {
    "1.5": PromptFormat.LLAVA_15,
    "1.6-vicuna": PromptFormat.VICUNA,
    "1.6-mistral": PromptFormat.MISTRAL,
    "med": PromptFormat.MISTRAL,
}


def through(generator):
    """(Everything yielded, the return value)."""
    events = []
    while True:
        try:
            events.append(next(generator))
        except StopIteration as end:
            return events, end.value


@pytest.fixture(scope="module")
def imported(originals, tmp_path_factory):
    root = tmp_path_factory.mktemp("imported") / "models"
    return {
        name: written(folder, root / name, tower) for name, (folder, tower, _) in originals.items()
    }


@pytest.mark.numbers
@pytest.mark.parametrize("name", KINDS)
def test_an_import_computes_what_the_plain_model_computes(originals, imported, exact, name):
    spec = imported[name][1]
    assert spec.architecture is KINDS[name].architecture
    assert spec.prompt_format is FORMATS[name]
    loaded = through(load(exact(spec), never))[1]
    assert loaded.model.dtype == torch.float32
    noise = Image.effect_noise((90, 40), 90).convert("RGB")
    inputs = loaded.processor(images=[noise], text="USER: <image>\nWhat?", return_tensors="pt")
    assert (inputs["input_ids"] == WORDS).sum() > 3
    with torch.inference_mode():
        ours = loaded.model(**inputs).logits
        plain = originals[name][2](**inputs).logits
    assert plain[..., :WORDS].std() > 1
    same_logits(ours[..., :WORDS], plain[..., :WORDS])


@pytest.mark.parametrize("name", KINDS)
def test_an_import_is_loaded_in_four_bits_and_answers(imported, shared_bench, name):
    turns = [question("What is the total?", shared_bench.picture(90, 40))]
    seen, text, chances, last = shared_bench.answer(imported[name][1], turns, seed=1)
    assert finished(last).stats.new_tokens == len(chances) > 0
    assert text
    assert seen.tiles == (1 if name in ("1.5", "med") else 4)


@pytest.mark.parametrize("name", KINDS)
def test_the_weights_are_the_same_bits_and_new_words_stand_for_nothing(originals, imported, name):
    folder, tower, _ = originals[name]
    before = {}
    for path in [*folder.glob("*.safetensors"), *(tower.glob("*.safetensors") if tower else ())]:
        before |= load_file(path)
    (path,) = Path(imported[name][1].folder).glob("*.safetensors")
    with safe_open(path, "pt") as file:
        after = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - no mapping
    assert ("image_newline" in after) is (name in ("1.6-vicuna", "1.6-mistral"))
    for new, old in (
        ("language_model.model.embed_tokens.weight", "model.embed_tokens.weight"),
        ("language_model.lm_head.weight", "lm_head.weight"),
    ):
        assert after[new].shape == (448, 64)
        assert same_bits(after[new][:WORDS], before[old])
        mean = before[old].mean(0).expand(48, -1)
        torch.testing.assert_close(after[new][WORDS:], mean)
    projector = after["multi_modal_projector.linear_2.weight"]
    assert same_bits(projector, before["model.mm_projector.2.weight"])
    assert not list(Path(imported[name][1].folder).parent.glob(".*"))


def test_progress_goes_up_to_all_bytes(imported):
    told, _ = imported["1.6-mistral"]
    assert told == sorted(told)
    done, total = told[-1]
    assert done == total > 2_000_000


@pytest.mark.parametrize("name", KINDS)
def test_the_tokenizer_says_what_sentencepiece_says(originals, imported, name):
    folder = Path(imported[name][1].folder)
    peer = sentencepiece.SentencePieceProcessor(str(originals[name][0] / "tokenizer.model"))
    tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
    for text in [*CORPUS[:4], "Ünï ☃ 12.50", "  two  spaces", "line\nline\n\n", "<unk", "🦉"]:
        assert tokenizer.encode(text, add_special_tokens=False) == peer.encode(text), text
    assert tokenizer.convert_tokens_to_ids(["<image>", "<pad>"]) == [WORDS, WORDS + 1]
    assert tokenizer.pad_token == "<pad>"
    assert tokenizer.chat_template is None
    assert "__globals__" not in "".join(p.read_text("utf-8") for p in folder.glob("*.json"))


def test_a_tokenizer_in_its_newer_form_stays_as_it_is(originals, tmp_path, shared_bench):
    source = tmp_path / "source"
    shutil.copytree(originals["med"][0], source)
    (source / "tokenizer.model").unlink()
    tokenizer = byte_level_tokenizer()
    tokenizer.save_pretrained(source)
    spec = written(source, tmp_path / "new")[1]
    after = AutoTokenizer.from_pretrained(spec.folder, local_files_only=True)
    for text in [*CORPUS[:4], " two  spaces", "🦉"]:
        assert after.encode(text) == tokenizer.encode(text)
    # It knew the word for pictures already, and the weights need no more rows.
    config = json.loads((tmp_path / "new" / "config.json").read_text())
    assert config["image_token_index"] == 3
    assert config["text_config"]["vocab_size"] == WORDS
    turns = [question("What is the total?", shared_bench.picture(90, 40))]
    assert finished(shared_bench.answer(spec, turns)[-1]).stats.new_tokens > 0


MEASURE = """
import sys
from pathlib import Path
from app.engine.environment import settle
settle()
from app.engine import libraries
libraries.prepare()
from app.engine.convert.importing import convert
def peak():
    # Not ru_maxrss, which begins with that of the process this one was started from.
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
first = Path(sys.argv[2])
convert(Path(sys.argv[1]), first, None, lambda done, total: None)
before = peak()
convert(Path(sys.argv[3]), Path(sys.argv[4]), None, lambda done, total: None)
print(peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells it in a file")
def test_memory_does_not_grow_with_the_model(originals, tmp_path):
    """After a small import has brought all code in, one of 200 MB takes a few buffers more."""
    kind = KINDS["1.6-mistral"]
    large = reference_model(kind, hidden_size=1024, intermediate_size=8192).bfloat16()
    write_original(tmp_path / "large", kind, large)
    size = sum(path.stat().st_size for path in (tmp_path / "large").glob("*.safetensors"))
    assert size > 100_000_000
    small = originals["1.6-mistral"][0]
    folders = [small, tmp_path / "first", tmp_path / "large", tmp_path / "second"]
    grown = subprocess.run(
        [sys.executable, "-c", MEASURE, *map(str, folders)],
        capture_output=True,
        check=True,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert int(grown.stdout.split()[-1]) < 30_000_000
    shutil.rmtree(tmp_path / "second")


def test_pictures_are_padded_and_tiled_as_the_originals_do(imported, exact):
    """The authors' way for one square: mean colour around it, then CLIP's own."""
    loaded = through(load(exact(imported["med"][1]), never))[1]
    images = loaded.processor.image_processor
    picture = Image.effect_noise((90, 40), 90).convert("RGB")
    mean = torch.tensor(images.image_mean)
    square = Image.new("RGB", (90, 90), tuple(int(255 * part) for part in images.image_mean))
    square.paste(picture, (0, 25))
    pixels = torch.tensor(list(square.resize((28, 28), Image.Resampling.BICUBIC).tobytes()))
    wanted = (pixels.view(28, 28, 3) / 255 - mean) / torch.tensor(images.image_std)
    found = images(images=[picture], return_tensors="pt")["pixel_values"][0].permute(1, 2, 0)
    assert (found - wanted).abs().max() < 0.06, "a few levels of 255"
    config = json.loads((Path(imported["1.6-vicuna"][1].folder) / "config.json").read_text())
    assert config["image_grid_pinpoints"] == [[height, width] for width, height in PINPOINTS]


def test_large_weights_go_into_several_files(
    originals, tmp_path, monkeypatch, shared_bench, imported
):
    monkeypatch.setattr(rewriting.write_weights, "__defaults__", (500_000,))
    spec = written(originals["1.6-vicuna"][0], tmp_path / "many")[1]
    assert len(list((tmp_path / "many").glob("*.safetensors"))) > 3
    turns = [question("What is it?", shared_bench.picture(50, 80))]
    one = imported["1.6-vicuna"][1]
    many, whole = (shared_bench.answer(each, turns) for each in (spec, one))
    same_answer(many, whole)
