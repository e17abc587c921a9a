"""The built-in model in the real engine: what a person gets without any download."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from app.catalog.catalog import load_catalog
from app.core.conversation import Role, Turn
from app.core.events import FinishReason, Ready
from app.core.requests import LoadModel
from tests.engine.asking import finished, question

MODELS = Path(__file__).resolve().parents[2] / "models"
RECEIPT = (
    "Corner Bakery",
    "2 x Bread roll  3.40",
    "1 x Apple cake  4.90",
    "Subtotal  8.30",
    "Tax  0.58",
    "Total  8.88",
    "Thank you for your visit",
)


@pytest.fixture(scope="module")
def builtin(tmp_path_factory):
    return load_catalog(
        MODELS / "catalog.toml", MODELS / "builtin", tmp_path_factory.mktemp("none")
    ).spec("builtin")


def ask(bench, spec, text, rows=RECEIPT):
    picture = bench.picture(600, 800, seed=3)
    _, answer, chances, last = bench.answer(
        spec, [question(text, picture, reference=rows)], max_new_tokens=64
    )
    assert finished(last).reason is FinishReason.END
    assert all(0 < chance <= 1 for chance in chances)
    return answer.strip()


def test_it_loads_in_four_bits_and_is_small(shared_bench, builtin):
    *_, ready, last = shared_bench.handle(LoadModel(builtin))
    finished(last)
    assert isinstance(ready, Ready)
    assert ready.memory < 32 * 2**20
    files = [path for path in Path(builtin.folder).iterdir() if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 16 * 2**20


def test_it_finds_the_value_that_belongs_to_a_label(shared_bench, builtin):
    assert "8.88" in ask(shared_bench, builtin, "What is the total?")
    assert "0.58" in ask(shared_bench, builtin, "What is the tax?")


def test_it_says_so_when_the_picture_does_not_hold_the_answer(shared_bench, builtin):
    assert ask(shared_bench, builtin, "What is the phone number?") == "It is not in the picture."


def test_a_follow_up_is_answered_from_the_same_text(shared_bench, builtin):
    first = question("What is the total?", shared_bench.picture(600, 800), reference=RECEIPT)
    _, text, *_ = shared_bench.answer(builtin, [first], max_new_tokens=64)
    turns = [first, Turn(Role.MODEL, text), question("What is the tax?")]
    seen, text, _, last = shared_bench.answer(builtin, turns, max_new_tokens=64)
    assert "0.58" in text
    assert (seen.reference_sent, seen.reference_total) == (len(RECEIPT), len(RECEIPT))
    assert last.stats.prefill_seconds < 5


def test_the_command_line_tells_what_an_answer_took(tmp_path):
    Image.new("RGB", (300, 200), "white").save(tmp_path / "page.png")
    words = ["ask", "--json", "--quick", "--reference", "off"]
    words += [str(tmp_path / "page.png"), "What is the tax?"]
    done = subprocess.run(
        [sys.executable, "-m", "app", *words],
        cwd=MODELS.parent,
        capture_output=True,
        text=True,
        timeout=170,
        check=True,
    )
    report = json.loads(done.stdout)
    used, context = report["context"]
    assert used == report["prompt_tokens"] + report["new_tokens"] > report["new_tokens"] > 0
    assert context == 4096
    # Of the picture the overview alone, 12 × 12 patches, and some words around it.
    assert report["quick"] is True
    assert 144 < report["prompt_tokens"] < 144 + 40
    assert report["prefill_seconds"] > 0
    if report["new_tokens"] > 1:
        expected = (report["new_tokens"] - 1) / report["decode_seconds"]
        assert report["tokens_per_second"] == pytest.approx(expected, abs=0.01)
