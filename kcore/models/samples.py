"""Samples: inputs, targets and weights of one run, each by the name that programs have for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from ..graph.types import DEFAULT_FLOAT, DType, is_float
from ..interfaces import Spec
from . import data
from .data import HostArray
from .objective import Objective, Target
from .signature import Fed, Signature
from .spread import arrays


@attrs.frozen
class Samples:
    """Arrays of as many samples each.

    Attributes:
        arrays: by the name of the program's input.
        dtypes: what each is fed in.
    """

    arrays: dict[str, HostArray]
    dtypes: dict[str, DType]

    def __len__(self) -> int:
        return len(next(iter(self.arrays.values())))

    def fed(self, count: int) -> Fed:
        """What a program for so many samples is given."""
        return tuple((name, (count, *a.shape[1:]), self.dtypes[name]) for name, a in self.arrays.items())

    def split(self, kept: int) -> tuple[Samples, Samples]:
        """The first ones, and the others."""
        first = {name: array[:kept] for name, array in self.arrays.items()}
        others = {name: array[kept:] for name, array in self.arrays.items()}
        return Samples(first, self.dtypes), Samples(others, self.dtypes)


def specs(x: Any, name: str) -> Any:
    """The specs of what a model is given, nested as x is, before the model knows what it takes; batches are None."""
    if isinstance(x, Mapping):
        return {key: specs(part, f"{name}[{key!r}]") for key, part in x.items()}
    if isinstance(x, list | tuple) and x and all(hasattr(part, "shape") for part in x):
        return [specs(part, f"{name}[{i}]") for i, part in enumerate(x)] if len(x) > 1 else specs(x[0], name)
    array = data.numbers(x, name)
    return Spec((None, *array.shape[1:]), DEFAULT_FLOAT if is_float(array.dtype.name) else array.dtype.name)


def of_inputs(signature: Signature, x: Any, name: str = "x") -> Samples:
    """What a model is given to predict from.

    Raises:
        ValueError, TypeError: it does not fit the model.
    """
    found, dtypes, named = {}, {}, {}
    each = zip(signature.x, signature.input_names, signature.takes, arrays(x, signature.input_names, name), strict=True)
    for key, input_name, spec, given in each:
        shown = _shown(name, input_name, signature.input_names)
        if given is None:
            raise ValueError(f"{shown} is missing: the model takes {', '.join(map(repr, signature.input_names))}.")
        array = data.checked(given, shown)
        array = array[:, None] if array.ndim == 1 and spec.shape[1:] == (1,) else array
        data.check_shape(array, spec.shape, shown)
        found[key], dtypes[key] = array, spec.dtype if signature.declared else _fed_dtype(array, spec)
        named[shown] = array
    data.check_counts(named)
    return Samples(found, dtypes)


def of_data(
    signature: Signature,
    objective: Objective,
    x: Any,
    y: Any,
    sample_weight: Any = None,
    prefix: str = "",
) -> Samples:
    """What a model is trained or tested on.

    Args:
        signature, objective: the model's.
        x, y, sample_weight: as given to `fit`.
        prefix: "validation " for messages about these.

    Raises:
        ValueError, TypeError: something does not fit the model, its losses, or the rest of the data.
    """
    inputs = of_inputs(signature, x, f"{prefix}x")
    named = {f"{prefix}x": next(iter(inputs.arrays.values()))}
    found, dtypes = dict(inputs.arrays), dict(inputs.dtypes)
    targets, names = objective.targets, signature.output_names
    truths = _truths(targets, arrays(y, names, f"{prefix}y"), f"{prefix}y")
    for key, target, spec, truth in zip(signature.y, targets, signature.gives, truths, strict=True):
        if truth is not None:
            shown = _shown(f"{prefix}y", target.name, names)
            array = named[shown] = data.checked(truth, shown)
            found[key], dtypes[key] = array, spec.dtype if is_float(array.dtype.name) else array.dtype.name
    data.check_counts(named)
    for key, target, spec in zip(signature.y, targets, signature.gives, strict=True):
        if target.loss is not None:
            target.loss.check_targets(found[key], spec.shape, _shown(f"{prefix}y", target.name, names))
    weights = _weights(signature, targets, found, sample_weight, prefix)
    return Samples(found | weights, dtypes | {key: _float(signature, key) for key in weights})


def by_class(signature: Signature, given: Samples, class_weight: Any) -> Samples:
    """The same samples, each weighed by its class too.

    Raises:
        ValueError, TypeError: the model has several outputs, or the weights or the classes are none.
    """
    if class_weight is None:
        return given
    if len(signature.output_names) > 1:
        raise ValueError("class_weight is for a model with one output; give sample_weight, an array for each output.")
    (y,), (key,) = signature.y, signature.weights
    of_class, before = data.weights_of_classes(class_weight, given.arrays[y]), given.arrays.get(key)
    array = of_class if before is None else before * of_class.reshape(-1, *[1] * (before.ndim - 1))
    return Samples(given.arrays | {key: array}, given.dtypes | {key: _float(signature, key)})


def _truths(targets: list[Target], given: list[Any], name: str) -> list[Any]:
    truths = []
    for target, truth in zip(targets, given, strict=True):
        if target.fixed is not None and truth is not None:
            raise ValueError(f"compile() was given target_tensors, which stand for {name}: leave {name} out.")
        truth = target.fixed if truth is None else truth
        if truth is None and target.needs_y:
            which = f" for the output '{target.name}'" if len(targets) > 1 else ""
            raise ValueError(
                f"{name} is missing{which}: the loss and the metrics compare with it what the model gives."
            )
        truths.append(truth if target.needs_y else None)
    return truths


def _weights(
    signature: Signature,
    targets: list[Target],
    found: Mapping[str, HostArray],
    sample_weight: Any,
    prefix: str,
) -> dict[str, HostArray]:
    names, count = signature.output_names, len(next(iter(found.values())))
    one_for_all = len(names) > 1 and hasattr(sample_weight, "shape")
    given = [sample_weight] * len(names) if one_for_all else arrays(sample_weight, names, f"{prefix}sample_weight")
    weights = {}
    for key, y, target, weight in zip(signature.weights, signature.y, targets, given, strict=True):
        if weight is None or not target.needs_y:
            continue
        shown = _shown(f"{prefix}sample_weight", target.name, names)
        array = weights[key] = data.checked(weight, shown)
        data.check_counts({f"{prefix}x": next(iter(found.values())), shown: array})
        if target.temporal and (array.ndim != 2 or found[y].ndim < 2):
            raise ValueError(
                f'{shown} has shape {array.shape}, but sample_weight_mode="temporal" wants a weight for each step: '
                f"shape ({count}, steps)."
            )
    return weights


def _float(signature: Signature, key: str) -> DType:
    dtype = signature.gives[signature.weights.index(key)].dtype
    return dtype if is_float(dtype) else "float32"


def _fed_dtype(array: HostArray, spec: Spec) -> DType:
    """Floats are fed in the dtype that the model takes; integers as they are, since some layers want them so."""
    given: DType = array.dtype.name
    if not is_float(given):
        return given
    return spec.dtype if is_float(spec.dtype) else DEFAULT_FLOAT


def _shown(what: str, name: str, names: list[str]) -> str:
    return what if len(names) == 1 else f"{what}[{name!r}]"
