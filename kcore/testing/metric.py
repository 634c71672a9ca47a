"""check_metric: what Keras's and kcore's users expect of any metric."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs
import numpy as np

from .. import ops
from ..backend import use_backend
from ..interfaces import Metric
from ..models import Sequential
from ..program import Traced
from .arrays import FLOATS, Array, rng_of
from .at_hand import backends_at_hand, beginning_on_numpy
from .loss import Pair, Same, two_normal
from .making import Make, check_configuration, made, maker
from .report import NUMPY_ALONE, agree, check_finite, host, refuse, told, trying

SHAPES = ((7, 3), (7, 2, 4))
PARTS = (slice(0, 3), slice(3, 4), slice(4, None))
"""Batches of several lengths."""


@beginning_on_numpy
def check_metric(
    make: Make,
    *,
    options: Mapping[str, Any] | None = None,
    data: Pair = two_normal,
    shapes: Sequence[tuple[int, ...]] = SHAPES,
    weighted: bool = True,
    in_model: bool = True,
    backends: Sequence[str] | None = None,
) -> None:
    """Check a metric on every backend at hand, of predictions in float32 and float64.

    Its configuration; that batches give what one batch of all gives; that a reset makes it new, and two of a kind share
    nothing; that samples of weight 0 do not count and weights of 1 change nothing; that backends agree; that `evaluate`
    tells what it tells by itself.

    Args:
        make: its registered name, its class, or a function that makes one of the keyword `name`.
        options: its other arguments.
        data: (rng, shape) -> what `update_state` takes, for predictions of that shape.
        shapes: of predictions, the batch first.
        weighted: whether a sample_weight, if it takes one, has one number for each sample.
        in_model: whether it takes targets and predictions, as a model's metrics do.
        backends: those to compare with numpy; all that can run here if None.

    Raises:
        AssertionError: the text says where, what was expected, what came, what to do.

    >>> from kcore.testing import check_metric
    >>> check_metric("root_mean_squared_error", backends=["numpy"])
    """
    given, make = make, maker("metrics", make, options)
    metric = made("metrics", make, name="checked")
    called = given if isinstance(given, str) else type(metric).__name__
    names = backends_at_hand(backends)
    for i, shape in enumerate(shapes):
        case = _Case(
            make,
            f"Metric {called!r} of predictions {shape}",
            list(map(np.asarray, data(rng_of(i), shape))),
        )
        if i == 0:
            case.check_configuration(metric)
        case.check_positions()
        case.check_batches()
        case.check_reset()
        if weighted and _takes_weights(metric):
            case.check_weights()
        for dtype in FLOATS:
            case.check_backends(dtype, names)
        if in_model:
            case.check_evaluation(names)


@attrs.frozen
class _Case:
    make: Callable[..., Any]
    where: str
    data: list[Array]

    def fresh(self) -> Any:
        return made("metrics", self.make, name="checked")

    def update(self, metric: Any, data: Sequence[Array] | None = None, **weights: Any) -> Any:
        data = self.data if data is None else data
        with trying(self.where, "update_state to take a batch", NUMPY_ALONE):
            metric.update_state(*map(ops.convert_to_tensor, data), **weights)
        return self.result(metric)

    def result(self, metric: Any) -> Any:
        with np.errstate(all="ignore"), trying(self.where, "a result", NUMPY_ALONE):
            result = metric.result()
        if isinstance(result, Mapping):
            return np.array([np.asarray(v, "float64") for v in result.values()])
        return np.asarray(result, "float64")

    def part(self, which: slice) -> list[Array]:
        return [a[which] for a in self.data]

    def check_configuration(self, metric: Any) -> None:
        whole, cure = self.update(self.fresh()), "Draw no random numbers, and let no two metrics share a state."
        agree(self.where, "the same each time: the result", self.update(self.fresh()), whole, None, cure)
        again = check_configuration(self.where, metric)
        cure = "Let get_config return every argument as it was given."
        agree(self.where, "of the same configuration the same result", self.update(again), whole, None, cure)
        if metric.label != "checked":
            refuse(self.where, "the name that it was given", repr(metric.label), "Pass name on to super().__init__.")

    def check_positions(self) -> None:
        """Where a mean is made of `call`, that gives a number for each sample at least."""
        metric = self.fresh()
        if type(metric).call is Metric.call or type(metric).update is not Metric.update:
            return
        with trying(self.where, "call to take a batch", NUMPY_ALONE):
            (each,) = map(host, Traced(lambda *data: [metric.call(*data)], self.where)(*self.data))
        if each.shape[:1] != (len(self.data[0]),):
            cure = "Reduce over the last axis only: the mean over positions is kcore's to make, over all batches."
            refuse(self.where, f"call to give a number for each of {len(self.data[0])} samples", told(each), cure)

    def check_batches(self) -> None:
        """Batch by batch the result is that of all at once."""
        cure = "Keep sums and counts in the state, and divide in result: the mean of means is not the mean."
        metric = self.fresh()
        check_finite(self.where, "the result before any batch", self.result(metric), "Divide by ops.divide_no_nan.")
        for which in PARTS:
            got = self.update(metric, self.part(which))
        agree(self.where, "after three batches the result of one", got, self.update(self.fresh()), "chain", cure)

    def check_reset(self) -> None:
        """A reset forgets everything."""
        metric, whole = self.fresh(), self.update(self.fresh())
        before = self.result(metric)
        self.update(metric, self.part(PARTS[0]))
        cure = "Keep the state in init(), or in variables of add_variable: reset_state begins them anew."
        with trying(self.where, "reset_state", cure):
            metric.reset_state()
        agree(self.where, "after a reset the first result", self.result(metric), before, None, cure)
        agree(self.where, "after a reset the result of a fresh one", self.update(metric), whole, "same order", cure)

    def check_weights(self) -> None:
        """Weights of 1 change nothing, and samples of weight 0 do not count."""
        cure = "Multiply sums and counts alike by sample_weight."
        ones, some = np.ones(len(self.data[0])), np.arange(len(self.data[0])) < PARTS[0].stop
        got = self.update(self.fresh(), sample_weight=ones)
        agree(self.where, "with weights of 1 the result without any", got, self.update(self.fresh()), "chain", cure)
        got, wanted = (
            self.update(self.fresh(), sample_weight=some * 1.0),
            self.update(self.fresh(), self.part(PARTS[0])),
        )
        agree(self.where, "with weights of 0 for some the result without these", got, wanted, "chain", cure)

    def check_backends(self, dtype: str, names: Sequence[str]) -> None:
        """Finite and the same everywhere, twice."""
        data = [a.astype(dtype) if a.dtype.kind == "f" else a for a in self.data]
        wanted: Any = None
        for name in names:
            case = attrs.evolve(self, where=f"{self.where} in {dtype} on backend {name}", data=data)
            with use_backend(name):
                got = case.update(case.fresh())
                check_finite(case.where, "the result", got, "Divide by ops.divide_no_nan.")
                wanted = got if wanted is None else wanted
                # what floats of 32 bits were summed in another order is as exact as they are
                kind = "chain" if dtype == "float64" else "through float32"
                agree(case.where, "numpy's result", got, wanted, kind, NUMPY_ALONE)

    def check_evaluation(self, names: Sequence[str]) -> None:
        """A model whose predictions these are tells the same, batch by batch."""
        y, p = self.data
        for name in names:
            where = f"{self.where} in a model on backend {name}"
            with use_backend(name), trying(where, "evaluate to take it", "Let it take (y_true, y_pred)."):
                model = Sequential([Same(dtype="float64", input_shape=p.shape[1:])])
                model.compile("sgd", _any_loss, metrics=[self.fresh()])
                _, *got = model.evaluate(p.astype("float64"), y, batch_size=3, verbose=0)
            wanted = self.update(self.fresh())
            cure = "Let it depend on nothing but what it is given, and keep all of it in its state."
            agree(
                where,
                "of evaluate what it tells by itself",
                np.asarray(got).reshape(wanted.shape),
                wanted,
                "chain",
                cure,
            )


def _any_loss(y_true: Any, y_pred: Any) -> Any:
    return ops.mean(y_pred, -1)


def _takes_weights(metric: Any) -> bool:
    """Whether it has an argument sample_weight behind the two that it is given."""
    cls = type(metric)
    own = cls.update_state if "update_state" in vars(cls) else cls.update
    names = [n for n in inspect.signature(own).parameters if n not in ("self", "state")]
    return "sample_weight" in names[2:]
