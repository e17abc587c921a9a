"""The only place that decodes strangers' files."""

from __future__ import annotations

import io
import math
import re
import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from PIL import AvifImagePlugin, Image, ImageCms, ImageOps, ImageStat, UnidentifiedImageError

from app.core.errors import ErrorKind, OcellusError
from app.core.files.file_kinds import (
    AVIF,
    DECODERS,
    KINDS,
    MAX_PICTURE,
    describe,
    not_openable,
    too_large,
    unsupported_kind,
)
from app.core.files.opening import opened

# What a picture is taken in with: a larger one is made smaller.
MAX_PIXELS = 40_000_000
# What is decoded at all: with four bytes a pixel that is most of a gigabyte.
MOST_DECODED = 200_000_000

_MEGA = 1_000_000
_MAX_PROFILE_BYTES = 4 * 1024 * 1024
_WHITE, _DARK = (255, 255, 255), (32, 33, 36)
_OPAQUE = 255
_LIGHT = 190
_MOSTLY_COVERED = 0.75

_END_OF_JPEG = b"\xff\xd9"
# The marker that begins a JPEG's last part: no data, no mark for setting out anew, no padding.
_LAST_PART = re.compile(rb".*(\xff[^\x00\xd0-\xd7\xff])", re.DOTALL)

# Our own check is tighter than Pillow's and can name both figures.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True, slots=True)
class Decoded:
    """A picture of mode RGB; with `cut_off` the file ended early, and what is missing is grey.

    `full` is (width, height) in pixels of one that was made smaller, None for others.
    """

    image: Image.Image
    cut_off: bool = False
    full: tuple[int, int] | None = None


def decode(path: Path, name: str = "") -> Decoded:
    """The picture at `path`: mode RGB, upright, without metadata, first frame only.

    `name` is what messages call the file. Of a JPEG that was cut off it is what there is.
    Raises OcellusError in plain words.
    """
    name = name or path.name
    data = _bytes_of(path, name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Odd metadata is no news to a person.
        try:
            image = _open(data, name)
            full = image.size if image.width * image.height > MAX_PIXELS else None
            if full is not None:
                # A JPEG of twice the pixels and more is decoded at half its size.
                image.draft(image.mode, _within(image))
            try:
                image.load()
            except OSError:
                rest = _rest_of_jpeg(image, data)
                if rest is None:
                    raise
                return Decoded(clean_pixels(rest), cut_off=True, full=full)
            return Decoded(clean_pixels(image), full=full)
        except OcellusError:
            raise
        except MemoryError as error:
            raise OcellusError.of(
                ErrorKind.OUT_OF_MEMORY,
                f"There is not enough memory to open {name}.",
                "Close other programs, or save the picture smaller.",
            ) from error
        except Exception as error:  # Decoders of broken files raise anything.
            raise broken(name, error) from error


def _bytes_of(path: Path, name: str) -> bytes:
    """The whole file, so that it cannot change between check and decoding."""
    with opened(path, name, MAX_PICTURE) as file:
        data = file.read(MAX_PICTURE + 1)
        if len(data) > MAX_PICTURE:
            raise too_large(name, len(data), MAX_PICTURE)
        return data


def _open(data: bytes, name: str) -> Image.Image:
    """The file's header understood and its size checked; no pixel decoded yet."""
    try:
        image = Image.open(io.BytesIO(data), formats=KINDS)
    except UnidentifiedImageError as error:
        if kind := unsupported_kind(data) or _missing_decoder(data):
            plugin = DECODERS.get(kind)
            lacks = f"which needs {plugin}, and that is not part of Ocellus"
            raise OcellusError.of(
                ErrorKind.NOT_A_PICTURE,
                f"{name} is {kind}, {lacks if plugin else 'which cannot be opened yet'}.",
                "Save it as PNG or JPEG, or take a screenshot of it.",
            ) from error
        if kind := describe(data):
            raise broken(name, error, kind) from error
        raise not_openable(name) from error
    check_size(image, name)
    return image


def _missing_decoder(data: bytes) -> str:
    """An AVIF picture where Pillow was built without what decodes it, or ""."""
    return AVIF if describe(data) == "AVIF" and not AvifImagePlugin.SUPPORTED else ""


def _rest_of_jpeg(image: Image.Image, data: bytes) -> Image.Image | None:
    """What there is of a JPEG whose file ended early, or None where that is nothing.

    The decoder takes an end that comes early for the end, and leaves the rest grey; without one it
    would wait for more. Pillow's own switch for this holds for every thread at once.
    """
    if image.format not in ("JPEG", "MPO"):
        return None
    for part in _parts_of_jpeg(data):
        with suppress(OSError, UnidentifiedImageError):
            rest = Image.open(io.BytesIO(part + _END_OF_JPEG), formats=("JPEG",))
            rest.load()
            if any(low != high for low, high in _extrema(rest)):
                return rest
    return None


def _parts_of_jpeg(data: bytes) -> Iterator[bytes]:
    """All of it; and all before its last part, which may say how to decode the one after it."""
    yield data
    if last := _LAST_PART.match(data):
        yield data[: last.start(1)]


def _extrema(image: Image.Image) -> list[tuple[float, float]]:
    """The least and the most of each band."""
    return [cast("tuple[float, float]", band.getextrema()) for band in image.split()]


def check_size(image: Image.Image, name: str) -> None:
    """Raise OcellusError for more pixels than may be decoded."""
    pixels = image.width * image.height
    if pixels > MOST_DECODED:
        raise OcellusError.of(
            ErrorKind.TOO_LARGE,
            f"{name} has {pixels / _MEGA:,.1f} megapixels ({image.width} × {image.height}); "
            f"the limit is {MOST_DECODED // _MEGA}.",
            "Save it smaller, or crop it to the part that you want to ask about.",
        )


def clean_pixels(image: Image.Image) -> Image.Image:
    """Pixels only: 8-bit sRGB on a plain ground, the right way up, at most MAX_PIXELS of them."""
    image.load()
    profile = image.info.get("icc_profile")
    with suppress(Exception):  # Damaged metadata is no reason to refuse the pixels.
        image = ImageOps.exif_transpose(image)
    image = _shrunk(_eight_bits(image))
    if image.has_transparency_data:
        image = _flatten(image.convert("RGBA"))
    image = _srgb(image, profile)
    image.info = {}
    return image


def _within(image: Image.Image) -> tuple[int, int]:
    """The largest size of these proportions that has no more than MAX_PIXELS."""
    scale = math.sqrt(MAX_PIXELS / (image.width * image.height))
    return max(1, int(image.width * scale)), max(1, int(image.height * scale))


def _shrunk(image: Image.Image) -> Image.Image:
    """The picture, made smaller where it has too many pixels."""
    if image.width * image.height <= MAX_PIXELS:
        return image
    if image.mode in ("1", "P", "PA"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    return image.resize(_within(image), Image.Resampling.LANCZOS, reducing_gap=2.0)


def _eight_bits(image: Image.Image) -> Image.Image:
    """Pictures of 16 and more bits per sample as mode L; others unchanged."""
    if image.mode.startswith("I;16"):
        return image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    if image.mode not in ("I", "F"):
        return image
    low, high = cast("tuple[float, float]", image.getextrema())
    if low >= 0 and high <= _OPAQUE:
        return image.convert("L")
    scale = _OPAQUE / (high - low) if high > low else 0.0
    return image.point(lambda value: value * scale - low * scale).convert("L")


def _flatten(image: Image.Image) -> Image.Image:
    """An RGBA picture on white, or on dark where light drawing stands on nothing.

    White letters on a transparent ground would vanish on white.
    """
    alpha = image.getchannel("A")
    small = image.convert("RGBa").resize((64, 64), Image.Resampling.BOX)
    red, green, blue, weight = small.split()
    cover = ImageStat.Stat(weight).mean[0] / _OPAQUE
    light = ImageStat.Stat(Image.merge("RGB", (red, green, blue)).convert("L")).mean[0]
    on_dark = cover < _MOSTLY_COVERED and light > _LIGHT * cover
    ground = Image.new("RGB", image.size, _DARK if on_dark else _WHITE)
    ground.paste(image, mask=alpha)
    return ground


def _srgb(image: Image.Image, profile: object) -> Image.Image:
    """Mode RGB; colours of another profile brought to sRGB."""
    if image.mode in ("1", "P"):
        image = image.convert("RGB")
    if isinstance(profile, bytes) and len(profile) <= _MAX_PROFILE_BYTES:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if "sRGB" in ImageCms.getProfileDescription(source):
                return image.convert("RGB")
            target = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
            if converted is not None:
                return converted
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # A damaged or unfitting profile: the plain numbers serve.
    return image.convert("RGB")


def broken(name: str, error: Exception, kind: str = "picture") -> OcellusError:
    """That a file of a known kind cannot be decoded."""
    return OcellusError.of(
        ErrorKind.BAD_PICTURE,
        f"{name} is a damaged {kind}: part of it is missing or broken.",
        "Save or download it again.",
        f"{type(error).__name__}: {error}",
    )
