"""Objective: what compile() says a model is trained for, and what tells how well that goes."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, cast

import attrs

from ..interfaces import FunctionLoss, FunctionMetric, Loss, Metric, Optimizer, get
from ..interfaces.functional import functional
from ..plugin import UnknownNameError, find


@attrs.frozen
class Objective:
    """An optimizer, a loss and metrics; the mean of the loss over an epoch is a metric too."""

    optimizer: Optimizer
    loss: Any  # a Loss, or None if there is none
    metrics: list[Metric]
    mean: Metric

    @classmethod
    def of(cls, optimizer: Any, loss: Any, metrics: Sequence[Any]) -> Objective:
        """From names, objects or functions.

        Raises:
            ValueError: a name is not known, or two metrics have one.
            TypeError: something is none of these.
        """
        if isinstance(metrics, str):
            raise TypeError(f'metrics is a list of metrics, as metrics=["{metrics}"]; got the string {metrics!r}.')
        made = [_metric(m) for m in metrics]
        labels = ["loss", *(m.label for m in made)]
        twice = next((label for label in labels if labels.count(label) > 1), None)
        if twice is not None:
            raise ValueError(
                f"Two of the loss and the metrics are called {twice!r}: give one another name, as Accuracy(name=...)."
            )
        given = None if loss is None else _loss(loss)
        return cls(get("optimizers", optimizer), given, made, get("metrics", "mean", name="loss"))

    @property
    def measures(self) -> list[Metric]:
        """The mean of the loss, then the metrics."""
        return [self.mean, *self.metrics]

    @property
    def version(self) -> Hashable:
        """Changes whenever a setting does that programs were traced with."""
        return tuple(each.version for each in (self.optimizer, self.loss, *self.metrics) if each is not None)

    def logs(self) -> dict[str, float]:
        """The mean of the loss and the metrics so far, by name."""
        return {m.label: m.result() for m in self.measures}

    def reset(self) -> None:
        """Begin the mean and the metrics anew."""
        for measure in self.measures:
            measure.reset_state()


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
        return find("metrics", name)
    except UnknownNameError as unknown:
        try:
            return find("losses", name)
        except UnknownNameError:
            raise unknown from None
