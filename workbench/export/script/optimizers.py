"""The optimizer: each method as a call of Keras with the recipe's values, found by the spec.

Tricks that change gradients, or the weights to judge by, make it a class of its own; what they do stands in files of theirs.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from workbench.export.script import schedule_free
from workbench.export.script.draft import Draft, spec_text, trimmed
from workbench.export.script.tricks import accumulation, gradients
from workbench.network.layers import LOGITS, NORMS
from workbench.spec import adam
from workbench.spec import optimizer as specs
from workbench.spec.optimizer_base import OptimizerSpec


@dataclass(frozen=True)
class Method:
    """A class of keras.optimizers: its keywords, each with the setting it takes; and what is handed over as it is."""

    name: str
    keywords: dict[str, str]
    more: dict[str, str] = field(default_factory=dict)


_BETAS = {"beta_1": "beta_1", "beta_2": "beta_2", "epsilon": "epsilon"}
_AMSGRAD = {**_BETAS, "amsgrad": "amsgrad"}
_DECAY = {"weight_decay": "weight_decay"}

METHODS: dict[type[OptimizerSpec], Method] = {
    specs.Sgd: Method("SGD", {"momentum": "momentum", "nesterov": "nesterov"}),
    adam.Adam: Method("Adam", _AMSGRAD),
    adam.AdamW: Method("AdamW", _AMSGRAD | _DECAY),
    adam.ScheduleFree: Method("ScheduleFreeAdamW", _BETAS | _DECAY),
    specs.RmsProp: Method(
        "RMSprop", {"rho": "rho", "momentum": "momentum", "epsilon": "epsilon", "centered": "centered"}
    ),
    specs.AdaGrad: Method("Adagrad", {"initial_accumulator_value": "initial_accumulator", "epsilon": "epsilon"}),
    specs.AdaDelta: Method("Adadelta", {"rho": "rho", "epsilon": "epsilon"}),
    adam.Adamax: Method("Adamax", _BETAS),
    adam.Nadam: Method("Nadam", _BETAS),
    specs.Lion: Method("Lion", {"beta_1": "beta_1", "beta_2": "beta_2"}),
    adam.Lamb: Method("Lamb", _BETAS),
    specs.Ftrl: Method(
        "Ftrl",
        {
            "learning_rate_power": "power", "initial_accumulator_value": "initial_accumulator",
            "l1_regularization_strength": "l1", "l2_regularization_strength": "l2",
            "l2_shrinkage_regularization_strength": "shrinkage", "beta": "beta",
        },
    ),
    specs.Adafactor: Method(
        "Adafactor",
        {"beta_2_decay": "decay", "epsilon_1": "epsilon_1", "epsilon_2": "epsilon_2", "clip_threshold": "clip"},
    ),
    specs.Muon: Method(
        "Muon",
        {
            "adam_beta_1": "beta_1", "adam_beta_2": "beta_2", "epsilon": "epsilon", "adam_weight_decay": "adam_weight_decay",
            "adam_lr_ratio": "adam_ratio", "muon_a": "a", "muon_b": "b", "muon_c": "c", "ns_steps": "rounds",
            "momentum": "momentum", "nesterov": "nesterov", "rms_rate": "rms_rate", "weight_decay": "weight_decay",
        },
        {"exclude_layers": f'[r"(^|/){LOGITS}/"]'},
    ),
}  # fmt: skip

#: Of a norm's scale the gradient is a product, and TensorFlow draws the rate into it before the rest: rounded otherwise. In the
#: engine it does not, since the gradient's norm reads the product too. What clips nothing holds them apart.
_AS_IT_IS = 'clipvalue=float("inf"),  # clips nothing; without it TensorFlow takes rate and gradient together, and rounds otherwise'
_NO_KERNEL = r'[r"^(?!(.*/)?kernel(:\d+)?$)"]'
_AS_THEY_ARE = '''
    def finalize_variable_values(self, var_list):
        """Keras would end each call of fit by taking the mean; here it is taken only to judge by."""
'''


def write(draft: Draft) -> list[str]:
    """Append the optimizer; what must be done to one that is made anew."""
    spec = draft.recipe.optimizer
    method = METHODS[type(spec)]
    made = f"keras.optimizers.{method.name}"
    if isinstance(spec, adam.ScheduleFree):
        schedule_free.write(draft)
        made = schedule_free.NAME
    own = _own_class(draft, made)
    name = f"Our{method.name}" if own else made
    if own:
        text = "What the tricks do to a gradient before the optimizer takes it, or to the weights after it, is said here; how, below."
        draft.cell(text, f"class {name}({made}):\n{own}")
    lines = [f"optimizer = {name}(", f"    learning_rate={draft.constant('optimizer.learning_rate')},"]
    lines += [f"    {keyword}={_value(draft, setting)}," for keyword, setting in method.keywords.items()]
    lines += [f"    {keyword}={code}," for keyword, code in method.more.items()]
    lines += [f"    {keyword}={code}," for keyword, code in _tricks(draft).items()]
    if _multiplied_at_once(draft):
        lines.append("    " + _AS_IT_IS)
    lines += [")"]
    after = []
    decay = draft.recipe.tricks.weight_decay
    if (decay.on or "weight_decay" in method.keywords) and not (decay.on and decay.everything):
        after += [
            "# Kernels decay, biases and norm scales do not: they do not overfit, and pulling them to zero does harm.",
            f"optimizer.exclude_from_weight_decay(var_names={_NO_KERNEL})",
        ]
    if isinstance(spec, adam.ScheduleFree):
        after += [
            "# z starts at the starting weights: so it is made before the first step changes them.",
            "optimizer.build(model.trainable_variables)",
        ]
    draft.cell(spec_text(spec), "\n".join([*lines, *after]))
    return [line for line in after if not line.startswith("#")]


def _multiplied_at_once(draft: Draft) -> bool:
    """Whether the rate is all that a gradient which is a product meets in its step."""
    norms = any(isinstance(layer.kind, NORMS) for layer in draft.plan.layers)
    return norms and isinstance(draft.recipe.optimizer, specs.Sgd) and draft.recipe.training.backend == "tensorflow"


def _value(draft: Draft, setting: str) -> str:
    spec = draft.recipe.optimizer
    if setting == "rms_rate" and isinstance(spec, specs.Muon) and not spec.adam_sized:
        return "None"
    name = setting.upper()
    # A letter alone says nothing at the top of a file.
    return draft.constant(
        f"optimizer.{setting}",
        f"POLYNOMIAL_{name}" if len(name) == 1 else f"OPTIMIZER_{name}" if name == "DECAY" else name,
    )


def _tricks(draft: Draft) -> dict[str, str]:
    """What tricks hand to the optimizer."""
    tricks = draft.recipe.tricks
    found = {}
    if tricks.weight_decay.on:
        found["weight_decay"] = draft.constant("tricks.weight_decay.rate", "WEIGHT_DECAY")
    if tricks.ema.on:
        found |= {"use_ema": "True", "ema_momentum": draft.constant("tricks.ema.decay", "EMA_DECAY")}
    return found


def _own_class(draft: Draft, made: str) -> str:
    """The body of a class of its own, if tricks ask for one."""
    del made
    parts = [gradients.method(draft, accumulated=draft.recipe.tricks.gradient_accumulation.on)]
    if draft.recipe.tricks.gradient_accumulation.on:
        parts = [accumulation.METHODS, *parts]
    if draft.recipe.tricks.ema.on or isinstance(draft.recipe.optimizer, adam.ScheduleFree):
        parts.append(_AS_THEY_ARE)
    texts = [trimmed(part) for part in parts if part]
    return "\n\n".join("\n".join(f"    {line}" if line else "" for line in text.split("\n")) for text in texts)
