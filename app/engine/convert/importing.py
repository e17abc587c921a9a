"""A LLaVA model in its authors' own layout to a folder that can be loaded."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import torch

from app.catalog.checkpoint import inspect, read_config, refuse_code
from app.catalog.original import (
    NO_TOWER,
    Original,
    Part,
    inspect_original,
    parts_of,
    weight_files,
)
from app.core.cancelled import WorkCancelledError
from app.core.errors import ErrorKind, OcellusError
from app.core.files.atomic import publish_folder
from app.core.files.private import make_folder
from app.core.words.sizes import size
from app.engine.convert.original_config import build_config, picture_settings
from app.engine.convert.renaming import renamed
from app.engine.convert.rewriting import write_weights
from app.engine.convert.vocabulary import Vocabulary, extend
from app.engine.failures import bad_checkpoint
from app.engine.loading.families import CLASSES, Classes
from app.engine.loading.progress import Report

# Beside the weights: tokenizer, settings, and what the file system takes.
_OTHER_FILES = 64_000_000


def convert(source: Path, target: Path, tower: Path | None, report: Report) -> None:
    """Write the model in `source` to the new folder `target`.

    `tower` is a folder with the CLIP model that `source` was built on, needed
    where its weights are not in the checkpoint. `report` gets bytes of all
    bytes; what it raises ends the work. A model that is not finished leaves
    nothing at `target`, whatever happens. Raises OcellusError for all that is
    wrong with the files, and OSError where the disk refuses.
    """
    original = inspect_original(source)
    clip = _clip(original, tower)
    if target.exists():
        raise OcellusError.of(
            ErrorKind.BAD_CHECKPOINT,
            f"There is a model called “{target.name}” already.",
            "Delete it first, or import under another name.",
            str(target),
        )
    make_folder(target.parent)
    # One name for each target, so that what a power cut leaves is cleared by the next try.
    part = target.with_name(f".{target.name}.importing")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    try:
        _write(original, clip, part, report)
        # Read as any other folder, before it has its name.
        inspect(part)
        publish_folder(part, target)
    except (OcellusError, OSError, WorkCancelledError):
        raise
    except Exception as error:
        # A stranger's files: transformers and tokenizers raise all kinds for them.
        raise OcellusError(bad_checkpoint(error)) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _clip(original: Original, tower: Path | None) -> tuple[Path, dict[str, Part]] | None:
    if tower is None:
        if original.has_tower:
            return None
        raise OcellusError.of(
            ErrorKind.NO_CHECKPOINT,
            "This model's vision tower is not in its folder.",
            "Get the vision model that it was built on, as .safetensors, "
            f"and give its folder too: {original.config.get('mm_vision_tower')}.",
            NO_TOWER,
        )
    read_config(tower)
    refuse_code(tower)
    return tower, {} if original.has_tower else parts_of(weight_files(tower))


def _write(
    original: Original, clip: tuple[Path, dict[str, Part]] | None, part: Path, report: Report
) -> None:
    parts = CLASSES[original.architecture]
    vocabulary = extend(original, part)
    config = build_config(original, parts.config, clip[0] if clip else None, vocabulary)
    with torch.device("meta"):
        model = parts.model(config)
    pieces = renamed(original, clip[1] if clip else None, model)
    _check_disk(sum(piece.size for piece in pieces), part)
    _write_settings(original, config, parts, clip[0] if clip else None, vocabulary, part)
    config.architectures = [parts.model.__name__]
    config.save_pretrained(part)
    write_weights(part, pieces, report)


def _write_settings(
    original: Original,
    config: Any,
    parts: Classes,
    clip: Path | None,
    vocabulary: Vocabulary,
    part: Path,
) -> None:
    settings = picture_settings(original, config, clip)
    images = parts.image_processor(**settings, **parts.picture_options)
    processor = parts.processor(images, vocabulary.tokenizer, **parts.counting(config))
    processor.save_pretrained(part)


def _check_disk(needed: int, folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if needed + _OTHER_FILES > free:
        raise OcellusError.of(
            ErrorKind.DISK_FULL,
            f"The imported model takes {size(needed)}. {size(free)} are free.",
            "Free some space, or choose another place for models.",
            str(folder),
        )
