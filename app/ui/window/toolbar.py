"""The window's actions, their shortcuts, and the bar that shows them."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from app.ui.widgets.theme import Theme

_BAR = ("open", "paste", "read", "stop", "", "model", "help")


class Actions:
    """Every action of the window by a name of its own."""

    def __init__(self, theme: Theme, window: QWidget) -> None:
        self._theme = theme
        self._window = window
        self._drawings: dict[QAction, str] = {}
        self.open = self._make("Open", "open", "Ctrl+O", "Open pictures and documents")
        self.paste = self._make("Paste", "paste", "Ctrl+V", "Paste a picture or files")
        self.read = self._make("Read text", "read", "Ctrl+T", "Show the text of the picture")
        self.read.setCheckable(True)
        self.find = self._make("Find", "find", "Ctrl+F", "Find in the picture")
        self.stop = self._make("Stop", "stop", "Esc", "Stop the answer")
        self.model = self._make("Model", "model", "Ctrl+M", "Choose which model answers")
        self.new = self._make("New conversation", "new", "Ctrl+N", "New conversation")
        self.zoom_in = self._make("Zoom in", "zoom-in", "Ctrl++", "Zoom in")
        self.zoom_in.setShortcuts([QKeySequence("Ctrl++"), QKeySequence("Ctrl+=")])
        self.zoom_out = self._make("Zoom out", "zoom-out", "Ctrl+-", "Zoom out")
        self.zoom_fit = self._make("Fit", "fit", "Ctrl+0", "Fit the picture")
        self.zoom_width = self._make("Fit the width", "fit-width", "Ctrl+2", "Fit the width")
        self.undo = self._make("Undo", "undo", "Ctrl+Z", "Bring back what was deleted last")
        self.sidebar = self._make("Conversations", "list", "Ctrl+B", "Show the conversations")
        self.sidebar.setCheckable(True)
        self.sidebar.setChecked(True)
        self.quit = self._make("Quit", "close", "Ctrl+Q", "Quit")
        self.help = self._make("Help", "help", "F1", "Help")
        self.log_folder = QAction("Open the log folder", window)
        theme.changed.connect(self._paint)
        self._paint()

    def tool_bar(self) -> QToolBar:
        """The conversations’ switch, Open, Paste, Read text, Stop; far right Model and Help."""
        bar = QToolBar("Tools", self._window)
        bar.setObjectName("toolBar")
        bar.setMovable(False)
        bar.setFloatable(False)
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        bar.setIconSize(QSize(20, 20))
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        bar.addAction(self.sidebar)
        for name in _BAR:
            if name:
                bar.addAction(getattr(self, name))
            else:
                space = QWidget(bar)
                space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
                bar.addWidget(space)
        for action in bar.actions():
            button = bar.widgetForAction(action)
            if isinstance(button, QToolButton):
                button.setAccessibleName(action.text())
                button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
                button.setCursor(Qt.CursorShape.PointingHandCursor)
                if action is self.sidebar:
                    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
                elif action is self.help:
                    self._add_help(button)
        return bar

    def _add_help(self, button: QToolButton) -> None:
        """What drops from the button, by a click or its key."""
        menu = QMenu("Help", button)
        menu.setObjectName("helpMenu")
        menu.addAction(self.log_folder)
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.help.triggered.connect(
            lambda: menu.popup(button.mapToGlobal(button.rect().bottomLeft()))
        )

    def _make(self, text: str, drawing: str, keys: str, tip: str) -> QAction:
        action = QAction(text, self._window)
        action.setShortcut(QKeySequence(keys))
        shown = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(f"{tip} ({shown})")
        self._drawings[action] = drawing
        self._window.addAction(action)
        return action

    def _paint(self) -> None:
        for action, drawing in self._drawings.items():
            action.setIcon(self._theme.icon(drawing, "text"))
