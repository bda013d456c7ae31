"""The probes of kept weights: what they say of a part of the data, and what in some pictures they go by.

Both open a checkpoint of a run and change nothing of it. What they find is large and lies in a file; the answer names it.
They are TensorFlow's, which the probes of another backend must not load: all of it is imported when one of them is asked.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.engine.probes.asked import Asked
from workbench.errors import EngineError
from workbench.journal import Journal
from workbench.journal.judged import PartName
from workbench.journal.tested import looks_at_test, remember_test
from workbench.paths import write_atomic

if TYPE_CHECKING:
    from workbench.engine.results.opened import Opened

#: So many maps and filters of a layer are given; of the rest, the number.
MOST_MAPS = 64


def results(asked: Asked) -> dict[str, Any]:
    """What a checkpoint says of a part: {"file": …}, to be read by journal/judged.py.

    Asked with run, place ("000004-000000180"), part ("validation" or "test") and, for test, test_wanted.
    """
    from workbench.engine.results.judge import judge  # noqa: PLC0415 - see above

    part = _part(asked)
    opened = _opened(asked)
    count = len(opened.part(part))
    path = judge(asked.workspace, opened, part, lambda done: asked.progress(done, count, "Judging pictures"))
    return {"file": str(path)}


def inside(asked: Asked) -> dict[str, Any]:
    """Grad-CAM of some pictures, and what a layer makes of the first: {"file", "layer", "layers", "maps"}.

    Asked as `results`, with `rows` of the part, a class for each (`classes`), `to`, the file to write, and maybe `layer`. The file has
    cams (n, rows, columns) from 0 to 1, pictures (n, h, w, c), maps (rows, columns, k) and filters (rows, columns, in, k).
    """
    from workbench.engine.results.cam import grad_cam, last_maps, layers_with_maps, scaled  # noqa: PLC0415 - see above
    from workbench.engine.results.layers import activations, filters  # noqa: PLC0415 - see above

    part = _part(asked)
    rows, classes = (np.asarray(asked.options[name], np.int64) for name in ("rows", "classes"))
    opened = _opened(asked)
    stored = opened.part(part)
    if opened.data.task == "masks":
        raise EngineError(
            "Grad-CAM shows what a class of a whole picture goes by; here every pixel has a class of its own."
        )
    if not len(rows) or len(rows) != len(classes) or rows.min() < 0 or rows.max() >= len(stored):
        raise EngineError(f"Grad-CAM needs rows from 0 to {len(stored) - 1} and a class for each.")
    _touch(asked, opened, part)
    pictures = opened.centre(stored.pictures.take(rows))
    prepared = opened.prepared(pictures)
    layer = str(asked.options.get("layer") or "") or last_maps(opened.model)
    asked.progress(0, 1, "Looking at pictures")
    cams = scaled(grad_cam(opened.model, prepared, classes, layer))
    maps, kernels = activations(opened.model, prepared[:1], layer)[0], filters(opened.model, layer)
    shown = kernels if kernels is not None else np.zeros((0, 0, 0, 0), np.float32)
    content = io.BytesIO()
    np.savez(content, cams=cams, pictures=pictures, maps=maps[..., :MOST_MAPS], filters=shown[..., :MOST_MAPS])
    to = Path(asked.options["to"])
    write_atomic(to, content.getvalue())
    return {"file": str(to), "layer": layer, "layers": list(layers_with_maps(opened.model)), "maps": maps.shape[-1]}


def _part(asked: Asked) -> PartName:
    from workbench.engine.results.judge import check_part  # noqa: PLC0415 - see above

    return check_part(str(asked.options.get("part")), test_wanted=asked.options.get("test_wanted") is True)


def _opened(asked: Asked) -> Opened:
    from workbench.engine.results.opened import open_kept  # noqa: PLC0415 - see above

    return open_kept(asked.workspace, str(asked.options["run"]), str(asked.options["place"]), asked.reading)


def _touch(asked: Asked, opened: Opened, part: PartName) -> None:
    """The run remembers that its test pictures were looked at, also by who has not judged it on them."""
    if part == "test":
        with Journal(asked.workspace) as journal:
            if not looks_at_test(journal, opened.run.id):
                remember_test(journal, opened.run.id, opened.kept.epoch, opened.kept.step)
