"""`python3 run.py bench engine-picture`: a new screenshot to the first token, and a follow-up.

The whole way of the engine: stored picture, tiles, the tower (CLIP-L at 336 pixels), the decoder.
"""

import tempfile
import time
from pathlib import Path

from tests.bench.measure import Result

RUNS = 3
SECONDS = 60
# On a card: the aims of a screenshot of 1920×1080, and of a question after it.
FIRST_MS, FOLLOW_UP_MS = 350, 60
# A picture of five tiles and 4,096 tokens of context beside the weights of the 7B shape.
PEAK_GB = 6.5


def picture(layers):
    """Yield the Results, over `layers` of the 7B shape."""
    import torch

    from app.core.conversation import Role, Turn
    from app.engine.llava import Llava
    from tests.bench.engine import device_and_dtype
    from tests.engine.asking import Bench, generate_picture, question

    device, dtype = device_and_dtype()
    loaded = _loaded(layers, device, dtype)
    card = device.type == "cuda"
    name = f"1920×1080, {layers} layers of the 7B shape"
    new, again, peer, whole = [], [], [], []
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        store = Bench(Path(folder))
        for run in range(RUNS):
            llava = Llava(loaded, Path(folder))
            turns = [question("What is the total?", store.picture(1920, 1080, seed=run))]
            if card:
                torch.cuda.reset_peak_memory_stats()
            text, stats = _ask(llava, turns, 2048 if card else 8)
            new.append(stats.prefill_seconds * 1000)
            peak = torch.cuda.max_memory_allocated() / 1e9 if card else 0.0
            follow = [*turns, Turn(Role.MODEL, text), question("And the tax?")]
            again.append(_ask(llava, follow, 2)[1].prefill_seconds * 1000)
            llava.forget()
            whole.append(_ask(llava, follow, 2)[1].prefill_seconds * 1000)
            at = time.perf_counter()
            generate_picture(loaded, Path(folder), turns[0])
            peer.append((time.perf_counter() - at) * 1000)
            if time.perf_counter() - began > SECONDS:
                break
    goal = FIRST_MS if card else None
    yield Result(f"the first token about {name}", new, "transformers' generate", peer, goal)
    goal = FOLLOW_UP_MS if card else None
    yield Result(f"the first token of a follow-up, {name}", again, "ours from nothing", whole, goal)
    if card:
        told = "met" if peak < PEAK_GB else "MISSED"
        print(f"most memory with five tiles and 4,096 tokens: {peak:.2f} GB, goal 6.5 GB {told}")


def _ask(llava, turns, tokens):
    """(text, figures) of an answer."""
    from app.core.conversation import Ask, Sampling
    from app.core.events import Finished, Text

    text, stats = "", None
    for event in llava.answer(
        Ask(llava.loaded.spec, tuple(turns), Sampling(max_new_tokens=tokens)), lambda: False
    ):
        if isinstance(event, Text):
            text += event.piece
        elif isinstance(event, Finished):
            stats = event.stats
    return text, stats


def _loaded(layers, device, dtype):
    """A random model with a tower of the true size, as if it had been loaded."""
    import transformers
    from transformers.models.llava_next.image_processing_pil_llava_next import (
        LlavaNextImageProcessorPil,
    )

    from app.core.model import ModelSpec, PromptFormat
    from app.engine.loading.loader import Loaded
    from tests.bench.random_model import CLIP_L, GRID, MISTRAL_7B, random_model
    from tests.engine.checkpoints import byte_level_tokenizer

    model = random_model(layers, MISTRAL_7B, device, dtype, tower=CLIP_L)
    side = CLIP_L["image_size"]
    images = LlavaNextImageProcessorPil(
        image_grid_pinpoints=GRID,
        size={"shortest_edge": side},
        crop_size={"height": side, "width": side},
    )
    tokenizer = byte_level_tokenizer()
    processor = transformers.LlavaNextProcessor(
        images,
        tokenizer,
        patch_size=CLIP_L["patch_size"],
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
    )
    spec = ModelSpec("random", "Random", "/nowhere", PromptFormat.MISTRAL)
    return Loaded(spec, model, tokenizer, processor, device)
