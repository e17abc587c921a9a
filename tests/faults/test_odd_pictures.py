"""Unusual pictures that are good all the same: each becomes a plain, upright one."""

import re

import pytest
from picture_requests import clean, noise, take
from PIL import AvifImagePlugin, Image, ImageDraw, ImageFont
from refusals import refused
from uncancelled import never

from app.core.errors import ErrorKind
from app.core.requests import ReadPicture

pytestmark = pytest.mark.usefixtures("pictures_still_work")


def test_avif_is_opened_where_pillow_has_its_decoder(service, folders, tmp_path, monkeypatch):
    noise().save(tmp_path / "a.avif", quality=100)
    image, _ = clean(service, folders, tmp_path / "a.avif")
    assert image.size == (160, 120)
    monkeypatch.setattr(AvifImagePlugin, "SUPPORTED", False)
    event = take(service, tmp_path / "a.avif")
    refused(event, ErrorKind.NOT_A_PICTURE, "a.avif is an AVIF picture, which needs Pillow with")


def test_only_the_first_frame_is_taken(service, folders, tmp_path):
    frames = [Image.new("RGB", (30, 20), colour) for colour in ("red", "blue")]
    for name, options in (
        ("a.gif", {}),
        ("a.tiff", {}),
        ("a.webp", {"lossless": True}),
        ("a.avif", {"quality": 100, "subsampling": "4:4:4"}),
    ):
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:], **options)
        image, _ = clean(service, folders, tmp_path / name)
        red, green, blue = image.getpixel((15, 10))
        assert (red > 250, green + blue < 5) == (True, True), name


def test_pictures_are_turned_upright_and_lose_their_metadata(service, folders, tmp_path):
    picture = Image.new("RGB", (40, 20), "white")
    picture.paste("red", (0, 0, 10, 20))
    exif = Image.Exif()
    exif[0x0112] = 6  # To be turned a quarter clockwise.
    exif[0x010F] = "A camera"
    picture.save(tmp_path / "phone.jpg", exif=exif, comment=b"at home", dpi=(72, 72), quality=95)
    image, data = clean(service, folders, tmp_path / "phone.jpg")
    assert image.size == (20, 40)
    assert image.getpixel((10, 2))[1] < 60
    assert image.getpixel((10, 37))[1] > 200
    assert re.findall(rb"IHDR|IDAT|IEND|tEXt|eXIf|pHYs|iCCP|iTXt|zTXt", data) == [
        b"IHDR",
        b"IDAT",
        b"IEND",
    ]


def test_unusual_pixels_become_plain_ones(service, folders, tmp_path):
    middle = (1, 1)
    Image.new("CMYK", (3, 3), (0, 255, 255, 0)).save(tmp_path / "print.jpg", quality=100)
    assert clean(service, folders, tmp_path / "print.jpg")[0].getpixel(middle)[0] > 200
    Image.new("I;16", (3, 3), 0x8080).save(tmp_path / "deep.png")
    assert clean(service, folders, tmp_path / "deep.png")[0].getpixel(middle) == (128, 128, 128)
    scan = Image.new("F", (3, 3), -5.0)
    scan.putpixel(middle, 5.0)
    scan.save(tmp_path / "scan.tiff")
    assert clean(service, folders, tmp_path / "scan.tiff")[0].getpixel(middle) == (255,) * 3
    Image.new("1", (3, 3), 1).save(tmp_path / "fax.tiff")
    assert clean(service, folders, tmp_path / "fax.tiff")[0].getpixel(middle) == (255,) * 3
    Image.new("LA", (3, 3), (0, 0)).save(tmp_path / "nothing.png")
    assert clean(service, folders, tmp_path / "nothing.png")[0].getpixel(middle) == (255,) * 3


@pytest.mark.parametrize("ink", ["black", "white"])
def test_letters_on_a_transparent_ground_stay_legible(service, folders, tmp_path, ink):
    picture = Image.new("RGBA", (220, 60))
    ImageDraw.Draw(picture).text((20, 20), "Ghost 42", ink, ImageFont.load_default(20))
    picture.quantize().save(tmp_path / "palette.png")
    picture.save(tmp_path / "full.png")
    for name in ("palette.png", "full.png"):
        taken = take(service, tmp_path / name)
        read, _ = service.handle(ReadPicture(taken.picture.sha256), never)
        assert read.reading.rows() == ("Ghost 42",)


@pytest.mark.parametrize("size", [(1, 1), (20_000, 1), (1, 20_000)])
def test_pictures_of_one_pixel_across_are_taken_and_hold_no_text(service, tmp_path, size):
    Image.new("RGB", size, "white").save(tmp_path / "thin.png")
    taken = take(service, tmp_path / "thin.png")
    assert (taken.picture.width, taken.picture.height) == size
    read, _ = service.handle(ReadPicture(taken.picture.sha256), never)
    assert read.reading.rows() == ()
