"""What a drop or the clipboard holds, sorted before anything is opened.

Nothing is decoded here: files go to the reader by path, picture data as the
raw bytes that the other program offered.
"""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, Qt, QUrl
from PySide6.QtGui import QDropEvent, QImage, QImageWriter

from app.core.errors import ErrorKind, Failed
from app.core.files.handing import MAX_DOCUMENT, MAX_PICTURE, is_document

_RAW_ORDER = ("png", "jpeg", "webp", "gif", "bmp", "tiff", "avif")
_QT_PICTURE = "application/x-qt-image"
_ADDRESS = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*://|www\.)\S+\s*", re.IGNORECASE)

WEB_ADDRESS = Failed(
    ErrorKind.NOT_A_PICTURE,
    "That is a web address, not a picture.",
    "Ocellus opens no addresses: nothing leaves this machine. Save the picture first, or copy "
    "the picture itself and paste it here.",
)
TOO_LARGE = Failed(
    ErrorKind.TOO_LARGE,
    f"That is larger than {MAX_PICTURE >> 20} MB.",
    "Save it smaller, or take a screenshot of the part that matters.",
)
DOCUMENT_TOO_LARGE = Failed(
    ErrorKind.TOO_LARGE,
    f"That document is larger than {MAX_DOCUMENT >> 30} GB.",
    "Save the pages that matter as a document of their own.",
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
        return _check_files(local)
    text = mime.text() if mime.hasText() else ""
    is_address = bool(urls) or bool(_ADDRESS.fullmatch(text))
    if text.strip() and not is_address:
        return Offer(text=text)
    if (data := _picture_data(mime)) is not None:
        if len(data[0]) > MAX_PICTURE:
            return Offer(refusals=(TOO_LARGE,))
        return Offer(data=(data,))
    return Offer(text=text, refusals=(WEB_ADDRESS if is_address else NO_PICTURE,))


def check_file(path: str) -> Failed | None:
    """Why this path is refused before the reader sees it, or None."""
    try:
        status = Path(path).stat()
    except OSError as error:
        return Failed(
            ErrorKind.UNREADABLE,
            f"“{Path(path).name}” cannot be opened.",
            "It may have been moved, or you may not be allowed to read it.",
            str(error),
        )
    if stat.S_ISDIR(status.st_mode):
        return None
    if not stat.S_ISREG(status.st_mode):
        return NO_PICTURE
    if status.st_size <= MAX_PICTURE:
        return None
    if not is_document(Path(path)):
        return TOO_LARGE
    return DOCUMENT_TOO_LARGE if status.st_size > MAX_DOCUMENT else None


def _check_files(urls: list[QUrl]) -> Offer:
    files: list[str] = []
    refusals: list[Failed] = []
    for url in urls:
        # Touching //host/share would tell that host who is logged in here.
        if url.host() not in ("", "localhost"):
            refusals.append(ELSEWHERE)
            continue
        path = url.toLocalFile()
        if (failed := check_file(path)) is not None:
            refusals.append(failed)
        else:
            files.append(path)
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
