"""The steps that a card records: run here as they would be, the same tokens as eager ones."""

import logging

import pytest
import torch

from app.core.conversation import Sampling
from app.core.requests import LoadModel
from app.engine.cancellation import CancellationCheck
from app.engine.decoding import cuda_graphs as capture
from app.engine.decoding.cuda_graphs import Captures, DeviceStep
from app.engine.decoding.prompt import Prompt
from app.engine.decoding.sampling import Sampler
from app.engine.decoding.static_decoding import OwnDecoding
from tests.engine.asking import question
from tests.engine.tolerance import from_the_same, noting, same_choices

pytestmark = pytest.mark.numbers


def prepared(bench, spec, length, sampling):
    """A decoder, a cache of `length` tokens with their first choice, and a sampler."""
    bench.handle(LoadModel(spec))
    decoder = bench.engine.llava.decoder
    sampler = Sampler(sampling)
    decoding = OwnDecoding(decoder, CancellationCheck(), sampler, decoder.new_cache())
    ids = torch.randint(10, 300, (length,), generator=torch.Generator().manual_seed(4)).tolist()
    first = sampler.choose(decoding.prefill(Prompt(ids, (), 0, 0), {}))
    return decoder, decoding, sampler, first


@pytest.mark.parametrize("temperature", [0.0, 1.2])
def test_the_step_for_the_card_chooses_the_same_tokens(shared_bench, exact, tiny, temperature):
    """Run here as it would be recorded, over a window that is longer than the text."""
    sampling = Sampling(temperature=temperature, top_p=0.95, seed=5)
    decoder, decoding, sampler, first = prepared(shared_bench, exact(tiny), 490, sampling)
    other = decoding.cache.fork(decoding.read)
    other.reserve(1024)
    expected, token = [], first[0]
    with noting():
        for _ in range(30):
            token, chance = decoding.step(token)
            expected.append(chance)
    sampler = Sampler(sampling)
    sampler.draw()
    found, token = [], first[0]
    with torch.inference_mode():
        step = DeviceStep(decoder, other, sampler, rows=1, window=1024)
        for _ in range(30):
            step.place([token], other.length, sampler.draw())
            step.run()
            found += step.found(other.length, 1)
            other.length += 1
            token = found[-1][0]
    assert len(found) == 30
    same_choices(from_the_same(found, expected), expected, torch.float32)


def test_the_step_for_the_card_checks_drafts(shared_bench, exact, tiny):
    decoder, decoding, sampler, first = prepared(shared_bench, exact(tiny), 100, Sampling())
    other = decoding.cache.fork(100)
    tokens = [first[0], 7, 8]
    with noting():
        expected = [decoding.step(token)[1] for token in tokens]
    with torch.inference_mode():
        step = DeviceStep(decoder, other, sampler, rows=4, window=512)
        step.place(tokens, 100, 0)
        step.run()
        found = step.found(100, 3)
    assert len(found) == 3
    same_choices(from_the_same(found, expected), expected, torch.float32)


def test_what_cannot_be_recorded_runs_eagerly_and_says_so(
    shared_bench, exact, tiny, monkeypatch, caplog
):
    decoder, decoding, sampler, first = prepared(shared_bench, exact(tiny), 100, Sampling())

    def refuse(*_):
        raise RuntimeError("operation not permitted when stream is capturing")

    monkeypatch.setattr(Captures, "_record", refuse)
    monkeypatch.setattr(torch.cuda, "synchronize", lambda: None)
    monkeypatch.setattr(decoder, "cannot_capture", "")
    captures = Captures()
    with caplog.at_level(logging.WARNING, logger=capture.__name__), torch.inference_mode():
        assert captures.run(decoder, decoding.cache, sampler, [first[0]]) is None
        assert captures.run(decoder, decoding.cache, sampler, [first[0]]) is None
    assert caplog.text.count("operation not permitted") == 1
    # Memory is another matter: it has its own words.
    monkeypatch.setattr(decoder, "cannot_capture", "")

    def fill(*_):
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(Captures, "_record", fill)
    with pytest.raises(torch.OutOfMemoryError), torch.inference_mode():
        captures.run(decoder, decoding.cache, sampler, [first[0]])


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA card")
@pytest.mark.parametrize("temperature", [0.0, 1.2])
def test_on_a_card_steps_are_recorded_and_say_what_eager_ones_do(shared_bench, tiny, temperature):
    shared_bench.handle(LoadModel(tiny))
    engine = shared_bench.engine.llava
    options = {"max_new_tokens": 64, "temperature": temperature, "top_p": 0.9}
    # Over the border of a window.
    turns = [question("why " * 200, shared_bench.picture(100, 60))]
    recorded = shared_bench.answer(tiny, turns, **options)
    assert not engine.decoder.cannot_capture
    assert engine.prefix_cache.newest.captures._steps
    engine.forget()
    engine.decoder.cannot_capture = "a test"
    eager = shared_bench.answer(tiny, turns, **options)
    engine.decoder.cannot_capture = ""
    assert recorded[1] == eager[1]
    assert recorded[2] == pytest.approx(eager[2], rel=0.05)
