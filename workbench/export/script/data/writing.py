"""The section of the data: reading, choosing, dividing, scaling. Each kind of data set has its writer, found by the spec."""

from __future__ import annotations

from collections.abc import Callable

from workbench.export.script.data import drawn, own, parts, sets
from workbench.export.script.draft import Draft
from workbench.spec import data as spec

READERS: dict[type[spec.DataSpec], Callable[[Draft], None]] = {
    spec.Digits: sets.digits,
    spec.Shapes: drawn.shapes,
    spec.Mnist: sets.known,
    spec.FashionMnist: sets.known,
    spec.Cifar10: sets.known,
    spec.Cifar100: sets.known,
    spec.Folder: own.folder,
    spec.Npz: own.npz,
    spec.ShapeMasks: drawn.shape_masks,
    spec.MaskFolder: own.mask_folder,
}
#: Those whose pictures are brought to size as they are read or drawn.
_SIZED = (spec.Shapes, spec.Folder, spec.ShapeMasks, spec.MaskFolder)


def write(draft: Draft) -> None:
    """Append the data."""
    settings = draft.recipe.data
    masks = settings.TASK == "masks"
    draft.needs("import hashlib")
    draft.constant("training.seed")
    draft.constant("data.image_size")
    draft.constant("data.validation")
    if "test" in type(settings).model_fields:
        draft.constant("data.test")
    else:
        draft.fixed("TEST", 0.0, "Test. The set brings its own test pictures.", "data")
    draft.cell(parts.RANDOM_TEXT, parts.RANDOM)
    _facts(draft)
    READERS[type(settings)](draft)
    if _other_size(settings):
        draft.needs("from PIL import Image", "Pillow")
        draft.cell(
            "Pictures are brought to another size by Pillow's antialiased filter.",
            f"{parts.RESIZE}\n\npictures = resized(pictures)",
        )
    _chosen(draft, masks=masks)
    _divided(draft, masks=masks)
    if settings.scaling == "standardize":
        text = "Mean and spread of each channel, measured on the training pictures only, from the count of each of the 256 levels."
        draft.cell(text, parts.STANDARDIZE + "\n" + parts.SCALED)
    else:
        draft.cell("Pixels are divided by 255, and nothing else.", parts.UNIT + "\n" + parts.SCALED)


def _other_size(settings: spec.DataSpec) -> bool:
    """Whether pictures may come in another size than is asked for."""
    if isinstance(settings, _SIZED):
        return False
    own = type(settings).model_fields["image_size"].default
    return isinstance(settings, spec.Npz) or settings.image_size != own


def _facts(draft: Draft) -> None:
    """What the network was planned for."""
    channels = draft.plan.shape[2]
    draft.fixed("CHANNELS", channels, "Numbers a pixel: 3 in colour, 1 in grey.", "data")
    draft.fixed("CLASSES", draft.plan.classes, "Classes to tell apart.", "data")
    if draft.recipe.data.crop is not None:
        draft.constant("data.crop", "SEEN")


def _chosen(draft: Draft, *, masks: bool) -> None:
    if draft.recipe.data.limit is None:
        return
    draft.constant("data.limit")
    draft.once("in_proportion", parts.IN_PROPORTION_TEXT, parts.IN_PROPORTION)
    groups = '("pictures",)' if masks else "class_names"
    also = "masks = masks[rows]\n" if masks else ""
    code = (
        f"{parts.LIMIT}\n\nrows = chosen(labels, given, {groups})\n"
        f"pictures, labels, given = pictures[rows], labels[rows], given[rows]\n{also}"
    )
    draft.cell("Only some of the pictures are used, drawn evenly per class.", code)


def _divided(draft: Draft, *, masks: bool) -> None:
    groups, answers = ('("pictures",)', "masks") if masks else ("class_names", "labels")
    lines = [f"part = split(labels, given, {groups})"]
    lines += [
        f"x_{name}, y_{name} = pictures[part == {number}], {answers}[part == {number}]"
        for number, name in enumerate(("train", "val", "test"))
    ]
    lines += [
        'print(f"{len(x_train)} pictures to learn from, {len(x_val)} for validation, {len(x_test)} for the test")'
    ]
    text = "Each picture is in one part only: training learns from it, validation judges each epoch by it, the test comes at the end."
    draft.cell(text, parts.SPLIT + "\n\n" + "\n".join(lines))
