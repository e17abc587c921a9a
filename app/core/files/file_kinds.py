"""Which kinds of files are opened, told by content and never by extension, and how large."""

from __future__ import annotations

from app.core.document import DocumentKind
from app.core.errors import ErrorKind, OcellusError

KINDS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
"""Pillow's names of the formats that may be decoded."""

_SUPPORTED = (
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8", "JPEG"),
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"II+\x00", "TIFF"),  # BigTIFF, for files beyond 4 GB and written by some scanners always
)
_UNSUPPORTED = (
    (b"%PDF", "a PDF document"),
    (b"\x00\x00\x01\x00", "an icon (ICO)"),
    (b"8BPS", "a Photoshop file (PSD)"),
    (b"\x00\x00\x00\x0cJXL ", "a JPEG XL picture"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture"),
    (b"gimp xcf", "a GIMP file (XCF)"),
    (b"qoif", "a QOI picture"),
    (b"\x76\x2f\x31\x01", "an OpenEXR picture"),
    (b"MM\x00+", "a big-endian BigTIFF"),  # Pillow reads the little-endian one alone
)
AVIF, HEIC = "an AVIF picture", "a HEIC picture"
DECODERS = {AVIF: "Pillow with AVIF", HEIC: "the plugin pillow-heif"}
"""What opens a kind that is not opened as it is."""

_AVIF_BRANDS = frozenset((b"avif", b"avis"))
_HEIC_BRANDS = frozenset((b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"))


HEAD_BYTES = 4096
"""How much of a file's beginning tells its kind."""

MAX_PICTURE = 64 * 2**20
"""Bytes of a picture, which is decoded as a whole."""
MAX_DOCUMENT = 2 * 2**30
"""Bytes of a document, of which a page at a time is."""

_MIB = 2**20


def document_kind(head: bytes) -> DocumentKind | None:
    """What a file that begins with `head` would be opened as, or None."""
    # Mail programs and old scanners put some lines of their own before the header.
    if b"%PDF-" in head[:1024]:
        return DocumentKind.PDF
    kind = describe(head)
    if kind == "TIFF":
        return DocumentKind.TIFF
    return DocumentKind.PICTURE if kind else None


def has_pages(head: bytes) -> bool:
    """Whether a file that begins with `head` may hold several pages."""
    return document_kind(head) in (DocumentKind.PDF, DocumentKind.TIFF)


def size_limit(head: bytes) -> int:
    """How many bytes a file that begins with `head` may have."""
    return MAX_DOCUMENT if has_pages(head) else MAX_PICTURE


def describe(data: bytes) -> str:
    """The name of the supported kind that `data` begins as, or ""."""
    if data[:4] == b"RIFF" and data[8:12] in (b"WEBP", b""):
        return "WebP"
    if _AVIF_BRANDS & set(_brands(data)):
        return "AVIF"
    return next((name for start, name in _SUPPORTED if data.startswith(start)), "")


def unsupported_kind(data: bytes) -> str:
    """What `data` is where it is a picture or document that is not opened yet, or ""."""
    brands = set(_brands(data))
    if brands & _HEIC_BRANDS and not brands & _AVIF_BRANDS:
        return HEIC
    for start, name in _UNSUPPORTED:
        if data.startswith(start):
            return name
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<svg", b"<?xml", b"<!doctype svg")) and b"<svg" in data[:4096].lower():
        return "an SVG drawing"
    return ""


def not_openable(name: str) -> OcellusError:
    """That the file is of no kind that is opened."""
    return OcellusError.of(
        ErrorKind.NOT_A_PICTURE,
        f"{name} is neither a picture nor a PDF.",
        "Ocellus opens PDF, PNG, JPEG, WebP, GIF, BMP, TIFF and AVIF.",
    )


def a_folder(name: str) -> OcellusError:
    """That it is a folder."""
    return OcellusError.of(
        ErrorKind.NOT_A_PICTURE,
        f"{name} is a folder.",
        "Open the folder and drop the pictures and documents in it.",
    )


def empty(name: str) -> OcellusError:
    """That there is nothing in the file."""
    return OcellusError.of(
        ErrorKind.BAD_PICTURE,
        f"{name} is empty (0 bytes).",
        "Save, copy or download it again.",
    )


def too_large(name: str, size: int, most: int) -> OcellusError:
    """That the file has `size` bytes, more than `most`."""
    advice = "Save it smaller, or crop it to the part that you want to ask about."
    if most == MAX_DOCUMENT:
        advice = "Save the pages that matter as a document of their own."
    return OcellusError.of(
        ErrorKind.TOO_LARGE,
        f"{name} has {-(-size // _MIB):,} MB; the limit is {most // _MIB:,}.",
        advice,
    )


def _brands(data: bytes) -> list[bytes]:
    """The brands of a file in ISO's base media format: its own, then those that it complies with.

    The first alone does not tell AVIF from HEIC: both may be "mif1".
    """
    if data[4:8] != b"ftyp":
        return []
    end = min(int.from_bytes(data[:4]), len(data), HEAD_BYTES)
    return [data[8:12], *(data[place : place + 4] for place in range(16, end - 3, 4))]
