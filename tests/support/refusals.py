"""What has to be said when a file is refused."""

import re

from app.core.errors import Failed


def refused(event, kind, words):
    """That the event says in a sentence what happened, and in another what to do."""
    assert isinstance(event, Failed), event
    assert event.kind is kind
    assert re.search(words, event.headline), event.headline
    assert event.headline.endswith(".")
    assert event.advice.endswith(".")
    assert "Error" not in event.headline + event.advice
