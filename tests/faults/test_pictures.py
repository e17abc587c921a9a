"""Files that are no good pictures: each becomes a sentence, and the next one is served."""

import os
import struct
import zlib
from contextlib import contextmanager

import pytest
from disks import files_of_at_most
from picture_requests import clean, noise, take
from PIL import Image, ImageDraw, ImageFont
from refusals import refused
from uncancelled import never

from app.core.errors import ErrorKind
from app.core.events import Finished, FinishReason, PictureTaken
from app.core.model import ModelSpec, PromptFormat
from app.core.pictures import picture_path
from app.core.requests import LoadModel, ReadPicture, TakePicture
from app.reader.service import make

pytestmark = pytest.mark.usefixtures("pictures_still_work")


def png_chunk(kind, data):
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


def png(width, height, pixels=b""):
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(pixels)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks)


def brands(own, *others):
    """The beginning of a file in ISO's base media format."""
    rest = own + bytes(4) + b"".join(others)
    return struct.pack(">I", 8 + len(rest)) + b"ftyp" + rest + bytes(40)


BAD_FILES = {
    "empty.png": (b"", ErrorKind.BAD_PICTURE, "is empty"),
    "letter.png": (b"Dear Sir or Madam,\n" * 50, ErrorKind.NOT_A_PICTURE, "neither a picture nor"),
    "zeros.jpg": (bytes(5000), ErrorKind.NOT_A_PICTURE, "neither a picture nor"),
    "page.png": (b"%PDF-1.7\n%...", ErrorKind.NOT_A_PICTURE, "is a PDF document, .* yet"),
    "phone.jpg": (brands(b"heic"), ErrorKind.NOT_A_PICTURE, "a HEIC picture, .* pillow-heif"),
    "other.jpg": (brands(b"mif1", b"heic"), ErrorKind.NOT_A_PICTURE, "a HEIC picture"),
    "web.png": (brands(b"avif"), ErrorKind.BAD_PICTURE, "a damaged AVIF"),
    "web2.png": (brands(b"mif1", b"miaf", b"avif"), ErrorKind.BAD_PICTURE, "a damaged AVIF"),
    "start.jpg": (b"\xff\xd8\xff\xe0\0\x10JFIF\0", ErrorKind.BAD_PICTURE, "a damaged"),
    "logo.svg": (b'<?xml version="1.0"?>\n<svg/>', ErrorKind.NOT_A_PICTURE, "an SVG drawing"),
    "start.png": (b"\x89PNG\r\n", ErrorKind.BAD_PICTURE, "a damaged PNG"),
    "start.webp": (b"RIFF\x10\0\0\0WEBP", ErrorKind.BAD_PICTURE, "a damaged WebP"),
    "bomb.png": (png(30_000, 30_000), ErrorKind.TOO_LARGE, r"900\.0 megapixels .* limit is 200\."),
    "flat.png": (png(0, 10), ErrorKind.BAD_PICTURE, "damaged"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_refused_in_a_sentence(service, tmp_path, name):
    data, kind, words = BAD_FILES[name]
    (tmp_path / name).write_bytes(data)
    event = take(service, tmp_path / name)
    refused(event, kind, words)
    assert name in event.headline


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_half_a_picture_is_refused_and_a_whole_one_is_told_by_its_content(
    service, folders, tmp_path, kind
):
    noise().save(tmp_path / "whole", kind)
    data = (tmp_path / "whole").read_bytes()
    (tmp_path / "half.txt").write_bytes(data[: len(data) // 2])
    refused(take(service, tmp_path / "half.txt"), ErrorKind.BAD_PICTURE, "half.txt is a damaged")
    (tmp_path / "whole.txt").write_bytes(data)
    image, _ = clean(service, folders, tmp_path / "whole.txt")
    assert image.size == (160, 120)


@pytest.mark.parametrize("progressive", [False, True])
def test_of_a_jpeg_that_was_cut_off_there_is_what_there_is(service, folders, tmp_path, progressive):
    page = Image.new("RGB", (400, 300), "white")
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(30)
    for row, words in enumerate(("The first line", "The second line", "The third", "The fourth")):
        draw.text((20, 20 + 70 * row), words, "black", font)
    page.save(tmp_path / "whole.jpg", quality=90, progressive=progressive)
    whole = take(service, tmp_path / "whole.jpg")
    assert not whole.cut_off
    data = (tmp_path / "whole.jpg").read_bytes()
    # Whatever the place, and be it inside of what says how the rest is to be decoded.
    for share in (50, *range(52, 60)):
        (tmp_path / "half.jpg").write_bytes(data[: len(data) * share // 100])
        half = take(service, tmp_path / "half.jpg")
        assert half.cut_off, share
        assert (half.picture.width, half.picture.height) == (400, 300)
    (read, _) = service.handle(ReadPicture(half.picture.sha256), never)
    lines = [line.text for line in read.reading.lines]
    assert lines[:2] == ["The first line", "The second line"]
    # One whose lines come one after the other has the rest of them grey.
    with Image.open(picture_path(folders[0], half.picture.sha256)) as image:
        assert image.getpixel((5, 5)) == (255, 255, 255)
        assert image.getpixel((5, 295)) == ((255,) * 3 if progressive else (128,) * 3)
    # Where nothing of the picture itself is left, there is nothing to be shown.
    (tmp_path / "head.jpg").write_bytes(data[: data.index(b"\xff\xda") + 8])
    refused(take(service, tmp_path / "head.jpg"), ErrorKind.BAD_PICTURE, "head.jpg is a damaged")


def test_a_file_of_100_mb_is_refused_with_both_figures(service, tmp_path):
    with (tmp_path / "huge.bmp").open("wb") as file:
        file.write(b"BM")
        file.truncate(100 * 1024 * 1024)
    refused(take(service, tmp_path / "huge.bmp"), ErrorKind.TOO_LARGE, r"100 MB; the limit is 64\.")


def test_what_is_no_file_or_cannot_be_read(service, tmp_path):
    refused(take(service, tmp_path), ErrorKind.NOT_A_PICTURE, "is a folder")
    refused(take(service, tmp_path / "gone.png"), ErrorKind.UNREADABLE, "gone.png is not there")
    refused(take(service, f"{tmp_path}/a\0b.png"), ErrorKind.UNREADABLE, "could not be read")
    os.mkfifo(tmp_path / "pipe.png")
    refused(take(service, tmp_path / "pipe.png"), ErrorKind.NOT_A_PICTURE, "neither a picture nor")


@contextmanager
def as_somebody_else():
    """Without root's rights, which would open every file."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


def test_a_file_without_permission(service, tmp_path):
    (tmp_path / "private.png").write_bytes(png(1, 1, bytes(4)))
    (tmp_path / "private.png").chmod(0)
    with as_somebody_else():
        event = take(service, tmp_path / "private.png")
    refused(event, ErrorKind.UNREADABLE, "no permission to read private.png")


def test_a_full_disk_is_said_and_leaves_no_half_picture(service, folders, tmp_path):
    noise().transpose(Image.Transpose.ROTATE_180).save(tmp_path / "pasted.png")
    with files_of_at_most(4096):
        event = take(service, tmp_path / "pasted.png")
    refused(event, ErrorKind.DISK_FULL, "disk cannot hold")
    assert isinstance(take(service, tmp_path / "pasted.png"), PictureTaken)


def test_a_store_that_cannot_be_written(tmp_path):
    (tmp_path / "pictures").write_text("a file where the folder should be")
    Image.new("RGB", (3, 3)).save(tmp_path / "good.png")
    service = make({"pictures": str(tmp_path / "pictures"), "inbox": str(tmp_path / "inbox")})
    refused(take(service, tmp_path / "good.png"), ErrorKind.UNREADABLE, "was not stored")
    service.close()


def test_a_stored_picture_that_is_gone_or_damaged(service, folders, tmp_path):
    Image.new("RGB", (50, 50), "green").save(tmp_path / "good.png")
    sha256 = take(service, tmp_path / "good.png").picture.sha256
    stored = picture_path(folders[0], sha256)
    stored.write_bytes(stored.read_bytes()[:60])
    for name in (sha256, "0" * 64, "../secret"):
        (event,) = service.handle(ReadPicture(name), never)
        refused(event, ErrorKind.UNREADABLE, "missing or damaged")
    stored.unlink()


def test_a_request_for_the_engine_is_answered_with_a_failure(service):
    (event,) = service.handle(LoadModel(ModelSpec("m", "M", "/m", PromptFormat.MISTRAL)), never)
    assert event.kind is ErrorKind.INTERNAL


def test_cancelled_requests_finish_as_stopped(service, tmp_path):
    Image.new("RGB", (50, 50), "green").save(tmp_path / "good.png")
    sha256 = take(service, tmp_path / "good.png").picture.sha256
    for request in (TakePicture(str(tmp_path / "good.png")), ReadPicture(sha256)):
        assert list(service.handle(request, lambda: True)) == [Finished(FinishReason.STOPPED)]
