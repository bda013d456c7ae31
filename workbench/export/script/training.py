"""The training: compiled once, then one call of fit an epoch, in our order; judged and kept after each."""

from __future__ import annotations

from workbench.export.script import pretrained, schedules
from workbench.export.script.data import parts
from workbench.export.script.draft import Draft
from workbench.export.script.tricks import augmentation, averages, mixing, moves, patience
from workbench.export.script.tricks.losses import Loss
from workbench.spec.schedule import Plateau


def write(draft: Draft, loss: Loss, file: str, remade: list[str]) -> None:
    """Append the training. `file` is what the network is saved as; `remade` is done to an optimizer that is made anew."""
    draft.constant("training.epochs")
    draft.constant("training.batch_size")
    compiled = f"model.compile(optimizer, {loss.name}, metrics={loss.metrics}, jit_compile=False)"
    code = [compiled]
    text = "XLA is left off: on the CPU it makes convolutions several times slower. Checkpoints to go on from are the workbench's: a script that was stopped begins again."
    if loss.judged:
        judged, metrics = loss.judged
        code += [
            "judge = keras.Model(model.inputs, model.outputs)  # the same network, seen by another loss",
            "judge.compile(", f"    loss={judged}, metrics={metrics},", "    jit_compile=False,", ")",
        ]  # fmt: skip
    code += ["", "seen_val = scaled(x_val)"]
    draft.cell(text, "\n".join(code))
    _remeasured(draft)
    draft.cell(
        "One call of fit an epoch, in the order drawn for it; then the network is judged. The weights of the best epoch are kept."
        if draft.recipe.keeps_best
        else "One call of fit an epoch, in the order drawn for it; then the network is judged. The last weights are kept.",
        "\n".join(_loop(draft, loss, pretrained.thaw(draft, compiled, remade))),
    )
    draft.cell(
        "Pictures that neither training nor validation has seen have the last word. The file holds the network with its scaling, so that "
        "it takes pictures as they are, with values from 0 to 255.",
        "\n".join(_end(draft, loss, file)),
    )


def _remeasured(draft: Draft) -> None:
    """Append which training pictures are judged as validation pictures are."""
    if not draft.recipe.training.remeasure:
        return
    draft.constant("training.remeasure")
    masks = draft.recipe.data.TASK == "masks"
    draft.once("in_proportion", parts.IN_PROPORTION_TEXT, parts.IN_PROPORTION)
    labels, names = ("np.zeros(len(y_train))", '("pictures",)') if masks else ("y_train", "class_names")
    middle = "[:, MIDDLE, MIDDLE]" if moves.crops(draft) else ""
    code = (
        parts.REMEASURED.format(labels=labels, names=names)
        + f"\n\nagain = remeasured()\nseen_again, y_again = scaled(x_train[again]{middle}), y_train[again]"
    )
    text = "Some training pictures are judged without dropout and augmentation too, so that their loss compares with validation's."
    draft.cell(text, code + (middle if masks else ""))


def _end(draft: Draft, loss: Loss, file: str) -> list[str]:
    judge = "judge" if loss.judged else "model"
    test = (
        f'print("test:", {judge}.evaluate(scaled(x_test), y_test, batch_size=BATCH_SIZE, verbose=0, return_dict=True))'
    )
    lines = [
        "if len(x_test):", f"    {test}",
        "picture = keras.Input(model.input_shape[1:])",
        f'keras.Model(picture, model((picture - mean) / spread)).save("{file}.keras")',
    ]  # fmt: skip
    if draft.recipe.keeps_best:
        return [
            "if kept:",
            "    model.set_weights(kept)",
            '    print(f"The weights of epoch {best_epoch} are kept.")',
            *lines,
        ]
    if averages.on(draft):
        return ["with judged_weights():", *(f"    {line}" for line in lines)]
    return lines


def _validates(draft: Draft) -> str:
    """Whether there are validation pictures: always, perhaps or never."""
    if draft.recipe.data.validation > 0:
        return "always"
    return "perhaps" if draft.recipe.data.kind == "folder" else "never"


def _loop(draft: Draft, loss: Loss, thaw: list[str]) -> list[str]:
    best = draft.recipe.keeps_best
    body = [
        *thaw,
        *_fed(draft),
        *_fit(draft, loss),
        'numbers = {"epoch": epoch, **{name: values[-1] for name, values in done.history.items()}}',
    ]
    body += [
        'if not np.isfinite(numbers["loss"]):',
        '    raise SystemExit("The loss is no number any more: take a smaller learning rate.")',
    ]
    body += _judged(draft, loss)
    body += [
        "history.append(numbers)",
        'print("  ".join(f"{name} {value:.7g}" for name, value in numbers.items()), flush=True)',
        *(patience.stop(draft) if best else []),
    ]
    begin = ["history = []", *(patience.begin(draft) if best else [])]
    return [*begin, "for epoch in range(1, EPOCHS + 1):", *(f"    {line}" for line in body)]


def _fed(draft: Draft) -> list[str]:
    masks = draft.recipe.data.TASK == "masks"
    lines = ["order = epoch_order(epoch)", "x, y = x_train[order], y_train[order]"]
    if augmentation.on(draft):
        placed = ", order" if moves.padded(draft) else ""
        lines.append(f"x, y = augmented(x, y, epoch{placed})" if masks else "x = augmented(x, epoch)")
    if mixing.on(draft):
        lines.append("x, y = mixed(x, y, epoch)")
    return lines


def _fit(draft: Draft, loss: Loss) -> list[str]:
    more = list(loss.fit)
    before = []
    if schedules.changes(draft):
        share = "np.float32(plateau.share) * " if isinstance(draft.recipe.schedule, Plateau) else ""
        before = [f"rates_now = {share}rates[(epoch - 1) * STEPS : epoch * STEPS]"]
        more.append("callbacks=[RateOfEachStep(rates_now)]")
    return [
        *before, "done = model.fit(",
        "    scaled(x), y, batch_size=BATCH_SIZE, epochs=epoch, initial_epoch=epoch - 1, shuffle=False, verbose=0,",
        *([f"    {', '.join(more)},"] if more else []), ")",
    ]  # fmt: skip


def _judged(draft: Draft, loss: Loss) -> list[str]:
    """Lines that judge an epoch by the weights that are judged."""
    judge = "judge" if loss.judged else "model"
    again = [
        f"judged_again = {judge}.evaluate(seen_again, y_again, batch_size=BATCH_SIZE, verbose=0, return_dict=True)",
        'numbers |= {f"remeasured_{name}": value for name, value in judged_again.items()}',
    ]
    lines = _validated(draft, judge) + (again if draft.recipe.training.remeasure else [])
    if lines and averages.on(draft):
        lines = ["with judged_weights():", *(f"    {line}" for line in lines)]
    if isinstance(draft.recipe.schedule, Plateau):
        lines.append('plateau.update(epoch, numbers["val_loss"])')
    return lines


def _validated(draft: Draft, judge: str) -> list[str]:
    validates = _validates(draft)
    if validates == "never":
        return []
    lines = [
        f"judged = {judge}.evaluate(seen_val, y_val, batch_size=BATCH_SIZE, verbose=0, return_dict=True)",
        'numbers |= {f"val_{name}": value for name, value in judged.items()}',
    ]
    if draft.recipe.keeps_best:
        lines += patience.judge(draft)
    return ["if len(x_val):", *(f"    {line}" for line in lines)] if validates == "perhaps" else lines
