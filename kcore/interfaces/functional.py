"""Losses and metrics as functions: `mean_squared_error(y_true, y_pred)` beside `MeanSquaredError()`."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Hashable
from typing import Any

from .. import ops
from ..graph import current_trace, symbol_of
from ..plugin.entry import registered
from ..plugin.errors import hint
from ..program import Traced
from .configurable import snake_case
from .loss import Loss
from .metric import Metric


@functools.cache
def functional(of_class: type) -> Callable[..., Any]:
    """A loss or metric as a function of (y_true, y_pred): its number at each position, not reduced.

    It takes the options of the class, by position too, computes at once on arrays, also the host's, and is recorded
    inside a trace. It is one object however often it is asked for, and tells its class as `of_class`.

    Raises:
        AttributeError: the class is no loss or metric, or one without `call`, as Mean.
    """
    if hasattr(of_class, "as_function"):  # a class that says itself what its function is
        own: Callable[..., Any] = of_class.as_function()
        return own
    base = next((base for base in (Loss, Metric) if issubclass(of_class, base)), None)
    if base is None or getattr(of_class, "call") is base.call:  # noqa: B009 - `type` has none for mypy
        raise AttributeError(f"{of_class.__name__} has no function form.")
    name = next((e.name for e in registered(base.kind) if e.thing is of_class), snake_case(of_class.__name__))
    options = _options(of_class, base)

    @functools.lru_cache(maxsize=32, typed=True)
    def made(**given: Any) -> tuple[Callable[..., Any], Traced]:
        for option in given.keys() - options.keys():
            known = f"the options {', '.join(options)}" if options else "no options"
            raise TypeError(f"{name}() takes {known}; got {option!r}.{hint(option, options)}")
        thing = of_class(**given)
        call = thing.values if isinstance(thing, Loss) else thing.call
        return call, Traced(lambda *data: [call(*data)], f"{name}()")

    def function(y_true: Any, y_pred: Any, *places: Any, **given: Any) -> Any:
        given = _named(name, options, places, given) if places else given
        kept = all(isinstance(option, Hashable) for option in given.values())
        call, run = made(**given) if kept else made.__wrapped__(**given)
        if current_trace() is not None:
            return call(symbol_of(y_true), symbol_of(y_pred))
        return run(ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred))[0]

    data = [inspect.Parameter(y, inspect.Parameter.POSITIONAL_OR_KEYWORD) for y in ("y_true", "y_pred")]
    signature = inspect.Signature([*data, *options.values()])
    function.__name__ = function.__qualname__ = name
    function.__module__ = f"kcore.{base.kind}"
    function.__doc__ = f"{inspect.getdoc(of_class)}\n\nThis function gives the number at each position."
    function.__dict__.update(of_class=of_class, __signature__=signature)
    return function


def _options(of_class: type, base: type) -> dict[str, inspect.Parameter]:
    """The arguments of a class's `__init__` that its base has not."""
    common = inspect.signature(base.__init__).parameters  # type: ignore[misc]
    own = inspect.signature(of_class.__init__).parameters.values()  # type: ignore[misc]
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    kept = [p for p in own if p.name not in common and p.kind not in variadic]
    return {p.name: p.replace(kind=inspect.Parameter.POSITIONAL_OR_KEYWORD) for p in kept}


def _named(
    name: str, options: dict[str, inspect.Parameter], places: tuple[Any, ...], given: dict[str, Any]
) -> dict[str, Any]:
    """The options of a call by name."""
    if len(places) > len(options):
        raise TypeError(f"{name}() takes {len(options)} options after y_true and y_pred; got {len(places)}.")
    by_place = dict(zip(options, places, strict=False))
    twice = next((option for option in by_place if option in given), None)
    if twice is not None:
        raise TypeError(f"{name}() got {twice!r} twice, by position and by keyword.")
    return by_place | given
