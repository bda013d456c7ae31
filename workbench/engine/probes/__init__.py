"""Probes: short engine tasks that are no run, one a file, found by the name of their question.

Each takes what was asked (`asked.Asked`), tells how far it is, and gives its answer as a plain JSON tree. It builds a model
of its own in a process that ends with the answer, so that nothing a run depends on is touched.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workbench.engine.probes.asked import Asked
from workbench.engine.probes.exported import exported
from workbench.engine.probes.fed import fed
from workbench.engine.probes.kept import inside, results
from workbench.engine.probes.overfit import overfit
from workbench.engine.probes.preflight import preflight
from workbench.engine.probes.rate_search import rate_search
from workbench.engine.probes.slice import sliced
from workbench.engine.probes.tried import tried
from workbench.engine.probes.xray import xray

PROBES: dict[str, Callable[[Asked], dict[str, Any]]] = {
    "xray": xray,
    "rate": rate_search,
    "preflight": preflight,
    "overfit": overfit,
    "fed": fed,
    "results": results,
    "inside": inside,
    "slice": sliced,
    "try": tried,
    "export": exported,
}
