"""The main window: builds its parts and wires them; everything else is done by the parts.

The window never imports Keras. The plots come after its first paint (`finish`), and the warm engine after them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QMimeData, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget

from workbench.gui import layout_store
from workbench.gui.announce import Announcer, say
from workbench.gui.arrivals import Arrivals
from workbench.gui.clock import Clock
from workbench.gui.commands import Commands
from workbench.gui.compare_desk import CompareDesk
from workbench.gui.deeds import Deeds
from workbench.gui.job_desk import JobDesk
from workbench.gui.lab.left import Left
from workbench.gui.layout import Regions
from workbench.gui.machine import Machine, MachineThread
from workbench.gui.model_export_desk import ModelExportDesk
from workbench.gui.preflight_desk import PreflightDesk
from workbench.gui.presenter import Presenter
from workbench.gui.probe_desk import ProbeDesk
from workbench.gui.probes import Probes
from workbench.gui.queue_desk import QueueDesk
from workbench.gui.recipe.panel import RecipePanel
from workbench.gui.run_export_desk import RunExportDesk
from workbench.gui.runs.card import Rule, RunCard
from workbench.gui.runs.rail import Rail
from workbench.gui.runs.table import RunTable
from workbench.gui.session import Session
from workbench.gui.status_bar import StatusBar
from workbench.gui.steering import Steering
from workbench.gui.tabs.curves_page import CurvesPage
from workbench.gui.tabs.strip import Tabs
from workbench.gui.tensorboard_desk import TensorBoardDesk
from workbench.gui.theme import Mode, Theme
from workbench.gui.toolbar import Toolbar
from workbench.gui.troubles import Troubles
from workbench.paths import Workspace

if TYPE_CHECKING:
    from workbench.gui.compare_presenter import ComparePresenter
    from workbench.gui.curves.choices import Choices
    from workbench.gui.data_presenter import DataPresenter
    from workbench.gui.fed_presenter import FedPresenter
    from workbench.gui.lab.export_desk import LabExportDesk
    from workbench.gui.lab.network_desk import NetworkDesk
    from workbench.gui.lab.page import LabPage
    from workbench.gui.lab.panel import LabPanel
    from workbench.gui.lab.presenter import LabPresenter
    from workbench.gui.model_presenter import ModelPresenter
    from workbench.gui.pages import Asking
    from workbench.gui.results.presenter import ResultsPresenter
    from workbench.gui.run_xray_desk import RunXRayDesk
    from workbench.gui.tabs.compare_page import ComparePage
    from workbench.gui.tabs.data_page import DataPage
    from workbench.gui.tabs.model_page import ModelPage
    from workbench.gui.tabs.results_page import ResultsPage
    from workbench.gui.xray_desk import XRayDesk

LEAST = (1024, 640)
MENU_HEIGHT = 28
#: What a window manager puts around a window, about.
FRAME = 32
#: How long after the last change of the arrangement it is written down.
REMEMBER_MS = 800


class Window(QMainWindow):
    """Keras Workbench's window on one workspace."""

    #: The window has closed and all its threads have ended.
    closed = Signal()

    # The tabs behind the first, with who fills them: they come with `finish`.
    data: DataPage
    pictures: DataPresenter
    fed: FedPresenter
    model: ModelPage
    networks: ModelPresenter
    xrays: XRayDesk
    run_xrays: RunXRayDesk
    results: ResultsPage
    judging: ResultsPresenter
    compare: ComparePage
    compared: ComparePresenter
    lab: LabPage
    lab_panel: LabPanel
    racing: LabPresenter

    def __init__(self, theme: Theme, workspace: Workspace) -> None:
        super().__init__()
        self.theme = theme
        self.workspace = workspace
        self.setObjectName("window")
        self.setWindowTitle("Keras Workbench")
        self.setAcceptDrops(True)
        self.arrangement = layout_store.load(workspace)
        self.machine: Machine | None = None
        #: what has processes of its own, which go with the window
        self._asking: list[Asking] = []
        theme.set_mode(self.arrangement.theme)
        self.session = Session(workspace, self)
        self.probes = Probes(workspace, self)
        self._build()
        self.presenter = Presenter(self, self.session)
        self.steering = Steering(self, self.session)
        self.queue = QueueDesk(self, self.session)
        self.comparison = CompareDesk(self, self.session)
        self.preflight = PreflightDesk(self)
        self.probing = ProbeDesk(self)
        self.exporting = ModelExportDesk(self, self.session)
        self.writing = RunExportDesk(self, self.session)
        self.jobs = JobDesk(self, self.session)
        self.tensorboards = TensorBoardDesk(self, self.session)
        self.deeds = Deeds(self, self.session)
        self.troubles = Troubles(self, self.session)
        self.arrivals = Arrivals(self)
        # What is done from the lab comes with its page.
        self.lab_races: NetworkDesk
        self.lab_exports: LabExportDesk
        self._machine = MachineThread(workspace, self)
        self._announcer = Announcer(self._speak)
        self._remember = QTimer(self, singleShot=True, interval=REMEMBER_MS)
        self._remember.setObjectName("rememberClock")
        self._connect()
        self.setMinimumSize(*LEAST)
        room = self.screen().availableSize()
        self.resize(min(self.arrangement.width, room.width()), min(self.arrangement.height, room.height() - FRAME))
        self.regions.show_panels(self.arrangement.panels(self.tabs.name))
        self.presenter.show_recipe()
        self.presenter.show_panels()

    def _build(self) -> None:
        theme = self.theme
        self.commands = Commands(self)
        self.commands.fill(self.menuBar())
        self.menuBar().setFixedHeight(theme.px(MENU_HEIGHT))
        self.toolbar = Toolbar(theme)
        self.recipe = RecipePanel(theme, self.workspace)
        self.page = CurvesPage(theme)
        self.tabs = Tabs(theme)
        self.tabs.add("curves", "Curves", self.page)
        for name, title in (
            ("data", "Data"),
            ("model", "Model"),
            ("results", "Results"),
            ("compare", "Compare"),
            ("lab", "Descent lab"),
        ):
            self.tabs.add(name, title)  # their pages come with `finish`
        self.card = RunCard(theme)
        self.rail = Rail(theme)
        self.table = RunTable(theme)
        self.status = StatusBar(theme, self.workspace)
        self.clock = Clock(self)
        self.left = Left(self.recipe)
        self.regions = Regions(theme, self.left, self.tabs, self.card, self.rail, self.table)
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.toolbar, Rule(theme), self.regions, self.status):
            column.addWidget(part, 1 if part is self.regions else 0)
        # The focus begins nowhere in particular; Tab goes to the toolbar, as reading does.
        centre.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setCentralWidget(centre)
        self._middle = centre
        commands = self.commands
        commands["discard"].setIcon(theme.icon("discarded", "err"))
        self.toolbar.set_stop_menu(commands["stop"], commands["stop_now"], None, commands["discard"])
        self.switches = [
            self.toolbar.add_switch(icon, commands[name])
            for icon, name in (
                ("left-panel", "left_panel"),
                ("bottom-panel", "run_table"),
                ("right-panel", "right_panel"),
            )
        ]

    def _connect(self) -> None:  # noqa: PLR0915 - a line a wire
        session, presenter, deeds = self.session, self.presenter, self.deeds
        # runs → what is shown
        session.rows_changed.connect(presenter.show_rows)
        session.focus_changed.connect(presenter.show_focus)
        session.story_changed.connect(self.clock.touch)
        session.shown_changed.connect(presenter.show_buttons)
        session.run_said.connect(presenter.show_said)
        session.run_said.connect(self._announcer.tell)
        session.failed.connect(presenter.show_problem)
        self.clock.frame_due.connect(presenter.show_frame)
        self.clock.words_due.connect(presenter.show_words)
        # the recipe
        self.recipe.recipe_changed.connect(presenter.show_recipe)
        self.recipe.problems_changed.connect(presenter.show_buttons)
        self.recipe.status.connect(self.status.say)
        self.recipe.lab_given.connect(self.arrivals.take_lab)
        # what is pressed
        self.toolbar.start_pressed.connect(deeds.start)
        self.toolbar.queue_pressed.connect(self.queue.open)
        self.toolbar.pause_pressed.connect(self.steering.pause_or_continue)
        self.toolbar.stop_pressed.connect(deeds.stop)
        self.toolbar.device.setting_chosen.connect(deeds.choose_setting)
        self.toolbar.device.why_asked.connect(deeds.explain_device)
        self.page.start.beginning_chosen.connect(deeds.begin_with)
        self.page.start.preset_asked.connect(self.recipe.choose_file)
        # the run card and the table
        self.card.recipe_asked.connect(deeds.use_recipe)
        self.card.folder_asked.connect(deeds.open_folder)
        self.card.rename_asked.connect(deeds.rename)
        self.card.delete_asked.connect(deeds.delete)
        self.card.tags_asked.connect(deeds.upkeep.edit_tags)
        self.card.note_asked.connect(deeds.upkeep.edit_note)
        self.card.details_asked.connect(deeds.show_details)
        self.card.resume_asked.connect(self.steering.resume)
        self.card.fork_asked.connect(self.steering.fork)
        self.card.save_asked.connect(self.steering.save_checkpoint)
        self.card.rate_asked.connect(self.steering.set_rate)
        self.table.resume_asked.connect(self.steering.resume_run)
        self.table.run_opened.connect(session.show_run)
        self.table.run_renamed.connect(session.rename)
        self.table.recipe_asked.connect(deeds.use_recipe_of)
        self.table.folder_asked.connect(deeds.open_folder_of)
        self.table.export_asked.connect(self.exporting.export_of)
        self.table.write_asked.connect(self.writing.export_of)
        self.table.delete_asked.connect(deeds.delete_run)
        self.table.tags_asked.connect(deeds.upkeep.edit_tags_of)
        self.table.note_asked.connect(deeds.upkeep.edit_note_of)
        self.table.pin_asked.connect(deeds.upkeep.turn_pin_of)
        # panels and tabs
        self.tabs.turned.connect(self._turn_tab)
        self.rail.open_asked.connect(deeds.turn_right)
        self.regions.arranged.connect(self._remember.start)
        self.regions.arranged.connect(presenter.show_panels)
        self._remember.timeout.connect(self._write_arrangement)
        self._machine.looked.connect(self._show_machine)
        self._machine.finished.connect(self._machine.wait)
        for name, deed in deeds.by_command().items():
            self.commands[name].triggered.connect(deed)

    # --- opening and closing -------------------------------------------------------------------------------

    def open(self) -> None:
        """Show the window and begin to read the workspace."""
        if self.arrangement.maximized:
            self.showMaximized()
        else:
            self.show()
        self._middle.setFocus()
        self.session.open()

    def finish(self) -> None:
        """What may wait until after the first paint: the plots, tabs behind the first, the machine, the warm engine."""
        from workbench.gui.curves.choices import Choices  # noqa: PLC0415 - with the plots, after the first paint
        from workbench.gui.curves.view import CurvesView  # noqa: PLC0415 - pyqtgraph takes half a second to import

        view = CurvesView(self.theme)
        view.status.connect(self.status.say)
        view.choices_changed.connect(self._keep_choices)
        view.fork_asked.connect(self.steering.fork_after)
        view.rule_wanted.connect(self.deeds.use_rule)
        self.presenter.put_curves(view)
        view.set_choices(Choices.from_tree(self.arrangement.curves))
        self.fill_tabs()
        self.status.start()
        self.troubles.start()
        self._machine.start()
        recipe = self.recipe.recipe
        self.session.warm_up(recipe.training.backend if recipe else "tensorflow")

    def fill_tabs(self) -> None:
        """The pages behind the first tab, with who fills them."""
        from workbench.gui import pages  # noqa: PLC0415 - nobody sees them before the first paint

        self._asking = pages.fill(self)

    def _turn_tab(self, name: str) -> None:
        """Each tab has its own panels."""
        self.regions.show_panels(self.arrangement.panels(name))
        self.presenter.show_panels()
        self._remember.start()

    def set_theme(self, mode: Mode) -> None:
        """Pin a theme, or follow the system."""
        self.theme.set_mode(mode)
        self._remember.start()

    def _show_machine(self, machine: Machine) -> None:
        self.machine = machine
        self.toolbar.device.show_machine(machine)
        self.page.start.show_machine(machine)
        self.status.show_gpu(machine.status)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.deeds.may_close():
            event.ignore()
            return
        self._write_arrangement()
        self.recipe.flush()
        self.clock.stop()
        self.status.stop()
        self.troubles.stop()
        self._remember.stop()
        self._machine.wait()
        self.deeds.upkeep.close()
        for each in self._asking:
            each.close()
        for desk in (self.exporting, self.writing, self.arrivals, self.jobs, self.tensorboards):
            desk.close()
        self.probes.close()
        self.session.close()
        super().closeEvent(event)
        self.closed.emit()

    def _keep_choices(self, choices: Choices) -> None:
        """What the curves show is found again at the next start."""
        self.arrangement.curves = choices.tree()
        self._remember.start()

    def _write_arrangement(self) -> None:
        kept = self.arrangement
        kept.maximized = self.isMaximized()
        if not kept.maximized:
            kept.width, kept.height = self.width(), self.height()
        kept.theme = self.theme.mode
        kept.tabs[self.tabs.name] = self.regions.panels
        layout_store.save(self.workspace, kept)

    # --- Qt's events ------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self._remember.start()

    def _fit(self) -> None:
        if self.regions.fit(self.width(), self.height()):
            self.presenter.show_frame()
            self.presenter.show_words()
        self.page.set_strip(self.regions.narrow)
        self.presenter.show_panels()

    def _speak(self, sentence: str) -> None:
        say(self, sentence)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.arrivals.take(_paths(event.mimeData()))


def _paths(dropped: QMimeData) -> list[str]:
    return [url.toLocalFile() for url in dropped.urls() if url.isLocalFile()]
