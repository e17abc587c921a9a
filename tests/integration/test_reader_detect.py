"""Where the detection network looks."""

import numpy as np
import pytest
from drawing import font
from PIL import Image, ImageDraw

from app.reader.ocr.detection import Detector
from app.reader.ocr.onnx import Session, Team

GROUND = (236, 240, 246)


@pytest.fixture(scope="module")
def detector():
    team = Team()
    yield Detector(team)
    team.close()


def page(*rows):
    """An A4 page at 200 dots per inch with a line of text in each of `rows`."""
    picture = Image.new("RGB", (1653, 2339), GROUND)
    draw = ImageDraw.Draw(picture)
    for row in rows:
        draw.text((120, row), "Harbour office, open daily", (190, 195, 200), font(30))
    return np.asarray(picture)[:, :, ::-1].copy()


def test_empty_parts_of_a_page_cost_nothing_and_nothing_else_is_left_out(detector, monkeypatch):
    looks, run = [], Session.run

    def counted(session, values):
        looks.append(values.shape)
        return run(session, values)

    monkeypatch.setattr(Session, "run", counted)

    def found(image):
        looks.clear()
        quads = detector.find(image, GROUND[::-1], lambda: False)
        return sorted(round(quad.y) for quad in quads), len(looks)

    everywhere, all_looks = found(page(300, 1100, 2200))
    assert [round(y, -2) for y in everywhere] == [300, 1100, 2200]
    below, few_looks = found(page(2200))
    assert [round(y, -2) for y in below] == [2200]
    assert few_looks < all_looks
    assert found(page()) == ([], 0)
