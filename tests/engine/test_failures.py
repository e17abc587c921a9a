"""Memory that runs out, cards that fail, disks that fill: words for a person, and life after."""

import errno
import gc
import weakref
from dataclasses import replace

import pytest
import torch
from uncancelled import never

from app.core.conversation import Ask
from app.core.errors import ErrorKind, Failed
from app.core.events import Finished, Text
from app.core.requests import GenerateAnswer, LoadModel
from app.engine.failures import bad_checkpoint, describe
from app.engine.runtime import Engine
from tests.engine.asking import question
from tests.engine.tolerance import same_answer, same_beginning

CUDA_MESSAGE = "CUDA error: device-side assert triggered"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate"), ErrorKind.OUT_OF_MEMORY),
        (MemoryError(), ErrorKind.OUT_OF_MEMORY),
        (
            RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"),
            ErrorKind.OUT_OF_MEMORY,
        ),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), ErrorKind.OUT_OF_MEMORY),
        (RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"), ErrorKind.DEVICE),
        (RuntimeError(CUDA_MESSAGE), ErrorKind.DEVICE),
        (OSError(errno.ENOSPC, "No space left on device"), ErrorKind.DISK_FULL),
        (ValueError("what?"), ErrorKind.INTERNAL),
    ],
)
def test_every_failure_has_its_words(error, kind):
    failed = describe(error)
    assert failed.kind is kind
    assert failed.headline.endswith(".")
    assert failed.advice
    assert type(error).__name__ in failed.detail
    # While a model loads, what is nobody else's fault is the checkpoint's.
    expected = ErrorKind.BAD_CHECKPOINT if kind is ErrorKind.INTERNAL else kind
    assert bad_checkpoint(error).kind is expected


class Breaking:
    """Makes one layer raise, once, and holds a tensor in the frame that does."""

    def __init__(self, llava, index, error, after=0):
        self.error = error
        self.left = after
        self.tensor = None
        self._layers, self._index = llava.decoder.layers, index
        self._whole = self._layers[index]
        self._layers[index] = replace(self._whole, down=self)

    def __call__(self, rows):
        if self.left:
            self.left -= 1
            return self._whole.down(rows)
        self._layers[self._index] = self._whole
        held = torch.zeros(1000)
        self.tensor = weakref.ref(held)
        raise self.error


@pytest.mark.parametrize("after", [0, 3])
def test_out_of_memory_gives_advice_frees_memory_and_the_next_answer_comes(
    shared_bench, tiny, after
):
    turn = question("What is the total?", shared_bench.picture(60, 90))
    whole = shared_bench.answer(tiny, [turn])
    llava = shared_bench.engine.llava
    llava.forget()
    breaking = Breaking(llava, 1, torch.OutOfMemoryError("CUDA out of memory."), after)
    _, _, chances, failed = shared_bench.answer(tiny, [turn])
    assert isinstance(failed, Failed)
    assert failed.kind is ErrorKind.OUT_OF_MEMORY
    assert "smaller model" in failed.advice
    assert "CUDA out of memory." in failed.detail
    # What was said until then stands.
    same_beginning(chances, whole)
    breaking.error = None
    gc.collect()
    assert breaking.tensor() is None, "the failure's frames still hold their tensors"
    assert shared_bench.engine.llava is llava
    same_answer(shared_bench.answer(tiny, [turn]), whole)


def test_a_failed_card_ends_the_process_after_its_words_are_out(tiny, tmp_path, libraries):
    ended = []
    engine = Engine(tmp_path, end_process=ended.append)
    list(engine.handle(LoadModel(tiny), never))
    Breaking(engine.llava, 0, RuntimeError(CUDA_MESSAGE))
    events = engine.handle(GenerateAnswer(Ask(tiny, (question(),))), never)
    for event in events:
        if isinstance(event, Failed):
            assert event.kind is ErrorKind.DEVICE
            assert not ended, "the process has to live until its words are sent"
            break
    # The child takes the last event and lets go of the generator.
    events.close()
    assert ended == [70]
    engine.close()


@pytest.mark.numbers
def test_leaving_an_answer_early_leaves_nothing_wrong_behind(shared_bench, tiny):
    turn = question("What is the total?", shared_bench.picture(60, 90))
    whole = shared_bench.answer(tiny, [turn])
    shared_bench.engine.llava.forget()
    events = shared_bench.engine.handle(GenerateAnswer(Ask(tiny, (turn,))), never)
    assert any(isinstance(event, Text) for event in events)
    events.close()
    again = shared_bench.answer(tiny, [turn])
    assert isinstance(again[3], Finished)
    same_answer(again, whole)
