"""The forms in which read text can be saved."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ExportFormat(StrEnum):
    """A form of file, in the order in which people are offered them.

    The value is what the command line takes.
    """

    TEXT = "text"
    MD = "md"
    HTML = "html"
    CSV = "csv"
    JSON = "json"
    HOCR = "hocr"
    PDF = "pdf"

    @classmethod
    def named(cls, name: str) -> ExportFormat:
        """The form that the command line calls so. Raises ValueError where there is none."""
        return next((form for form in cls if name in form.names), None) or cls(name)

    @property
    def names(self) -> tuple[str, ...]:
        """What the command line takes: the value, and what else people try."""
        return (self.value, *_FORMS[self].other_names)

    @property
    def ending(self) -> str:
        """The end of a file's name, with its dot."""
        return _FORMS[self].ending

    @property
    def label(self) -> str:
        """What a person is offered."""
        return _FORMS[self].label


@dataclass(frozen=True, slots=True)
class _Form:
    ending: str
    label: str
    other_names: tuple[str, ...] = ()


_FORMS = {
    ExportFormat.TEXT: _Form(".txt", "Plain text"),
    ExportFormat.MD: _Form(".md", "Markdown", ("markdown",)),
    ExportFormat.HTML: _Form(".html", "Web page"),
    ExportFormat.CSV: _Form(".csv", "Tables for a spreadsheet"),
    ExportFormat.JSON: _Form(".json", "Text with positions (JSON)"),
    ExportFormat.HOCR: _Form(".hocr", "Text with positions (hOCR)"),
    ExportFormat.PDF: _Form(".pdf", "Searchable PDF"),
}
