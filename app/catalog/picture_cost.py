"""How many tokens a picture takes, reckoned from a model's config before anything is loaded."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from app.catalog.checkpoint import family_of, read_config, section
from app.core.conversation import Picture
from app.core.errors import OcellusError

_MOST_GRIDS, _MOST_PIXELS = 256, 2**16
# A token more is a hundredth of nothing: OneVision shrinks what is a tenth too long only.
_SHRINKS_FROM = 1.1


@dataclass(frozen=True, slots=True)
class PictureCost:
    """The pictures of one model that cuts them into tiles.

    `side` is that of a tile in pixels, `patches` that of a tile in tokens, `grids` are
    (height, width) in pixels, `extra` tokens stand before a tile's, and no more than
    the tokens of `most_tiles` are kept, where that is not None.
    """

    side: int
    patches: int
    grids: tuple[tuple[int, int], ...]
    extra: int = 0
    most_tiles: int | None = None

    @property
    def quick(self) -> int:
        """Tokens of the overview alone, the same for every picture."""
        return self.patches**2 + self.extra

    def whole(self, picture: Picture) -> int:
        """Tokens of the overview and all tiles."""
        high, wide = self._grid(picture)
        rows, columns = (self.patches * (high // self.side), self.patches * (wide // self.side))
        # What pads the picture to its grid is left out again, a token's width at a time.
        if picture.width / picture.height > columns / rows:
            kept = int(round(picture.height * (columns / picture.width), 7))
            rows -= (rows - kept) // 2 * 2
        else:
            kept = int(round(picture.width * (rows / picture.height), 7))
            columns -= (columns - kept) // 2 * 2
        if self.most_tiles is not None:
            ratio = math.sqrt(rows * columns / (self.most_tiles * self.patches**2))
            if ratio > _SHRINKS_FROM:
                rows, columns = int(rows // ratio), int(columns // ratio)
        # Each row ends with one more.
        return self.quick + rows * (columns + 1)

    def _grid(self, picture: Picture) -> tuple[int, int]:
        """The grid that keeps most of the picture's pixels, and of these the smallest."""

        def worth(grid: tuple[int, int]) -> tuple[int, int]:
            high, wide = grid
            scale = min(wide / picture.width, high / picture.height)
            shown = int(picture.width * scale) * int(picture.height * scale)
            shown = min(shown, picture.width * picture.height)
            return shown, shown - high * wide

        return max(self.grids, key=worth)


def picture_cost(folder: Path) -> PictureCost | None:
    """What pictures cost with the model in `folder`.

    None where it makes one tile of everything, and where its config does not say.
    """
    try:
        config = read_config(folder)
        family = family_of(config)
    except OcellusError:
        return None
    tiling = family.tiling
    if tiling is None:
        return None
    vision = section(config, "vision_config")
    side, patch = vision.get("image_size", tiling.side), vision.get("patch_size", 14)
    grids = _grids(config.get("image_grid_pinpoints", tiling.grids))
    if not _is_size(side) or not _is_size(patch) or patch > side or not grids:
        return None
    grids = tuple((high, wide) for high, wide in grids if high >= side and wide >= side)
    if not grids:
        return None
    full = config.get("vision_feature_select_strategy") == "full"
    extra = family.tower.class_tokens if full else 0
    if not tiling.shrinks:
        return PictureCost(side, side // patch, grids, extra)
    ratio = config.get("vision_aspect_ratio", "anyres_max_9")
    most = ratio.removeprefix("anyres_max_") if isinstance(ratio, str) else ""
    return PictureCost(side, side // patch, grids, extra, int(most)) if most.isdecimal() else None


def _grids(named: object) -> tuple[tuple[int, int], ...]:
    """The grids of a config, none where one of them is not to be understood."""
    if not isinstance(named, list | tuple):
        return ()
    found: list[tuple[int, int]] = []
    for grid in cast("Sequence[object]", named):
        sizes = cast("Sequence[object]", grid) if isinstance(grid, list | tuple) else ()
        if len(sizes) != 2 or not all(map(_is_size, sizes)):
            return ()
        high, wide = cast("Sequence[int]", sizes)
        found.append((high, wide))
    return tuple(found) if len(found) <= _MOST_GRIDS else ()


def _is_size(value: object) -> bool:
    return type(value) is int and 0 < value <= _MOST_PIXELS
