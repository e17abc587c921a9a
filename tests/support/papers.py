"""Documents for tests, made on the spot: with a text layer, scanned, mixed, locked."""

import io

import pikepdf
from pikepdf import Dictionary, Name
from PIL import Image, ImageDraw, ImageFont

PAGE = (595, 842)  # A4 in points


def picture(*lines, size=(1000, 700), height=40):
    """A picture of these lines, black on white."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for row, line in enumerate(lines):
        draw.text((60, 60 + row * 2 * height), line, "black", ImageFont.load_default(height))
    return image


class Paper:
    """A PDF that grows page by page. Places are in points from the page's lower left."""

    def __init__(self):
        self.pdf = pikepdf.new()
        self._font = self.pdf.make_indirect(
            Dictionary(
                Type=Name.Font,
                Subtype=Name.Type1,
                BaseFont=Name.Helvetica,
                Encoding=Name.WinAnsiEncoding,
            )
        )

    def page(self, content="", pictures=(), size=PAGE, **entries):
        """Add a page of this content; `pictures` are drawn by /P0, /P1 and so on."""
        page = self.pdf.add_blank_page(page_size=size)
        places = {f"/P{index}": self._image(one) for index, one in enumerate(pictures)}
        page.Resources = Dictionary(Font=Dictionary(F1=self._font), XObject=Dictionary(places))
        page.Contents = self.pdf.make_stream(content.encode("cp1252"))
        for name, value in entries.items():
            page[f"/{name}"] = value
        return self

    def save(self, path, **options):
        """Write it to `path` and return that."""
        self.pdf.save(path, **options)
        return path

    def lock(self, path, password):
        """Write it so that it opens with this password alone."""
        return self.save(path, encryption=pikepdf.Encryption(user=password, owner="owner", R=6))

    def _image(self, image):
        data = io.BytesIO()
        image.convert("RGB").save(data, "JPEG", quality=92)
        stream = self.pdf.make_stream(data.getvalue())
        stream.Type, stream.Subtype, stream.Filter = Name.XObject, Name.Image, Name.DCTDecode
        stream.Width, stream.Height = image.size
        stream.ColorSpace, stream.BitsPerComponent = Name.DeviceRGB, 8
        return stream


def text(x, y, words, size=12, mode=0):
    """PDF operators that write `words` at this place."""
    words = words.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT /F1 {size} Tf {mode} Tr {x} {y} Td ({words}) Tj ET\n"


def drawn(index, x, y, width, height):
    """PDF operators that draw a page's picture at this place."""
    return f"q {width} 0 0 {height} {x} {y} cm /P{index} Do Q\n"


def table(rows, x=60, y=700, widths=(160, 120, 120), height=24):
    """PDF operators for a table of ruled cells, its upper left corner at (x, y)."""
    edges = [x + sum(widths[:count]) for count in range(len(widths) + 1)]
    below = y - height * len(rows)
    lines = [(edge, y, edge, below) for edge in edges]
    lines += [(x, y - height * row, edges[-1], y - height * row) for row in range(len(rows) + 1)]
    rules = "".join(f"{a} {b} m {c} {d} l S\n" for a, b, c, d in lines)
    return f"0.8 w\n{rules}" + "".join(
        text(edges[column] + 6, y - height * (row + 1) + 8, words)
        for row, cells in enumerate(rows)
        for column, words in enumerate(cells)
    )
