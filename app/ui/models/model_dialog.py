"""The models window: what there is, whether it fits, and getting, using and deleting it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QCloseEvent, QDesktopServices
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFrame,
    QLabel,
    QMenu,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.catalog.fit import Verdict
from app.core.errors import Failed, OcellusError
from app.core.files.private import make_folder
from app.core.words.addresses import HUB
from app.session.models.download import Step
from app.session.models.library_row import ModelRow
from app.session.models.model_library import ModelLibrary
from app.ui.models import model_text as model_words
from app.ui.models.model_card import ModelCard
from app.ui.models.model_footer import ModelFoot
from app.ui.models.model_questions import (
    ask,
    ask_large,
    ask_line,
    ask_original,
    ask_removal,
    ask_terms,
)
from app.ui.widgets.details import details_dialog
from app.ui.widgets.theme import Theme
from app.ui.window.notice_bar import NoticeBar

_HUB = HUB.removeprefix("https://")
_GOES_ON = "If you close Ocellus, the next start goes on with the download."
_SECTIONS = ("On this disk", "To download", "With weights of your own")


class ModelDialog(QDialog):
    """Follows the model_library while it is open; whatever is chosen takes effect at once."""

    def __init__(
        self, theme: Theme, model_library: ModelLibrary, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._model_library = model_library
        self._cards: dict[str, ModelCard] = {}
        self._order: list[tuple[int, str]] = []
        self.setObjectName("modelDialog")
        self.setWindowTitle("Models")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        title = QLabel("Models", self)
        title.setObjectName("dialogTitle")
        self._machine = QLabel(self)
        self._machine.setObjectName("quietLabel")
        self._machine.setTextFormat(Qt.TextFormat.PlainText)
        self._machine.setWordWrap(True)
        inside = QWidget()
        inside.setObjectName("modelRows")
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, 10, 0)
        self._column.setSpacing(10)
        self._headings = [QLabel(words, inside) for words in _SECTIONS]
        for heading in self._headings:
            heading.setObjectName("panelTitle")
        self._area = QScrollArea(self)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidget(inside)
        self.notices = NoticeBar(theme, self._area)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.foot = ModelFoot(model_library.idle_minutes, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 18, 14, 14)
        column.setSpacing(8)
        column.addWidget(title)
        column.addWidget(self._machine)
        column.addWidget(self._area, 1)
        column.addWidget(self.foot)
        line, screen = self.fontMetrics().height(), self.screen().availableSize()
        self.resize(min(52 * line, screen.width()), min(45 * line, screen.height()))
        self._bind()
        self._show()
        self.foot.close_button.setFocus()
        model_library.watch(on=True)

    @property
    def cards(self) -> dict[str, ModelCard]:
        """One per model, by its id."""
        return dict(self._cards)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop looking at the machine."""
        self._model_library.watch(on=False)
        super().closeEvent(event)

    def done(self, result: int) -> None:
        """Stop looking at the machine."""
        self._model_library.watch(on=False)
        super().done(result)

    def _bind(self) -> None:
        model_library, foot = self._model_library, self.foot
        model_library.changed.connect(self._show)
        model_library.progressed.connect(self._show_one)
        model_library.loadingSaid.connect(self._say_state)
        model_library.noticed.connect(self._failed)
        model_library.towerMissing.connect(self._ask_tower)
        menu = QMenu(self)
        menu.addAction("Import a folder (its files are copied)…", lambda: self._pick(self._import))
        menu.addAction(
            "Use a folder without copying it…", lambda: self._pick(model_library.use_folder)
        )
        foot.add_button.setMenu(menu)
        foot.folder_button.clicked.connect(self._open_folder)
        foot.source_button.clicked.connect(self._ask_source)
        foot.close_button.clicked.connect(self.accept)
        foot.idleChosen.connect(model_library.set_idle_minutes)

    # What the model_library says

    def _show(self) -> None:
        model_library = self._model_library
        rows = model_library.rows
        self._machine.setText(model_words.machine(model_library.machine))
        order = sorted((_section(row), place, row.entry.id) for place, row in enumerate(rows))
        wanted = [(section, name) for section, _, name in order]
        for row in rows:
            card = self._cards.get(row.entry.id)
            if card is None:
                card = self._cards[row.entry.id] = ModelCard(self._theme, row, self)
                card.asked.connect(self._act)
            card.show_row(row, model_library.machine)
        if wanted != self._order:
            self._order = wanted
            self._arrange()
        # Cards that are wider than their place would be cut off at the right.
        inside = self._area.widget()
        assert inside is not None  # noqa: S101 - for pyright: set where the area is made
        least = inside.minimumSizeHint().width()
        self._area.setMinimumWidth(least + self._area.verticalScrollBar().sizeHint().width())
        self.foot.show_disk(model_library.disk_used, model_library.machine)
        self.foot.show_source(model_library.mirror or _HUB)
        self._say_state()

    def _say_state(self, *_news: object) -> None:
        hint = _GOES_ON if self._model_library.running else ""
        self.foot.say(self._model_library.loading or hint)

    def _show_one(self, model_id: str) -> None:
        row = self._model_library.row(model_id)
        if row is not None and model_id in self._cards:
            self._cards[model_id].show_row(row, self._model_library.machine)
        else:
            self._say_state()

    def _arrange(self) -> None:
        """Put the cards into their order, each section below its heading."""
        while self._column.takeAt(0) is not None:
            pass
        shown = {name for _, name in self._order}
        for name in self._cards.keys() - shown:
            card = self._cards.pop(name)
            card.hide()
            card.deleteLater()
        before: QWidget | None = None
        last = -1
        for section, name in self._order:
            if section != last:
                self._column.addWidget(self._headings[section])
                last = section
            card = self._cards[name]
            self._column.addWidget(card)
            for button in (
                card.act_button,
                card.remove_button,
                card.more_button,
                card.original_button,
            ):
                if before is not None:
                    QWidget.setTabOrder(before, button)
                before = button
        self._column.addStretch(1)
        sections = {section for section, _ in self._order}
        for place, heading in enumerate(self._headings):
            heading.setVisible(place in sections)

    def _failed(self, model_id: str, failed: Failed) -> None:
        # Of a download the card says it.
        row = self._model_library.row(model_id)
        if row is None or row.download is None:
            self.notices.say_failed(failed)

    # What the person does

    def _act(self, model_id: str, what: str) -> None:
        row, model_library = self._model_library.row(model_id), self._model_library
        if row is None:
            return
        match what:
            case "use" | "pause" | "resume" | "retry":
                at_once = {"use": model_library.use, "pause": model_library.pause}
                at_once.get(what, model_library.download)(model_id)
            case "download":
                self._download(row)
            case "import":
                ask_terms(
                    row, self, lambda: self._pick(lambda path: model_library.bring(path, model_id))
                )
            case "remove":
                ask_removal(row, self, lambda: model_library.remove(model_id))
            case "original":
                ask_original(row, self, lambda: model_library.delete_original(model_id))
            case "token":
                self._ask_token(row)
            case "failure" if row.download is not None and row.download.failed is not None:
                details_dialog(row.download.failed, self).open()
            case _:
                pass

    def _download(self, row: ModelRow) -> None:
        name = row.entry.id
        if row.fit is not None and row.fit.verdict is Verdict.TOO_LARGE:
            words = model_words.verdict(row, self._model_library.machine)
            ask_large(row, words, self, lambda: self._model_library.download(name))
        else:
            self._model_library.download(name)

    def _ask_token(self, row: ModelRow) -> None:
        ask_line(
            "Access token",
            f"The hub gives {row.entry.title} to those who have accepted its terms there. "
            "Your token is kept in memory until Ocellus closes, and in no file.",
            "",
            self,
            lambda token: self._model_library.download(row.entry.id, token),
            secret=True,
        )

    def _ask_tower(self, model_id: str, failed: Failed) -> None:
        ask(
            failed.headline,
            failed.advice,
            "Choose that folder…",
            self,
            lambda: self._pick(lambda path: self._model_library.bring_tower(model_id, path)),
        )

    def _ask_source(self) -> None:
        ask_line(
            "Where models come from",
            f"The address of a mirror, such as https://hub.example.org. Empty is {_HUB}. "
            "It holds from the next download on.",
            self._model_library.mirror,
            self,
            self._set_source,
            secret=False,
        )

    def _set_source(self, address: str) -> None:
        try:
            self._model_library.set_mirror(address)
        except OcellusError as error:
            self.notices.say_failed(error.failed)
        self._show()

    def _open_folder(self) -> None:
        folder = self._model_library.folder
        make_folder(folder)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def _import(self, path: Path) -> None:
        self._model_library.bring(path)

    def _pick(self, then: Callable[[Path], None]) -> None:
        dialog = QFileDialog(self, "A folder with a model")
        dialog.setObjectName("modelFolderDialog")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(lambda path: then(Path(path)))
        dialog.open()


def _section(row: ModelRow) -> int:
    if row.on_disk and (row.download is None or row.download.step is not Step.IMPORTING):
        return 0
    return 2 if row.entry.by_hand else 1
