"""Files that end the process which opens them, as a stranger would make them."""

import zlib

import pikepdf
from papers import text
from pikepdf import Dictionary, Name


def paths_pdf(path, count=800_000):
    """One page that draws this many paths, a dozen curves each."""
    curve = "{0} {1} {2} {1} {0} {2} c "
    paths = (
        f"{i % 595} {i % 842} m "
        + "".join(curve.format(i * k % 97, i * k % 89, i * k % 83) for k in range(2, 14))
        + "S\n"
        for i in range(1000)
    )
    return _packed("".join(paths), count // 1000, path)


def bomb_pdf(path, megabytes=1_200):
    """One page whose contents are a few MB in the file, and so many once they are unpacked."""
    block = text(60, 700, "boom") * 20_000
    return _packed(block, megabytes * 2**20 // len(block), path)


def _packed(block, times, path):
    """A PDF with one page, whose contents are the same block many times over."""
    packer = zlib.compressobj(1, wbits=-15)
    packed = packer.compress(block.encode()) + packer.flush(zlib.Z_FULL_FLUSH)
    # After a full flush the same bytes unpack to the same block, as often as they come.
    data = b"\x78\x01" + packed * times + packer.flush()
    check = 1
    for _ in range(times):
        check = zlib.adler32(block.encode(), check)
    data += check.to_bytes(4, "big")
    pdf = pikepdf.new()
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    page = pdf.add_blank_page(page_size=(595, 842))
    page.obj.Resources = Dictionary(Font=Dictionary(F1=pdf.make_indirect(font)))
    stream = pikepdf.Stream(pdf, data)
    stream.Filter = Name.FlateDecode
    page.obj.Contents = pdf.make_indirect(stream)
    pdf.save(path, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return path
