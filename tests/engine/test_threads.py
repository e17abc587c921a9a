"""How many threads a token is computed by."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from app.engine.decoding.decoder import Decoder
from app.engine.decoding.thread_count import threads, threads_for_a_token
from tests.engine.asking import finished, question

pytestmark = pytest.mark.numbers


@pytest.fixture
def two_threads(libraries):
    with threads(2):
        yield


def layer(width, wide):
    attention = {name: nn.Linear(width, width, device="meta") for name in ("q_proj", "o_proj")}
    feed = {"up_proj": nn.Linear(width, wide, device="meta"), "act_fn": nn.SiLU()}
    return SimpleNamespace(self_attn=nn.ModuleDict(attention), mlp=nn.ModuleDict(feed))


def test_only_what_is_wide_is_worth_waking_another_thread(two_threads):
    assert threads_for_a_token(layer(896, 4864)) == 1
    assert threads_for_a_token(layer(4096, 14336)) == 2


def test_a_small_model_reads_by_two_threads_and_writes_by_one(bench, two_threads, tiny):
    counts = {}
    run = Decoder.run

    def noted(decoder, hidden, *others):
        counts.setdefault(len(hidden) > 1, set()).add(torch.get_num_threads())
        return run(decoder, hidden, *others)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Decoder, "run", noted)
        finished(bench.answer(tiny, [question()])[3])
    assert counts == {True: {2}, False: {1}}
    assert torch.get_num_threads() == 2
