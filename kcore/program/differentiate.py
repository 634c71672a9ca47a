"""Differentiate: reverse mode over the running trace.

An op's gradient rules give cotangents. This stage alone undoes broadcasting, sums what several readers
give back and restores dtypes, so that no rule has to.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .. import ops
from ..graph import Node, Symbol, Trace, running_trace
from ..graph.types import Shape, is_float


def gradients(loss: Symbol, variables: Sequence[Symbol]) -> list[Symbol]:
    """The gradient of the scalar `loss` for each of `variables`, recorded on the running trace.

    Where the loss does not depend on a variable its gradient is zero.

    Raises:
        ValueError: the loss is no scalar.
        TypeError: the loss or a variable is no float, or an op on the way has no gradient.
    """
    _check(loss, variables)
    trace = running_trace()
    wanted = [v.node for v in variables]
    active = _depending(trace.nodes, wanted)
    cotangents = {loss.node: Symbol(trace.constant(1.0, (), loss.dtype))}
    for node in reversed(list(trace.nodes)):
        if node in cotangents and any(i in active for i in node.inputs):
            with trace.scope(f"gradient of {node.scope}" if node.scope else "gradient"):
                _pull(trace, node, cotangents, active)
    return [cotangents[n] if n in cotangents else Symbol(trace.constant(0.0, n.shape, n.dtype)) for n in wanted]


def _check(loss: Symbol, variables: Sequence[Symbol]) -> None:
    if loss.shape:
        raise ValueError(f"A gradient is taken of a scalar; this has shape {loss.shape}. Take its ops.mean or ops.sum.")
    for what, symbol in (("The loss", loss), *(("A variable", v) for v in variables)):
        if not is_float(symbol.dtype):
            raise TypeError(f"{what} of dtype {symbol.dtype} has no gradient: only floats have one. Use ops.cast.")


def _depending(nodes: Iterable[Node], on: Iterable[Node]) -> set[Node]:
    active = set(on)
    for node in nodes:
        if any(i in active for i in node.inputs):
            active.add(node)
    return active


def _pull(trace: Trace, node: Node, cotangents: dict[Node, Symbol], active: set[Node]) -> None:
    """Give the cotangent of `node` back to its inputs."""
    inputs = [Symbol(i) for i in node.inputs]
    for i, x in enumerate(node.inputs):
        rule = node.op.gradient(i)
        if rule is not None and x in active and is_float(x.dtype):
            given = rule(cotangents[node], Symbol(node), *inputs, **node.options)
            given = ops.cast(_unbroadcast(given, x.shape), x.dtype)
            cotangents[x] = cotangents[x] + given if x in cotangents else given
            made = cotangents[x].node
            if x.name and not made.name and made.op.kind != "source":
                made.name = f"grad_{x.name}"


def _unbroadcast(cotangent: Symbol, shape: Shape) -> Symbol:
    """The sum over all axes along which an input of this shape was repeated; a rule may also leave it narrower."""
    lead = cotangent.ndim - len(shape)
    repeated = [i for i, n in enumerate(cotangent.shape) if i < lead or (shape[i - lead] == 1 and n != 1)]
    if repeated and lead >= 0:
        rest = tuple(1 if lead + i in repeated else n for i, n in enumerate(cotangent.shape[lead:]))
        cotangent = ops.reshape(ops.sum(cotangent, repeated), rest)
    wide: Symbol = ops.broadcast_to(cotangent, shape)
    return wide
