"""The tokens that the window names beside a picture are those that the engine then sends."""

import json
from pathlib import Path

import pytest

from app.catalog.picture_cost import picture_cost
from app.core.requests import LoadModel
from tests.engine.test_quick_look import spec  # noqa: F401 - a fixture

MODELS = Path(__file__).resolve().parents[2] / "models"
SIZES = (
    *((336, 336), (640, 480), (1920, 1080), (1240, 1754), (3000, 600), (600, 3000)),
    *((3, 2), (1, 700), (700, 1), (29, 28), (57, 113), (999, 1001), (168, 169), (84, 85)),
)


def told_and_sent(bench, asked, whole):
    """(what the window says, what the engine makes) of pictures of all sizes."""
    bench.handle(LoadModel(asked))
    vision, cost = bench.engine.llava.vision, picture_cost(Path(asked.folder))
    told, sent = [], []
    for size in SIZES:
        picture = bench.picture(*size)
        told.append(cost.whole(picture) if whole else cost.quick)
        sent.append(vision.look(picture, quick=not whole).tokens)
    return told, sent


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "quick"])
def test_it_is_what_the_engine_sends(shared_bench, spec, whole):  # noqa: F811
    told, sent = told_and_sent(shared_bench, spec, whole)
    assert told == sent


def test_the_released_models_too(shared_bench, released):
    told, sent = told_and_sent(shared_bench, released, True)
    assert told == sent
    assert picture_cost(Path(released.folder)).quick == 576
    # What 672×672 pixels are at most.
    assert max(told) == 2928
    assert told[SIZES.index((1920, 1080))] == 1948


@pytest.mark.parametrize(
    "config",
    [
        {"model_type": "llava"},
        {"model_type": "llava_next", "image_grid_pinpoints": [[336]]},
        {"model_type": "llava_next", "image_grid_pinpoints": [[1, 1]]},
        {"model_type": "llava_next", "image_grid_pinpoints": [[336, "672"]]},
        {"model_type": "llava_next", "image_grid_pinpoints": [[336, 2**40]]},
        {"model_type": "llava_next", "image_grid_pinpoints": 7},
        {"model_type": "llava_next", "vision_config": {"patch_size": 0}},
        {"model_type": "llava_next", "vision_config": {"image_size": True}},
        {"model_type": "llava_onevision"},
        {"model_type": "llava_onevision", "vision_aspect_ratio": 9},
        [],
    ],
)
def test_a_config_that_does_not_say_has_no_figures(tmp_path, config):
    (tmp_path / "config.json").write_text(json.dumps(config), "utf-8")
    assert picture_cost(tmp_path) is None
    assert picture_cost(tmp_path / "nowhere") is None
