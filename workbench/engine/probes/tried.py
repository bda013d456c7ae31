"""The probe of single pictures: what a run's kept weights say of files that a person drops, told batch by batch.

The run's data set is not read, and nothing of the run is changed. What is large is written into the folder that the asker names,
and nowhere else:

    {"partial": {"about": {"classes", "masks", "shape", "pictures"}}}      once, first
    {"partial": {"file", "pictures": [{"name", "size", "grey"}]}}          of a batch: `seen` (n, h, w, c); `shares` (n, classes),
                                                                           or for masks `mask` (n, h, w) and `areas` (n, classes)
    {"partial": {"cams": file}}                                            `cams` (n, rows, columns) of the batch before
    {"partial": {"no_cams": a sentence}}                                   where there are none
    {"partial": {"left_out": [{"name", "why"}]}}

Masks lie beside them at the size of their pictures, masks/NAME.png. `seen` and `mask` may be smaller than what was seen.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from workbench.data.decode import UnreadableError, opened
from workbench.data.mask_folder import upright_size
from workbench.data.predictions import mask_png
from workbench.engine.probes.asked import Asked
from workbench.engine.results.small import factor_for, shrunk
from workbench.errors import DataError, EngineError
from workbench.paths import is_there, write_atomic

if TYPE_CHECKING:
    from workbench.engine.predict import LeftOut, Predicted, Predictor

#: So many pictures are looked into; those after them are told of without a map, at full speed.
MOST_CAMS = 256
#: All pictures together take no more on the disk: of many large ones, smaller copies are handed on.
BYTES = 256 << 20
_GREY = frozenset(("1", "L", "LA", "I", "F"))


def tried(asked: Asked) -> dict[str, Any]:
    """Asked with run, maybe place, `pictures` (files and folders) and `to`, a folder: {"pictures": n, "left_out": m}."""
    from workbench.engine.predict import LeftOut, named, predictor  # noqa: PLC0415 - as the probes of kept weights do

    given = [Path(each) for each in asked.options["pictures"]]
    there = [each for each in given if is_there(each) and (each.is_dir() or each.is_file())]
    pictures = named(there)
    gone = [LeftOut(each.name, each, "it is not there any more") for each in given if each not in there]
    if not (pictures or gone):
        raise DataError(
            f"There is no picture in {', '.join(map(str, given)) or 'nothing'}. Take files or folders with pictures, such as PNG or JPEG."
        )
    asked.progress(0, 0, "Opening the network")
    network = predictor(asked.workspace, str(asked.options["run"]), str(asked.options.get("place") or ""))
    about = {
        "classes": list(network.classes), "masks": network.masks, "shape": list(network.shape), "pictures": len(pictures),
    }  # fmt: skip
    asked.partial(about=about)
    teller = _Teller(asked, network, len(pictures))
    teller.leave_out(gone)
    # The first picture by itself: it is there at once.
    for some in chain(network.each(pictures[:1]), network.each(pictures[1:])):
        teller.tell([each for each in some if not isinstance(each, LeftOut)])
        teller.leave_out([each for each in some if isinstance(each, LeftOut)])
        teller.go_on(len(some))
    return {"pictures": teller.told, "left_out": teller.left_out}


class _Teller:
    """Writes and tells what was said of each batch."""

    def __init__(self, asked: Asked, network: Predictor, count: int) -> None:
        self.told, self.left_out = 0, 0
        self._asked, self._network, self._count = asked, network, count
        self._to, self._done = Path(asked.options["to"]), 0
        self._factor = 1 if network.masks else factor_for(count, network.shape, max(network.shape[:2]), BYTES)
        self._looks_into = not network.masks

    def go_on(self, count: int) -> None:
        self._done += count
        self._asked.progress(self._done, self._count, "Predicting")

    def leave_out(self, some: Sequence[LeftOut]) -> None:
        if some:
            self.left_out += len(some)
            self._asked.partial(left_out=[{"name": each.name, "why": each.why} for each in some])

    def tell(self, some: Sequence[Predicted]) -> None:
        if not some:
            return
        arrays = self._masks(some[0]) if self._network.masks else self._shares(some)
        file = self._write(f"{self.told:06d}.npz", arrays)
        self._asked.partial(file=file, pictures=[_facts(each) for each in some])
        if self._looks_into and self.told < MOST_CAMS:
            self._look_into(some)
        self.told += len(some)

    def _shares(self, some: Sequence[Predicted]) -> dict[str, Any]:
        seen = shrunk(np.stack([each.seen for each in some]), self._factor)
        return {"seen": seen, "shares": np.stack([each.shares for each in some])}

    def _masks(self, one: Predicted) -> dict[str, Any]:
        assert one.mask is not None
        assert one.whole is not None
        write_atomic(self._to / "masks" / f"{one.name}.png", mask_png(one.mask))
        height, width = one.whole.shape[:2]
        small = np.asarray(Image.fromarray(one.mask).resize((width, height), Image.Resampling.NEAREST))
        areas = np.bincount(one.mask.ravel(), minlength=len(self._network.classes)) / one.mask.size
        return {"seen": one.whole[None], "mask": small[None], "areas": areas[None].astype(np.float32)}

    def _look_into(self, some: Sequence[Predicted]) -> None:
        from workbench.engine.results.cam import grad_cam, scaled  # noqa: PLC0415 - TensorFlow's

        prepared = self._network.prepared(np.stack([each.seen for each in some]))
        try:
            maps = scaled(grad_cam(self._network.model, prepared, [int(each.shares.argmax()) for each in some]))
        except EngineError as error:
            self._looks_into = False
            self._asked.partial(no_cams=str(error))
            return
        self._asked.partial(cams=self._write(f"{self.told:06d}-cams.npz", {"cams": maps}))

    def _write(self, name: str, arrays: dict[str, Any]) -> str:
        np.savez(self._to / name, **arrays)
        return name


def _facts(each: Predicted) -> dict[str, Any]:
    """What a picture is by its header; its size as it is looked at, which is that of its mask."""
    found: dict[str, Any] = {"name": each.name, "size": [0, 0], "grey": False}
    with contextlib.suppress(UnreadableError), opened(str(each.path)) as image:
        found |= {
            "size": list(upright_size(str(each.path))),
            "grey": image.mode in _GREY or image.mode.startswith("I;"),
        }
    return found
