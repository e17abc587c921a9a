"""A whole session, with a window or without: real children, a real archive, scripted answers."""

import asyncio
import json
import time
from dataclasses import fields, replace
from pathlib import Path

import scripted_engine

from app.archive.archive import Archive
from app.catalog.catalog import BUILTIN, Catalog, CatalogModel
from app.catalog.languages import load_languages
from app.children import own_command, reader_child
from app.core.model import Architecture, PromptFormat
from app.session.models.downloads import Downloads
from app.session.models.model_library import ModelLibrary
from app.session.preferences import Preferences
from app.session.reading.languages import Languages
from app.session.session import build_session
from app.workers.command import CommandLine
from app.workers.host import ChildSpec
from app.workers.limits import Limits

ROOT = Path(__file__).resolve().parents[2]


def entry(folder, model_id=BUILTIN):
    return CatalogModel(
        id=model_id,
        title=model_id.title(),
        licence="MIT",
        hub="",
        download_gb=0.1,
        memory_gb=1,
        architecture=Architecture.LLAVA_NEXT,
        prompt_format=PromptFormat.MISTRAL,
        four_bit=True,
        for_trying=model_id == BUILTIN,
        folder=folder / model_id,
    )


_USUAL = Limits()


class Session:
    """Everything that the window binds to, in a folder of its own.

    `script` is the scripted engine's, with the questions as keys; `engine` and `reader` are the
    children's factories, `limits` what they may take their time for.
    """

    def __init__(
        self,
        folder,
        script=None,
        engine=scripted_engine.FACTORY,
        reader="puppet_reader:make",
        limits=_USUAL,
    ):
        self.folder = folder
        for name in (BUILTIN, "other"):
            model = folder / name
            model.mkdir(exist_ok=True)
            (model / "config.json").write_text("{}", "utf-8")
            (model / "model.safetensors").touch()
        self.store, self.inbox = folder / "pictures", folder / "inbox"
        config = {"pictures": str(self.store), "inbox": str(self.inbox)}
        # Within its walls, as in the program; the puppets' own module is handed to it.
        languages = folder / "languages"
        languages.mkdir(exist_ok=True)
        child = reader_child(self.store, self.inbox, languages=[languages, Path(__file__).parent])
        catalog = Catalog((entry(folder), entry(folder, "other"), entry(folder, "absent")))
        parts = build_session(
            ChildSpec(
                "engine",
                engine,
                {**config, "script": json.dumps(script or {})},
                limits=limits,
            ),
            replace(child, factory=reader, limits=limits),
            Archive(folder / "ocellus.sqlite"),
            Preferences(folder / "settings.json"),
            catalog,
            self.inbox,
        )
        self.parts = parts
        for field in fields(parts):
            setattr(self, field.name, getattr(parts, field.name))
        self.downloads = Downloads(CommandLine(own_command(), ROOT), folder / "downloads.json")
        self.model_library = ModelLibrary(
            self.models, catalog, self.downloads, self.preferences, folder / "models"
        )
        self.languages = self.window = None
        self.heard = []
        for name in (
            "entryAdded",
            "textArrived",
            "entryChanged",
            "conversationOpened",
            "stateChanged",
            "noticed",
        ):
            self._hear(self.chat, name)
        self._hear(self.attachments, "refused")
        self._hear(self.attachments, "shown")
        self._hear(self.models, "noticed")

    def _hear(self, thing, name):
        getattr(thing, name).connect(lambda *values: self.heard.append((name, *values)))

    def all_heard(self, name):
        """What a signal said so far, in order."""
        return [
            values[0] if len(values) == 1 else values
            for what, *values in self.heard
            if what == name
        ]

    def start(self):
        self.parts.start()

    def open_window(self, packs=None, line=None):
        """The program's own window over this session; `line` brings language packs."""
        from app.ui.window.build import build_window  # noqa: PLC0415 - most need no widgets

        packs = packs or load_languages(
            ROOT / "models" / "languages.toml", self.folder / "languages"
        )
        line = line or CommandLine(own_command(), ROOT)
        self.languages = Languages(packs, line, self.readings, self.preferences)
        self.window = build_window(
            self.parts,
            self.model_library,
            self.languages,
            store=self.store,
            resources=ROOT / "resources",
            logs=self.folder / "logs",
        )
        self.window.theme.use(dark=False)
        self.window.resize(1200, 800)
        self.window.show()
        return self.window

    async def close(self):
        if self.languages is not None:
            await self.languages.close()
        await self.model_library.close()
        await self.parts.end_work()
        await self.parts.end_children()
        self.archive.close()

    async def idle(self):
        """Until nothing is asked any more."""
        await until(lambda: not self.chat.state.busy)

    async def settle(self, way):
        """Go this way, then wait for what still is read: Qt would step it after the loop."""
        result = await way
        await until(lambda: not (self.readings.is_busy or self.documents.is_busy), 120)
        return result

    async def ask(self, text):
        """Send a question and return its answer's entry."""
        assert self.chat.send(text)
        await self.idle()
        return self.chat.entries[-1]

    async def attach(self, words, name="shot.png"):
        """Attach a script of the puppet reader, or a picture's bytes; wait until it is taken."""
        data = words.encode() if isinstance(words, str) else words
        self.attachments.take_data(data, name)
        await until(lambda: all(item.picture or item.failed for item in self.attachments.items))

    def stored(self):
        """(role, text, state, note) of each stored turn of the conversation on the screen."""
        return [
            (row.turn.role.value, row.turn.text, row.state.value, row.note)
            for row in self.archive.turns(self.chat.conversation_id)
        ]


async def until(condition, seconds=60):
    """Wait for the condition. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError
        await asyncio.sleep(0.005)
