"""Callback: what a user wants done while a model trains, at each of Keras's moments."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar, Literal

from ..plugin.errors import hint
from .configurable import get

Logs = Mapping[str, Any]


class Callback:
    """Does nothing at every moment; a subclass overrides what it needs.

    It has no fields: settings are the arguments of an `__init__` that the subclass writes.

    Attributes:
        model: the model that trains.
        params: "epochs", "steps", "samples", "validation_samples" and "verbose" of this run.
    """

    kind: ClassVar[str] = "callbacks"
    model: Any = None
    params: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take nothing.

        Raises:
            TypeError: something was given that the subclass does not know.
        """
        if args or kwargs:
            raise TypeError(_no_argument(type(self), next(iter(kwargs), None)))
        super().__init__()

    def set_model(self, model: Any) -> None:
        """Called once before training."""
        self.model = model

    def set_params(self, params: dict[str, Any]) -> None:
        """Called once before training."""
        self.params = params

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Before the first epoch."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """After the last epoch, also when it was interrupted."""

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Before an epoch, counted from 0."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """After an epoch, with its logs, those of validation included; what is added to them comes into the History."""

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Before a step, counted from 0 within its epoch."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """After a step. `logs` computes its numbers when they are read."""
        self.on_batch_end(batch, logs)

    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """An older name of `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """An older name of `on_train_batch_end`."""

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Before an evaluation, also before that of the validation data."""

    def on_test_end(self, logs: Logs | None = None) -> None:
        """After an evaluation, with its logs."""

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Before a batch of an evaluation."""

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """After a batch of an evaluation. `logs` computes its numbers when they are read."""

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """Before a prediction."""

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """After a prediction."""

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Before a batch of a prediction."""

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """After a batch of a prediction."""


MOMENTS = tuple(name for name in vars(Callback) if name.startswith("on_"))
"""The names of the methods that a callback may override."""


def _no_argument(cls: type[Callback], name: str | None) -> str:
    """What is wrong with an argument that is left over: that of this name, or one without."""
    parameters = inspect.signature(cls).parameters.values()
    takes = [p.name for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    if not takes:
        given = "an argument" if name is None else repr(name)
        return f"{cls.__name__} takes no arguments; got {given}. A callback's settings are those of its own __init__."
    if name is None:
        return f"{cls.__name__} got too many arguments. It takes: {', '.join(takes)}."
    return f"{cls.__name__} has no argument {name!r}. It takes: {', '.join(takes)}.{hint(name, takes)}"


class Callbacks(Callback):
    """Many callbacks as one. A moment that none of them overrides costs nothing.

    Args:
        callbacks: the callbacks, or their names; lists in the list are taken as if what they hold stood there, as in
            Keras.
        model: the model that trains.
        params: what they are told of the run.

    Raises:
        TypeError: something in the list is no callback.
        ValueError: no callback has a name in it.
    """

    def __init__(self, callbacks: Iterable[Any], model: Any, params: dict[str, Any]) -> None:
        self.each = list(_flat(callbacks))
        for callback in self.each:
            callback.set_params(params)
            callback.set_model(model)
        self._told = {name: [getattr(c, name) for c in self.each if _overrides(c, name)] for name in MOMENTS}


def _flat(given: Any) -> Iterator[Callback]:
    if given is None:
        return
    if isinstance(given, Callbacks):
        yield from given.each
    elif isinstance(given, Callback):
        yield given
    elif isinstance(given, str):
        yield get("callbacks", given)
    elif isinstance(given, Iterable) and not isinstance(given, Mapping | type):
        for each in given:
            yield from _flat(each)
    else:
        raise TypeError(_refusal(given))


def _refusal(given: Any) -> str:
    takes = "callbacks is a list of callbacks, as callbacks=[EarlyStopping(patience=3)]"
    if isinstance(given, type) and issubclass(given, Callback):
        return f"{takes}; got the class {given.__name__}. Make an object of it: {given.__name__}(...)."
    if "on_epoch_end" in dir(given):
        return f"{takes}; got {given!r}, which is no kcore.callbacks.Callback. Make its class a subclass of that."
    cure = " Wrap it: LambdaCallback(on_epoch_end=...)." if callable(given) else ""
    return f"{takes}; got {type(given).__name__}: {given!r:.80}.{cure}"


def _overrides(callback: Callback, moment: str) -> bool:
    """Whether it does something then; its own attributes count, as `self.on_epoch_end = function`."""
    older = moment.replace("on_train_batch", "on_batch")
    return any(
        getattr(getattr(callback, name), "__func__", None) is not getattr(Callback, name) for name in {moment, older}
    )


def _tell_all(moment: str) -> Callable[..., None]:
    def tell(self: Callbacks, *args: Any) -> None:
        told = self._told[moment]
        if told:
            counted, logs = args[:counts], args[counts] if len(args) > counts else None
            logs = {} if logs is None else logs
            for callback in told:
                callback(*counted, logs)

    counts = int("epoch" in moment or "batch" in moment)
    tell.__name__, tell.__doc__ = moment, getattr(Callback, moment).__doc__
    return tell


for _moment in MOMENTS:
    setattr(Callbacks, _moment, _tell_all(_moment))


_SMALLER = re.compile(r"loss|error|mse|mae|mape|msle|crossentropy|divergence|kld|hinge|poisson|cosh|huber")
_LARGER = re.compile(r"acc|accuracy|cosine_(proximity|similarity)|auc|precision|recall|iou|f1_score|r2_score")


def direction(log: str) -> Literal["min", "max"] | None:
    """Whether smaller or larger numbers of a log are the better ones; None if its name does not tell.

    The last words of the name decide: `val_loss` and `mean_squared_error` are to be small, `top_k_accuracy` large.

    >>> direction("val_loss"), direction("binary_accuracy"), direction("score")
    ('min', 'max', None)
    """
    if re.search(rf"(^|_)({_LARGER.pattern})(_\d+)?$", log):
        return "max"
    return "min" if re.search(rf"({_SMALLER.pattern})(_\d+)?$", log) else None
