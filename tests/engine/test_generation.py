"""Our own generation: the very tokens of transformers' `generate`, in every way that is quicker."""

import os
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from app.catalog.catalog import load_catalog
from app.core.conversation import Role, Turn
from app.core.events import FinishReason
from app.core.model import Architecture, ModelSpec, PromptFormat
from app.core.requests import LoadModel
from app.engine import llava
from app.engine.decoding import prompt_lookup as lookup
from app.engine.decoding.static_decoding import CPU_PIECE, OwnDecoding
from app.engine.loading import loader as loading
from app.engine.loading import precision
from tests.engine.asking import finished, question
from tests.engine.checkpoints import write_checkpoint
from tests.engine.telling import never_said, told_as_generate_does
from tests.engine.tolerance import same_answer

pytestmark = pytest.mark.numbers

NEXT, LLAVA, ONEVISION = Architecture.LLAVA_NEXT, Architecture.LLAVA, Architecture.LLAVA_ONEVISION
DECODERS = {
    "mistral": (NEXT, PromptFormat.MISTRAL),
    "llama": (LLAVA, PromptFormat.LLAVA_15),
    "yi": (NEXT, PromptFormat.CHATML_DIRECT),
    "llama-3": (NEXT, PromptFormat.LLAMA_3),
    "qwen2": (ONEVISION, PromptFormat.CHATML),
    "qwen2-tied": (ONEVISION, PromptFormat.CHATML),
    "qwen2-next": (NEXT, PromptFormat.CHATML),
    "llama-next": (NEXT, PromptFormat.VICUNA),
    # Looks back 64 tokens, which our layers do not do.
    "mistral-near": (LLAVA, PromptFormat.MISTRAL),
}


MODELS = Path(__file__).resolve().parents[2] / "models"


@pytest.fixture(scope="module", params=[*DECODERS, "builtin"])
def member(request, libraries, tmp_path_factory):
    if request.param == "builtin":
        nowhere = tmp_path_factory.mktemp("none")
        return load_catalog(MODELS / "catalog.toml", MODELS / "builtin", nowhere).spec("builtin")
    architecture, prompt_format = DECODERS[request.param]
    folder = tmp_path_factory.mktemp("generation") / request.param
    write_checkpoint(folder, architecture, decoder=request.param.removesuffix("-next"))
    never_said(folder, "<image>")
    return ModelSpec(request.param, request.param, str(folder), prompt_format, architecture)


RECEIPT = ("Total  12.50", "Tax  0.58")
ROWS = (*(f"Item {number}  {number}.50" for number in range(95)), *RECEIPT)


class Checks:
    """Has every draft checked that can be found, and notes how far each was right."""

    def __init__(self, patch):
        self.right, self.wrong = 0, 0
        check = OwnDecoding.check

        def noted(reading, token, draft):
            found = check(reading, token, draft)
            self.right += len(found) - 1
            self.wrong += len(found) <= len(draft)
            return found

        patch.setattr(OwnDecoding, "check", noted)
        patch.setattr(lookup.Worth, "try_now", lambda _: True)
        # One token is enough to guess by: wrong guesses, too, are wanted.
        patch.setattr(lookup, "GRAM", 1)


@pytest.fixture(scope="module")
def known():
    """What `generate` said, with drafts and without: see `told_as_generate_does`."""
    return {}


@pytest.mark.parametrize("drafts", [False, True], ids=["alone", "drafts"])
@pytest.mark.parametrize("numbers", ["float32", "nf4 in float32", "nf4 in bfloat16"])
def test_a_conversation_is_what_generate_makes_of_it(
    request, shared_bench, member, exact, numbers, drafts, monkeypatch
):
    if numbers == "nf4 in bfloat16":
        # Not in the float32 of this module's other tests; what a person gets on this processor.
        monkeypatch.setattr(loading, "compute_dtype", precision.compute_dtype)
        # These heads are small; a large one would be in 4 bits.
        request.getfixturevalue("small_heads")
    spec = replace(exact(member), id=f"{member.id} {numbers}", four_bit="nf4" in numbers)
    checks = Checks(monkeypatch) if drafts else None
    if not drafts:
        monkeypatch.setattr(llava.Llava, "_lookup", lambda *_: None)
    shared_bench.handle(LoadModel(spec))
    engine = shared_bench.engine.llava
    engine.forget()
    near = member.id == "mistral-near"
    assert (engine.decoder is None) is near
    first, second = (shared_bench.picture(100, 60, seed=seed) for seed in (1, 2))
    known = request.getfixturevalue("known")
    tell = partial(told_as_generate_does, shared_bench, spec, known=known)
    # Fresh, and regenerated.
    turns = [question("What is the total?", first, reference=RECEIPT)]
    told = tell(turns)
    assert tell(turns) == told
    # Followed up, then with a second picture.
    told = tell([*told, question("And the date?")])
    tell([*told, question("And what is on this?", second)])
    # Edited: the question, and the answer.
    tell([question("What is the tax?", first, reference=RECEIPT)])
    tell([turns[0], Turn(Role.MODEL, "It is 99."), question("And the date?")])
    # Over more than two of the pieces that a prompt is read in, and followed up there.
    told = tell([question("What is the total?", first, reference=ROWS)])
    assert engine.prefix_cache.newest.length > 2 * CPU_PIECE
    tell([*told, question("And the tax?")])
    if checks and not near:
        assert checks.right


def test_drafts_change_nothing_about_where_an_answer_ends(shared_bench, tiny, exact, monkeypatch):
    """At its length, at the end of the context, and when it is left in between."""
    spec = exact(tiny)
    turns = [question("say it again, say it again, say it again")]
    alone = {}
    for count in (1, 2, 3, 7, 8):
        alone[count] = shared_bench.answer(spec, turns, max_new_tokens=count)
    short, longer = (
        shared_bench.answer(spec, [question("why " * words)], max_new_tokens=1)[0].tokens
        for words in (10, 20)
    )
    long = [question("why " * int(1700 / ((longer - short) / 10)))]
    with monkeypatch.context() as patch:
        patch.setattr(llava.Llava, "_lookup", lambda *_: None)
        to_the_end = shared_bench.answer(spec, long, max_new_tokens=4000)
    checks = Checks(monkeypatch)
    for count, expected in alone.items():
        drafted = shared_bench.answer(spec, turns, max_new_tokens=count)
        assert len(drafted.chances) <= count
        same_answer(drafted, expected)
    again = shared_bench.answer(spec, long, max_new_tokens=4000)
    assert again.last.reason is to_the_end.last.reason is FinishReason.LENGTH
    assert again.last.stats.new_tokens == to_the_end.last.stats.new_tokens > 100
    same_answer(again, to_the_end)
    assert checks.right
    assert checks.wrong


def test_drafts_that_do_not_pay_are_given_up_until_they_would():
    worth = lookup.Worth()

    def tries(count, right):
        """How many of `count` drafts are checked, which cost three tokens' time each."""
        checked = 0
        for number in range(count):
            if worth.try_now():
                worth.batch(3.0, 4 if right else 1)
                checked += 1
            else:
                # What comes is what three of them in a row said, or something else.
                worth.single(1.0, [number, number + 1, number + 2], number if right else -1)
        return checked

    assert tries(100, right=False) <= 1
    # Seen to be right without being checked, they are checked again.
    assert tries(100, right=True) >= 80
    assert tries(100, right=False) <= 3


def test_drafts_come_from_prompt_and_answer_but_not_from_pictures():
    ids = [1, 9, 9, 9, 5, 6, 7, 8, 9, 9, 5, 6, 7]
    found = lookup.Lookup(ids, without=9)
    assert found.draft(3) == [8]
    found.extend([8, 20, 21])
    assert found.draft(3) == []
    found.extend([5, 6, 7])
    assert found.draft(3) == [8, 20, 21]


class Reads:
    def __init__(self, engine, patch):
        self.tokens = []
        run = engine.decoder.run

        def read(hidden, *rest):
            self.tokens.append(len(hidden))
            return run(hidden, *rest)

        patch.setattr(engine.decoder, "run", read)


@pytest.mark.parametrize("room", [True, False])
def test_two_conversations_are_kept_while_memory_lasts(bench, exact, tiny, room, monkeypatch):
    spec = exact(tiny)
    open_ones = []
    for seed in (1, 2):
        turns = [question("What is the total?", bench.picture(90, 70, seed=seed))]
        _, text, *_ = bench.answer(spec, turns)
        open_ones.append([*turns, Turn(Role.MODEL, text), question("And the date?")])
    if not room:
        monkeypatch.setattr(llava, "memory_free", lambda _: 0)
    reads = Reads(bench.engine.llava, monkeypatch)
    answers = []
    for turns in open_ones:
        reads.tokens.clear()
        answers.append(bench.answer(spec, turns))
        # The second stands behind the first in memory, whichever is asked.
        if room:
            assert reads.tokens[0] < 40 < answers[-1][0].tokens
    if not room:
        assert reads.tokens[0] > 40
    for turns, answer in zip(open_ones, answers, strict=True):
        bench.engine.llava.prefix_cache.forget()
        same_answer(bench.answer(spec, turns), answer)


def test_pictures_are_known_when_a_model_comes_back(bench, exact, tiny, tiny_15, tmp_path):
    shutil.copytree(tiny.folder, tmp_path / "copy")
    spec = exact(replace(tiny, folder=str(tmp_path / "copy")))
    turns = [question("What?", bench.picture(90, 70, seed=3))]
    whole = bench.answer(spec, turns)

    def looks_after_a_change():
        bench.handle(LoadModel(exact(tiny_15)))
        bench.handle(LoadModel(spec))
        looks = []
        tower = bench.engine.llava.loaded.model.model.vision_tower
        tower.register_forward_pre_hook(lambda *_: looks.append(1))
        again = bench.answer(spec, turns)
        same_answer(again, whole)
        return len(looks)

    assert looks_after_a_change() == 0
    # Other files in the same folder are another model.
    for file in os.scandir(spec.folder):
        if file.name.endswith(".safetensors"):
            os.utime(file.path, ns=(1, 1))
    assert looks_after_a_change() == 1


def test_figures_come_with_the_answer(shared_bench, tiny):
    *_, last = shared_bench.answer(tiny, [question()], max_new_tokens=12)
    stats = finished(last).stats
    assert stats.context == 2048
    assert stats.prefill_seconds > 0
    assert stats.tokens_per_second == pytest.approx((stats.new_tokens - 1) / stats.decode_seconds)
