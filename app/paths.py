"""The only place that knows user folders, the frozen bundle and bundled data."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import platformdirs

HOME_VARIABLE = "OCELLUS_HOME"


@dataclass(frozen=True, slots=True)
class Paths:
    """Every folder and file that the program uses; nothing is made here."""

    bundle: Path
    data: Path
    settings_file: Path
    logs: Path

    @property
    def resources(self) -> Path:
        """Icons, themes, sample pictures that came with the program."""
        return self.bundle / "resources"

    @property
    def models(self) -> Path:
        """catalog.toml and the built-in model."""
        return self.bundle / "models"

    @property
    def user_models(self) -> Path:
        """One folder per model that the person has added."""
        return self.data / "models"

    @property
    def languages(self) -> Path:
        """One file per language pack that the person has added."""
        return self.data / "languages"

    @property
    def pictures(self) -> Path:
        """Clean pictures by their SHA-256."""
        return self.data / "pictures"

    @property
    def inbox(self) -> Path:
        """Pasted and dropped data on its way to the reader."""
        return self.data / "inbox"

    def log_file(self, process: str) -> Path:
        """The log of one of the program's processes, in a folder of its own."""
        return self.logs / process / f"{process}.log"

    def output_file(self, child: str) -> Path:
        """What a child of the window and its libraries print, in its present life."""
        return self.data / f"{child}-output.txt"

    @property
    def own_folders(self) -> tuple[Path, ...]:
        """Folders in which nobody but the program writes, the outer ones first."""
        own = (self.data, self.logs, self.pictures, self.inbox, self.user_models, self.languages)
        settings = self.settings_file.parent
        # With OCELLUS_HOME that is a folder of the person's.
        return own if settings in self.data.parents else (settings, *own)

    @property
    def archive_file(self) -> Path:
        """The SQLite database of conversations."""
        return self.data / "ocellus.sqlite"


def find_paths() -> Paths:
    """The paths of this user and this installation.

    OCELLUS_HOME puts everything that is written below one folder: a portable
    copy on a stick, or a test.
    """
    frozen = getattr(sys, "_MEIPASS", None)
    bundle = Path(frozen) if frozen else Path(__file__).resolve().parent.parent
    if home := os.environ.get(HOME_VARIABLE):
        root = Path(home).expanduser().resolve()
        return Paths(bundle, root / "data", root / "settings.json", root / "logs")
    folders = platformdirs.PlatformDirs("Ocellus", appauthor=False, roaming=False)
    return Paths(
        bundle,
        Path(folders.user_data_dir),
        Path(folders.user_config_dir) / "settings.json",
        Path(folders.user_log_dir),
    )
