"""Follow-up questions, stops, and what stays in the cache after them.

In float32, so that an answer over a cache and one from nothing agree closely.
"""

import time
from dataclasses import replace

import pytest

from app.core.conversation import Role, Turn
from app.core.events import FinishReason
from app.core.model import Architecture
from app.core.requests import LoadModel
from app.engine.decoding.static_decoding import CPU_PIECE
from tests.engine.asking import finished, question
from tests.engine.checkpoints import write_checkpoint
from tests.engine.tolerance import another_answer, same_answer, same_beginning

pytestmark = pytest.mark.numbers


@pytest.fixture
def spec(exact, tiny):
    return exact(tiny)


def conversation(bench, spec, pictures=(), **sampling):
    """A question, its answer, and a follow-up."""
    first = question("What is the total?", *pictures, reference=("Total  12.50",))
    _, text, *_ = bench.answer(spec, [first], **sampling)
    return [first, Turn(Role.MODEL, text), question("And the date?")]


def from_nothing(bench, spec, turns, **sampling):
    """The answer when only the ids of earlier answers are remembered."""
    bench.handle(LoadModel(spec))
    bench.engine.llava.forget()
    return bench.answer(spec, turns, **sampling)


class Reads:
    """How many tokens each forward pass reads, and whether pictures are looked at."""

    def __init__(self, llava, patch):
        self.tokens = []
        self.looks = 0
        run = llava.decoder.run

        def read(hidden, *rest):
            self.tokens.append(len(hidden))
            return run(hidden, *rest)

        def look(*_):
            self.looks += 1

        patch.setattr(llava.decoder, "run", read)
        llava.loaded.model.model.vision_tower.register_forward_pre_hook(look)


@pytest.mark.parametrize("name", ["tiny", "tiny_15"])
def test_a_follow_up_reads_only_what_is_new(request, bench, exact, name, monkeypatch):
    spec = exact(request.getfixturevalue(name))
    turns = conversation(bench, spec, [bench.picture(90, 70, seed=5)])
    reads = Reads(bench.engine.llava, monkeypatch)
    answer = bench.answer(spec, turns)
    assert reads.tokens[0] < 30 < answer[0].tokens
    assert not reads.looks
    same_answer(answer, from_nothing(bench, spec, turns))
    assert reads.looks == 1


def test_a_long_prompt_is_read_in_pieces(bench, spec, monkeypatch):
    """What a pass works in does not grow with the prompt, nor does a stop's way."""
    bench.handle(LoadModel(spec))
    reads = Reads(bench.engine.llava, monkeypatch)
    seen, *_ = bench.answer(spec, [question("why " * 400)], max_new_tokens=1)
    assert sum(reads.tokens) == seen.tokens > 2 * CPU_PIECE
    assert max(reads.tokens) == CPU_PIECE


def test_asking_again_does_not_look_again(bench, spec, monkeypatch):
    first = question("What is it?", bench.picture(80, 80))
    answer = bench.answer(spec, [first])
    reads = Reads(bench.engine.llava, monkeypatch)
    same_answer(bench.answer(spec, [first]), answer)
    # At least one token is read, for its logits.
    assert reads.tokens[0] == 1
    other = question("What colour is it?", *first.pictures)
    same_answer(bench.answer(spec, [other]), from_nothing(bench, spec, [other]))


def test_the_ids_of_answers_are_kept_as_they_came(bench, spec):
    """Tokenising the text again may give others: here the answer is random tokens."""
    turns = conversation(bench, spec, temperature=3.0, max_new_tokens=40)
    llava = bench.engine.llava
    (kept,) = llava.prefix_cache.answers(turns).values()
    retold = llava.prompter.encode_plain(" " + turns[1].text)
    assert list(kept) != retold
    prompt = llava.prompter.build(turns, [], 2048, {1: kept})
    start = prompt.ids.index(kept[0])
    assert tuple(prompt.ids[start : start + len(kept)]) == kept


def test_another_picture_of_the_same_size_is_looked_at(bench, spec):
    def asked(seed):
        return [question("What is it?", bench.picture(80, 80, seed=seed))]

    one = bench.answer(spec, asked(1))
    other = bench.answer(spec, asked(2))
    assert another_answer(one, other)
    same_answer(from_nothing(bench, spec, asked(2)), other)


def test_a_new_picture_in_a_follow_up_brings_only_itself(bench, spec, monkeypatch):
    turns = conversation(bench, spec, [bench.picture(60, 60, seed=1)])
    turns[2] = question("And this?", bench.picture(60, 60, seed=2))
    reads = Reads(bench.engine.llava, monkeypatch)
    answer = bench.answer(spec, turns)
    assert reads.looks == 1
    same_answer(answer, from_nothing(bench, spec, turns))
    assert reads.looks == 3


def test_an_edited_answer_is_read_as_it_stands_now(bench, spec):
    turns = conversation(bench, spec)
    as_it_was = bench.answer(spec, turns)
    turns[1] = Turn(Role.MODEL, "It is 99.")
    edited = bench.answer(spec, turns)
    assert another_answer(edited, as_it_was)
    same_answer(edited, from_nothing(bench, spec, turns))


def test_many_pictures_pass_and_the_first_is_looked_at_again(bench, spec, monkeypatch):
    first = question("What is it?", bench.picture(40, 40, seed=100))
    answer = bench.answer(spec, [first])
    for seed in range(12):
        bench.answer(spec, [question("And it?", bench.picture(40, 40, seed=seed))])
    reads = Reads(bench.engine.llava, monkeypatch)
    same_answer(bench.answer(spec, [first]), answer)
    assert reads.looks == 1


class StopAfter:
    """Cancelled from the n-th time on that it is asked."""

    def __init__(self, times):
        self.left = times

    def __call__(self):
        self.left -= 1
        return self.left < 0


@pytest.mark.parametrize("checks", [0, 1, 3, 4, 5, 6, 7, 8, 9, 12, 17])
def test_stopped_anywhere_it_leaves_nothing_wrong_behind(shared_bench, spec, checks):
    """In the tower, in prefill, between tokens: what follows is as if nothing had been."""
    first = question("What is the total?", shared_bench.picture(90, 70, seed=9))
    whole = from_nothing(shared_bench, spec, [first])
    shared_bench.engine.llava.forget()
    stopped = shared_bench.answer(spec, [first], StopAfter(checks))
    assert finished(stopped[3]).reason is FinishReason.STOPPED
    assert len(stopped[2]) < len(whole[2])
    same_beginning(stopped.chances, whole)
    same_answer(shared_bench.answer(spec, [first]), whole)
    # A follow-up to the answer that was cut short.
    shared_bench.engine.llava.forget()
    shared_bench.answer(spec, [first], StopAfter(checks))
    turns = [first, Turn(Role.MODEL, stopped[1]), question("And then?")]
    same_answer(shared_bench.answer(spec, turns), from_nothing(shared_bench, spec, turns))


def test_stop_reaches_into_a_long_prefill(bench, tmp_path, exact, tiny):
    """From the stop to the last event under 150 ms, however long the prompt."""
    write_checkpoint(tmp_path / "deep", Architecture.LLAVA_NEXT, 4096, decoder_layers=12)
    spec = replace(exact(tiny), folder=str(tmp_path / "deep"))
    bench.handle(LoadModel(spec))
    turns = [question("why " * 800)]
    started = time.perf_counter()
    bench.answer(spec, turns, max_new_tokens=1)
    whole = time.perf_counter() - started
    bench.engine.llava.forget()
    stop_at = time.perf_counter() + whole / 3
    *_, last = bench.answer(spec, turns, lambda: time.perf_counter() > stop_at)
    late = time.perf_counter() - stop_at
    assert finished(last).reason is FinishReason.STOPPED
    assert last.stats.new_tokens == 0
    # A machine that is busy with other things is late with everything.
    assert late < max(0.15, whole / 10), f"{late:.3f} s after the stop, of {whole:.3f} s"
    # What was read before the stop need not be read again, and is not wrong.
    same_answer(
        bench.answer(spec, turns, max_new_tokens=4),
        from_nothing(bench, spec, turns, max_new_tokens=4),
    )
