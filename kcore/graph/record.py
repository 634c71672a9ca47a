"""The one way to call an op: recorded while a program is traced, else computed at once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from importlib import import_module
from typing import Any, get_args

from ..plugin.errors import hint
from .node import OPS, Kind, Op
from .operators import Operators
from .trace import current_trace
from .variable import Variable

_compute: list[Callable[..., Any]] = []  # how an op computes at once: the folder `program` knows


def define(op: Op) -> Op:
    """Make an op known by its name. Defined again in the same module it is replaced, as by a notebook's cell run twice.

    Raises:
        ValueError: another module has defined an op of this name, or there are no ops of its kind.
    """
    kinds = get_args(Kind)
    if op.kind not in kinds:
        raise ValueError(
            f"The op '{op.name}': kind must be 'compound' if it has a lowering, else say what an atom makes of its "
            f"operands, as one of {', '.join(map(repr, sorted(set(kinds) - {'compound'})))}; got {op.kind!r}."
            + hint(str(op.kind), kinds)
        )
    known = OPS.setdefault(op.name, op)
    if known.rule.__module__ != op.rule.__module__:
        raise ValueError(
            f"The op '{op.name}' is defined in {known.rule.__module__} already; {op.rule.__module__} must give its own "
            "another name, best with its package's in front: 'acme/name'."
        )
    OPS[op.name] = op
    return op


def computing(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let `function(op, operands, options)` compute the ops that are called outside of a trace."""
    _compute[:] = [function]
    return function


def call(op: Op | str, *operands: Any, **options: Hashable) -> Any:
    """Apply an op to symbols, variables, arrays and numbers."""
    if not _compute:  # nobody has needed `program` yet, nor perhaps `ops`
        import_module("..program", __package__)
    op = OPS[op] if isinstance(op, str) else op
    values = [a.value if isinstance(a, Variable) else a for a in operands]
    trace = current_trace()
    return _compute[0](op, values, options) if trace is None else trace.record(op, values, options)


def _operate(name: str, *operands: Any) -> Any:
    return getattr(import_module("..ops", __package__), name)(*operands)


def at_once(function: Callable[..., Any], operands: list[Any]) -> list[Any]:
    """What a function of symbols gives for arrays, by a program that is used once."""
    return list(import_module("..program", __package__).Traced(function, "A function")(*operands))


Operators._apply = staticmethod(_operate)
