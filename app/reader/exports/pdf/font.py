"""A font without shapes: it gives invisible text its width and its meaning."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from app.reader.exports.pdf.file import PdfFile
from app.reader.exports.words import clusters

# In thousandths of the type's size.
ADVANCE = 500
ASCENT, DESCENT = 800, -200

_NAME = "Glyphless"
_CODES = 0xFFFF
# ToUnicode may hold this many UTF-16 units for a code; programs differ beyond it.
_LONGEST = 8
# A map's sections hold no more than a hundred entries each.
_SECTION = 100

_MAP_HEAD = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
"""
_MAP_TAIL = "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"


class GlyphlessFont:
    """Gives every character, with the accents and joiners upon it, a code of its own.

    Codes count up as characters come, so any character of Unicode fits.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self._codes: dict[str, int] = {}

    @property
    def is_filled(self) -> bool:
        """Whether a page more could be too much for it."""
        return len(self._codes) > _CODES // 2

    def codes(self, text: str) -> list[int]:
        """The codes that show `text`, each `ADVANCE` wide.

        A single page of more than 32,000 different characters gets 0, an
        unknown character, for the rest.
        """
        pieces = [piece for cluster in clusters(text) for piece in _short(cluster)]
        return [self._code(piece) for piece in pieces]

    def put(self, file: PdfFile, embedded: int) -> None:
        """Write the font; `embedded` is the number of `put_shapes`."""
        descriptor = file.add(
            f"<< /Type /FontDescriptor /FontName /{_NAME} /Flags 5 /ItalicAngle 0 /StemV 80 "
            f"/FontBBox [0 {DESCENT} {ADVANCE} {ASCENT}] /Ascent {ASCENT} /Descent {DESCENT} "
            f"/CapHeight {ASCENT} /FontFile2 {embedded} 0 R >>"
        )
        # Every code is drawn with the one glyph there is.
        glyphs = file.stream(b"\x00\x01" * (len(self._codes) + 1))
        meaning = file.stream(self._to_unicode().encode("ascii"))
        descendant = file.add(
            f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{_NAME} /DW {ADVANCE} "
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
            f"/FontDescriptor {descriptor} 0 R /CIDToGIDMap {glyphs} 0 R >>"
        )
        file.put(
            self.number,
            f"<< /Type /Font /Subtype /Type0 /BaseFont /{_NAME} /Encoding /Identity-H "
            f"/DescendantFonts [{descendant} 0 R] /ToUnicode {meaning} 0 R >>",
        )

    def _code(self, piece: str) -> int:
        if piece not in self._codes and len(self._codes) >= _CODES:
            return 0
        return self._codes.setdefault(piece, len(self._codes) + 1)

    def _to_unicode(self) -> str:
        """The map from codes back to text, in PostScript (ISO 32000-1, 9.10.3)."""
        entries = [f"<0000> <{_hex(chr(0xFFFD))}>"]
        entries += [f"<{code:04X}> <{_hex(piece)}>" for piece, code in self._codes.items()]
        sections = [
            f"{len(part)} beginbfchar\n{chr(10).join(part)}\nendbfchar\n"
            for start in range(0, len(entries), _SECTION)
            if (part := entries[start : start + _SECTION])
        ]
        return _MAP_HEAD + "".join(sections) + _MAP_TAIL


def put_shapes(file: PdfFile) -> int:
    """Write the TrueType file that all these fonts embed; its number."""
    data = _true_type()
    return file.stream(data, f"/Length1 {len(data)}")


def _hex(text: str) -> str:
    return text.encode("utf-16-be").hex().upper()


def _short(cluster: str) -> list[str]:
    """A cluster in parts that a map's entry holds."""
    if len(cluster.encode("utf-16-be")) // 2 <= _LONGEST:
        return [cluster]
    half = _LONGEST // 2
    return [cluster[start : start + half] for start in range(0, len(cluster), half)]


def _true_type() -> bytes:
    """The smallest TrueType font that viewers accept: an empty glyph and a stroke of no area.

    The stroke, from corner to corner, has nothing to fill, but viewers that measure text by
    its outlines (PDFium) get its box; without one they lose words of a single letter.
    """
    bounds = (0, DESCENT, ADVANCE, ASCENT)
    stroke = struct.pack(">5hHH2B", 1, *bounds, 1, 0, 1, 1)
    stroke += struct.pack(">4h", 0, ADVANCE, DESCENT, ASCENT - DESCENT)
    # A table of format 6 that maps the space to glyph 1.
    mapped = struct.pack(">HHHHI", 0, 1, 3, 1, 12) + struct.pack(">HHHHHH", 6, 12, 0, 32, 1, 1)
    tables = {
        b"cmap": mapped,
        b"glyf": stroke,
        b"head": struct.pack(
            ">IIIIHHQQhhhhHHhhh",
            *(0x10000, 0x10000, 0, 0x5F0F3CF5, 3, 1000, 0, 0),
            *bounds,
            *(0, 8, 2, 0, 0),
        ),
        b"hhea": struct.pack(
            ">IhhhHhhhhhhhhhhhH",
            *(0x10000, ASCENT, DESCENT, 0, ADVANCE, 0, 0, ADVANCE, 1),
            *(0, 0, 0, 0, 0, 0, 0, 1),
        ),
        b"hmtx": struct.pack(">HhH", ADVANCE, 0, 0),
        b"loca": struct.pack(">HHH", 0, 0, len(stroke) // 2),
        b"maxp": struct.pack(">IH13H", 0x10000, 2, *(2, 1, 0, 0, 1), *[0] * 8),
        b"post": struct.pack(">IIhhIIIII", 0x30000, 0, 0, 0, 1, 0, 0, 0, 0),
    }
    return _assembled(tables)


def _assembled(tables: dict[bytes, bytes]) -> bytes:
    """Tables behind their directory, each on a multiple of four."""
    count = len(tables)
    data = struct.pack(">IHHHH", 0x10000, count, 128, 3, count * 16 - 128)
    place, bodies = 12 + 16 * count, b""
    for tag, table in tables.items():
        padded = _padded(table)
        data += tag + struct.pack(">III", _checksum(padded), place + len(bodies), len(table))
        bodies += padded
    # The head holds what is missing from the whole file's sum to a fixed number.
    start = place + sum(len(_padded(tables[tag])) for tag in _before(list(tables), b"head"))
    whole = bytearray(data + bodies)
    missing = (0xB1B0AFBA - _checksum(bytes(whole))) & 0xFFFFFFFF
    whole[start + 8 : start + 12] = struct.pack(">I", missing)
    return bytes(whole)


def _before(tags: Sequence[bytes], tag: bytes) -> Sequence[bytes]:
    return tags[: tags.index(tag)]


def _padded(table: bytes) -> bytes:
    return table + b"\0" * (-len(table) % 4)


def _checksum(data: bytes) -> int:
    return sum(struct.unpack(f">{len(data) // 4}I", data)) & 0xFFFFFFFF
