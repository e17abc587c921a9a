"""What is said about a word that the reader was unsure of."""

from __future__ import annotations

from app.text.confidence import chance_of_right


def doubt(words: str, confidence: float, is_measured: bool) -> str:  # noqa: FBT001 - one or other
    """What is said about a word that is underlined."""
    if not is_measured:
        score = round(100 * confidence)
        return (
            f"Compare “{words}” with the picture: the reader was unsure. "
            f"Its own score is {score} of 100, which is not a percentage of being right."
        )
    right = round(100 * chance_of_right(confidence))
    return (
        f"Compare “{words}” with the picture: the reader was unsure. "
        f"Words that it was as unsure of were right {right} % of the time."
    )
