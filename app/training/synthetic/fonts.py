"""TrueType fonts of this machine, by family, split into trained and held-out."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

from PIL import ImageFont

from app.training.synthetic.words import Split

_FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("C:/Windows/Fonts"),
    Path("/Library/Fonts"),
)
PACKAGES = "fonts-dejavu-core fonts-liberation2 fonts-open-sans fonts-lato fonts-roboto-unhinted"

# Families by how their files are called; every third of those found is held out.
_FAMILIES = (
    "DejaVuSans", "LiberationSans", "OpenSans", "DejaVuSerif", "LiberationSerif", "Lato",
    "DejaVuSansMono",
    "LiberationMono", "Roboto", "NimbusSans", "NimbusRoman", "P052", "NimbusMonoPS", "C059",
    "URWBookman",
    "arial", "times", "verdana", "cour", "calibri", "georgia", "tahoma",
)  # fmt: skip
_STYLES = ("-Regular", "-Roman", "-Light", "")
LEAST = 4


@cache
def families(split: Split) -> tuple[Path, ...]:
    """One regular font file per family of `split`.

    Raises RuntimeError with what to install where there are too few.
    """
    files = {
        file.stem: file
        for folder in _FOLDERS
        if folder.is_dir()
        for file in sorted(folder.rglob("*.[to]tf"))
    }
    found = [
        next(files[name + style] for style in _STYLES if name + style in files)
        for name in _FAMILIES
        if any(name + style in files for style in _STYLES)
    ]
    if len(found) < LEAST:
        message = (
            f"Only {len(found)} of the fonts that pictures are drawn with are installed,"
            f" and {LEAST} are needed.\n"
            f"On Debian or Ubuntu: apt-get install {PACKAGES}"
        )
        raise RuntimeError(message)
    held_out = found[2::3]
    return tuple(
        held_out if split is Split.HELD_OUT else [one for one in found if one not in held_out]
    )


@cache
def _font(path: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), size)


def pick(chance: random.Random, split: Split, *, mono: bool = False) -> Path:
    """A font file of the split; one of fixed pitch where asked for and there."""
    paths = families(split)
    fixed = [path for path in paths if "Mono" in path.stem or path.stem == "cour"]
    return chance.choice(fixed if mono and fixed else paths)


def sized(path: Path, size: int) -> ImageFont.FreeTypeFont:
    """The font at a size in pixels."""
    return _font(path, size)
