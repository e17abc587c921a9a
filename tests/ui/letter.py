"""A letter of three pages, as the reader that plays scripts opens it."""

from sessions import until

LETTER = ["first page\nof three", "slow text\nsecond page", "third page"]


def script(folder, pages, password="", name="letter.pdf"):
    """A document that holds these pages, and opens with this password."""
    path = folder / name
    path.write_text(f"%PDF-{password}\n" + "\n---\n".join(pages), "utf-8")
    return path


async def shown(pane, name):
    """Until this page's own picture is on the screen."""
    await until(lambda: pane.title == name and pane.view.has_picture)
