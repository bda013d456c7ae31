"""What the network is fed, as an engine has answered: the first batch, and a picture as augmentation changes it.

Read from the folder that the engine wrote to. Asks nothing and draws nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.data.pictures import Pixels


@dataclass(frozen=True)
class Fed:
    """What the engine answered."""

    #: (k, h, w, 1 or 3): the first batch, the picture as augmentation changes it, and (h, w, …) as it is
    batch: Pixels
    changed: Pixels
    original: Pixels
    #: below each picture of the batch, and of the changed ones
    batch_words: tuple[str, ...]
    changed_words: tuple[str, ...]
    #: whether anything is changed at all
    on: bool
    #: of a set with masks: those of the batch, of the changed pictures and of the original, (k, h, w) and (h, w)
    batch_masks: Pixels | None = None
    changed_masks: Pixels | None = None
    original_masks: Pixels | None = None

    @staticmethod
    def read(folder: Path, answer: dict[str, Any]) -> Fed:
        """Raises OSError or ValueError when what was written is not there."""
        import numpy as np  # noqa: PLC0415 - not before the first paint

        names = ["batch", "changed", "original"]
        if answer["masks"]:
            names += [f"{name}_masks" for name in names]
        found = {name: np.load(folder / f"{name}.npy", allow_pickle=False) for name in names}
        changes = tuple(", ".join(words) or "Unchanged" for words in answer["changes"])
        return Fed(**found, batch_words=tuple(_labels(answer)), changed_words=changes, on=bool(answer["on"]))


def _labels(answer: dict[str, Any]) -> list[str]:
    classes, labels = answer["classes"], answer["labels"]
    if not labels:
        return [""] * len(answer["rows"])
    names = [str(classes[label]) for label in labels]
    if answer["partner"] is None:
        return names
    return [
        names[place] if share >= 1 else f"{share:.0%} {names[place]}, {1 - share:.0%} {names[partner]}"
        for place, (partner, share) in enumerate(zip(answer["partner"], answer["share"], strict=True))
    ]
