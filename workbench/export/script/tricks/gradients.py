"""What tricks do to a gradient: penalties join first, then come noise and clipping, as in the engine."""

from __future__ import annotations

from workbench.export.script.draft import Draft, refuse

_PENALTY = '''
def penalized(gradients, variables):
    """The gradients of loss and penalties together."""
    found = []
    for gradient, variable in zip(gradients, variables):
        kernel = variable.path.rsplit("/", 1)[-1] == "kernel"
        {lines}
        found.append(gradient)
    return found
'''
_NOISE = '''
noise_seeds = []


def noisy(gradients, update):
    """N(0, σ²/(1 + t)^γ) on every element, with t the updates done."""
    while len(noise_seeds) < len(gradients):
        noise_seeds.append(keras.random.SeedGenerator(seed_for("noise") ^ len(noise_seeds)))
    sigma = NOISE_SIGMA / ops.power(1.0 + ops.cast(update, "float32"), 0.5 * NOISE_FADE)
    return [
        gradient + sigma * keras.random.normal(gradient.shape, seed=seed)
        for gradient, seed in zip(gradients, noise_seeds)
    ]
'''
_NORM = '''
def length(gradients):
    """√ of the sum of all squares."""
    return ops.sqrt(sum(ops.sum(ops.square(gradient)) for gradient in gradients))


'''
_CLIP = {
    "value": """
def clipped(gradients):
    return [ops.clip(gradient, -CLIP_LIMIT, CLIP_LIMIT) for gradient in gradients]
""",
    "norm": """
def clipped(gradients):
    return [gradient * (CLIP_LIMIT / ops.maximum(length([gradient]), CLIP_LIMIT)) for gradient in gradients]
""",
    "global_norm": """
def clipped(gradients):
    factor = CLIP_LIMIT / ops.maximum(length(gradients), CLIP_LIMIT)
    return [gradient * factor for gradient in gradients]
""",
}


def method(draft: Draft, *, accumulated: bool) -> str:
    """What the optimizer's own class does with gradients; nothing when no trick asks."""
    tricks = draft.recipe.tricks
    # JAX cannot leave out what a branch would assign; there the loop over epochs sees what went wrong.
    guards = tricks.gradient_clipping.on and draft.recipe.training.backend != "jax"
    lines = []
    if tricks.l2_penalty.on or tricks.l1_penalty.on:
        lines.append("grads = penalized(grads, variables)")
    if guards:
        lines.append("finite = ops.isfinite(length(grads))")
    if tricks.gradient_noise.on:
        lines.append("grads = noisy(grads, self.iterations)")
    if tricks.gradient_clipping.on:
        lines.append("grads = clipped(grads)")
    if guards:
        lines.append("# A step whose gradient is not finite is skipped: it would take the weights with it.")
        lines.append("ops.cond(finite, lambda: self.step(grads, variables), lambda: None)")
    if not lines and not accumulated:
        return ""
    head = "def update(self, grads, variables):" if accumulated else "def apply(self, grads, trainable_variables=None):"
    begin = (
        []
        if accumulated
        else ["variables = self._trainable_variables if trainable_variables is None else trainable_variables"]
    )
    end = [] if guards else ["super().apply(grads, variables)"]
    text = "\n".join([head, *(f"    {line}" for line in (*begin, *lines, *end))])
    if guards:
        text += "\n\ndef step(self, grads, variables):\n    super().apply(grads, variables)"
    return text


def write(draft: Draft) -> None:
    """Append the functions of the tricks that are on."""
    tricks = draft.recipe.tricks
    on = [
        trick
        for trick in (tricks.l2_penalty, tricks.l1_penalty, tricks.gradient_noise, tricks.gradient_clipping)
        if trick.on
    ]
    if on:
        draft.needs("from keras import ops")
    if tricks.l2_penalty.on or tricks.l1_penalty.on:
        draft.cell(*_penalties(draft))
    if tricks.gradient_noise.on:
        if draft.recipe.training.backend != "tensorflow":
            raise refuse(
                "tricks.gradient_noise",
                "can be written for TensorFlow only, whose optimizers may draw; choose that backend, or turn it off.",
            )
        draft.constant("tricks.gradient_noise.sigma", "NOISE_SIGMA")
        draft.constant("tricks.gradient_noise.fade", "NOISE_FADE")
        draft.cell(_text(tricks.gradient_noise), _NOISE)
    if tricks.gradient_clipping.on:
        draft.constant("tricks.gradient_clipping.limit", "CLIP_LIMIT")
        draft.cell(_text(tricks.gradient_clipping), _NORM + _CLIP[tricks.gradient_clipping.by].strip("\n"))


def _text(trick: object) -> str:
    return f"{trick.TITLE}. {trick.MEANING}"  # type: ignore[attr-defined] # every trick has both


def _penalties(draft: Draft) -> tuple[str, str]:
    tricks = draft.recipe.tricks
    lines, texts = [], []
    for name, trick, added in (
        ("L2", tricks.l2_penalty, "{rate} * ops.convert_to_tensor(variable)"),
        ("L1", tricks.l1_penalty, "{rate} * ops.sign(ops.convert_to_tensor(variable))"),
    ):
        if not trick.on:
            continue
        texts.append(_text(trick))
        rate = draft.constant(f"tricks.{name.lower()}_penalty.rate", f"{name}_RATE")
        grown = f"gradient = gradient + {added.format(rate=rate)}"
        lines += (
            [grown] if trick.everything else ["if kernel:  # biases and norm scales are left alone", f"    {grown}"]
        )
    code = _PENALTY.format(lines="\n        ".join(lines))
    if "if kernel" not in code:
        code = "\n".join(line for line in code.split("\n") if "kernel =" not in line)
    return " ".join(texts) + " The loss that is printed is that of the data alone.", code
