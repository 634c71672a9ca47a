"""check_layer: what Keras's and kcore's users expect of any layer."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from .. import ops
from ..backend import use_backend
from ..interfaces import Input, Spec
from ..interfaces.arguments import shapes_of
from ..models import Model
from ..ops.nesting import leaves
from ..program import grad
from .arrays import FLOATS, Array, Draw, cast, check_gradient, normal, rng_of, total, with_one
from .at_hand import backends_at_hand, beginning_on_numpy
from .making import Make, check_configuration, label, made, maker, sample_shapes, seeded
from .report import GUARD, NUMPY_ALONE, agree, check_dtype, check_finite, host, refuse, trying

FIRST_CALL = f"Make weights in build, by add_weight. {NUMPY_ALONE}"
SEED = 4
BATCH = 3
Shapes = tuple[int, ...] | list[tuple[int, ...]]


@beginning_on_numpy
def check_layer(
    make: Make,
    input_shape: Shapes,
    *,
    options: Mapping[str, Any] | None = None,
    data: Draw = normal,
    samplewise: bool = True,
    differentiable: bool = True,
    backends: Sequence[str] | None = None,
) -> None:
    """Check a layer on every backend at hand, in float32 and float64.

    Its shapes and dtypes, also before it is built and with a free batch; its configuration, weights, and file of
    weights; that it repeats from a seed; its gradients for inputs and weights; that backends agree; and a step of
    training.

    Args:
        make: its registered name, its class, or a function that makes one of the keyword `dtype`.
        input_shape: of one sample, without the batch; a list of several inputs' shapes.
        options: its other arguments.
        data: (rng, shape) -> what it is called on, the batch included: numbers, or say indices.
        samplewise: whether the output for a sample depends on that sample alone.
        differentiable: whether gradients are compared with differences.
        backends: those to compare with numpy; all that can run here if None.

    Raises:
        AssertionError: the text says where, what was expected, what came, what to do.

    >>> from kcore.testing import check_layer
    >>> check_layer("dropout", input_shape=(4,), options={"rate": 0.5}, backends=["numpy"])
    """
    shapes = sample_shapes(input_shape)
    rng = rng_of(0)
    x = [np.asarray(data(rng, (BATCH, *shape))) for shape in shapes]
    make = maker("layers", make, options)
    layer = made("layers", make, dtype="float32")
    names = backends_at_hand(backends)
    case = _Case(make, label("layers", layer), x, isinstance(input_shape, list))
    again = check_configuration(case.where, layer)
    case.check_shapes()
    case.check_weights(again)
    case.check_repeats()
    if samplewise:
        case.check_samples()
    if differentiable:
        case.check_slopes()
    for dtype in FLOATS:
        case.check_backends(dtype, names)
    case.check_file()
    case.check_training(names)


@attrs.frozen
class _Case:
    make: Callable[..., Any]
    where: str
    x: list[Array]
    listed: bool

    def given(self, x: Sequence[Any]) -> Any:
        return list(x) if self.listed else x[0]

    def built(self, dtype: str = "float64", seed: int = SEED, layer: Any = None) -> Any:
        """A layer that has its weights, drawn from a seed."""
        with seeded(seed), trying(self.where, "to be built by a first call", FIRST_CALL):
            layer = made("layers", self.make, dtype=dtype) if layer is None else layer
            layer(self.given(cast(self.x, dtype)))
        return layer

    def outputs(self, layer: Any, x: Sequence[Array] | None = None, training: bool = False) -> list[Any]:
        arrays = self.x if x is None else x
        with trying(self.where, "an output", NUMPY_ALONE):
            out = layer(self.given([ops.convert_to_tensor(a) for a in cast(arrays, layer.dtype)]), training=training)
            return [host(y) for y in leaves(out)]

    def check_shapes(self) -> None:
        """As `compute_output_shape` says, for a free batch also before there are weights."""
        cure = "Let compute_output_shape say what `call` gives, or leave it to kcore, which traces the layer."
        layer = self.built("float32")
        got = [y.shape for y in self.outputs(layer)]
        for batch, of in ((BATCH, layer), (None, layer), (None, made("layers", self.make, dtype="float32"))):
            asked = [(batch, *a.shape[1:]) for a in self.x]
            with trying(self.where, "compute_output_shape to answer", cure):
                answer = self._answer(of, asked)
            flat = [answer] if isinstance(answer, tuple) and not any(isinstance(n, tuple) for n in answer) else answer
            found = [tuple(shape) for shape in (flat.values() if isinstance(flat, dict) else flat)]
            wanted = [(batch, *shape[1:]) if shape[:1] == (BATCH,) else shape for shape in got]
            if found != wanted:
                refuse(self.where, f"compute_output_shape({self.given(asked)}) to be {wanted}", found, cure)

    def _answer(self, layer: Any, shapes: list[Any]) -> Any:
        if all(a.dtype.kind == "f" for a in self.x):
            return layer.compute_output_shape(self.given(shapes))
        specs = [Spec(shape, str(a.dtype)) for shape, a in zip(shapes, self.x, strict=True)]
        return shapes_of(layer.compute_output_spec(self.given(specs)))

    def check_weights(self, again: Any) -> None:
        """They are all that the output depends on beside the configuration."""
        layer, other = self.built("float32"), self.built("float32", SEED + 1)
        wanted = self.outputs(layer)
        self._same(self.outputs(layer), wanted, "a second call to give the same", "Change weights in training alone.")
        paths = [w.path for w in layer.weights]
        twice = next((p for p in paths if paths.count(p) > 1), None)
        if twice is not None:
            refuse(self.where, "a path of its own for each weight", f"{twice!r} twice", "Give add_weight another name.")
        for weight in layer.weights:
            check_finite(self.where, weight.path, weight.numpy(), "Look at its initializer.")
        cure = (
            "Hold what is learnt in weights (add_weight), not in attributes; draw what is random by kcore.random: a "
            "number that np.random gave is traced once and for all."
        )
        self._move(layer, other, cure)
        self._same(self.outputs(other), wanted, "the same from a layer with the same weights", cure)
        cure = "Let get_config return every argument as it was given."
        self._move(layer, self.built("float32", layer=again), cure)
        self._same(self.outputs(again), wanted, "the same from a layer of the same configuration and weights", cure)

    def _move(self, layer: Any, other: Any, cure: str) -> None:
        with trying(self.where, "set_weights to take what get_weights gave", cure):
            other.set_weights(layer.get_weights())

    def _same(self, got: list[Any], wanted: list[Any], what: str, cure: str, kind: str | None = None) -> None:
        for i, (a, b) in enumerate(zip(got, wanted, strict=True)):
            agree(self.where, f"{what}: output" + f" {i}" * (len(wanted) > 1), a, b, kind, cure)

    def check_repeats(self) -> None:
        """Two that draw from one seed are equal, in training too."""
        cure = (
            "Draw first weights by an initializer, and what is random in `call` by kcore.random or kcore.ops: "
            "NumPy's generators know no seed of a model, and a number that they gave is traced once and for all."
        )
        one, two = self.built(), self.built()
        for a, b in zip(one.weights, two.weights, strict=True):
            agree(self.where, f"a seed to repeat the weight {a.path}", b.numpy(), a.numpy(), None, cure)
        for training in (False, True):
            wanted = self.outputs(one, training=training)
            self._same(self.outputs(two, training=training), wanted, "a seed to repeat", cure)

    def check_samples(self) -> None:
        """The output for a sample alone is that for it among others."""
        layer, cure = self.built(), "Leave the first axis alone, or say samplewise=False if it is meant to mix samples."
        whole = self.outputs(layer)
        for i in range(BATCH):
            alone = self.outputs(layer, [a[i : i + 1] for a in self.x])
            self._same(
                alone, [y[i : i + 1] for y in whole], f"of sample {i} alone what it gives in a batch", cure, "product"
            )

    def check_slopes(self) -> None:
        """Gradients for inputs and weights are those of differences, in float64."""
        layer, x = self.built(), cast(self.x, "float64")
        for y in self.outputs(layer):
            check_finite(self.where, "the output", y, GUARD)
        floats, weights = [i for i, a in enumerate(x) if a.dtype.kind == "f"], layer.trainable_weights
        given = [x[i] for i in floats]
        if not given and not weights:
            return

        def value(*moved: Any) -> Any:
            every = dict(zip(floats, moved, strict=False))
            arrays = [every.get(i, ops.convert_to_tensor(a)) for i, a in enumerate(x)]
            return total(leaves(layer(self.given(arrays))))

        def number(given: Sequence[Array]) -> float:
            return float(host(value(*map(ops.convert_to_tensor, given))))

        with trying(self.where, "gradients", "Write `call` in kcore.ops, of which each has one."):
            arguments = [*map(ops.convert_to_tensor, given), *weights]
            gradients = [host(g) for g in grad(value, tuple(range(len(arguments))))(*arguments)]
        for n, gradient in enumerate(gradients[: len(given)]):
            what = f"input {floats[n]}" if self.listed else "the input"
            check_gradient(self.where, what, gradient, given[n], partial(with_one, number, given, n))
        for weight, gradient in zip(weights, gradients[len(given) :], strict=True):
            start = weight.numpy()

            def moved(array: Array, weight: Any = weight) -> float:
                weight.assign(array)
                return number(given)

            check_gradient(self.where, weight.path, gradient, start, moved)
            weight.assign(start)

    def check_backends(self, dtype: str, names: Sequence[str]) -> None:
        """Finite, in the layer's dtype, and the same everywhere, in training too."""
        wanted: dict[bool, list[Any]] = {}
        for name in names:
            case = attrs.evolve(self, where=f"{self.where} in {dtype} on backend {name}")
            with use_backend(name):
                layer = case.built(dtype)
                for weight in layer.weights:
                    check_dtype(case.where, weight.path, weight.numpy(), dtype, "Leave dtype out of add_weight.")
                for training in (False, True):
                    outs = case.outputs(layer, training=training)
                    for y in outs:
                        check_dtype(case.where, "the output", y, dtype, "Cast to x.dtype or self.dtype.")
                        check_finite(case.where, "the output", y, GUARD)
                    case._same(outs, wanted.setdefault(training, outs), "numpy's numbers", NUMPY_ALONE, "product")

    def _model(self, seed: int) -> Any:
        with seeded(seed), trying(self.where, "to be part of a model", "Let `call` take what Input gives."):
            inputs = [Input(a.shape[1:], dtype=None if a.dtype.kind == "f" else str(a.dtype)) for a in self.x]
            network: Any = Model  # which makes another class of these
            return network(inputs, made("layers", self.make, dtype="float32")(self.given(inputs)))

    def check_file(self) -> None:
        """A file of weights brings them into another model."""
        one, two = self._model(SEED), self._model(SEED + 1)
        if not one.weights:
            return
        cure = "Make every weight in build, and by names of their own."
        with tempfile.TemporaryDirectory() as folder, trying(self.where, "a file of weights to be read again", cure):
            file = Path(folder) / "weights.safetensors"
            one.save_weights(file)
            two.load_weights(file)
        x = cast(self.x, "float32")
        got, wanted = (_first(m.predict(x, verbose=0)) for m in (two, one))
        agree(self.where, "a file to bring all: the output", got, wanted, None, cure)

    def check_training(self, names: Sequence[str]) -> None:
        """A step moves what has a gradient, the same way everywhere."""
        ends: list[list[Array]] = []
        for name in names:
            where = f"{self.where} in a model on backend {name}"
            with use_backend(name), trying(where, "a step of training", NUMPY_ALONE):
                model = self._model(SEED)
                if len(leaves(model.outputs)) > 1 or not model.trainable_weights:
                    return
                model.compile("sgd", "mean_squared_error")
                x = cast(self.x, "float32")
                model.train_on_batch(x, np.zeros_like(_first(model.predict(x, verbose=0))))
                ends.append(model.get_weights())
            for weight, got, wanted in zip(model.weights, ends[-1], ends[0], strict=True):
                check_finite(where, f"{weight.path} after a step", got, "Look at the gradients.")
                agree(where, f"after a step {weight.path}", got, wanted, "product", NUMPY_ALONE)


def _first(predicted: Any) -> Any:
    return leaves(predicted)[0]
