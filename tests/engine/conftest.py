"""Tiny random checkpoints of the real classes, and the real engine on them."""

import os
import shutil
from dataclasses import replace

import pytest

from app.engine.environment import settle

settle()

# Set by `run.py test --processors`, beside what the libraries read for themselves.
THREADS, HEAD = "OCELLUS_TEST_THREADS", "OCELLUS_TEST_HEAD"
# From how many weights on a head is in 4 bits.
LEAST = {"always": 0, "never": 2**62}

import torch  # noqa: E402 - after settling

from app.core.model import Architecture, ModelSpec, PromptFormat  # noqa: E402
from app.engine import libraries as engine_libraries  # noqa: E402
from app.engine.convert import quantising  # noqa: E402
from app.engine.decoding import lm_head as head  # noqa: E402
from app.engine.loading import loader as loading  # noqa: E402
from tests.engine.asking import Bench  # noqa: E402
from tests.engine.checkpoints import write_checkpoint  # noqa: E402
from tests.engine.originals import KINDS, reference_model, write_original  # noqa: E402


@pytest.fixture(scope="session")
def libraries():
    with pytest.MonkeyPatch.context() as patch:
        # Tiny layers: a second thread costs more than it does, most of all on a busy machine.
        # `run.py test --processors` wants to see what it does.
        patch.setattr(engine_libraries, "cpu_threads", _threads)
        if (wanted := os.environ.get(HEAD)) in LEAST:
            patch.setattr(head, "LEAST_WEIGHTS", LEAST[wanted])
        engine_libraries.prepare()
        yield


def _threads():
    return int(os.environ.get(THREADS, "1"))


@pytest.fixture(scope="session")
def tiny(libraries, tmp_path_factory):
    """A LLaVA-NeXT of some 160,000 parameters with a context of 2048."""
    folder = tmp_path_factory.mktemp("checkpoints") / "tiny next"
    write_checkpoint(folder, Architecture.LLAVA_NEXT)
    return ModelSpec("tiny", "Tiny", str(folder), PromptFormat.MISTRAL)


@pytest.fixture(scope="session")
def released(libraries, tmp_path_factory):
    """Pictures as in the released LLaVA-1.6 models: their tiles, their grids, their context."""
    folder = tmp_path_factory.mktemp("checkpoints") / "released"
    grid = [[336, 672], [672, 336], [672, 672], [1008, 336], [336, 1008]]
    write_checkpoint(folder, Architecture.LLAVA_NEXT, 4096, side=336, grid=grid)
    return ModelSpec("released", "Released", str(folder), PromptFormat.MISTRAL)


@pytest.fixture(scope="session")
def tiny_15(libraries, tmp_path_factory):
    """A LLaVA-1.5 of the same size."""
    folder = tmp_path_factory.mktemp("checkpoints") / "tiny 1.5"
    write_checkpoint(folder, Architecture.LLAVA)
    return ModelSpec("tiny-1.5", "Tiny", str(folder), PromptFormat.LLAVA_15, Architecture.LLAVA)


@pytest.fixture(scope="session")
def originals(libraries, tmp_path_factory):
    """Every kind as (folder, folder of the tower or None, the plain model)."""
    root = tmp_path_factory.mktemp("originals")
    made = {}
    for name, kind in KINDS.items():
        model = reference_model(kind)
        tower = None if kind.tower_inside else root / f"{name} clip"
        shards = 3 if name == "1.6-mistral" else 1
        write_original(root / name, kind, model, tower, shards)
        made[name] = (root / name, tower, model)
    return made


@pytest.fixture(scope="module")
def exact():
    """Make specs load in float32, where two ways to the same numbers agree closely."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "compute_dtype", lambda _device: torch.float32)
        yield lambda spec: replace(spec, id=f"exact {spec.id}", four_bit=False)


@pytest.fixture
def copy(tiny, tmp_path):
    folder = tmp_path / "models" / "copy"
    shutil.copytree(tiny.folder, folder)
    return replace(tiny, id="copy", folder=str(folder))


@pytest.fixture
def any_size_saved(monkeypatch):
    """Models are saved in 4 bits however small they are."""
    monkeypatch.setattr(quantising, "LEAST", 0)
    monkeypatch.setattr(quantising, "SPARE", 0)


@pytest.fixture
def small_heads(libraries, monkeypatch):
    """Heads are in 4 bits where the processor is made for that, also those of tiny models."""
    if LEAST["never"] != head.LEAST_WEIGHTS:
        monkeypatch.setattr(head, "LEAST_WEIGHTS", 0)


@pytest.fixture
def bench(libraries, tmp_path):
    bench = Bench(tmp_path / "pictures")
    yield bench
    bench.engine.close()


@pytest.fixture(scope="module")
def shared_bench(libraries, tmp_path_factory):
    """One for tests that only ask; the model stays loaded between them."""
    bench = Bench(tmp_path_factory.mktemp("shared") / "pictures")
    yield bench
    bench.engine.close()
