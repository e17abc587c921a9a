"""`python3 run.py bench engine`: our own generation beside transformers' `generate` and llama.cpp.

Weights are random; all run in turn in one process. Each row comes as soon as it is measured.
`engine-overhead`, `engine-drafts`, `engine-wide`, `engine-follow-up` and `engine-picture`
run a part of it.
"""

import os
import platform
import tempfile
import time
from datetime import date
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from unittest.mock import patch

from tests.bench.measure import Result

RUNS = 5
TOKENS = 24
# A row takes no longer than this, but for the round that is under way then.
ROW_SECONDS = 40
# On a card the whole 7B shape; on a CPU a few of its layers, which says as much.
CPU_LAYERS = 4


def engine(sections=None):
    """Yield one Result after the other; of `sections` only, where some are named."""
    from app.engine.environment import settle

    settle()
    from app.engine import libraries

    libraries.prepare()
    _say_where()
    wanted = sections or SECTIONS
    if "overhead" in wanted or "drafts" in wanted:
        yield from _thin(wanted)
    if "wide" in wanted or "follow-up" in wanted:
        yield from _wide(wanted)
    if "picture" in wanted:
        from tests.bench.picture import picture

        device, _ = device_and_dtype()
        yield from picture(32 if device.type == "cuda" else CPU_LAYERS)


# In the order in which they run.
SECTIONS = ("overhead", "drafts", "wide", "follow-up", "picture")


def _say_where():
    """What figures mean nothing without."""
    import torch

    card = torch.cuda.is_available()
    where = torch.cuda.get_device_name() if card else f"{platform.machine()} CPU"
    names = ("torch", "transformers", "bitsandbytes")
    print(
        f"{date.today().isoformat()}, {where}, {torch.get_num_threads()} threads, "  # noqa: DTZ011
        f"{', '.join(f'{name} {version(name)}' for name in names)}"
    )
    if hasattr(os, "getloadavg"):
        print(f"Load of the machine before: {os.getloadavg()[0]:.1f}", flush=True)


def device_and_dtype():
    """Where models run here, and in what numbers."""
    import torch

    from app.engine.loading.precision import compute_dtype

    device = torch.device("cuda", 0) if torch.cuda.is_available() else torch.device("cpu")
    return device, compute_dtype(device)


def _thin(wanted):
    from tests.bench.engine_peers import Generate, Ours
    from tests.bench.random_model import THIN, random_model

    model = random_model(32, THIN, *device_and_dtype())
    ours = Ours(model)
    if "overhead" in wanted:
        peers = [ours, Generate("transformers' generate, same nf4 weights", model)]
        name = "a token around the kernels, 32 thin layers"
        yield from _compared(name, peers, lambda peer: peer.answer(prompt(64), TOKENS)[1], 9.0)
    if "drafts" in wanted:
        yield _drafts(ours, "a token where every guess is right", right=True)
        yield _drafts(ours, "a token where every guess is wrong", right=False)


def _wide(wanted):
    from tests.bench.engine_peers import Ours
    from tests.bench.random_model import MISTRAL_7B, random_model

    device, dtype = device_and_dtype()
    layers = 32 if device.type == "cuda" else CPU_LAYERS
    name = f"{layers} layers of the 7B shape"
    model = random_model(layers, MISTRAL_7B, device, dtype)
    ours = Ours(model)
    if "wide" in wanted:
        with tempfile.TemporaryDirectory() as folder:
            peers = [ours, *_peers(model, layers, Path(folder))]
            firsts = {}

            def answer(peer):
                first, token = peer.answer(prompt(512), TOKENS)
                firsts.setdefault(peer.name, []).append(first)
                return token

            yield from _compared(f"a token after 512, {name}", peers, answer, rounds=3)
            # The same runs gave these; the first of each was to warm up.
            for peer in peers[1:]:
                row = f"the first token after 512, {name}"
                yield Result(row, firsts[ours.name][1:], peer.name, firsts[peer.name][1:])
            row = f"a token after 2048, {name}"
            yield from _compared(row, peers, lambda peer: peer.after(2048, TOKENS))
        if device.type == "cuda" and ours.decoder.cannot_capture:
            print(f"Steps were not recorded: {ours.decoder.cannot_capture}")
    if "follow-up" in wanted:
        yield _follow_up(ours, f"the first token of a follow-up after 2048, {name}")


def _peers(model, layers, folder):
    """All that can stand beside ours on this machine; for the others, why not."""
    import torch

    from tests.bench.engine_peers import Generate, LlamaCpp, llama_cpp_missing
    from tests.bench.random_model import MISTRAL_7B, random_model

    yield Generate("transformers' generate, same nf4 weights", model)
    device, dtype = device_and_dtype()
    free = torch.cuda.mem_get_info()[0] if device.type == "cuda" else _memory_free()
    needed = layers * 436e6 + 1.5e9
    if free > 1.2 * needed:
        whole = random_model(layers, MISTRAL_7B, device, dtype, four_bit=False)
        yield Generate(f"transformers' generate, {str(dtype).removeprefix('torch.')}", whole)
    else:
        print(f"transformers in 16 bits does not stand beside: {needed / 1e9:.0f} GB are not free")
    if missing := llama_cpp_missing():
        print(missing, flush=True)
        return
    from tests.bench.random_gguf import write_random_gguf

    file = folder / "random.gguf"
    write_random_gguf(file, layers, MISTRAL_7B)
    yield LlamaCpp(file, torch.get_num_threads())


def _memory_free():
    import psutil

    return psutil.virtual_memory().available


def _compared(name, peers, measure, goal=None, rounds=RUNS):
    """A Result for each of `peers` but the first, which they are compared with."""
    for peer in peers:
        measure(peer)
    took = {peer.name: [] for peer in peers}
    began = time.perf_counter()
    for _ in range(rounds):
        for peer in peers:
            took[peer.name].append(measure(peer))
        if time.perf_counter() - began > ROW_SECONDS:
            break
    ours, *others = peers
    for peer in others:
        yield Result(name, took[ours.name], peer.name, took[peer.name], goal)


def _follow_up(ours, name):
    """Milliseconds to the first token when all but the last 24 tokens are known."""
    ids = prompt(2048)
    took, whole = [], []
    began = time.perf_counter()
    while len(took) < RUNS and time.perf_counter() - began < ROW_SECONDS:
        at = time.perf_counter()
        decoding, _ = ours.start(ids)
        whole.append((time.perf_counter() - at) * 1000)
        decoding.cache.crop(len(ids) - 24)
        at = time.perf_counter()
        ours.start(ids, decoding.cache)
        took.append((time.perf_counter() - at) * 1000)
    return Result(name, took, "ours from nothing", whole)


def _drafts(ours, name, *, right):
    """Milliseconds for a token with prompt lookup, beside without."""
    from app.engine.decoding.generation import generate
    from app.engine.decoding.prompt_lookup import Lookup

    ids, count = prompt(64), 4 * TOKENS
    took, peer = [], []
    for _ in range(RUNS):
        said = []
        for lookup in (None, Lookup(ids, 3)):
            decoding, token = ours.start(ids)
            at = [0]

            def guess(_lookup, most, at=at, said=said):
                # The answer is known from the run before; wrong is what it does not say.
                known = said[at[0] : at[0] + most]
                return known if right else [(token + 1) % 2000 for token in known]

            tokens = generate(decoding, (token, 1.0), lookup, ours.decoder.context)
            began = time.perf_counter()
            with patch.object(Lookup, "draft", guess):
                for token, _ in islice(tokens, count):
                    at[0] += 1
                    if lookup is None:
                        said.append(token)
            (peer if lookup is None else took).append((time.perf_counter() - began) * 1000 / count)
    return Result(name, took, "ours without guesses", peer)


def prompt(length):
    """`length` random token ids, the same each time."""
    import torch

    generator = torch.Generator().manual_seed(length)
    return torch.randint(10, 2000, (length,), generator=generator).tolist()
