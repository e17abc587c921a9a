"""A page's picture in a PDF: without loss where that is small, as JPEG otherwise."""

from __future__ import annotations

import io
import struct

import numpy as np
from PIL import Image

from app.reader.exports.pdf.file import PdfFile

_QUALITY = 85
# More colours than this has only what a camera saw, and there JPEG is always smaller.
_CAMERA = 16_384
_PALETTE = 256


def put_picture(file: PdfFile, picture: Image.Image) -> int:
    """Write the picture, of any mode, as an image object; its number."""
    picture = _simplest(picture)
    jpeg = _jpeg(picture)
    lossless = None if picture.getcolors(_CAMERA) is None else _PngParts(picture)
    size = f"/Type /XObject /Subtype /Image /Width {picture.width} /Height {picture.height}"
    if lossless and len(lossless.data) <= len(jpeg):
        return file.stream(lossless.data, f"{size} {lossless.entries}", deflate=False)
    space = "/DeviceGray" if picture.mode in ("1", "L") else "/DeviceRGB"
    entries = f"/ColorSpace {space} /BitsPerComponent 8 /Filter /DCTDecode"
    return file.stream(jpeg, f"{size} {entries}", deflate=False)


def _simplest(picture: Image.Image) -> Image.Image:
    """The same pixels in mode 1, L, P or RGB, whichever is the least that holds them."""
    if picture.mode in ("1", "L"):
        return picture
    picture = picture.convert("RGB")
    colours = picture.getcolors(_PALETTE)
    if colours is None:
        return picture
    if all(red == green == blue for _, (red, green, blue) in colours):  # type: ignore[misc]
        grey = picture.getchannel("R")
        only = {colour[0] for _, colour in colours}  # type: ignore[index]
        return grey.convert("1", dither=Image.Dither.NONE) if only <= {0, 255} else grey
    return _indexed(picture, [colour for _, colour in colours])  # type: ignore[misc]


def _indexed(picture: Image.Image, colours: list[tuple[int, int, int]]) -> Image.Image:
    """An RGB picture of at most 256 colours in mode P, to the pixel; Pillow's own ways round."""
    palette = np.array(sorted(colours), np.uint32)
    weights = np.array((1 << 16, 1 << 8, 1), np.uint32)
    places = np.searchsorted(palette @ weights, np.asarray(picture) @ weights)
    indexed = Image.fromarray(places.astype(np.uint8))
    indexed.putpalette(palette.astype(np.uint8).tobytes())
    return indexed


def _jpeg(picture: Image.Image) -> bytes:
    if picture.mode in ("1", "P"):
        picture = picture.convert("L" if picture.mode == "1" else "RGB")
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=_QUALITY, subsampling=0, optimize=True)
    return buffer.getvalue()


class _PngParts:
    """What a PNG file holds, in PDF's words: both compress rows in the same way."""

    def __init__(self, picture: Image.Image) -> None:
        buffer = io.BytesIO()
        picture.save(buffer, "PNG")
        png = buffer.getvalue()
        self.data = b""
        palette, place = b"", 8
        bits, colours = 8, 1
        while place < len(png):
            length, kind = struct.unpack_from(">I4s", png, place)
            body = png[place + 8 : place + 8 + length]
            place += length + 12
            if kind == b"IHDR":
                bits, colours = body[8], 3 if body[9] == 2 else 1
            elif kind == b"PLTE":
                palette = body
            elif kind == b"IDAT":
                self.data += body
        space = "/DeviceRGB" if colours == 3 else "/DeviceGray"
        if palette:
            space = f"[/Indexed /DeviceRGB {len(palette) // 3 - 1} <{palette.hex()}>]"
        self.entries = (
            f"/ColorSpace {space} /BitsPerComponent {bits} /Filter /FlateDecode "
            f"/DecodeParms << /Predictor 15 /Colors {colours} /BitsPerComponent {bits} "
            f"/Columns {picture.width} >>"
        )
