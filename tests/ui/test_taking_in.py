"""Folders, very large pictures and files that are not what they are called, dropped."""

import shutil
from pathlib import Path

import pytest
from PIL import Image
from sessions import until

from tests.ui.gestures import attached, drop_onto, files

SAMPLES = Path(__file__).resolve().parents[2] / "resources" / "samples"


@pytest.fixture
def whole(whole_session):
    return whole_session(reader="app.reader.service:make")


def said(window):
    return [notice.words for notice in window.parts.notices.notices]


def test_a_folder_opens_its_pictures_in_the_order_of_their_numbers(loop, whole, tmp_path):
    folder = tmp_path / "Holiday"
    (folder / "inside").mkdir(parents=True)
    for name in ("shot 10.png", "shot 2.png", ".hidden.png", "inside/deep.png"):
        shutil.copy(SAMPLES / "shapes.png", folder / name)
    (folder / "notes.txt").write_text("not a picture", "utf-8")

    async def way():
        drop_onto(whole.window, files(folder))
        await until(lambda: len(attached(whole.window.parts.composer)) == 2)
        await until(lambda: all(item.picture for item in whole.attachments.items))
        assert [item.name for item in whole.attachments.items] == ["shot 2.png", "shot 10.png"]
        assert said(whole.window) == []
        drop_onto(whole.window, files(folder / "inside" / ".."))
        empty = tmp_path / "Empty"
        empty.mkdir()
        drop_onto(whole.window, files(empty))
        await until(lambda: said(whole.window))
        assert "no pictures in the folder “Empty”" in said(whole.window)[0]

    loop.run_until_complete(whole.settle(way()))


def test_of_a_folder_with_very_many_pictures_the_first_ones_are_opened(loop, whole, tmp_path):
    folder = tmp_path / "Many"
    folder.mkdir()
    for number in range(43):
        Image.new("RGB", (8, 8), (number, 0, 0)).save(folder / f"{number}.png")

    async def way():
        drop_onto(whole.window, files(folder))
        await until(lambda: len(attached(whole.window.parts.composer)) == 40)
        assert said(whole.window) == ["The first 40 of the 43 pictures in “Many” were opened."]
        await until(lambda: all(item.picture for item in whole.attachments.items))
        whole.chat.new_conversation()

    loop.run_until_complete(whole.settle(way()))


@pytest.mark.parametrize("name", ["photo.jpg", "plan.png"])
def test_a_picture_of_60_megapixels_is_taken_in_at_40_and_that_is_said(loop, whole, tmp_path, name):
    mode = "RGB" if name.endswith("jpg") else "P"
    image = Image.new(mode, (9000, 6700), 7)
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    image.save(tmp_path / name, exif=exif)

    async def way():
        drop_onto(whole.window, files(tmp_path / name))
        await until(lambda: whole.attachments.items and whole.attachments.items[0].picture, 100)
        picture = whole.attachments.items[0].picture
        assert picture.width < picture.height
        assert picture.width / picture.height == pytest.approx(6700 / 9000, rel=0.001)
        assert 39e6 < picture.width * picture.height <= 40e6
        [words] = said(whole.window)
        assert words.startswith(f"{name} has 60 megapixels. It was opened with 40: ")
        whole.chat.new_conversation()

    loop.run_until_complete(whole.settle(way()))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<html>Log in first</html>", "neither a picture nor a PDF"),
        (b"%PDF-1.7\nnothing more", "a damaged PDF"),
        (b"", "is empty"),
    ],
)
def test_the_message_of_a_bad_pdf_names_pdf(loop, whole, tmp_path, data, words):
    (tmp_path / "report.pdf").write_bytes(data)

    async def way():
        drop_onto(whole.window, files(tmp_path / "report.pdf"))
        await until(lambda: said(whole.window))
        [told] = said(whole.window)
        assert words in told
        assert "picture again" not in told
        assert not attached(whole.window.parts.composer)

    loop.run_until_complete(whole.settle(way()))
