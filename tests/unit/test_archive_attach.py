"""A question is stored first, its pictures and their text when they are known."""

import pytest

from app.archive.archive import Archive
from app.core.conversation import Picture, Role, Turn

RECEIPT = Picture("a" * 64, 800, 600, "receipt.png")
SIGN = Picture("b" * 64, 320, 200, "sign.jpg")


def test_pictures_and_rows_replace_what_was_attached_before(tmp_path):
    archive = Archive(tmp_path / "ocellus.sqlite")
    conversation = archive.create()
    asked = archive.add_turn(conversation, Turn(Role.PERSON, "What is the total?"))
    other = archive.add_turn(conversation, Turn(Role.PERSON, "And this?", (SIGN,), ("STOP",)))
    archive.attach(asked, [SIGN], ["a row"])
    archive.attach(asked, [RECEIPT, SIGN], ["Total  9.50", "Thank you"])
    archive.close()
    archive = Archive(tmp_path / "ocellus.sqlite")
    first, second = archive.turns(conversation)
    assert (first.id, second.id) == (asked, other)
    assert first.turn == Turn(
        Role.PERSON, "What is the total?", (RECEIPT, SIGN), ("Total  9.50", "Thank you")
    )
    assert second.turn == Turn(Role.PERSON, "And this?", (SIGN,), ("STOP",))
    with pytest.raises(LookupError):
        archive.attach(999, [])
    archive.close()
