"""What a drop or the clipboard holds, sorted before anything is opened.

Nothing is decoded here: files go to the reader by path, picture data as the
raw bytes that the other program offered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, Qt, QUrl
from PySide6.QtGui import QDropEvent, QImage, QImageWriter

from app.core.errors import ErrorKind, Failed

_RAW_ORDER = ("png", "jpeg", "webp", "gif", "bmp", "tiff", "avif")
_QT_PICTURE = "application/x-qt-image"
_ADDRESS = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*://|www\.)\S+\s*", re.IGNORECASE)

WEB_ADDRESS = Failed(
    ErrorKind.NOT_A_PICTURE,
    "That is a web address, not a picture.",
    "Ocellus opens no addresses: nothing leaves this machine. Save the picture first, or copy "
    "the picture itself and paste it here.",
)
ELSEWHERE = Failed(
    ErrorKind.NOT_A_PICTURE,
    "That file is on another computer.",
    "Copy it to this machine first.",
)
NO_PICTURE = Failed(
    ErrorKind.NOT_A_PICTURE,
    "There is no picture in that.",
    "Drop or paste PNG, JPEG, WebP, GIF, BMP, TIFF or AVIF pictures, or PDF documents.",
)


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be used: files by path, raw picture data with a name, text; and what cannot."""

    files: tuple[str, ...] = ()
    data: tuple[tuple[bytes, str], ...] = ()
    text: str = ""
    refusals: tuple[Failed, ...] = ()


def could_hold_picture(mime: QMimeData) -> bool:
    """Whether a drag is worth a highlight; looks at formats only."""
    return mime.hasUrls() or mime.hasText() or bool(_raw_formats(mime)) or mime.hasImage()


def accept_as_copy(event: QDropEvent) -> None:
    """Never "move": another program would delete its file."""
    if event.possibleActions() & Qt.DropAction.CopyAction:
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
    else:
        event.acceptProposedAction()


def sort_out(mime: QMimeData) -> Offer:
    """What of `mime` can be used.

    Local files win over picture data (a file manager offers previews beside
    the file), real text over pictures (a spreadsheet offers its cells as a
    picture too), and pictures over an address (a browser offers both).
    """
    urls = mime.urls()
    local = [url for url in urls if url.isLocalFile()]
    if local:
        return _local_files(local)
    text = mime.text() if mime.hasText() else ""
    is_address = bool(urls) or bool(_ADDRESS.fullmatch(text))
    if text.strip() and not is_address:
        return Offer(text=text)
    if (data := _picture_data(mime)) is not None:
        return Offer(data=(data,))
    return Offer(text=text, refusals=(WEB_ADDRESS if is_address else NO_PICTURE,))


def _local_files(urls: list[QUrl]) -> Offer:
    files: list[str] = []
    refusals: list[Failed] = []
    for url in urls:
        # Touching //host/share would tell that host who is logged in here.
        if url.host() in ("", "localhost"):
            files.append(url.toLocalFile())
        else:
            refusals.append(ELSEWHERE)
    return Offer(files=tuple(files), refusals=tuple(dict.fromkeys(refusals)))


def _raw_formats(mime: QMimeData) -> list[str]:
    formats = [name for name in mime.formats() if name.startswith("image/")]

    def rank(name: str) -> int:
        kind = name.removeprefix("image/")
        return _RAW_ORDER.index(kind) if kind in _RAW_ORDER else len(_RAW_ORDER)

    return sorted(formats, key=rank)


def _picture_data(mime: QMimeData) -> tuple[bytes, str] | None:
    # A browser offers the address beside the data: its last part is what people know it by.
    addresses = mime.urls()
    called = (addresses[0].fileName() if addresses else "") or "Pasted picture"
    for name in _raw_formats(mime):
        if data := bytes(mime.data(name).data()):
            return data, called
    if _QT_PICTURE in mime.formats():
        # Pixels that Qt already holds in memory, put there by this desktop: no stranger's file.
        image = mime.imageData()
        if isinstance(image, QImage) and not image.isNull():
            return _as_png(image), called
    return None


def _as_png(image: QImage) -> bytes:
    encoded = QByteArray()
    buffer = QBuffer(encoded)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, b"png").write(image)
    return bytes(encoded.data())
