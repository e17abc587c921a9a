"""What waits for the password of a document: after a start nobody has it any more."""

from __future__ import annotations

from collections.abc import Callable

from app.session.documents.pages import OpenDocument

Step = Callable[[], object]


class Locked:
    """Asks once for each document, however much waits for it.

    `ask` is called with a document's hash, its name and whether the password was wrong.
    """

    def __init__(self, ask: Callable[[str, str, bool], None]) -> None:
        self._ask = ask
        self._waiting: dict[str, list[tuple[Step, Step]]] = {}

    def wait(self, known: OpenDocument, go_on: Step, give_up: Step = lambda: None) -> None:
        """Call one of these when the password was given, or will not be."""
        document = known.document
        waiting = self._waiting.setdefault(document.sha256, [])
        waiting.append((go_on, give_up))
        if len(waiting) == 1:
            was_wrong, known.password = bool(known.password), ""
            self._ask(document.sha256, document.name, was_wrong)

    def go_on(self, document: str) -> None:
        """The password was given."""
        for go_on, _ in self._waiting.pop(document, []):
            go_on()

    def give_up(self, document: str) -> None:
        """It will not be."""
        for _, give_up in self._waiting.pop(document, []):
            give_up()
