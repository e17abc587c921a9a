"""The main window with all that is bound to it."""

from __future__ import annotations

from pathlib import Path

from app.session.models.model_library import ModelLibrary
from app.session.reading.languages import Languages
from app.session.session import Session
from app.ui.chat.capacity_bar import CapacityController
from app.ui.chat.quick_look import QuickLookController
from app.ui.languages.language_bar import LanguageBar
from app.ui.models.model_controller import ModelController
from app.ui.picture.question_pages import QuestionPages
from app.ui.reading.comparison_controller import ComparisonController
from app.ui.reading.saving_controller import SavingController
from app.ui.window.draft_controller import DraftController
from app.ui.window.help_controller import HelpController
from app.ui.window.window import MainWindow


def build_window(
    session: Session,
    model_library: ModelLibrary,
    languages: Languages,
    *,
    store: Path,
    resources: Path,
    logs: Path,
) -> MainWindow:
    """Build the window over the session, with every controller; it is not shown yet.

    `store` is the folder of clean pictures, `resources` that of icons, themes and samples,
    `logs` that of the processes' logs.
    """
    window = MainWindow(
        session.chat,
        session.attachments,
        session.readings,
        session.documents,
        session.library,
        session.models,
        store=store,
        resources=resources,
    )
    theme, parts = window.theme, window.parts
    ModelController(window, theme, parts, window.actions_, model_library)
    QuickLookController(
        window, parts.composer.quick, session.chat, session.attachments, session.models
    )
    CapacityController(
        window, parts.composer.capacity, session.chat, session.attachments, session.models
    )
    DraftController(window, parts.composer, session.chat)
    QuestionPages(window, parts.composer.pages, session.chat, session.attachments)
    SavingController(window, parts, session.saving, window.sizes)
    ComparisonController(
        window, theme, parts, session.transcribing, session.comparisons, session.models
    )
    session.library.binChanged.connect(parts.conversations.bin.show_rows)
    parts.conversations.restoreRequested.connect(session.library.restore)
    parts.conversations.emptyRequested.connect(session.library.empty_bin)
    session.attachments.told.connect(parts.notices.say)
    HelpController(window, window.actions_, logs)
    _add_languages(window, languages)
    return window


def _add_languages(window: MainWindow, languages: Languages) -> None:
    """Put the choice of languages below the read text."""
    panel = window.parts.pictures.panel
    if (column := panel.layout()) is not None:
        column.addWidget(LanguageBar(window.theme, languages, panel))
    languages.noticed.connect(window.parts.notices.say_failed)
