"""Objective: what compile() says a model is trained for, output by output, and what tells how well that goes."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any, cast

import attrs

from .. import ops
from ..graph import Symbol, running_trace
from ..interfaces import FunctionLoss, FunctionMetric, Loss, Metric, Optimizer, get
from ..interfaces.functional import functional
from ..interfaces.host import told
from ..plugin import UnknownNameError, find
from .signature import Signature
from .spread import arrays, settings

BY_SHAPE = frozenset({"accuracy", "acc", "crossentropy", "ce"})
"""Names that mean one of several metrics, as the shapes of an output and its targets say; in any case, as in Keras."""


@attrs.frozen
class Settings:
    """The arguments of compile() that are for outputs, as they were given."""

    loss: Any
    metrics: Any
    loss_weights: Any
    sample_weight_mode: Any
    weighted_metrics: Any
    target_tensors: Any

    @property
    def trains(self) -> bool:
        """Whether there is a loss."""
        return any(True for _ in _flat(self.loss))

    def check(self) -> None:
        """Raise for what no output could be trained with, also before it is known which outputs there are."""
        for loss in _flat(self.loss):
            _loss(loss)
        for what, each in (("metrics", self.metrics), ("weighted_metrics", self.weighted_metrics)):
            _check_list(each, what)
            for metric in _flat(each):
                _metric(metric)
        for weight in _flat(self.loss_weights):
            _weight(weight)
        for mode in _flat(self.sample_weight_mode):
            _temporal(mode)


@attrs.frozen
class Target:
    """What one output is trained for.

    Attributes:
        name: the output's.
        loss: its loss, or None.
        weight: how much the loss counts in the model's; None: once.
        mean: of the loss, told as "name_loss", if there are several outputs.
        metrics: by the name that histories call them.
        weighted: the same, of metrics in which samples count as their weights say.
        temporal: whether sample weights are for steps, of shape (samples, steps).
        fixed: its targets, if compile() was given them.
    """

    name: str
    loss: Loss | None
    weight: float | None
    mean: Metric | None
    metrics: dict[str, Metric]
    weighted: dict[str, Metric]
    temporal: bool
    fixed: Any

    @property
    def needs_y(self) -> bool:
        """Whether data must have targets for it."""
        return bool(self.loss or self.metrics or self.weighted)

    def part(self, y: Symbol | None, y_pred: Symbol, weight: Symbol | None) -> Symbol | None:
        """Its part of the model's loss, None if it has no loss."""
        if self.loss is None:
            return None
        with running_trace().scope("loss" if self.mean is None else f"{self.name}_loss"):
            value = self.loss(y, y_pred, weight)
            total: Symbol = ops.mean(value) if value.shape else value
            if self.mean is not None:
                self.mean.update_state(total, sample_weight=_samples(y_pred))
            return total if self.weight is None else total * self.weight

    def measure(self, y: Symbol | None, y_pred: Symbol, weight: Symbol | None) -> None:
        """Let its metrics gather the batch."""
        trace = running_trace()
        for label, metric in self.metrics.items():
            with trace.scope(label):
                metric.update_state(y, y_pred)
        for label, metric in self.weighted.items():
            with trace.scope(label):
                metric.update_state(y, y_pred, **({} if weight is None else {"sample_weight": weight}))


@attrs.frozen
class Objective:
    """An optimizer, and what each output is trained for; the mean of the loss over an epoch is a metric too."""

    optimizer: Optimizer
    targets: list[Target]
    mean: Metric

    @classmethod
    def of(cls, optimizer: Optimizer, given: Settings, signature: Signature) -> Objective:
        """From names, objects or functions, for a model with these outputs.

        Raises:
            ValueError: a name is not known, or what is given does not fit the outputs.
            TypeError: something is none of these.
        """
        names = signature.output_names
        losses = [None if loss is None else _loss(loss) for loss in _losses(given.loss, names)]
        weights = [_weight(w) for w in settings(given.loss_weights, names, "loss_weights")]
        modes = [_temporal(mode) for mode in settings(given.sample_weight_mode, names, "sample_weight_mode")]
        fixed = arrays(given.target_tensors, names, "target_tensors")
        metrics = _metrics(given.metrics, names, "metrics")
        weighted = _metrics(given.weighted_metrics, names, "weighted_metrics")
        labels = _Labels()
        several = sum(loss is not None for loss in losses) > 1
        prefixes = [f"{name}_" if len(names) > 1 else "" for name in names]
        means = [
            get("metrics", "mean", name=labels.plain(f"{name}_loss")) if several and loss is not None else None
            for name, loss in zip(names, losses, strict=True)
        ]
        named = [{labels.plain(f"{p}{m.label}"): m for m in each} for p, each in zip(prefixes, metrics, strict=True)]
        counted = [{labels.weighted(p, m.label): m for m in each} for p, each in zip(prefixes, weighted, strict=True)]
        rows = zip(names, losses, weights, means, named, counted, modes, fixed, strict=True)
        return cls(optimizer, [Target(*row) for row in rows], get("metrics", "mean", name="loss"))

    def check_outputs(self, signature: Signature) -> None:
        """Raise ValueError if a loss means nothing for its output."""
        for target, spec in zip(self.targets, signature.gives, strict=True):
            if target.loss is not None:
                target.loss.check_output(spec.shape)

    @property
    def losses(self) -> list[Loss]:
        """Those that there are."""
        return [target.loss for target in self.targets if target.loss is not None]

    @property
    def metrics(self) -> list[Metric]:
        """The metrics of compile(), without the means of the losses."""
        every = [*(t.metrics for t in self.targets), *(t.weighted for t in self.targets)]
        return [metric for named in every for metric in named.values()]

    @property
    def measures(self) -> dict[str, Metric]:
        """By name of a log: the loss, the losses of several outputs, the metrics."""
        found = {"loss": self.mean} | {t.mean.label: t.mean for t in self.targets if t.mean is not None}
        for each in (*(t.metrics for t in self.targets), *(t.weighted for t in self.targets)):
            found |= each
        return found

    @property
    def version(self) -> Hashable:
        """Changes whenever a setting does that programs were traced with."""
        return tuple(each.version for each in (self.optimizer, *self.losses, *self.metrics))

    def record(self, y: Sequence[Any], y_pred: Sequence[Any], weights: Sequence[Any]) -> Symbol:
        """The loss as one number, after all that measures has gathered the batch."""
        rows = list(zip(self.targets, y, y_pred, weights, strict=True))
        total, *parts = [part for target, *data in rows if (part := target.part(*data)) is not None]
        with running_trace().scope("loss"):
            for part in parts:
                total = total + part
            self.mean.update_state(total, sample_weight=_samples(y_pred[0]))
        for target, *data in rows:
            target.measure(*data)
        return total

    def logs(self) -> dict[str, float]:
        """The means of the losses and the metrics so far, by name."""
        measures = self.measures
        due = told({name: measure.due() for name, measure in measures.items()})
        each = [measure.numbers(name, due[name]) for name, measure in measures.items()]
        return {name: number for numbers in each for name, number in numbers.items()}

    def reset(self) -> None:
        """Begin all that measures anew."""
        for measure in self.measures.values():
            measure.reset_state()


def _samples(y_pred: Symbol) -> Any:
    """How many samples a batch has."""
    return ops.full((), float(y_pred.shape[0]), "float64")


class _Labels:
    """Names of logs, made unique as Keras does."""

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}

    def plain(self, name: str) -> str:
        if name == "loss":
            raise ValueError("A metric is called 'loss', as the loss: give it another name, as Accuracy(name='right').")
        count = self._taken.get(name, 0)
        self._taken[name] = count + 1
        return f"{name}_{count}" if count else name

    def weighted(self, prefix: str, name: str) -> str:
        label = f"{prefix}{name}"
        return self.plain(f"{prefix}weighted_{name}" if label in self._taken else label)


def _losses(given: Any, names: Sequence[str]) -> list[Any]:
    return settings(get("losses", given) if _is_config(given) else given, names, "loss")


def _is_config(given: Any) -> bool:
    return isinstance(given, Mapping) and set(given) == {"class_name", "config", "kind"}


def _check_list(given: Any, what: str) -> None:
    if isinstance(given, str) or (given and not isinstance(given, list | tuple | Mapping)):
        shown = f'"{given}"' if isinstance(given, str) else getattr(given, "__name__", type(given).__name__)
        raise TypeError(f"{what} is a list of metrics, as {what}=[{shown}]; got {given!r:.80}.")


def _metrics(given: Any, names: Sequence[str], what: str) -> list[list[Metric]]:
    if not given:
        return [[] for _ in names]
    each = [given] if len(names) == 1 and not isinstance(given, Mapping) else settings(given, names, what)
    return [[_metric(m) for m in _flat(one)] for one in each]


def _flat(given: Any) -> Iterator[Any]:
    """What is not None in nested lists and dictionaries, configurations whole."""
    if isinstance(given, list | tuple) or (isinstance(given, Mapping) and not _is_config(given)):
        for each in given.values() if isinstance(given, Mapping) else given:
            yield from _flat(each)
    elif given is not None:
        yield given


def _weight(given: Any) -> float | None:
    if given is None:
        return None
    if isinstance(given, bool) or not hasattr(given, "__float__"):
        raise TypeError(f"loss_weights holds numbers, one for each output; got {given!r:.80}.")
    return float(given)


def _temporal(mode: Any) -> bool:
    if mode not in (None, "temporal"):
        raise ValueError(
            f'sample_weight_mode is "temporal", for weights of shape (samples, steps), or None; got {mode!r}.'
        )
    return mode is not None


def _loss(given: Any) -> Loss:
    found = get("losses", getattr(given, "of_class", given))
    return found if isinstance(found, Loss) else FunctionLoss(found)


def _metric(given: Any) -> Metric:
    """A metric; a loss, given in any way, counts as the mean of what it gives for each position."""
    name = {"name": given} if isinstance(given, str) else {}
    thing = _named(given) if isinstance(given, str) else getattr(given, "of_class", given)
    if isinstance(thing, type) and issubclass(thing, Loss):
        return FunctionMetric(functional(cast(Any, thing)), **name)
    if isinstance(thing, Loss):
        return FunctionMetric(thing.values, name=thing.label)
    found = get("metrics", thing, **name)
    return found if isinstance(found, Metric) else FunctionMetric(found)


def _named(name: str) -> Any:
    try:
        return find("metrics", name.lower() if name.lower() in BY_SHAPE else name)
    except UnknownNameError as unknown:
        try:
            return find("losses", name)
        except UnknownNameError:
            raise unknown from None
