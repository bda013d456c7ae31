"""The menu of a run in the table: each entry asks for something by one of the table's signals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from workbench.events import State
from workbench.export import whole
from workbench.gui import words
from workbench.gui.runs.watch import Row
from workbench.journal import Run

if TYPE_CHECKING:
    from workbench.gui.runs.table import RunTable


class RunMenu(QMenu):
    """What can be done with one run, and with those selected beside it."""

    def __init__(self, table: RunTable, row: Row, selected: Sequence[Run]) -> None:
        super().__init__(table)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        run = row.run.id
        self._put("Show its curves", table.run_opened.emit, run)
        self._put("Use its recipe", table.recipe_asked.emit, run)
        self.addSeparator()
        self._put_comparing(table, row, selected)
        self.addSeparator()
        self._put("Rename…\tF2", table.start_rename, run)
        self._put("Tags…\tT", table.tags_asked.emit, run)
        self._put("Note…\tN", table.note_asked.emit, run)
        self._put("Take the pin off\tP" if row.run.pinned else "Pin to the top\tP", table.pin_asked.emit, run)
        self.addSeparator()
        for kind in whole.KINDS:
            self._put(f"Export {kind.name}…", table.write_asked.emit, kind.name, run)
        self._put("Export model…", table.export_asked.emit, run)
        beside = [each.id for each in selected] if len(selected) > 1 else [run]
        self._put(_in_tensorboard(len(beside)), table.tensorboard_asked.emit, beside)
        self.addSeparator()
        self._put("Show its folder", table.folder_asked.emit, run)
        self.addSeparator()
        delete = "Delete…" if row.run.state is State.ENDED else "Stop and discard…"
        self._put(delete, table.delete_asked.emit, run)

    def _put(self, text: str, ask: Callable[..., object], *what: object) -> None:
        self.addAction(text).triggered.connect(lambda _checked=False: ask(*what))

    def _put_comparing(self, table: RunTable, row: Row, selected: Sequence[Run]) -> None:
        run, model = row.run.id, table.model
        shown = model.is_shown(run)
        self._put(
            "Hide in the plots\tSpace" if shown else "Show in the plots\tSpace", table.show_asked.emit, [run], not shown
        )
        if row.kin and sum(each.kin == row.kin for each in model.rows) > 1:
            self._put("Show all seeds of this recipe", table.seeds_asked.emit, run)
        if len(selected) > 1:
            self._put(f"Compare the {words.count(len(selected))} selected\tC", table.compare)
        baseline = model.is_baseline(run)
        self._put("No baseline" if baseline else "Use as baseline", table.baseline_asked.emit, "" if baseline else run)


def _in_tensorboard(count: int) -> str:
    return "Open in TensorBoard" if count == 1 else f"Open the {words.count(count)} selected in TensorBoard"
