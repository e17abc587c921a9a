"""The pages that `read --debug DIR` draws with what was found on them, one SVG file each."""

from __future__ import annotations

import threading
from pathlib import Path

from app.commands.formats import PagePictures
from app.core.errors import OcellusError
from app.core.files.atomic import replacing
from app.core.files.disk_errors import not_written
from app.core.reading import Page


class Drawings:
    """A folder of drawings, named after the files that were read; for any thread."""

    def __init__(self, folder: Path) -> None:
        """Make the folder. Raises OcellusError where it cannot be made."""
        self._folder = folder
        self._sources: dict[str, Path] = {}
        self._naming = threading.Lock()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritten(folder, error) from error

    def add(self, source: Path, page: Page, pictures: PagePictures) -> None:
        """Draw one page of the file `source`, over an earlier drawing of it. Raises OcellusError.

        A page that could not be read has nothing to be drawn.
        """
        if not (page.width and page.height):
            return
        # Here, so that other commands start without Pillow.
        from app.reader.exports.page_drawing import svg  # noqa: PLC0415

        drawing = svg(page, pictures(page))
        path = self._folder / f"{self._name(source)}.{page.number}.svg"
        try:
            with replacing(path) as file:
                file.write(drawing)
        except OSError as error:
            raise _unwritten(path, error) from error

    def _name(self, source: Path) -> str:
        """The file's name; with a number where a file of another folder has the same."""
        with self._naming:
            name, count = source.name, 1
            while self._sources.setdefault(name, source) != source:
                count += 1
                name = f"{source.name}.{count}"
            return name


def _unwritten(path: Path, error: OSError) -> OcellusError:
    return not_written(
        error,
        f"{path} was not written",
        "Free some space, or read without --debug.",
        "Choose another folder with --debug, or check its permissions.",
    )
