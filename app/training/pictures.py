"""Samples with pictures: captions for the projector, questions for the whole model."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

import torch
from PIL import Image
from transformers import LlavaNextProcessor

from app.training.language import IGNORED, padded
from app.training.samples import choose
from app.training.synthetic.documents import SampleQuestion, misread
from app.training.synthetic.makers import document
from app.training.synthetic.phrases import say
from app.training.synthetic.rendering import chart, draw
from app.training.synthetic.shapes import (
    COLOURS,
    MOST,
    SHAPES,
    WHAT,
    Placed,
    plural,
    questions,
    scene,
)
from app.training.synthetic.words import Split
from app.training.tokenizer import Encoder

# Shares of stage 2; the rest are documents with their rows.
_SCENES, _CHARTS, _UNREAD = 0.5, 0.04, 0.06
_LONGEST = 0.7
_FEWEST = 2
_EXACT = 0.3
# Kinds of questions that are answered by looking at shapes, and what they name.
_LOOKED = ("colour", "shape", "number")
_NAMES = frozenset((*COLOURS, *SHAPES, *map(plural, SHAPES)))


@dataclass(frozen=True, slots=True)
class PictureSample:
    """A picture, what is asked about it, and the rows that its prompt carries."""

    picture: Image.Image
    asked: tuple[SampleQuestion, ...]
    rows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PictureBatch:
    """`inputs` for the model's forward; labels (batch, length)."""

    inputs: dict[str, torch.Tensor]
    labels: torch.Tensor


def caption(placed: tuple[Placed, ...]) -> str:
    """Say what is in a scene, row by row from the top left."""
    ordered = sorted(placed, key=lambda one: (round(one.y / 120), one.x))
    return f"{WHAT}: " + ", ".join(f"{one.colour} {one.shape}" for one in ordered)


def captioned(chance: random.Random, shapes: int = MOST) -> PictureSample:
    """A picture with its caption as the only thing to say, as in stage 1."""
    if chance.random() < 0.8:
        made = scene(chance, Split.TRAINED, shapes)
        return PictureSample(made.picture, (SampleQuestion("", caption(made.placed), "caption"),))
    paper = document(chance, Split.TRAINED, 0.3)
    picture = draw(paper, chance, Split.TRAINED)
    return PictureSample(picture, (SampleQuestion("", paper.what, "caption"),))


def of_scene(chance: random.Random, split: Split, most: int, shapes: int = MOST) -> PictureSample:
    """Up to so many coloured shapes, asked about with up to `most` questions."""
    made = scene(chance, split, shapes)
    asked = questions(chance, made.placed)
    chance.shuffle(asked)
    return PictureSample(made.picture, tuple(asked[:most]))


def scene_with_questions(
    chance: random.Random, shapes: int = MOST, others: int = 2
) -> PictureSample:
    """A scene for training: many questions that take a look at shapes, and some others."""
    made = scene(chance, Split.TRAINED, shapes)
    asked = questions(chance, made.placed)
    # Drawn twice, so that several shapes are asked about, each once.
    twice = asked + questions(chance, made.placed)
    looked = {(one.kind, _named(one)): one for one in twice if one.kind in _LOOKED}
    rest = [one for one in asked if one.kind not in _LOOKED]
    chosen = [*looked.values(), *chance.sample(rest, min(others, len(rest)))]
    chance.shuffle(chosen)
    return PictureSample(made.picture, tuple(chosen))


def _named(question: SampleQuestion) -> frozenset[str]:
    """The colours and shapes in a question."""
    return _NAMES & set(re.findall("[a-z]+", question.text))


def of_document(chance: random.Random, split: Split, most: int) -> PictureSample:
    """A document, asked about with up to `most` questions, and its rows."""
    paper = document(chance, split, chance.uniform(0, _LONGEST), exact=_EXACT)
    rows = misread(chance, paper.reference()) if split is Split.TRAINED else paper.reference()
    asked = choose(chance, paper, most)
    return PictureSample(draw(paper, chance, split), tuple(asked), tuple(rows))


def unread(chance: random.Random, split: Split) -> PictureSample:
    """A document without its rows: only its kind can be told, for this tower does not read."""
    paper = document(chance, split, chance.uniform(0, _LONGEST))
    asked = [one for one in paper.questions if one.kind == "kind"]
    return PictureSample(draw(paper, chance, split), tuple(asked[:1]))


def of_chart(chance: random.Random, split: Split) -> PictureSample:
    """A bar chart with its rows."""
    picture, rows, title = chart(chance, split)
    kind = SampleQuestion(say(chance, "ask_kind"), "A bar chart", "kind")
    called = SampleQuestion("What is the title?", title, "text")
    return PictureSample(picture, (kind, called), tuple(rows))


def asked_about(chance: random.Random, shapes: int = MOST) -> PictureSample:
    """One sample of stage 2."""
    drawn = chance.random()
    if drawn < _SCENES:
        return scene_with_questions(chance, shapes)
    if drawn < _SCENES + _CHARTS:
        return of_chart(chance, Split.TRAINED)
    if drawn < _SCENES + _CHARTS + _UNREAD:
        return unread(chance, Split.TRAINED)
    return of_document(chance, Split.TRAINED, chance.choice((1, 3, 5)))


class PictureBatches:
    """Batches of picture samples by step number.

    Scenes have two shapes at first, and after `ramp` steps as many as they may.
    """

    def __init__(
        self,
        encoder: Encoder,
        cutter: LlavaNextProcessor,
        seed: str,
        batch: int,
        *,
        captions: bool,
        ramp: int = 1,
    ) -> None:
        self._encoder = encoder
        self._cutter = cutter
        self._seed = seed
        self._batch = batch
        self._captions = captions
        self._ramp = ramp

    def __call__(self, step: int) -> PictureBatch:
        """Make the batch of this step."""
        chance = random.Random(f"{self._seed} {step}")
        shapes = _FEWEST + round((MOST - _FEWEST) * min(1.0, step / max(1, self._ramp)))
        make = captioned if self._captions else asked_about
        samples = [make(chance, shapes) for _ in range(self._batch)]
        pictures = [one.picture.convert("RGB") for one in samples]
        pixels = dict(self._cutter.image_processor(images=pictures, return_tensors="pt"))
        rows = [
            self._row(sample, self._tokens(pixels, index)) for index, sample in enumerate(samples)
        ]
        ids, labels = padded(rows)
        return PictureBatch({"input_ids": ids, **pixels}, labels)

    def _tokens(self, pixels: dict[str, torch.Tensor], index: int) -> int:
        return len(self._cutter.replace_image_token(pixels, index)) // len(self._cutter.image_token)

    def _row(self, sample: PictureSample, tokens: int) -> tuple[list[int], list[int]]:
        asked = [(one.text, one.answer) for one in sample.asked]
        ids, own = self._encoder.conversation(asked, sample.rows, tokens)
        return ids, [token if mine else IGNORED for token, mine in zip(ids, own, strict=True)]
