"""A folder of pages with their right text."""

import json
import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class RealPage:
    """One page of a set: its file, what stands on it, and in which of Tesseract's languages.

    `excerpt` says that the truth is only a part of what stands there; what `drop` matches (the
    content of a bar code) may be read but is not in the truth.
    """

    name: str
    kind: str
    file: Path
    truth: str
    language: str = "eng"
    excerpt: bool = False
    drop: str = ""

    @property
    def is_pdf(self) -> bool:
        return self.file.suffix.lower() == ".pdf"

    def without_dropped(self, text: str) -> str:
        return re.sub(self.drop, "", text) if self.drop else text


def load(folder: Path) -> list[RealPage]:
    """The pages that `manifest.json` in `folder` lists. Raises ValueError in plain words."""
    try:
        entries = json.loads((folder / "manifest.json").read_text("utf-8"))
        return [
            RealPage(
                entry["id"],
                entry.get("kind", ""),
                folder / entry["file"],
                (folder / entry["truth"]).read_text("utf-8", "replace"),
                entry.get("lang", "eng"),
                bool(entry.get("excerpt")),
                entry.get("drop", ""),
            )
            for entry in entries
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{folder} is no set of pages: it needs a manifest.json that lists each page's id, "
            f"file and truth ({type(error).__name__}: {error})."
        ) from error
