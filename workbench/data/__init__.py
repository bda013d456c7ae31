"""READS: pictures and labels of every kind of data set, chosen, divided and measured by a recipe's data station.

`load` gives a DataSet, `describe` says its shape without reading pictures. Knows NumPy and Pillow; no Keras, no Qt.
    loading     from the recipe to a data set (read this first)
    splitting   which pictures are used, and which part each belongs to
    store       in memory or in a flat file
    shelf       a folder of the cache: what is half-made, and what has to go
    digits, shapes, known, folder, npz, shape_masks, mask_folder    the readers, each a Source
    mask_table                            which number or colour in a mask is which class
    decode, worker, crew                  one picture; a process that decodes; many such processes
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.data.pictures import DataSet, Part, Pictures, Progress

if TYPE_CHECKING:  # the processes that decode import this package too, and need no pydantic
    from workbench.paths import Workspace
    from workbench.spec.data import Data

__all__ = ["DataSet", "Part", "Pictures", "Progress", "describe", "load"]


def load(spec: Data, seed: int, workspace: Workspace, progress: Progress, *, names: bool = False) -> DataSet:
    """The data set of a recipe. Raises DataError or DownloadError with a sentence; WorkspaceError when the disk is full.

    `names` keeps the names of files, which training has no use for: a set can have millions.
    """
    from workbench.data.loading import load as load_set  # noqa: PLC0415 - Pillow and the readers only when they are used

    return load_set(spec, seed, workspace, progress, names=names)


def describe(spec: Data) -> tuple[int, int, int, int] | None:
    """Height, width, channels and classes, without reading pictures; None while it cannot be known. Raises DataError."""
    from workbench.data.describing import describe as describe_set  # noqa: PLC0415 - as above

    return describe_set(spec)
