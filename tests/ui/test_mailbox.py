"""The mailbox between a receiving thread and the window's."""

import threading
import time

from PySide6.QtCore import QThread

from app.workers.mailbox import Mailbox


class Sender(QThread):
    def __init__(self, mailbox, items, pause):
        super().__init__()
        self.mailbox, self.items, self.pause = mailbox, items, pause

    def run(self):
        for item in self.items:
            self.mailbox.put(item)
            time.sleep(self.pause)


def test_the_mailbox_delivers_the_first_at_once_and_then_thirty_times_a_second(loop, qtbot, qapp):
    mailbox, deliveries = Mailbox(), []
    mailbox.delivered.connect(lambda items: deliveries.append((time.monotonic(), items)))
    began = time.monotonic()
    mailbox.put(0)
    qapp.processEvents()
    assert [items for _, items in deliveries] == [(0,)]
    sender = Sender(mailbox, range(1, 500), 0.001)
    sender.start()
    qtbot.waitUntil(lambda: sum(len(items) for _, items in deliveries) == 500, timeout=20_000)
    sender.wait()
    assert [item for _, items in deliveries for item in items] == list(range(500))
    assert len(deliveries) <= (deliveries[-1][0] - began) * 30 + 1


def test_garbage_of_another_thread_is_collected_in_the_windows(loop, qtbot):
    mailbox, collected = Mailbox(), []

    class Cycle:
        def __init__(self):
            self.me = self

        def __del__(self):
            collected.append(threading.get_ident())

    sender = Sender(mailbox, (Cycle() and None for _ in range(3000)), 0)
    sender.start()
    qtbot.waitUntil(lambda: len(collected) > 2000)
    sender.wait()
    assert set(collected) == {threading.get_ident()}


def test_a_closed_mailbox_drops_what_comes(loop, qtbot):
    mailbox, deliveries = Mailbox(), []
    mailbox.delivered.connect(deliveries.append)
    sender = Sender(mailbox, range(300), 0.001)
    sender.start()
    qtbot.waitUntil(lambda: len(deliveries) == 1)
    mailbox.close()
    sender.wait()
    # Another mailbox is heard a second time when this one's next delivery would be over.
    other, later = Mailbox(), []
    other.delivered.connect(later.append)
    for count in (1, 2):
        other.put(count)
        qtbot.waitUntil(lambda count=count: len(later) == count)
    assert len(deliveries) == 1
