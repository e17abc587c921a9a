"""Opens a window and prints when it takes a drop; `bare` opens Qt's own empty one."""

import sys
import time

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication


def bare() -> None:
    from PySide6.QtWidgets import QMainWindow

    application = QApplication(sys.argv[:1])
    window = QMainWindow()
    window.setAcceptDrops(True)
    window.show()
    QTimer.singleShot(0, application.quit)
    application.exec()
    print(time.monotonic())


def ours() -> None:
    import asyncio

    import qasync

    from app.bootstrap import Program, build_application
    from app.paths import find_paths

    application = build_application()
    program = Program(find_paths())

    async def stay() -> None:
        program.window.show()
        program.start([])
        await asyncio.sleep(0)
        application.processEvents()
        print(time.monotonic())
        program.window.close()
        await program.close()

    with qasync.QEventLoop(application) as loop:
        loop.run_until_complete(stay())


bare() if sys.argv[1] == "bare" else ours()
