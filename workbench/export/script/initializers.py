"""The starting weights: each scheme as an expression of Keras with a seed of its own, found by the spec."""

from __future__ import annotations

from workbench.export.script.draft import Draft, spec_text
from workbench.spec import initializer as specs
from workbench.spec.base import Spec

_SEED = 'seed=seed_for("kernel", name)'
EXPRESSIONS: dict[type[Spec], str] = {
    specs.KaimingNormal: f"HeNormal({_SEED})",
    specs.KaimingUniform: f"HeUniform({_SEED})",
    specs.XavierNormal: f"GlorotNormal({_SEED})",
    specs.XavierUniform: f"GlorotUniform({_SEED})",
    specs.LecunNormal: f"LecunNormal({_SEED})",
    specs.LecunUniform: f"LecunUniform({_SEED})",
    specs.Orthogonal: f"Orthogonal(gain=GAIN, {_SEED})",
    specs.TruncatedNormal: f"TruncatedNormal(stddev=SIGMA, {_SEED})",
    specs.Zeros: "Zeros()",
    specs.Doubling: f'VarianceScaling(8.0, "fan_in", "truncated_normal", {_SEED})',
}


def write(draft: Draft) -> None:
    """Append the starting weights, and the making of the network."""
    spec = draft.recipe.initializer
    expression = EXPRESSIONS[type(spec)]
    for name in ("gain", "sigma"):
        if f"{name.upper()}" in expression:
            draft.constant(f"initializer.{name}")
    code = f"""
def starting_weights(name):
    return keras.initializers.{expression}


model = network()
model.summary()
"""
    draft.cell(spec_text(spec), code)
