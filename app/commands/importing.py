"""`models import`: a folder with a model becomes one of the person's models."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from app.catalog.catalog import BUILTIN, Catalog, CatalogModel, spec_for_folder
from app.catalog.checkpoint import inspect, is_original, read_config
from app.core.errors import ErrorKind, OcellusError
from app.core.files.atomic import publish_folder
from app.core.files.disk_errors import not_written
from app.core.files.private import make_folder
from app.core.words.sizes import size

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")
# What Windows takes for a device, whatever follows.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)")
# Data alone, as with downloads: no pickles, no code, no other model's pin.
_ENDINGS = (".safetensors", ".json", ".txt", ".model", ".jinja")
_OURS = "ocellus.json"
_PIECE = 1 << 22

Report = Callable[[int, int], None]


def import_folder(
    folder: str, name: str | None, tower: str | None, catalog: Catalog, report: Report
) -> str:
    """Bring the model in `folder` among the person's models, and return its name there.

    A folder in LLaVA's own layout is rewritten, with the vision model in `tower`
    where it is not in the folder; one in transformers' layout is copied. With the
    name of a model of the catalog it takes that one's place. `report` gets bytes
    of all bytes. Raises OcellusError, and leaves nothing then.
    """
    source = Path(folder).expanduser().absolute()
    chosen = _name(name or re.sub(r"[^a-z0-9._-]+", "-", source.name.lower()).strip("-._"))
    if catalog.user_models is None:
        raise OcellusError.of(ErrorKind.INTERNAL, "There is no folder for models.")
    target = catalog.user_models / chosen
    if target.exists():
        raise OcellusError.of(
            ErrorKind.EXISTS,
            f"There is a model called “{chosen}” already.",
            "Delete it first, or import under another name.",
            str(target),
        )
    named = next((entry for entry in catalog.entries if entry.id == chosen), None)
    original = is_original(read_config(source))
    try:
        make_folder(target.parent)
        if original:
            _convert(source, target, tower, report)
        else:
            _check(source, named)
            _copy(source, target, report)
        _check(target, named)
    except OSError as error:
        shutil.rmtree(target, ignore_errors=True)
        raise not_written(
            error,
            "the model was not copied",
            "Free some space, then try again.",
            "Check whether the folder can be read and the other one written, then try again.",
        ) from error
    except OcellusError:
        shutil.rmtree(target, ignore_errors=True)
        raise
    return chosen


def _name(name: str) -> str:
    if not _NAME.fullmatch(name) or _DEVICES.match(name) or name == BUILTIN:
        raise OcellusError.of(
            ErrorKind.ACCESS,
            f"A model cannot be called “{name}”.",
            "Give it a name of small letters, digits, dots and dashes with --name.",
        )
    return name


def _check(folder: Path, named: CatalogModel | None) -> None:
    """Raise OcellusError unless the folder can answer, as the named model where there is one."""
    spec = spec_for_folder(folder)
    if named is None:
        return
    if (spec.architecture, spec.prompt_format) != (named.architecture, named.prompt_format):
        raise OcellusError.of(
            ErrorKind.BAD_CHECKPOINT,
            f"This folder does not hold {named.title}.",
            "Choose its folder, or import this one under a name of its own.",
            f"{spec.architecture}, {spec.prompt_format}",
        )


def _convert(source: Path, target: Path, tower: str | None, report: Report) -> None:
    # Only here: torch takes seconds, and is not wanted for a copy.
    from app.engine.environment import settle  # noqa: PLC0415

    settle()
    from app.engine.convert.importing import convert  # noqa: PLC0415

    convert(source, target, Path(tower).expanduser().absolute() if tower else None, report)


def _copy(source: Path, target: Path, report: Report) -> None:
    checkpoint = inspect(source)
    wanted = {path.name for path in checkpoint.weights}
    files = [
        path
        for path in sorted(checkpoint.folder.iterdir())
        if path.is_file()
        and path.name != _OURS
        and (path.name in wanted or (path.suffix in _ENDINGS and path.suffix != ".safetensors"))
    ]
    total = sum(path.stat().st_size for path in files)
    free = shutil.disk_usage(target.parent).free
    if total * 11 // 10 > free:
        raise OcellusError.of(
            ErrorKind.DISK_FULL,
            f"{size(total * 1.1)} are needed on the disk and {size(free)} are free.",
            "Make room, or choose a smaller model.",
            str(target.parent),
        )
    part = target.with_name(f".{target.name}.importing")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    try:
        done = 0
        for path in files:
            with path.open("rb") as read, (part / path.name).open("wb") as written:
                while piece := read.read(_PIECE):
                    written.write(piece)
                    done += len(piece)
                    report(done, total)
        publish_folder(part, target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
