"""Stored pictures to what the decoder reads of them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from transformers import image_processing_utils

from app.catalog.families import FAMILIES
from app.core.conversation import Picture
from app.core.errors import ErrorKind, OcellusError
from app.core.model import ModelSpec
from app.core.pictures import picture_path
from app.engine.loading.loader import Loaded
from app.engine.vision.quick_look import (
    overview_features,
    overview_pixels,
    overview_tokens,
)

# Each takes up to 20 MB of RAM (2880 tokens of 4096 values in 16 bits), none of it on the card:
# copied there they are some milliseconds later, and the card's memory is the scarce one.
KEPT_PICTURES = 8

# What pictures turned into, by model and the view's name.
Views = OrderedDict[tuple[str, str], "View"]


@dataclass(slots=True)
class View:
    """A picture cut into tiles: pixels until they are needed, then features.

    `name` is the picture's hash, with how it is looked at. `inputs` holds
    pixel_values of shape (1, tiles, 3, side, side) and image_sizes; where there
    is but one tile, (1, 3, side, side). `features` is (tokens, width of
    the decoder), in RAM. `grid` is (rows, columns), `tiles` counts the overview too,
    `scale` is the share of the picture's width that its tiles keep.
    """

    name: str
    inputs: dict[str, Any]
    tokens: int
    grid: tuple[int, int]
    tiles: int
    scale: float
    is_overview: bool = False
    features: torch.Tensor | None = None


class Vision:
    """Looks at pictures once and keeps what the last few turned into.

    `views` may outlive the model: going back to one, its pictures are still known.
    """

    def __init__(self, loaded: Loaded, store: Path, views: Views | None = None) -> None:
        self._loaded = loaded
        self._store = store
        self._model = _identity(loaded.spec)
        self._has_tiles = FAMILIES[loaded.spec.architecture].tiling is not None
        self._views: Views = OrderedDict() if views is None else views

    def look(self, picture: Picture, *, quick: bool = False) -> View:
        """Cut a stored picture into tiles, or take its overview alone with `quick`.

        A model that makes one tile of everything has one view of it either way.
        Raises OcellusError when it cannot be opened.
        """
        quick = quick and self._has_tiles
        key = (self._model, f"{picture.sha256} quick" if quick else picture.sha256)
        view = self._views.get(key)
        if view is None:
            view = self._cut(picture, key[1], quick=quick)
            self._views[key] = view
        self._views.move_to_end(key)
        return view

    def forget_others(self, views: Sequence[View]) -> None:
        """Keep `views`, and of the others the latest few."""
        asked = {(self._model, view.name) for view in views}
        others = [key for key in self._views if key not in asked]
        for key in others[: max(0, len(self._views) - KEPT_PICTURES)]:
            del self._views[key]

    def forget(self) -> None:
        """Let go of everything, to have its memory back."""
        self._views.clear()

    def features(self, view: View) -> torch.Tensor:
        """The picture's tokens for the decoder, shape (tokens, width); computed once."""
        if view.features is not None:
            return view.features

        model, device = self._loaded.model, self._loaded.device
        inputs = {
            name: value.to(device, model.dtype if value.is_floating_point() else None)
            for name, value in view.inputs.items()
        }
        with torch.inference_mode():
            if view.is_overview:
                features = overview_features(model, inputs["pixel_values"])
            else:
                features = model.get_image_features(**inputs, return_dict=True).pooler_output[0]
        features = features.cpu()
        view.features, view.inputs = features, {}
        return features

    def _cut(self, picture: Picture, name: str, *, quick: bool) -> View:
        processor = self._loaded.processor
        images = processor.image_processor
        if quick:
            pixels = overview_pixels(images, self._open(picture))
            tokens = overview_tokens(self._loaded.model.config)
            scale = pixels.shape[-1] / max(picture.width, picture.height)
            inputs = {"pixel_values": pixels}
            return View(name, inputs, tokens, (1, 1), 1, min(1.0, scale), is_overview=True)
        inputs = dict(images(images=[self._open(picture)], return_tensors="pt"))
        # The processor answers with that many image tokens as text.
        tokens = len(processor.replace_image_token(inputs, 0)) // len(processor.image_token)
        pixels = inputs["pixel_values"]
        if pixels.dim() == 4:
            scale = pixels.shape[-1] / max(picture.width, picture.height)
            return View(name, inputs, tokens, (1, 1), 1, min(1.0, scale))
        side = pixels.shape[-1]
        height, width = _best_grid(picture, images.image_grid_pinpoints)
        scale = min(width / picture.width, height / picture.height)
        grid = (height // side, width // side)
        return View(name, inputs, tokens, grid, pixels.shape[1], min(1.0, scale))

    def _open(self, picture: Picture) -> Any:
        try:
            with Image.open(picture_path(self._store, picture.sha256), formats=["PNG"]) as image:
                return image.convert("RGB")
        except (OSError, ValueError, SyntaxError) as error:
            raise OcellusError.of(
                ErrorKind.UNREADABLE,
                f"The picture {picture.name or picture.sha256[:8]} is no longer in the store.",
                "Add it to the conversation again.",
                str(error),
            ) from error


def _identity(spec: ModelSpec) -> str:
    """Changes with the model's files, too: a folder may be filled anew."""
    files = sorted(Path(spec.folder).glob("*.safetensors"))
    weights = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    return repr((spec, weights))


def _best_grid(picture: Picture, pinpoints: Sequence[Sequence[int]]) -> tuple[int, int]:
    """The (height, width) in pixels that the processor chooses for this picture."""
    processing: Any = image_processing_utils
    height, width = processing.select_best_resolution(
        (picture.height, picture.width), list(pinpoints)
    )
    return int(height), int(width)
