"""An archive as a person has one after some weeks, and what is still in it after damage."""

import random

from app.archive.archive import Archive, TurnState
from app.core.conversation import Picture, Role, Turn

SENTENCE = "the total of this receipt is paid in cash on a table with two columns and a sum"
CONVERSATIONS, TURNS = 12, 10


def words(rng, count):
    return " ".join(rng.choices(SENTENCE.split(" "), k=count))


def fill(path, conversations=CONVERSATIONS, turns=TURNS, length=1.0, copy_after=0, seed=5):
    """Write an archive; `length` scales its texts. Returns {turn id: text}.

    A copy is made when it has `copy_after` conversations.
    """
    rng = random.Random(seed)  # noqa: S311 - the same each time
    archive = Archive(path)
    told = {}
    for number in range(conversations):
        conversation = archive.create()
        for place in range(turns):
            text = f"{number}.{place} " + words(rng, int(length * rng.choice([8, 30, 120, 400])))
            if place % 2:
                turn = archive.add_turn(conversation, Turn(Role.MODEL, ""))
                archive.update_text(turn, text, TurnState.DONE, "It was read closely.")
            else:
                pictures, rows = (), ()
                if place in (0, 4):
                    sha256 = f"{number * turns + place:064x}"
                    pictures = (Picture(sha256, 800, 600, f"picture {number}.png"),)
                    rows = tuple(words(rng, 8) for _ in range(20))
                turn = archive.add_turn(conversation, Turn(Role.PERSON, text, pictures, rows))
            told[turn] = text
        if number + 1 == copy_after:
            archive.copies.make()
    archive.close()
    return told


def whole_turns(archive, told):
    """How many turns have the words, and what belongs to them, that were stored."""
    found = 0
    for row in archive.conversations():
        for stored in archive.turns(row.id):
            doubted = getattr(stored, "text_damaged", False)
            found += stored.turn.text == told.get(stored.id) and not doubted
    return found
