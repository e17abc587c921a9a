"""Long documents for benchmarks: A4 pages as a scanner and as a word processor leave them."""

import io
import random
from pathlib import Path

import pikepdf
from pikepdf import Dictionary, Name
from PIL import Image, ImageDraw, ImageFont

_TEXT = (
    "the harbour office is closed today and opens at nine in morning visitors pay beside "
    "lighthouse where maps of coast are sold as well invoice number total amount delivery "
    "express customer order date weight parcels insurance included payment terms"
)
_WORDS = _TEXT.split()
_SIZE = (1653, 2339)  # A4 at 200 dots per inch.
_ROWS = 50


def scanned(path: Path, pages: int) -> Path:
    """Write a PDF of grey pictures of text, with noise; every page is another one."""
    pdf = pikepdf.new()
    for number in range(pages):
        data = io.BytesIO()
        _scan(number).save(data, "JPEG", quality=80)
        image = pdf.make_stream(data.getvalue())
        image.Type, image.Subtype, image.Filter = Name.XObject, Name.Image, Name.DCTDecode
        image.Width, image.Height = _SIZE
        image.ColorSpace, image.BitsPerComponent = Name.DeviceGray, 8
        page = pdf.add_blank_page(page_size=(595, 842))
        page.Resources = Dictionary(XObject=Dictionary(P=image))
        page.Contents = pdf.make_stream(b"q 595 0 0 842 0 0 cm /P Do Q")
    pdf.save(path)
    return path


def written(path: Path, pages: int) -> Path:
    """Write a PDF of text."""
    pdf = pikepdf.new()
    font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Courier))
    for number in range(pages):
        page = pdf.add_blank_page(page_size=(595, 842))
        page.Resources = Dictionary(Font=Dictionary(F=font))
        rows = (
            f"BT /F 9 Tf 60 {780 - 14 * row} Td ({line}) Tj ET\n"
            for row, line in enumerate(_lines(number))
        )
        page.Contents = pdf.make_stream("".join(rows).encode("ascii"))
    pdf.save(path)
    return path


def _lines(seed: int) -> list[str]:
    choice = random.Random(seed).choice  # noqa: S311 - nothing secret
    return [" ".join(choice(_WORDS) for _ in range(14))[:86] for _ in range(_ROWS)]


def _scan(seed: int) -> Image.Image:
    picture = Image.new("L", _SIZE, 250)
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(24)
    for row, line in enumerate(_lines(seed)):
        draw.text((120, 100 + 42 * row), line, 20, font)
    return Image.blend(picture, Image.effect_noise(_SIZE, 12), 0.08)
