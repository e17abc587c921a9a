"""One open document: what is known of its pages so far."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from app.core.conversation import Picture
from app.core.document import Document
from app.core.errors import Failed
from app.core.reading import Page, Reading
from app.session.reading.page_text import fold, searchable


@dataclass(frozen=True, slots=True)
class Place:
    """A page of a document, counted from 1."""

    document: Document
    page: int


@dataclass(frozen=True, slots=True)
class ReadingProgress:
    """How far the reading of a document is: `done` of `total` pages.

    `unreadable` pages count as done; `seconds_left` is None while it cannot be
    told. `running` pages arrive by themselves; otherwise somebody has to ask.
    """

    done: int
    total: int
    running: bool = False
    seconds_left: float | None = None
    unreadable: tuple[int, ...] = ()


def _nothing(_number: int) -> Page | None:
    return None


@dataclass(slots=True)
class OpenDocument:
    """The pictures and readings of pages, by their number.

    `texts` has every page that was read, `pages` those that are in memory; the others are
    fetched when they are needed. `unsaved` are pages that are not kept yet as they are now.
    """

    document: Document
    password: str = ""
    pictures: dict[int, Picture] = field(default_factory=dict[int, Picture])
    pages: dict[int, Page] = field(default_factory=dict[int, Page])
    # The pages' text as it is searched.
    texts: dict[int, str] = field(default_factory=dict[int, str])
    failures: dict[int, Failed] = field(default_factory=dict[int, Failed])
    unsaved: set[int] = field(default_factory=set[int])
    fetch: Callable[[int], Page | None] = _nothing
    # What was on the screen last.
    shown: int = 0
    # Of the reading that is under way: pages and the seconds that they took.
    timed: int = 0
    seconds: float = 0.0

    def keep(self, page: Page, failure: Failed | None = None) -> None:
        """Take in a page that was read; one that failed before may succeed now."""
        if failure is None:
            self.pages[page.number] = page
            self.texts[page.number] = searchable(Reading((page,)))
            self.failures.pop(page.number, None)
            self.unsaved.add(page.number)
        elif page.number not in self.texts:
            self.failures[page.number] = failure

    def recall(self, texts: Mapping[int, str], fetch: Callable[[int], Page | None]) -> None:
        """Take over what was read in an earlier run; `fetch` has the pages themselves."""
        self.fetch = fetch
        # Beyond the last page only what the disk has changed.
        self.texts = {n: text for n, text in texts.items() if 1 <= n <= self.document.pages}

    def page(self, number: int) -> Page | None:
        """What was read on this page; None where that is still to be done."""
        if number not in self.texts:
            return None
        page = self.pages.get(number) or self.fetch(number)
        if page is None:
            # It was damaged on the disk.
            del self.texts[number]
        else:
            self.pages[number] = page
        return page

    def forget(self) -> None:
        """All that was read; the pictures stay."""
        self.pages.clear()
        self.texts.clear()
        self.failures.clear()
        self.unsaved.clear()

    def find(self, words: str) -> dict[int, int]:
        """How often `words` stand on each of the pages that were read, in their order."""
        wanted = fold(words.strip())[0]
        if not wanted:
            return {}
        found = {number: self.texts[number].count(wanted) for number in sorted(self.texts)}
        return {number: count for number, count in found.items() if count}

    def next_of(self, page: int) -> int | None:
        """The page that will come after `page`, which is shown now: people go on as they went."""
        following = page - 1 if page < self.shown else page + 1
        self.shown = page
        return following if 1 <= following <= self.document.pages else None

    def unread(self, first: int) -> tuple[int, ...]:
        """The pages that nobody has tried to read, from page `first` on and round."""
        count = self.document.pages
        order = ((first - 1 + step) % count + 1 for step in range(count))
        return tuple(n for n in order if n not in self.texts and n not in self.failures)

    def of_picture(self, sha256: str) -> Iterator[int]:
        """The pages that look like this picture; empty pages all look the same."""
        return (number for number, one in self.pictures.items() if one.sha256 == sha256)

    def name(self, page: int) -> str:
        """What the picture of a page is called."""
        name = self.document.name or "Document"
        return f"{name}, page {page}" if self.document.pages > 1 else name

    def reading(self) -> Reading:
        """All pages that were read, in their order."""
        found = map(self.page, sorted(self.texts))
        return Reading(tuple(page for page in found if page is not None))

    def reading_of(self, page: int) -> Reading | None:
        """One page by itself, as a picture's reading."""
        found = self.page(page)
        return Reading((replace(found, number=1),)) if found is not None else None

    def progress(self, *, running: bool) -> ReadingProgress:
        """As of now."""
        done = len(self.texts.keys() | self.failures.keys())
        left = None
        if running and self.timed >= 2 and done < self.document.pages:
            left = self.seconds / self.timed * (self.document.pages - done)
        unreadable = tuple(sorted(self.failures))
        return ReadingProgress(done, self.document.pages, running, left, unreadable)
