"""`bench loading`: until a model is ready, from its original and from its 4-bit form.

The checkpoint is made here, of layers of the 7B shape with random weights. Each loading has a
process of its own; the files are in the system's cache, as far as it holds them.
"""

import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from tests.bench.measure import Result

ROOT = Path(__file__).resolve().parents[2]
LAYERS = 4
RUNS = 3
SAMPLE_SECONDS = 0.01
HIDDEN = "hidden"


def loading():
    """Milliseconds until ready from the 4-bit form, beside from the original; prints memory."""
    from app.catalog.quantised import FOUR_BIT

    took = {"original": [], FOUR_BIT: []}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "model"
        print(f"Saved in 4 bits in {_child('make', folder)['seconds']:.1f} s", flush=True)
        for _ in range(RUNS):
            for name, hidden in (("original", True), (FOUR_BIT, False)):
                if hidden:
                    (folder / FOUR_BIT).rename(folder / HIDDEN)
                found = _child("load", folder)
                if hidden:
                    (folder / HIDDEN).rename(folder / FOUR_BIT)
                assert (found["read"] == FOUR_BIT) is not hidden
                took[name].append(found["seconds"] * 1000)
                size = sum(file.stat().st_size for file in _weights(folder, name))
                print(
                    f"From the {name}, {size / 1e6:.0f} MB: {found['peak']:.0f} MB more at most, "
                    f"{found['own_peak']:.0f} of them not the file's own pages; "
                    f"{found['after']:.0f} MB once it is ready",
                    flush=True,
                )
    row = f"until ready from the 4-bit form, {LAYERS} layers of the 7B shape"
    return Result(
        row, took[FOUR_BIT], "the original, made 4 bits while it is read", took["original"]
    )


def _weights(folder, name):
    return (folder if name == "original" else folder / name).glob("*.safetensors")


def _child(what, folder):
    line = subprocess.run(
        [sys.executable, "-m", "tests.bench.loading", what, str(folder)],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        check=True,
    ).stdout.splitlines()[-1]
    return json.loads(line)


# In the children.


def _make(folder):
    """Write a checkpoint and its 4-bit form; how long the second took."""
    import torch

    from app.catalog.checkpoint import inspect
    from app.core.model import Architecture
    from app.engine.convert.quantising import save_four_bit
    from tests.bench.engine import device_and_dtype
    from tests.bench.random_model import MISTRAL_7B, random_model
    from tests.engine.checkpoints import write_checkpoint

    write_checkpoint(folder, Architecture.LLAVA_NEXT)
    device, dtype = device_and_dtype()
    whole = random_model(LAYERS, MISTRAL_7B, torch.device("cpu"), torch.bfloat16, four_bit=False)
    whole.save_pretrained(folder)
    began = time.perf_counter()
    save_four_bit(inspect(folder), dtype, device, lambda: None)
    return {"seconds": time.perf_counter() - began}


def _load(folder):
    from app.core.events import Failed, Ready
    from app.core.model import ModelSpec, PromptFormat
    from app.core.requests import LoadModel
    from app.engine.service import make

    engine = make({"pictures": str(folder / "pictures")})
    spec = ModelSpec("bench", "Bench", str(folder), PromptFormat.MISTRAL)
    with _Memory() as memory:
        began = time.perf_counter()
        for event in engine.handle(LoadModel(spec), lambda: False):
            assert not isinstance(event, Failed), event
            if isinstance(event, Ready):
                break
        seconds = time.perf_counter() - began
    read = engine.llava.loaded.checkpoint.folder.name
    return {"seconds": seconds, "read": read, **memory.found()}


class _Memory:
    """The most memory while a block runs, in MB more than before it; all, and without files."""

    def __enter__(self):
        self._before = self._most = _resident()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()

    def _watch(self):
        while not self._ended.wait(SAMPLE_SECONDS):
            self._most = tuple(map(max, self._most, _resident()))

    def found(self):
        after = _resident()
        peak, own = (most - old for most, old in zip(self._most, self._before, strict=True))
        return {"peak": peak, "own_peak": own, "after": after[0] - self._before[0]}


def _resident():
    """MB of this process in memory, and those of them that are no file's."""
    import psutil

    found = psutil.Process().memory_info()
    # Not every system tells them apart.
    return found.rss / 1e6, (found.rss - getattr(found, "shared", 0)) / 1e6


if __name__ == "__main__":
    from app.engine.environment import settle

    settle()
    from app.engine import libraries

    libraries.prepare()
    print(json.dumps({"make": _make, "load": _load}[sys.argv[1]](Path(sys.argv[2]))))
