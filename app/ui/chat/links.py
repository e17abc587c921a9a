"""Links in answers: which are kept, how they are shown, and the question before one opens."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox, QWidget

_SCHEMES = ("http", "https")


def web_link(address: str) -> QUrl | None:
    """`address` as a link that may be offered: http or https with a host, or None."""
    url = QUrl(address, QUrl.ParsingMode.StrictMode)
    return url if url.isValid() and url.scheme() in _SCHEMES and url.host() else None


def real_host(url: QUrl) -> str:
    """The host in ASCII: an internationalised name in punycode, so that look-alikes show."""
    return url.host(QUrl.ComponentFormattingOption.FullyEncoded)


def real_address(url: QUrl) -> str:
    """The whole address in ASCII."""
    return bytes(url.toEncoded(QUrl.ComponentFormattingOption.FullyEncoded).data()).decode("ascii")


def tip_for(url: QUrl) -> str:
    """A tooltip with the real address, escaped: tooltips are rich text by guess."""
    return f"<qt>{escape(real_address(url))}</qt>"


def question_for(url: QUrl, parent: QWidget) -> QMessageBox:
    """The question that stands before opening `url`; opens it only on “Open in browser”."""
    box = QMessageBox(parent)
    box.setObjectName("linkQuestion")
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("Open a link?")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(f"Open {real_host(url)} in your browser?")
    box.setInformativeText(
        f"The model wrote this link; Ocellus has not checked where it leads:\n{real_address(url)}"
    )
    go = box.addButton("Open in browser", QMessageBox.ButtonRole.AcceptRole)
    box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

    def answered() -> None:
        if box.clickedButton() is go:
            QDesktopServices.openUrl(url)

    box.finished.connect(answered)
    return box
