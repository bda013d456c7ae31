"""A race: methods side by side on a landscape, compiled once into a program of start and parameters.

The methods are Keras' own optimizers (`OPTIMIZERS`, as networks get them) with a variable of two numbers each, in double
precision. At each step the gradient is taken at all places at once, by the landscape's formula. Which landscape, its
settings, the start, the noise and all the methods' numbers are inputs, so that a change of any of them is a new race of the
same program; another set of methods is another program. Compiling by XLA is what makes it quick: 500 steps of eight methods
take 39 ms as a plain graph and 1 to 2 ms so.
"""

from __future__ import annotations

import contextlib
import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from workbench.descent import chance
from workbench.descent.formulas import FORMULAS, Given, newton
from workbench.descent.surfaces import Floats, Slice, given, samples
from workbench.engine.lab import handles
from workbench.engine.optimizers import OPTIMIZERS
from workbench.engine.schedule_free import ScheduleFreeAdamW
from workbench.spec import lab as spec
from workbench.spec.lab import SLICE_POINTS, Lab
from workbench.spec.optimizer import Muon
from workbench.spec.optimizer_base import OptimizerSpec

#: Programs are made for so many steps; a race takes as many of them as it wants.
LENGTHS = (500, spec.MOST_STEPS)
_PLACES = tf.float64
_numbered = itertools.count()


@dataclass(frozen=True)
class Shape:
    """What makes two races the same program."""

    methods: tuple[tuple[type[OptimizerSpec], tuple[tuple[str, Any], ...]], ...]
    length: int

    @classmethod
    def of(cls, rules: Sequence[OptimizerSpec], steps: int) -> Shape:
        length = next(length for length in LENGTHS if steps <= length)
        return cls(tuple((type(rule), handles.shape(rule)) for rule in rules), length)


class _Runner:
    """One method: a variable of two numbers and what moves it."""

    def __init__(self, rule: OptimizerSpec) -> None:
        self.kind = type(rule)
        # Muon's rule is for matrices, so it gets one: of one column.
        self._side = (2, 1) if isinstance(rule, Muon) else (2,)
        # Keras counts what it has made of a kind; a name of its own each keeps programs apart.
        self.variable = keras.Variable(np.zeros(self._side), dtype="float64", name="kernel")
        self.optimizer = self._built(rule)
        # A number that the method's switches leave out (Muon's size, unless it is to be AdamW's) is None and stays so.
        self._handled = {
            name: attribute
            for name, attribute in handles.NUMBERS[self.kind].items()
            if self.optimizer is not None and getattr(self.optimizer, attribute) is not None
        }

    def _built(self, rule: OptimizerSpec) -> Any:
        if self.kind is spec.Newton:
            return None
        model = handles.exemplar(rule)
        network = spec.as_optimizer(model) or model
        name = f"racer{next(_numbered)}"
        optimizer = OPTIMIZERS[type(network)](network, {"learning_rate": 0.5, "name": name})
        optimizer.build([self.variable])
        if isinstance(optimizer, keras.optimizers.Muon) and optimizer.rms_rate is not None:
            # Keras 3.15 takes the root of the matrix' side in single precision, which double precision cannot be multiplied with.
            optimizer.lr_adjust = lambda x: x * math.sqrt(max(self._side)) * optimizer.rms_rate
        return optimizer

    @property
    def state(self) -> list[Any]:
        """Every variable of the optimizer but the learning rate, which is an input."""
        if self.optimizer is None:
            return []
        found = [each for each in self.optimizer.variables if each is not self.optimizer._learning_rate]  # noqa: SLF001 - Keras has no other name for the variable
        product = getattr(self.optimizer, "_u_product", None)
        if product is not None and not any(each is product for each in found):
            found.append(product)  # Nadam's: not among its variables
        return found

    def begin(self, start: Any, numbers: dict[str, Any], fresh: list[Any]) -> None:
        """Stand at the start with a state that knows nothing yet, and with these numbers."""
        self.variable.assign(ops.reshape(start, self._side))
        if self.optimizer is None:
            return
        for variable, value in zip(self.state, fresh, strict=True):
            variable.assign(value)
        self.optimizer._learning_rate.assign(numbers["learning_rate"])  # noqa: SLF001 - as above
        for name, attribute in self._handled.items():
            setattr(self.optimizer, attribute, handles.Handle(numbers[name]))
        for name, attribute in handles.STARTS.get(self.kind, {}).items():
            for variable in getattr(self.optimizer, attribute):
                variable.assign(ops.broadcast_to(numbers[name], variable.shape))
        if isinstance(self.optimizer, ScheduleFreeAdamW):
            for place in self.optimizer.places:
                place.assign(ops.reshape(start, self._side))

    def place(self) -> Any:
        """Where the gradient is taken, shape (2,)."""
        return ops.reshape(ops.convert_to_tensor(self.variable), (2,))

    def judged(self) -> Any:
        """Where the method would say it is, shape (2,)."""
        if isinstance(self.optimizer, ScheduleFreeAdamW):
            place = self.optimizer.places[0]
            return ops.reshape(
                self.optimizer.mean(ops.convert_to_tensor(self.variable), ops.convert_to_tensor(place)), (2,)
            )
        return self.place()

    def step(self, gradient: Any, hessian: tuple[Any, Any, Any], numbers: dict[str, Any], normal: Any) -> None:
        """One step by the gradient at its place, shape (2,)."""
        if self.optimizer is None:
            move = newton(ops, (gradient[0], gradient[1]), hessian, numbers["damping"])
            self.variable.assign_sub(numbers["learning_rate"] * ops.stack(move))
            return
        if self.kind is spec.NoisyDescent:
            gradient = gradient + numbers["noise"] * normal
        self.optimizer.apply([ops.reshape(gradient, self._side)], [self.variable])


@contextlib.contextmanager
def _double() -> Iterator[None]:
    """Within, Keras makes and casts in double precision, learning rates too."""
    before = keras.config.floatx()
    keras.config.set_floatx("float64")
    try:
        yield
    finally:
        keras.config.set_floatx(before)


class Program:
    """The compiled race of one shape."""

    def __init__(self, rules: Sequence[OptimizerSpec], length: int) -> None:
        self._length = length
        with _double():
            self._runners = [_Runner(rule) for rule in rules]
        self._fresh = [[np.array(each) for each in runner.state] for runner in self._runners]
        self._names = [handles.numbers(runner.kind) for runner in self._runners]
        self._compiled: Callable[..., Any] = tf.function(self._race, jit_compile=True, autograph=False)

    def race(self, lab: Lab, rules: Sequence[OptimizerSpec], part: Slice | None = None) -> Floats:
        """Where each method was before its first step and after each: shape (methods, steps + 1, 2)."""
        landscape = lab.landscape
        fixed = given(landscape, part)
        spline = fixed.spline if part is not None else np.zeros((SLICE_POINTS + 2) ** 2)
        numbers = [float(getattr(rule, name)) for rule, names in zip(rules, self._names, strict=True) for name in names]
        noise = chance.spread(landscape)
        inputs = (
            tf.constant(list(FORMULAS).index(landscape.kind)),
            _float([landscape.condition, fixed.cosine, fixed.sine, fixed.reach, landscape.weight_decay, noise]),
            _float([landscape.start_x, landscape.start_y]),
            _float(numbers),
            _float(chance.normals(landscape.seed, self._length)),
            _float(chance.normals(landscape.seed + 2**31, self._length)),
            _float(chance.batches(landscape.seed, landscape.batch_size, self._length)),
            _float(spline),
            tf.constant(landscape.steps),
        )
        with _double():
            found = self._compiled(*inputs)
        places: Floats = found.numpy()[: landscape.steps + 1]
        return np.ascontiguousarray(places.transpose(1, 0, 2))

    def _race(  # noqa: PLR0917 - the inputs of the program
        self, kind: Any, settings: Any, start: Any, numbers: Any, normals: Any, own: Any, batches: Any, spline: Any, steps: Any
    ) -> Any:  # fmt: skip
        named = self._named(numbers)
        for runner, given_numbers, fresh in zip(self._runners, named, self._fresh, strict=True):
            runner.begin(start, given_numbers, fresh)
        track = tf.TensorArray(_PLACES, self._length + 1, element_shape=(len(self._runners), 2))
        track = track.write(0, self._judged())

        def body(step: Any, track: Any) -> Any:
            x, y = _columns([runner.place() for runner in self._runners])
            fixed = _given(settings, batches[step], spline)
            gradient = _by_kind(kind, lambda formula: ops.stack(formula.gradient(ops, x, y, fixed)))
            gradient += settings[4] * ops.stack([x, y]) + settings[5] * normals[step][:, None]
            hessian = self._hessian(kind, x, y, fixed, settings[4])
            for at, runner in enumerate(self._runners):
                bent = (hessian[0, at], hessian[1, at], hessian[2, at]) if hessian is not None else (0.0, 0.0, 0.0)
                runner.step(gradient[:, at], bent, named[at], own[step])
            return step + 1, track.write(step + 1, self._judged())

        _, track = tf.while_loop(lambda step, _: step < steps, body, (tf.constant(0), track))
        return track.stack()

    def _hessian(self, kind: Any, x: Any, y: Any, fixed: Given, decay: Any) -> Any:
        """The Hessians at all places, shape (3, methods); None when no method asks for one."""
        if not any(runner.kind is spec.Newton for runner in self._runners):
            return None
        plain = _by_kind(kind, lambda formula: ops.stack(formula.hessian(ops, x, y, fixed)))
        return plain + decay * ops.stack([ops.ones_like(x), ops.zeros_like(x), ops.ones_like(x)])

    def _judged(self) -> Any:
        return ops.stack([runner.judged() for runner in self._runners])

    def _named(self, numbers: Any) -> list[dict[str, Any]]:
        """The methods' numbers by name, each a scalar tensor."""
        at = itertools.count()
        return [{name: numbers[next(at)] for name in names} for names in self._names]


def _given(settings: Any, weights: Any, spline: Any) -> Given:
    return Given(
        condition=settings[0], cosine=settings[1], sine=settings[2], samples=_float(samples()), weights=weights,
        spline=spline, reach=settings[3], points=SLICE_POINTS,
    )  # fmt: skip


def _by_kind(kind: Any, said: Callable[[Any], Any]) -> Any:
    """What the formula of the landscape says; the other formulas are not reckoned."""
    return tf.switch_case(kind, [lambda formula=formula: said(formula) for formula in FORMULAS.values()])


def _columns(places: list[Any]) -> tuple[Any, Any]:
    together = ops.stack(places)
    return together[:, 0], together[:, 1]


def _float(values: Any) -> Any:
    return tf.constant(np.asarray(values, np.float64))
