"""What engines that answer at once have in common."""

from app.core.events import Finished, Ready
from app.core.requests import GenerateAnswer


class AnsweringEngine:
    """Is ready with every model. `answer` makes the events of an `Ask`, up to the last one."""

    def handle(self, request, cancelled):
        if isinstance(request, GenerateAnswer):
            yield from self.answer(request.ask)
        else:
            yield Ready(request.model.id, "cpu", 0)
            yield Finished()

    def close(self):
        pass
