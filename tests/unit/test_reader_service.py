"""The reader's requests: what is stored, what is deleted, what a second time costs."""

import os
import time

import pytest
from PIL import Image, ImageCms

from app.core.conversation import Picture
from app.core.events import Finished, PictureTaken
from app.core.pictures import picture_path
from app.core.requests import TakePicture
from app.reader.intake.decoding import decode
from app.reader.service import make


@pytest.fixture
def service(tmp_path):
    (tmp_path / "inbox").mkdir()
    service = make({"pictures": str(tmp_path / "pictures"), "inbox": str(tmp_path / "inbox")})
    yield service
    service.close()


def take(service, path, **options):
    taken, end = service.handle(TakePicture(str(path), **options), lambda: False)
    assert isinstance(taken, PictureTaken)
    assert end == Finished()
    return taken.picture


def test_the_same_pixels_are_stored_once_whatever_file_brought_them(service, tmp_path):
    picture = Image.radial_gradient("L").convert("RGB")
    picture.save(tmp_path / "one.png", pnginfo=None, dpi=(300, 300))
    picture.save(tmp_path / "two.bmp")
    first = take(service, tmp_path / "one.png")
    stored = picture_path(tmp_path / "pictures", first.sha256)
    written = stored.stat().st_mtime_ns
    second = take(service, tmp_path / "two.bmp", name="my\u202egnp\n.bmp")
    assert second == Picture(first.sha256, 256, 256, "mygnp .bmp")
    assert stored.stat().st_mtime_ns == written
    assert [path for path in (tmp_path / "pictures").rglob("*") if path.is_file()] == [stored]
    with Image.open(stored) as image:
        assert image.tobytes() == picture.tobytes()


def test_only_the_inbox_is_consumed(service, tmp_path):
    for folder in (tmp_path, tmp_path / "inbox"):
        Image.new("RGB", (9, 9), "red").save(folder / "pasted.png")
        take(service, folder / "pasted.png", consume=True)
    assert (tmp_path / "pasted.png").exists()
    assert not (tmp_path / "inbox" / "pasted.png").exists()
    (tmp_path / "inbox" / "letter").write_text("no picture")
    list(
        service.handle(TakePicture(str(tmp_path / "inbox" / "letter"), consume=True), lambda: False)
    )
    assert not (tmp_path / "inbox" / "letter").exists()


def test_a_start_removes_what_an_interrupted_one_left(tmp_path):
    left = [tmp_path / "pictures" / "ab" / "x.part", tmp_path / "inbox" / "pasted"]
    fresh = [path.with_name("fresh.part") for path in left]
    kept = tmp_path / "pictures" / "ab" / f"{'ab' * 32}.png"
    for path in (*left, *fresh, kept):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    hours_ago = time.time() - 7200
    for path in (*left, kept):
        os.utime(path, (hours_ago, hours_ago))
    make({"pictures": str(tmp_path / "pictures"), "inbox": str(tmp_path / "inbox")}).close()
    assert [path.exists() for path in (*left, *fresh, kept)] == [False, False, True, True, True]


def test_colours_of_another_profile_are_brought_to_srgb(tmp_path):
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB", 5000)).tobytes()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    red = Image.new("RGB", (3, 3), (200, 30, 30))
    red.save(tmp_path / "plain.png", icc_profile=srgb)
    assert decode(tmp_path / "plain.png").image.getpixel((1, 1)) == (200, 30, 30)
    for profile in (lab, b"no profile at all"):  # Neither fits: the numbers stay.
        red.save(tmp_path / "odd.png", icc_profile=profile)
        assert decode(tmp_path / "odd.png").image.getpixel((1, 1)) == (200, 30, 30)
    paper = Image.new("LAB", (3, 3), (128, 128, 128))
    paper.save(tmp_path / "lab.tiff", icc_profile=lab)
    grey = decode(tmp_path / "lab.tiff").image.getpixel((1, 1))
    assert max(grey) - min(grey) < 12
    assert 100 < grey[0] < 140
