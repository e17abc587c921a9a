"""What a question may hold for a model, reckoned from its config before anything is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.catalog.checkpoint import family_of, read_config, section
from app.catalog.picture_cost import PictureCost, picture_cost
from app.core.conversation import Picture
from app.core.errors import OcellusError
from app.core.prompts import LEAST_NEW_TOKENS


@dataclass(frozen=True, slots=True)
class Budget:
    """The tokens that prompts of one model may have, so that an answer has room as well.

    `tile` is what a picture takes that is seen as a whole only, `cost` tells what it takes
    otherwise, None for a model that makes one tile of everything.
    """

    room: int
    tile: int
    cost: PictureCost | None

    def tokens(self, pictures: Sequence[Picture], text: str, *, quick: bool) -> int:
        """At least so many does a question take: pictures exactly, words one each."""
        if self.cost is None or quick:
            looked_at = self.tile * len(pictures)
        else:
            looked_at = sum(map(self.cost.whole, pictures))
        return looked_at + len(text.split())


def find_budget(folder: Path) -> Budget | None:
    """The budget of the model in `folder`; None where its config does not say."""
    try:
        config = read_config(folder)
        family = family_of(config)
    except OcellusError:
        return None
    context = section(config, "text_config").get("max_position_embeddings")
    if type(context) is not int or context <= LEAST_NEW_TOKENS:
        return None
    cost = picture_cost(folder)
    if cost is not None:
        return Budget(context - LEAST_NEW_TOKENS, cost.quick, cost)
    vision = section(config, "vision_config")
    side, patch = vision.get("image_size"), vision.get("patch_size")
    if family.tiling is not None or type(side) is not int or type(patch) is not int:
        return None
    if not 0 < patch <= side:
        return None
    full = config.get("vision_feature_select_strategy") == "full"
    extra = family.tower.class_tokens if full else 0
    return Budget(context - LEAST_NEW_TOKENS, (side // patch) ** 2 + extra, None)
