"""The bones of a PDF file, written from front to back (ISO 32000-1, 7.5)."""

from __future__ import annotations

import zlib

from app.reader.exports.form import Output


class PdfFile:
    """Objects are numbered before they are written, so that they can name later ones.

    Holds nothing but where each began.
    """

    def __init__(self, target: Output) -> None:
        self._target = target
        self._written = 0
        self._places: list[int] = []
        # The bytes of the second line tell programs that the file is binary.
        self._write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    def number(self) -> int:
        """A new object's number; the object itself may follow at any time."""
        self._places.append(0)
        return len(self._places)

    def put(self, number: int, body: str | bytes) -> None:
        """Write the object of this number."""
        body = body.encode("ascii") if isinstance(body, str) else body
        self._places[number - 1] = self._written
        self._write(b"%d 0 obj\n%b\nendobj\n" % (number, body))

    def add(self, body: str) -> int:
        """Write a new object; its number."""
        number = self.number()
        self.put(number, body)
        return number

    def stream(self, data: bytes, entries: str = "", *, deflate: bool = True) -> int:
        """Write a new stream, compressed unless it already is; its number.

        `entries` go into its dictionary.
        """
        if deflate:
            data = zlib.compress(data, 6)
            entries += " /Filter /FlateDecode"
        head = f"<< /Length {len(data)} {entries} >>\nstream\n".encode("ascii")
        number = self.number()
        self.put(number, head + data + b"\nendstream")
        return number

    def end(self, root: int, info: int) -> None:
        """Write the table of objects and the trailer. Every number must have been put."""
        start = self._written
        lines = [f"xref\n0 {len(self._places) + 1}\n0000000000 65535 f \n"]
        lines += [f"{place:010d} 00000 n \n" for place in self._places]
        entries = f"/Size {len(self._places) + 1} /Root {root} 0 R /Info {info} 0 R"
        lines.append(f"trailer\n<< {entries} >>\nstartxref\n{start}\n%%EOF\n")
        self._write("".join(lines).encode("ascii"))

    def _write(self, data: bytes) -> None:
        self._target.write(data)
        self._written += len(data)
