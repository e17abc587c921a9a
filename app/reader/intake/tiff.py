"""The pages of a TIFF file."""

from __future__ import annotations

import warnings
from pathlib import Path

from PIL import Image

from app.core.cancelled import check
from app.core.errors import ErrorKind, OcellusError
from app.reader.intake.decoding import broken, check_size, clean_pixels
from app.reader.intake.pages import Cancelled, Prepared, whole

_SUBFILE_TYPE = 254
_REDUCED = 1
# Nobody scans more into one file, and a chain of directories costs a hostile file nothing.
_MOST_PAGES = 100_000
# After as many damaged directories one after the other the rest is taken for lost.
_MOST_FAILURES = 3


class TiffPages:
    """An open TIFF file. Smaller copies that it carries of its pages are no pages."""

    def __init__(self, path: Path, name: str, cancelled: Cancelled) -> None:
        """Raises OcellusError if there is no page in it, and WorkCancelledError."""
        self._name = name
        self._frames: list[int] = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Odd metadata is no news to a person.
            try:
                self._image = Image.open(path, formats=("TIFF",))
            except Exception as error:
                raise broken(name, error, "TIFF") from error
            try:
                self._find_frames(cancelled)
            except BaseException:
                self._image.close()
                raise

    @property
    def count(self) -> int:
        """How many pages there are."""
        return len(self._frames)

    def prepare(self, number: int, cancelled: Cancelled) -> Prepared:
        """The page's picture, to be read as a whole. Raises OcellusError."""
        return whole(self.picture(number, cancelled))

    def picture(self, number: int, cancelled: Cancelled) -> Image.Image:
        """The page as an RGB picture. Raises OcellusError and WorkCancelledError."""
        check(cancelled)
        name = f"Page {number} of {self._name}"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                self._image.seek(self._frames[number - 1])
                check_size(self._image, name)
                # The frame stays the file's; what is decoded belongs to the copy.
                return clean_pixels(self._image.copy())
            except OcellusError:
                raise
            except MemoryError as error:
                raise OcellusError.of(
                    ErrorKind.OUT_OF_MEMORY,
                    f"There is not enough memory to open {name[0].lower()}{name[1:]}.",
                    "Close other programs, then try once more.",
                ) from error
            except Exception as error:  # Decoders of broken files raise anything.
                raise broken(name, error, "TIFF page") from error

    def close(self) -> None:
        """Let go of the file."""
        self._image.close()

    def _find_frames(self, cancelled: Cancelled) -> None:
        """Number the pages. A damaged one counts, so that a person is told of it."""
        reduced: list[int] = []
        failed: list[int] = []
        frame = 0
        while frame < _MOST_PAGES and len(failed) < _MOST_FAILURES:
            check(cancelled)
            try:
                self._image.seek(frame)
                kind = self._image.tag_v2.get(_SUBFILE_TYPE, 0)  # pyright: ignore[reportAttributeAccessIssue]
            except EOFError:
                break
            except Exception:  # noqa: BLE001 - decoders of broken files raise anything
                failed.append(frame)
            else:
                self._frames += failed
                failed.clear()
                is_reduced = isinstance(kind, int) and bool(kind & _REDUCED)
                (reduced if is_reduced else self._frames).append(frame)
            frame += 1
        # A file that calls all of its pages copies has no others.
        self._frames = [*(self._frames or reduced), *failed[:1]]
