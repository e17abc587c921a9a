"""A second program that looks at the screen or the clipboard, as others would.

Usage: onlooker.py screen PATH (writes a PNG), or onlooker.py clipboard TYPE,
which prints what the clipboard holds of this MIME type, as soon as it does.
"""

import sys

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication

_ATTEMPTS = 100


def main() -> int:
    application = QGuiApplication(sys.argv)
    if sys.argv[1] == "screen":
        shot = application.primaryScreen().grabWindow(0)
        return 0 if shot.save(sys.argv[2], "PNG") else 1
    left = [_ATTEMPTS]

    def look() -> None:
        left[0] -= 1
        data = application.clipboard().mimeData().data(sys.argv[2])
        if data.size() or not left[0]:
            sys.stdout.buffer.write(data.data())
            application.exit(0 if data.size() else 1)

    timer = QTimer()
    timer.timeout.connect(look)
    timer.start(50)
    return application.exec()


if __name__ == "__main__":
    sys.exit(main())
