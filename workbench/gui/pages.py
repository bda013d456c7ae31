"""The pages behind the first tab, with who fills them: made after the window's first paint, as nobody sees them before."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from workbench.gui.compare_presenter import ComparePresenter
from workbench.gui.curves.compare_plot import ComparePlot
from workbench.gui.data_presenter import DataPresenter
from workbench.gui.fed_presenter import FedPresenter
from workbench.gui.lab.export_desk import LabExportDesk
from workbench.gui.lab.network_desk import NetworkDesk
from workbench.gui.lab.page import LabPage
from workbench.gui.lab.panel import LabPanel
from workbench.gui.lab.presenter import LabPresenter
from workbench.gui.model_presenter import ModelPresenter
from workbench.gui.results.presenter import ResultsPresenter
from workbench.gui.run_xray_desk import RunXRayDesk
from workbench.gui.tabs.compare_page import ComparePage
from workbench.gui.tabs.data_page import DataPage
from workbench.gui.tabs.model_page import ModelPage
from workbench.gui.tabs.results_page import ResultsPage
from workbench.gui.xray_desk import XRayDesk

if TYPE_CHECKING:
    from workbench.gui.window import Window

#: What has processes or threads of its own and is closed with the window.
Asking: TypeAlias = DataPresenter | FedPresenter | ResultsPresenter | RunXRayDesk | LabExportDesk | LabPresenter


def fill(window: Window) -> list[Asking]:
    """Make every page and put it into its tab; gives what is to be closed with the window."""
    theme, session, tabs = window.theme, window.session, window.tabs
    window.data = DataPage(theme)
    window.pictures, window.fed = DataPresenter(window), FedPresenter(window)
    tabs.put("data", window.data)
    window.pictures.start()
    window.model = ModelPage(theme)
    window.model.status.connect(window.status.say)
    window.networks = ModelPresenter(window)
    window.xrays = XRayDesk(window)
    tabs.put("model", window.model)
    window.run_xrays = RunXRayDesk(window, session)
    window.networks.fill()
    window.results = ResultsPage(theme)
    window.judging = ResultsPresenter(window, session)
    tabs.put("results", window.results)
    window.judging.fill()
    window.compare = ComparePage(theme)
    window.compare.put_plot(ComparePlot(theme))
    window.compared = ComparePresenter(window, session)
    tabs.put("compare", window.compare)
    window.compared.fill()
    window.lab, window.lab_panel = LabPage(theme), LabPanel(theme, window.workspace)
    window.left.put_lab(window.lab_panel)
    window.racing = LabPresenter(window)
    window.lab_races, window.lab_exports = NetworkDesk(window, session), LabExportDesk(window)
    tabs.put("lab", window.lab)
    window.racing.fill()
    return [window.fed, window.pictures, window.judging, window.run_xrays, window.lab_exports, window.racing]
