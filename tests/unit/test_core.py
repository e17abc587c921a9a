"""Rows of a reading, cleaning of text, settings, and names in the picture store."""

import pytest

from app.core.cleaning import clean
from app.core.conversation import ReferenceMode
from app.core.geometry import Box
from app.core.pictures import picture_path
from app.core.reading import Block, Line, Page, Reading
from app.core.settings import Settings, load_settings, save_settings


def line(text, left, top, height=20):
    return Line(text, Box(left, top, left + 10 * len(text), top + height), 0.9)


def test_a_label_and_its_value_are_one_row():
    block = Block((line("Total", 10, 100), line("12.50", 300, 102), line("Thanks", 10, 130)))
    reading = Reading((Page(400, 200, (block, Block((line("Bye", 10, 180),)))),))
    assert reading.rows() == ("Total  12.50", "Thanks", "Bye")
    assert reading.text == "Total  12.50\nThanks\n\nBye"


def test_lines_that_start_further_left_begin_a_new_row():
    block = Block((line("right", 300, 100), line("left", 10, 101)))
    assert Reading((Page(400, 200, (block,)),)).rows() == ("right", "left")


def test_cleaning_keeps_words_and_drops_what_hides_them():
    assert clean("a\x1b[31mb\u202egnp.exe\r\nc\x00") == "a[31mbgnp.exe\nc"
    assert clean("\U0001f468\u200d\U0001f469") == "\U0001f468\u200d\U0001f469"


@pytest.mark.parametrize("name", ["", "a" * 63, "A" * 64, "../" * 20 + "aaaa", "a" * 64 + "\n"])
def test_only_hashes_name_pictures(tmp_path, name):
    with pytest.raises(ValueError, match="SHA-256"):
        picture_path(tmp_path, name)


def test_settings_survive_a_restart_and_damage(tmp_path):
    path = tmp_path / "deep" / "settings.json"
    chosen = Settings("some-model", "/models/some model", ReferenceMode.OFF, folders=("/a", "/b"))
    save_settings(path, chosen)
    assert load_settings(path) == chosen
    path.write_text(
        '{"model": 5, "reference": "sometimes", "model_folder": "/kept", "folders": ["/c", 1]}'
    )
    assert load_settings(path) == Settings(model_folder="/kept", folders=("/c",))
    path.write_text('{"folders": "/a"}')
    assert load_settings(path) == Settings()
    path.write_bytes(b"\x00\xff")
    assert load_settings(path) == Settings()
