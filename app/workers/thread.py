"""The thread that waits at a child's pipe."""

from __future__ import annotations

import atexit
import traceback

from PySide6.QtCore import QThread

from app.core.errors import ErrorKind, Failed
from app.core.events import PageRead, PictureRead
from app.workers.host import ChildGoneError, Host
from app.workers.mailbox import Mailbox

# A page weighs as much in the mailbox as so many pieces of text.
_HEAVY = 50

# A QThread that is collected while it runs aborts the program, so each is held here until its end.
_running: set[ReceivingThread] = set()


class ReceivingThread(QThread):
    """Starts the host's child and puts its replies into the mailbox.

    The last thing put is the Failed that says how the child ended; the thread
    ends with the child, which dies with it on Linux.
    """

    def __init__(self, host: Host, mailbox: Mailbox) -> None:
        super().__init__()
        self._host = host
        self._mailbox = mailbox
        self.finished.connect(self._let_go)

    def begin(self) -> None:
        """Start, and stay alive until the end."""
        _running.add(self)
        self.start()

    def run(self) -> None:
        """Qt's entry: what happens in the thread."""
        try:
            self._host.start()
            while True:
                reply = self._host.receive()
                heavy = isinstance(reply.event, PageRead | PictureRead)
                self._mailbox.put(reply, _HEAVY if heavy else 1)
        except ChildGoneError as gone:
            self._mailbox.put(gone.failed)
        except Exception:  # noqa: BLE001 - whatever keeps a child from starting, somebody waits for it
            self._host.close()
            self._mailbox.put(
                Failed(
                    ErrorKind.CHILD_DIED,
                    f"The {self._host.spec.name} could not be started.",
                    "Close some other programs, then try once more.",
                    traceback.format_exc(),
                )
            )

    def end(self) -> None:
        """End the child at once, and this thread with it: the way out when nobody closed it."""
        self._host.kill()
        self._mailbox.seal()
        self.wait()

    def _let_go(self) -> None:
        # `finished` comes shortly before the thread is really over.
        self.wait()
        _running.discard(self)


@atexit.register
def _end_all() -> None:
    """A program that ends without closing its remotes must not abort over their threads."""
    for thread in tuple(_running):
        thread.end()
