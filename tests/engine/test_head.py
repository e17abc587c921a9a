"""The head in 4 bits: the choices of the whole one, and how far the rest is off."""

import pytest
import torch

from app.engine.decoding import lm_head as head
from app.engine.decoding.lm_head import CANDIDATES, FourBitHead
from app.engine.four_bit import has_avx512bf16
from tests.engine.tolerance import same_logits

pytestmark = pytest.mark.numbers


def is_native():
    """Whether bitsandbytes has products over 4 bits for this processor."""
    return bool(has_avx512bf16())


def weights(vocabulary=8192, width=512, seed=1):
    generator = torch.Generator().manual_seed(seed)
    weight = torch.randn(vocabulary, width, generator=generator) * 0.02
    # Rows are of different sizes, and one is far larger than its rounding likes.
    weight *= torch.rand(vocabulary, 1, generator=generator) + 0.5
    weight[7, 3] = 1.0
    return weight.bfloat16()


@pytest.mark.parametrize("alike", [0, 8, 3 * CANDIDATES])
def test_the_likeliest_token_is_the_whole_heads(libraries, alike):
    """Also where many are so close that 4 bits cannot tell which is on top."""
    weight = weights()
    noise = torch.randn(alike, weight.shape[1], generator=torch.Generator().manual_seed(2))
    weight[100 : 100 + alike] = (weight[99].float() + noise * 1e-4).bfloat16()
    small = FourBitHead(weight)
    generator = torch.Generator().manual_seed(3)
    rounded = other = 0
    for _ in range(60):
        hidden = torch.randn(1, weight.shape[1], generator=generator)
        # In the direction of those that are alike: they come out on top.
        direction = weight[99].float() / weight[99].float().square().sum()
        hidden = (hidden + (10 * direction if alike else 0)).bfloat16()
        whole = torch.nn.functional.linear(hidden, weight)
        found = small(hidden)
        top = whole.float().max()
        token = int(found.argmax())
        # One of those that the whole head has on top, but for a tie of its own rounding.
        assert whole[0, token] >= top - top.abs() / 128
        other += token != int(whole.argmax())
        rounded += bool((found != whole).any())
        # Within the bound that this rests on, and far less as a rule.
        off = (found - whole).float()
        assert (off.abs() <= small.slack(hidden)[None] + whole.float().abs() / 64).all()
        assert off.square().mean().sqrt() < 0.15 * whole.float().std()
        spread = torch.softmax(found.float(), -1) - torch.softmax(whole.float(), -1)
        assert spread.abs().max() < 5e-3
    assert other <= 2
    # Where too many are alike the whole head answers; else 4 bits do.
    assert (rounded > 30) is (alike <= CANDIDATES)


def test_columns_that_are_large_and_a_vocabulary_of_any_length(libraries):
    """A decoder's output has a few columns that are tens of times the others."""
    weight = weights(vocabulary=8190)
    small = FourBitHead(weight)
    for seed in range(20):
        hidden = torch.randn(1, 512, generator=torch.Generator().manual_seed(seed))
        hidden[0, [5, 77]] *= 40
        hidden = hidden.bfloat16()
        whole, found = torch.nn.functional.linear(hidden, weight), small(hidden)
        assert found.shape == (1, 8190)
        off = (found - whole).float().abs()[0]
        assert (off <= small.slack(hidden) + whole.float().abs()[0] / 64).all()
        # The one that the whole head has on top, but for a tie of its own rounding.
        top = whole.float().max()
        assert whole[0, int(found.argmax())] >= top - top.abs() / 128


def test_several_rows_are_what_each_is_alone(libraries):
    small = FourBitHead(weights())
    hidden = torch.randn(4, 512, generator=torch.Generator().manual_seed(4)).bfloat16()
    rows = small(hidden)
    for row, alone in zip(rows, hidden.split(1), strict=True):
        same_logits(row, small(alone)[0], torch.bfloat16)


def test_small_heads_and_exact_ones_stay_whole(libraries, monkeypatch):
    monkeypatch.setattr(head, "LEAST_WEIGHTS", 2**22)
    module = torch.nn.Linear(64, 400, bias=False)
    assert head.head(module) is module
    assert head.head(module.bfloat16()) is module
    monkeypatch.setattr(head, "LEAST_WEIGHTS", 0)
    # A processor that would unpack the 4 bits first keeps it whole as well.
    assert isinstance(head.head(module), FourBitHead) is is_native()
