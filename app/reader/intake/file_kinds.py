"""Which kinds of files are opened, told by content and never by extension."""

from __future__ import annotations

from app.core.document import DocumentKind

KINDS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
"""Pillow's names of the formats that may be decoded."""

_SUPPORTED = (
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8", "JPEG"),
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
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
)
_BRANDS = {
    b"avif": "an AVIF picture",
    b"avis": "an AVIF picture",
    b"heic": "a HEIC picture",
    b"heix": "a HEIC picture",
    b"hevc": "a HEIC picture",
    b"heim": "a HEIC picture",
    b"mif1": "a HEIC picture",
    b"msf1": "a HEIC picture",
}


HEAD_BYTES = 4096
"""How much of a file's beginning tells its kind."""


def document_kind(head: bytes) -> DocumentKind | None:
    """What a file that begins with `head` would be opened as, or None."""
    # Mail programs and old scanners put some lines of their own before the header.
    if b"%PDF-" in head[:1024]:
        return DocumentKind.PDF
    kind = describe(head)
    if kind == "TIFF":
        return DocumentKind.TIFF
    return DocumentKind.PICTURE if kind else None


def describe(data: bytes) -> str:
    """The name of the supported kind that `data` begins as, or ""."""
    if data[:4] == b"RIFF" and data[8:12] in (b"WEBP", b""):
        return "WebP"
    return next((name for start, name in _SUPPORTED if data.startswith(start)), "")


def unsupported_kind(data: bytes) -> str:
    """What `data` is where it is a picture or document that is not opened yet, or ""."""
    if data[4:8] == b"ftyp":
        return _BRANDS.get(data[8:12], "")
    for start, name in _UNSUPPORTED:
        if data.startswith(start):
            return name
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<svg", b"<?xml", b"<!doctype svg")) and b"<svg" in data[:4096].lower():
        return "an SVG drawing"
    return ""
