"""The table of commands: menus, shortcuts and the shortcut sheet all come from these rows.

A row names a command; what it does is connected by the window. A row without a menu is a key that a part of
the window handles itself; it stands here so that the sheet tells of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget


@dataclass(frozen=True)
class CommandRow:
    """One entry of a menu, or one key told of in the sheet."""

    name: str
    menu: str
    text: str
    keys: str = ""
    #: objectName of the action, where drivers look for it
    object_name: str = ""
    #: stays down while it is so
    checkable: bool = False
    #: one of a group of which exactly one holds
    group: str = ""
    #: a line is drawn before it
    apart: bool = False
    role: QAction.MenuRole = QAction.MenuRole.NoRole


MENUS = ("File", "Edit", "Run", "View", "Tools", "Help")
#: A menu within one of them.
EXPORTS = "Run/Export"
PLOT = "Plot"
TABLE = "Run table"
NETWORK = "Network"
RESULTS = "Results"
LAB = "Descent lab"
FIELDS = "Recipe"

COMMANDS: tuple[CommandRow, ...] = (
    CommandRow("import_preset", "File", "Open a preset…", "Ctrl+O"),
    CommandRow("choose_folder", "File", "Open a folder of pictures…"),
    CommandRow("export_job", "File", "Export a job…", apart=True),
    CommandRow("import_runs", "File", "Import runs…"),
    CommandRow("save", "File", "Save preset", "Ctrl+S", apart=True),
    CommandRow("save_as", "File", "Save preset as…", "Ctrl+Shift+S"),
    CommandRow("revert", "File", "Revert preset", "Ctrl+Shift+R"),
    CommandRow("open_workspace", "File", "Show the workspace folder", apart=True),
    CommandRow("quit", "File", "Quit", "Ctrl+Q", apart=True, role=QAction.MenuRole.QuitRole),
    CommandRow("undo", "Edit", "Undo", "Ctrl+Z"),
    CommandRow("redo", "Edit", "Redo", "Ctrl+Shift+Z"),
    CommandRow("find_setting", "Edit", "Find a setting", "Ctrl+F", apart=True),
    CommandRow("filter_runs", "Edit", "Filter runs", "Ctrl+Shift+F"),
    CommandRow("start", "Run", "Start", "Ctrl+Return"),
    CommandRow("pause", "Run", "Pause", "F8", "pauseAction", apart=True),
    CommandRow("stop", "Run", "Finish epoch and keep", "Ctrl+.", "stopAction"),
    CommandRow("stop_now", "Run", "Stop now and keep", "Ctrl+Shift+.", "stopNowAction"),
    CommandRow("discard", "Run", "Stop and discard…", object_name="discardAction"),
    CommandRow("save_checkpoint", "Run", "Save checkpoint now", apart=True),
    CommandRow("set_rate", "Run", "Change learning rate…"),
    CommandRow("resume", "Run", "Resume", apart=True),
    CommandRow("longer", "Run", "Train longer…"),
    CommandRow("fork", "Run", "Fork…", "Ctrl+K"),
    CommandRow("queue", "Run", "Show the queue…", apart=True),
    CommandRow("pause_queue", "Run", "Pause the queue", checkable=True),
    CommandRow("eye", "Run", "Show in the plots", checkable=True, apart=True),
    CommandRow("baseline", "Run", "Use as baseline", checkable=True),
    CommandRow("compare", "Run", "Compare the selected runs"),
    CommandRow("use_recipe", "Run", "Use its recipe", apart=True),
    CommandRow("rename", "Run", "Rename…"),
    CommandRow("tags", "Run", "Tags…"),
    CommandRow("note", "Run", "Note…"),
    CommandRow("pin", "Run", "Pin to the top", checkable=True),
    CommandRow("export_report", EXPORTS, "Export report…"),
    CommandRow("export_script", EXPORTS, "Export script…"),
    CommandRow("export_notebook", EXPORTS, "Export notebook…"),
    CommandRow("export_model", EXPORTS, "Export model…"),
    CommandRow("open_tensorboard", "Run", "Open in TensorBoard"),
    CommandRow("open_folder", "Run", "Show its folder"),
    CommandRow("delete", "Run", "Delete…"),
    CommandRow("trash", "Run", "Restore from trash…"),
    CommandRow("left_panel", "View", "Recipe", "Ctrl+B", checkable=True),
    CommandRow("run_table", "View", "Run table", "Ctrl+J", checkable=True),
    CommandRow("right_panel", "View", "Run panel", "Ctrl+I", checkable=True),
    CommandRow("theme_system", "View", "Theme of the system", checkable=True, group="theme", apart=True),
    CommandRow("theme_dark", "View", "Dark", checkable=True, group="theme"),
    CommandRow("theme_light", "View", "Light", checkable=True, group="theme"),
    CommandRow("show_curves", "View", "Curves", "Ctrl+1", apart=True),
    CommandRow("show_data", "View", "Data", "Ctrl+2"),
    CommandRow("show_model", "View", "Model", "Ctrl+3"),
    CommandRow("show_results", "View", "Results", "Ctrl+4"),
    CommandRow("show_compare", "View", "Compare", "Ctrl+5"),
    CommandRow("show_lab", "View", "Descent lab", "Ctrl+6"),
    CommandRow("next_region", "View", "Next region", "F6", apart=True),
    CommandRow("previous_region", "View", "Previous region", "Shift+F6"),
    CommandRow("find_rate", "Tools", "Find the learning rate…", "Ctrl+L"),
    CommandRow("check_overfit", "Tools", "Overfit check…", "Ctrl+Shift+O"),
    CommandRow("measure", "Tools", "Measure memory and time"),
    CommandRow("take_xray", "Tools", "X-ray of the initialization"),
    CommandRow("try_picture", "Tools", "Try a picture…", apart=True),
    CommandRow("shortcuts", "Help", "Keyboard shortcuts"),
    CommandRow("summary", "Help", "Speak and show the run summary", "Ctrl+Shift+Y"),
    CommandRow("device", "Help", "What this machine offers"),
    CommandRow("about", "Help", "About Keras Workbench", apart=True, role=QAction.MenuRole.AboutRole),
)

#: Keys that a part of the window handles itself.
OWN_KEYS: tuple[CommandRow, ...] = (
    CommandRow("", FIELDS, "Step a number up or down", "Up, Down"),
    CommandRow("", FIELDS, "Large step", "PgUp, PgDown"),
    CommandRow("", FIELDS, "Turn a switch on or off", "Space"),
    CommandRow("", PLOT, "One epoch on, ten epochs", "Left, Right, Shift+Left, Shift+Right"),
    CommandRow("", PLOT, "First and last epoch", "Home, End"),
    CommandRow("", PLOT, "Best epoch, next event", "B, E"),
    CommandRow("", PLOT, "Zoom in and out", "+, −"),
    CommandRow("", PLOT, "Zoom the values", "Ctrl+wheel"),
    CommandRow("", PLOT, "Show everything and follow", "0"),
    CommandRow("", PLOT, "Linear or logarithmic", "G"),
    CommandRow("", PLOT, "Menu for this epoch", "Return"),
    CommandRow("", PLOT, "Copy the summary", "Ctrl+C"),
    CommandRow("", NETWORK, "Next or previous layer", "Up, Down"),
    CommandRow("", NETWORK, "Open or close a block", "Right, Left, Return"),
    CommandRow("", NETWORK, "Higher or lower rows, as usual", "Ctrl++, Ctrl+−, Ctrl+0, Ctrl+wheel"),
    CommandRow("", NETWORK, "Copy the table", "Ctrl+C"),
    CommandRow("", RESULTS, "Another cell of the confusion matrix", "Left, Right, Up, Down, Home, End"),
    CommandRow("", RESULTS, "Another picture of the gallery", "Left, Right, Home, End"),
    CommandRow("", RESULTS, "Try the picture or the files that were copied", "Ctrl+V"),
    CommandRow("", LAB, "Move the start, ten times as far", "Left, Right, Up, Down, Shift+…"),
    CommandRow("", LAB, "The usual view of the landscape", "0"),
    CommandRow("", TABLE, "Next or previous run", "Up, Down"),
    CommandRow("", TABLE, "Show its curves", "Return"),
    CommandRow("", TABLE, "Show the selected runs in the plots, or hide them", "Space"),
    CommandRow("", TABLE, "Compare the selected runs", "C"),
    CommandRow("", TABLE, "Rename", "F2"),
    CommandRow("", TABLE, "Resume, or train longer", "R"),
    CommandRow("", TABLE, "Tags", "T"),
    CommandRow("", TABLE, "Note", "N"),
    CommandRow("", TABLE, "Pin to the top, or take the pin off", "P"),
    CommandRow("", TABLE, "Delete to the trash, after asking", "Delete"),
)


class Commands:
    """The actions made from the table, by name."""

    def __init__(self, parent: QWidget) -> None:
        self._actions: dict[str, QAction] = {}
        groups: dict[str, QActionGroup] = {}
        for row in COMMANDS:
            action = QAction(row.text, parent)
            action.setObjectName(row.object_name or f"{row.name}Action")
            action.setMenuRole(row.role)
            action.setCheckable(row.checkable)
            if row.keys:
                action.setShortcut(QKeySequence(row.keys))
            if row.group:
                groups.setdefault(row.group, QActionGroup(parent)).addAction(action)
            self._actions[row.name] = action

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def fill(self, bar: QMenuBar) -> Mapping[str, QMenu]:
        """Put every command into its menu."""
        menus = {title: bar.addMenu(title) for title in MENUS}
        for row in COMMANDS:
            if row.menu not in menus:
                outer, _, title = row.menu.partition("/")
                menus[row.menu] = menus[outer].addMenu(title)
            if row.apart:
                menus[row.menu].addSeparator()
            menus[row.menu].addAction(self._actions[row.name])
        return menus


def sheet() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """The shortcut sheet: (heading, ((keys, what they do), …)), in the order of the menus."""
    rows = [row for row in (*COMMANDS, *OWN_KEYS) if row.keys]
    headings = dict.fromkeys(row.menu for row in rows)
    return tuple(
        (heading, tuple((shown_keys(row), row.text.rstrip("…")) for row in rows if row.menu == heading))
        for heading in headings
    )


def shown_keys(row: CommandRow) -> str:
    """The keys as this platform writes them."""
    return QKeySequence(row.keys).toString(QKeySequence.SequenceFormat.NativeText) if row.name else row.keys
