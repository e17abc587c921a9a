"""Files that are no good pictures: each becomes a sentence, and the next one is served."""

import io
import os
import re
import resource
import struct
import zlib
from contextlib import contextmanager
from hashlib import shake_256

import pytest
from PIL import AvifImagePlugin, Image, ImageDraw, ImageFont

from app.core.errors import ErrorKind, Failed
from app.core.events import Finished, FinishReason, PictureRead, PictureTaken
from app.core.model import ModelSpec, PromptFormat
from app.core.pictures import picture_path
from app.core.requests import LoadModel, ReadPicture, TakePicture
from app.reader.service import make


@pytest.fixture(autouse=True)
def still_works(service, folders, tmp_path):
    """After every test, a good picture is taken and read and no half file is left."""
    yield
    picture = Image.new("RGB", (120, 40), "white")
    ImageDraw.Draw(picture).text((10, 10), "Still here", "black", ImageFont.load_default(16))
    picture.save(tmp_path / "good.png")
    taken = take(service, tmp_path / "good.png")
    assert isinstance(taken, PictureTaken)
    read, end = service.handle(ReadPicture(taken.picture.sha256), never)
    assert isinstance(read, PictureRead)
    assert isinstance(end, Finished)
    assert read.reading.rows() == ("Still here",)
    assert not list(folders[0].glob("*/*.part"))


def never():
    return False


def take(service, path, name="", **options):
    """The event before `Finished`, or the `Failed` that came instead."""
    events = list(service.handle(TakePicture(str(path), name, **options), never))
    assert isinstance(events[-1], Failed if len(events) == 1 else Finished)
    return events[0]


def refused(event, kind, words):
    """That the event says in a sentence what happened, and in another what to do."""
    assert isinstance(event, Failed)
    assert event.kind is kind
    assert re.search(words, event.headline), event.headline
    assert event.headline.endswith(".")
    assert event.advice.endswith(".")
    assert "Error" not in event.headline + event.advice


def clean(service, folders, path):
    """The clean picture that became of a file, and its raw bytes."""
    taken = take(service, path)
    assert isinstance(taken, PictureTaken), taken
    stored = picture_path(folders[0], taken.picture.sha256)
    data = stored.read_bytes()
    image = Image.open(io.BytesIO(data))
    assert image.size == (taken.picture.width, taken.picture.height)
    assert (image.format, image.mode) == ("PNG", "RGB")
    return image, data


def noise():
    """A picture that does not pack well, so that half of its file is half of it."""
    return Image.frombytes("RGB", (160, 120), shake_256().digest(160 * 120 * 3))


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


def test_avif_is_opened_where_pillow_has_its_decoder(service, folders, tmp_path, monkeypatch):
    noise().save(tmp_path / "a.avif", quality=100)
    image, _ = clean(service, folders, tmp_path / "a.avif")
    assert image.size == (160, 120)
    monkeypatch.setattr(AvifImagePlugin, "SUPPORTED", False)
    event = take(service, tmp_path / "a.avif")
    refused(event, ErrorKind.NOT_A_PICTURE, "a.avif is an AVIF picture, which needs Pillow with")


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


@contextmanager
def files_of_at_most(size):
    """The disk refuses to make files longer than `size` bytes."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)


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
