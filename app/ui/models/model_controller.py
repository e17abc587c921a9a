"""Between the main window and the models window."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMainWindow

from app.core.errors import Failed
from app.session.models.model_library import ModelLibrary
from app.ui.models.model_dialog import ModelDialog
from app.ui.models.model_text import fraction, progress
from app.ui.widgets.theme import Theme
from app.ui.window.layout import WindowLayout
from app.ui.window.toolbar import Actions


class ModelController(QObject):
    """Opens the models window, and says in the main one what happens while it is closed."""

    def __init__(
        self,
        window: QMainWindow,
        theme: Theme,
        parts: WindowLayout,
        actions: Actions,
        model_library: ModelLibrary,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._theme = theme
        self._parts = parts
        self._model_library = model_library
        actions.model.triggered.connect(self.open)
        parts.builtin.chooseRequested.connect(self.open)
        parts.composer.capacity.modelChosen.connect(self.open)
        model_library.changed.connect(self._show)
        model_library.progressed.connect(self._show)
        model_library.noticed.connect(self._failed)
        model_library.arrived.connect(self._arrived)

    @property
    def dialog(self) -> ModelDialog | None:
        """The models window while it is open."""
        return self._window.findChild(ModelDialog)

    def open(self) -> None:
        """Open the models window, or come back to it."""
        dialog = self.dialog
        if dialog is None:
            dialog = ModelDialog(self._theme, self._model_library, self._window)
            dialog.open()
        else:
            dialog.raise_()
            dialog.activateWindow()

    def _show(self, *_news: object) -> None:
        row = self._model_library.running
        if row is None or row.download is None:
            self._parts.status.show_download("", None)
            return
        words = f"{row.entry.title}: {progress(row.download)}"
        self._parts.status.show_download(words, fraction(row.download))

    def _failed(self, _model_id: str, failed: Failed) -> None:
        if self.dialog is None:
            self._parts.notices.say_failed(failed, "Models…", self.open)

    def _arrived(self, model_id: str, title: str) -> None:
        self._parts.notices.say(
            f"{title} is on this disk now.",
            "Use it",
            lambda: self._model_library.use(model_id),
            None,
        )
