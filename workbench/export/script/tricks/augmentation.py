"""Augmentation as a whole: each training picture a little different in every epoch."""

from __future__ import annotations

from workbench.export.script.draft import Draft
from workbench.export.script.tricks import chance, colours, moves


def on(draft: Draft) -> bool:
    """Whether pictures change at all."""
    spec = draft.recipe.tricks.augmentation
    return moves.on(draft) or colours.on(spec) or colours.erases(spec)


def write(draft: Draft) -> None:
    """Append what is done to the pictures of an epoch."""
    if not on(draft):
        return
    chance.write(draft)
    spec = draft.recipe.tricks.augmentation
    masks = draft.recipe.data.TASK == "masks"
    lines = []
    if moves.on(draft):
        moves.write(draft)
        lines.append(f"y, x = places(epoch, len(pictures){', order' if moves.padded(draft) else ''})")
        if masks:
            outside = 255 if draft.recipe.data.kind == "mask_folder" else 0
            at = (
                "np.floor(y + 0.5).astype(np.int32), np.floor(x + 0.5).astype(np.int32)"
                if moves.between(spec)
                else "y, x"
            )
            lines.append(f"masks = taken(masks, {at}, {outside})")
        lines.append(
            "pictures = moved(pictures, y, x)" if moves.between(spec) else "pictures = taken(pictures, y, x, 0)"
        )
    if colours.on(spec):
        colours.write(draft)
        lines.append("pictures = coloured(pictures, epoch)")
    if colours.erases(spec):
        colours.write_erasing(draft)
        lines.append("pictures = erased(pictures, epoch)")
    placed = ", order" if moves.padded(draft) else ""
    arguments = f"pictures, masks, epoch{placed}" if masks else "pictures, epoch"
    if masks:
        lines.append("return pictures, masks")
    else:
        lines[-1] = lines[-1].replace("pictures = ", "return ", 1)
    code = "\n".join([f"def augmented({arguments}):", *(f"    {line}" for line in lines)])
    text = (
        f"{spec.TITLE}. {spec.MEANING}" if spec.on else "The network sees another part of each picture in every epoch."
    )
    draft.cell(text, code)
    if moves.crops(draft):
        middle = """
MIDDLE = slice((IMAGE_SIZE - SEEN) // 2, (IMAGE_SIZE - SEEN) // 2 + SEEN)
x_val, x_test = x_val[:, MIDDLE, MIDDLE], x_test[:, MIDDLE, MIDDLE]
"""
        middle += "y_val, y_test = y_val[:, MIDDLE, MIDDLE], y_test[:, MIDDLE, MIDDLE]\n" if masks else ""
        draft.cell("Validation and test see the middle.", middle)
