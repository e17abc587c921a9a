"""The real engine over a picture store, and short ways to ask it."""

import hashlib
import io
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from uncancelled import never

from app.core.conversation import Ask, Picture, Role, Sampling, Turn
from app.core.events import Finished, Seen, Text
from app.core.pictures import picture_path
from app.core.requests import GenerateAnswer
from app.engine.decoding.prompt import Prompter
from app.engine.service import make
from tests.engine.tolerance import Sure, noting


def read_through(generator):
    """The return value of `load`."""
    while True:
        try:
            next(generator)
        except StopIteration as end:
            return end.value


class _Answered(NamedTuple):
    seen: Seen | None
    text: str
    chances: list
    last: object


class Answered(_Answered):
    """An answer, and the coarsest numbers that it was computed in.

    Its probabilities know their choices; see `same_answer` in tolerance.py.
    """

    dtype: torch.dtype = torch.float32


class Bench:
    """The real engine over a picture store of its own."""

    def __init__(self, store: Path, **config: str) -> None:
        self.store = store
        self.engine = make({"pictures": str(store), **config})

    def picture(self, width, height, seed=0, name="picture.png") -> Picture:
        """A stored picture of noise in coarse blocks."""
        noise = np.random.default_rng(seed).integers(0, 255, (8, 8, 3), dtype=np.uint8)
        file = io.BytesIO()
        Image.fromarray(noise).resize((width, height), Image.Resampling.NEAREST).save(file, "PNG")
        sha256 = hashlib.sha256(file.getvalue()).hexdigest()
        path = picture_path(self.store, sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.getvalue())
        return Picture(sha256, width, height, name)

    def handle(self, request, cancelled=never):
        """All events of a request."""
        return list(self.engine.handle(request, cancelled))

    def answer(self, spec, turns, cancelled=never, *, quick=False, **sampling):
        """(Seen, text, probabilities, last event) of an answer."""
        settings = Sampling(**{"max_new_tokens": 16, **sampling})
        with noting():
            events = self.handle(
                GenerateAnswer(Ask(spec, tuple(turns), settings, quick)), cancelled
            )
        seen = [event for event in events if isinstance(event, Seen)]
        texts = [event for event in events if isinstance(event, Text)]
        text = "".join(event.piece for event in texts)
        chances = [chance for event in texts for chance in event.probabilities]
        answered = Answered(seen[0] if seen else None, text, chances, events[-1])
        if self.engine.llava is not None:
            answered.dtype = coarsest(self.engine.llava.loaded.model)
        return answered


def coarsest(model):
    """The coarsest numbers that `model` computes in.

    Over weights that are packed for bfloat16, products take nothing else, whatever is around them.
    """
    packed = any(getattr(module, "support_avx512bf16_for_cpu", False) for module in model.modules())
    return torch.bfloat16 if packed and model.device.type == "cpu" else model.dtype


def question(text="What is the total?", *pictures, reference=()):
    return Turn(Role.PERSON, text, tuple(pictures), tuple(reference))


def finished(event):
    assert isinstance(event, Finished), event
    return event


def generate(bench, turns, new_tokens):
    """transformers' own greedy answer on the loaded model: (prompt's length, its choices).

    All pictures of `turns` have to be of one size.
    """
    llava = bench.engine.llava
    loaded = llava.loaded
    images = [
        loaded.processor.image_processor(images=[opened(bench, picture)], return_tensors="pt")
        for turn in turns
        for picture in turn.pictures
    ]
    counts = [
        loaded.processor.replace_image_token(image, 0).count(loaded.processor.image_token)
        for image in images
    ]
    image_token = loaded.model.config.image_token_id
    prompter = Prompter(loaded.tokenizer, loaded.spec.prompt_format, image_token)
    prompt = prompter.build(turns, counts, loaded.context, llava.prefix_cache.answers(turns))
    ids = torch.tensor([prompt.ids], device=loaded.device)
    pictures = {}
    if images:
        pictures = {
            key: torch.cat([image[key] for image in images]).to(loaded.device) for key in images[0]
        }
        pictures["pixel_values"] = pictures["pixel_values"].to(loaded.model.dtype)
    output = loaded.model.generate(
        input_ids=ids,
        attention_mask=torch.ones_like(ids),
        max_new_tokens=new_tokens,
        do_sample=False,
        return_dict_in_generate=True,
        output_logits=True,
        **pictures,
    )
    return len(prompt.ids), choices(output, ids.shape[1], llava.ends)


def choices(output, prompt_length, ends):
    """What `generate` chose behind a prompt, each a `Sure`, without what ended it."""
    new = output.sequences[0, prompt_length:].tolist()
    found = []
    for token, (row,) in zip(new, output.logits, strict=True):
        if token in ends:
            break
        found.append(Sure((token, float(torch.softmax(row.float(), -1)[token])), row))
    return found


def generate_picture(loaded, store, turn):
    """One token of transformers' own about a picture, from the stored file on."""
    (picture,) = turn.pictures
    image = Image.open(picture_path(store, picture.sha256)).convert("RGB")
    seen = loaded.processor.image_processor(images=[image], return_tensors="pt")
    count = loaded.processor.replace_image_token(seen, 0).count(loaded.processor.image_token)
    image_token = loaded.model.config.image_token_id
    prompter = Prompter(loaded.tokenizer, loaded.spec.prompt_format, image_token)
    ids = torch.tensor([prompter.build([turn], [count], loaded.context).ids], device=loaded.device)
    pictures = {key: value.to(loaded.device) for key, value in seen.items()}
    pictures["pixel_values"] = pictures["pixel_values"].to(loaded.model.dtype)
    return loaded.model.generate(
        input_ids=ids,
        attention_mask=torch.ones_like(ids),
        max_new_tokens=1,
        do_sample=False,
        pad_token_id=0,
        **pictures,
    )


def opened(bench, picture):
    return Image.open(picture_path(bench.store, picture.sha256)).convert("RGB")
