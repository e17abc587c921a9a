"""A second program to drag from: a real XDND source in a process of its own.

Usage: drag_source.py X Y WIDTH HEIGHT KIND PATH, where KIND is `file` (what a
file manager offers), `browser` (picture data beside a web address) or `address`
(a web address alone). Prints "ready" once it is on the screen and the action
that the drop target took once the drag has ended.
"""

import sys
from pathlib import Path

from PySide6.QtCore import QByteArray, QMimeData, QPoint, QRect, Qt, QTimer, QUrl
from PySide6.QtGui import QDrag
from PySide6.QtWidgets import QApplication, QLabel


def offer(kind: str, path: Path) -> QMimeData:
    mime = QMimeData()
    address = QUrl("https://pictures.invalid/receipt.png")
    if kind == "file":
        mime.setUrls([QUrl.fromLocalFile(str(path))])
    elif kind == "browser":
        mime.setUrls([address])
        mime.setData("image/png", QByteArray(path.read_bytes()))
    else:
        mime.setUrls([address])
    return mime


class Source(QLabel):
    def __init__(self, kind: str, path: Path) -> None:
        super().__init__("drag me")
        self.setWindowFlag(Qt.WindowType.FramelessWindowHint)
        self._kind = kind
        self._path = path
        self._pressed: QPoint | None = None

    def mousePressEvent(self, event) -> None:
        self._pressed = event.position().toPoint()

    def mouseMoveEvent(self, event) -> None:
        if self._pressed is None:
            return
        self._pressed = None
        drag = QDrag(self)
        drag.setMimeData(offer(self._kind, self._path))
        action = drag.exec(Qt.DropAction.CopyAction)
        print(action.name, flush=True)


def main() -> int:
    left, top, width, height = (int(word) for word in sys.argv[1:5])
    application = QApplication(sys.argv)
    source = Source(sys.argv[5], Path(sys.argv[6]))
    source.setGeometry(QRect(left, top, width, height))
    source.show()
    QTimer.singleShot(300, lambda: print("ready", flush=True))
    return application.exec()


if __name__ == "__main__":
    sys.exit(main())
