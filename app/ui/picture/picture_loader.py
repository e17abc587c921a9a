"""Stored pictures from disk, away from the window's thread."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QRunnable, QSize, Qt, QThreadPool, Signal
from PySide6.QtGui import QImage, QImageReader, QPixmap

from app.core.pictures import picture_path

_CACHE_BYTES = 256 * 1024 * 1024
_SMALLEST_LEVEL = 400
# Above this many pixels scaling holds up the window; the reader scales without doing so.
_SCALE_HERE_PIXELS = 4_000_000
THUMBNAIL = 160


@dataclass(frozen=True, slots=True)
class Levels:
    """A picture at full size, then at half, a quarter and so on, for sharp reductions."""

    images: tuple[QImage, ...]

    @property
    def bytes(self) -> int:
        """Memory that it takes."""
        return sum(image.sizeInBytes() for image in self.images)

    def for_width(self, pixels: float) -> QImage:
        """The smallest level that is at least `pixels` wide."""
        fitting = [image for image in self.images if image.width() >= pixels]
        return fitting[-1] if fitting else self.images[0]


class PictureLoader(QObject):
    """Loads clean pictures of the store by hash; PNG only, nothing else is decoded."""

    loaded = Signal(str, Levels)  # sha256
    thumbnailReady = Signal(str, QPixmap)  # sha256
    missing = Signal(str)  # sha256: the file is gone or damaged

    _done = Signal(str, bool, tuple)  # sha256, whether small, the images

    def __init__(self, store: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._cache: OrderedDict[str, Levels] = OrderedDict()
        self._thumbnails: dict[str, QPixmap] = {}
        self._asked: set[tuple[str, bool]] = set()
        self._done.connect(self._arrived, Qt.ConnectionType.QueuedConnection)

    def load(self, sha256: str) -> Levels | None:
        """The picture if it is in memory; otherwise `loaded` or `missing` follows."""
        if (levels := self._cache.get(sha256)) is not None:
            self._cache.move_to_end(sha256)
            return levels
        self._ask(sha256, small=False)
        return None

    def thumbnail(self, sha256: str) -> QPixmap | None:
        """The picture within THUMBNAIL pixels; if None, `thumbnailReady` or `missing` follows."""
        if (pixmap := self._thumbnails.get(sha256)) is not None:
            return pixmap
        self._ask(sha256, small=True)
        return None

    def close(self) -> None:
        """Wait for what is being loaded; nothing is emitted afterwards."""
        self._pool.clear()
        self._pool.waitForDone()

    def _ask(self, sha256: str, *, small: bool) -> None:
        if (sha256, small) in self._asked:
            return
        self._asked.add((sha256, small))
        self._pool.start(_Load(self._store, sha256, self._done.emit, small=small))

    def _arrived(self, sha256: str, small: bool, images: tuple[QImage, ...]) -> None:  # noqa: FBT001
        self._asked.discard((sha256, small))
        if not images:
            self.missing.emit(sha256)
        elif small:
            self._thumbnails[sha256] = QPixmap.fromImage(images[0])
            self.thumbnailReady.emit(sha256, self._thumbnails[sha256])
        else:
            levels = Levels(images)
            self._cache[sha256] = levels
            while len(self._cache) > 1 and self._bytes() > _CACHE_BYTES:
                self._cache.popitem(last=False)
            self.loaded.emit(sha256, levels)

    def _bytes(self) -> int:
        return sum(levels.bytes for levels in self._cache.values())


class _Load(QRunnable):
    def __init__(
        self,
        store: Path,
        sha256: str,
        done: Callable[[str, bool, tuple[QImage, ...]], object],
        *,
        small: bool,
    ) -> None:
        super().__init__()
        self._path = str(picture_path(store, sha256))
        self._sha256 = sha256
        self._done = done
        self._small = small

    def run(self) -> None:
        images = [self._read(THUMBNAIL)] if self._small else self._levels()
        whole = tuple(image for image in images if not image.isNull())
        self._done(self._sha256, self._small, whole)

    def _levels(self) -> list[QImage]:
        images = [self._read(None)]
        while (longest := _longest(images[-1])) >= 2 * _SMALLEST_LEVEL:
            last = images[-1]
            if last.width() * last.height() > _SCALE_HERE_PIXELS:
                images.append(self._read(longest // 2))
            else:
                images.append(
                    last.scaled(
                        last.size() / 2,
                        Qt.AspectRatioMode.KeepAspectRatio,
                        Qt.TransformationMode.SmoothTransformation,
                    )
                )
        return images

    def _read(self, longest: int | None) -> QImage:
        reader = QImageReader(self._path, b"png")
        reader.setDecideFormatFromContent(False)
        if longest is not None:
            size = reader.size()
            if _longest_side(size) > longest:
                reader.setScaledSize(
                    size.scaled(longest, longest, Qt.AspectRatioMode.KeepAspectRatio).expandedTo(
                        QSize(1, 1)
                    )
                )
        return reader.read()


def _longest(image: QImage) -> int:
    return _longest_side(image.size())


def _longest_side(size: QSize) -> int:
    return max(size.width(), size.height())
