"""Differentiate: reverse mode over the running trace.

An op's gradient rules give cotangents. This stage alone undoes broadcasting, sums what several readers
give back and restores dtypes, so that no rule has to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from .. import ops
from ..graph import CONSTANT, Node, Symbol, Trace, running_trace
from ..graph.loop import ITEM, SCAN, Loop, Turn, item, loop_of, record_loop
from ..graph.types import Shape, is_float
from ..graph.where import users_line

Cotangents = dict[Node, Symbol]


def gradients(loss: Symbol, variables: Sequence[Symbol]) -> list[Symbol]:
    """The gradient of the scalar `loss` for each of `variables`, recorded on the running trace.

    Where the loss does not depend on a variable its gradient is zero.

    Raises:
        ValueError: the loss is no scalar.
        TypeError: the loss or a variable is no float, or an op on the way has no gradient.
    """
    _check(loss, variables)
    return pullback([loss], [Symbol(running_trace().constant(1.0, (), loss.dtype))], variables)


def pullback(outputs: Sequence[Symbol], given: Sequence[Symbol], variables: Sequence[Symbol]) -> list[Symbol]:
    """The cotangents of `variables` where those of `outputs` are `given`, recorded on the running trace."""
    trace = running_trace()
    wanted = [v.node for v in variables]
    cotangents: Cotangents = {}
    for output, g in zip(outputs, given, strict=True):
        _add(cotangents, output.node, g)
    backpropagate(trace, list(trace.nodes), cotangents, depending(trace.nodes, wanted))
    return [cotangents[n] if n in cotangents else _zeros(trace, n) for n in wanted]


def _zeros(trace: Trace, like: Node) -> Symbol:
    return Symbol(trace.constant(0.0, like.shape, like.dtype))


def backpropagate(
    trace: Trace,
    nodes: Sequence[Node],
    cotangents: Cotangents,
    active: set[Node],
    now: Mapping[Node, Node] | None = None,
) -> None:
    """Give the cotangents back through all nodes, the last first.

    Args:
        trace: what to record on.
        nodes: those that were computed, in order.
        cotangents: of some of them; those of others are added.
        active: the nodes to which cotangents are of use.
        now: for each node the one on `trace` that holds its value, if that is another.
    """
    seen = (lambda n: n) if now is None else now.__getitem__
    items: dict[Node, list[Node]] = {}
    for node in reversed(nodes):
        if node.op is ITEM:
            if node in cotangents:
                items.setdefault(node.inputs[0], []).append(node)
        elif any(i in active for i in node.inputs) and (node in cotangents or node in items):
            with trace.scope(f"gradient of {node.scope}" if node.scope else "gradient"):
                if node.op is SCAN:
                    _pull_scan(trace, node, items[node], cotangents, active, seen)
                else:
                    _pull(node, cotangents, active, seen)


def _check(loss: Symbol, variables: Sequence[Symbol]) -> None:
    if loss.shape:
        raise ValueError(
            f"{users_line()}A gradient is taken of a scalar; this has shape {loss.shape}. Take its ops.mean or ops.sum."
        )
    check_floats("The loss", [loss])
    check_floats("A variable", variables)


def check_floats(what: str, symbols: Iterable[Symbol]) -> None:
    """Raise TypeError unless all are floats."""
    for symbol in symbols:
        if not is_float(symbol.dtype):
            raise TypeError(
                f"{users_line()}{what} of dtype {symbol.dtype} has no gradient: only floats have one. Use ops.cast."
            )


def depending(nodes: Iterable[Node], on: Iterable[Node]) -> set[Node]:
    """Those of the nodes, in order, that are computed from some of `on`."""
    active = set(on)
    for node in nodes:
        if any(i in active for i in node.inputs):
            active.add(node)
    return active


def _pull(node: Node, cotangents: Cotangents, active: set[Node], now: Callable[[Node], Node]) -> None:
    """Give the cotangent of `node` back to its inputs."""
    inputs = [Symbol(now(i)) for i in node.inputs]
    for position, x in enumerate(node.inputs):
        if x in active and is_float(x.dtype):
            rule = node.op.gradient(position)
            if rule is not None:
                _add(cotangents, x, rule(cotangents[node], Symbol(now(node)), *inputs, **node.options))


def _add(cotangents: Cotangents, x: Node, given: Symbol) -> None:
    """One more cotangent of `x`, from one more that reads it."""
    given = ops.cast(_unbroadcast(given, x.shape), x.dtype)
    total: Symbol = cotangents[x] + given if x in cotangents else given
    cotangents[x] = total
    if x.name and not total.node.name and total.node.op.kind != "source":
        total.node.name = f"grad_{x.name}"


def _pull_scan(
    trace: Trace,
    scan: Node,
    items: Sequence[Node],
    cotangents: Cotangents,
    active: set[Node],
    now: Callable[[Node], Node],
) -> None:
    """Give the cotangents of a scan's items back to its inputs: by a scan the other way.

    Its carries are the cotangents of the carries, and sums of those of what every turn reads.
    """
    loop, scan_now = loop_of(scan), now(scan)
    outside = loop.inputs(scan)
    given = {name: now(i) for name, i in outside.items()}
    carries = {name: n for name, n in loop.carries.items() if is_float(n.dtype)}
    read = {name: n for name, n in loop.graph.inputs.items() if n not in loop.graph.writes}
    wanted = {name: n for name, n in read.items() if outside[name] in active and is_float(n.dtype)}
    summed = {name: n for name, n in wanted.items() if name not in loop.each}
    of: dict[tuple[str, str], Symbol] = {}
    for i in items:
        key = i.option("what"), i.option("of")
        of[key] = of[key] + cotangents[i] if key in of else cotangents[i]
    starts = [of.get(("last", name), _zeros(trace, n)) for name, n in carries.items()]
    starts += [_zeros(trace, n) for n in summed.values()]
    inside = depending(loop.graph.nodes, [*carries.values(), *wanted.values()])

    def turn(inner: Turn, arrived: list[Symbol]) -> tuple[list[Symbol], list[Symbol]]:
        inner.recalled = values = _recalled(inner, trace, scan_now, loop, given)
        mine: Cotangents = {}
        for n, g in zip(carries.values(), arrived, strict=False):
            _add(mine, loop.graph.writes[n], g)
        for (what, name), g in of.items():
            if what == "stack":
                _add(mine, loop.value(name), inner.part(g.node))
        backpropagate(inner, loop.graph.nodes, mine, inside, values)

        def back(n: Node) -> Symbol:
            return mine[n] if n in mine else _zeros(inner, n)

        sums = [
            total + mine[n] if n in mine else total
            for n, total in zip(summed.values(), arrived[len(carries) :], strict=True)
        ]
        return [*map(back, carries.values()), *sums], [back(n) for name, n in wanted.items() if name in loop.each]

    lasts, stacks = record_loop(trace, [s.node for s in starts], loop.length, turn, not loop.reverse)
    names = [*carries, *summed, *(name for name in wanted if name in loop.each)]
    for name, g in zip(names, [*lasts, *stacks], strict=True):
        if outside[name] in active:
            _add(cotangents, outside[name], g)


def _recalled(inner: Turn, trace: Trace, scan: Node, loop: Loop, given: Mapping[str, Node]) -> dict[Node, Node]:
    """For each node of a loop, one of `inner`, a turn of the way back, that holds its value of the same turn."""
    names = {n: name for name, n in loop.graph.inputs.items()}
    values: dict[Node, Node] = {}
    for node in loop.graph.nodes:
        if node in names and node not in loop.graph.writes:
            whole = given[names[node]]
            values[node] = inner.part(whole, node.name).node if names[node] in loop.each else inner.lift(whole)
        elif node.op in (CONSTANT, SCAN, ITEM) or node.op.kind == "view" or node.op.cheap:
            values[node] = inner.copy(node, [values[i] for i in node.inputs])
        else:  # dear, or what a carry held: every turn's value is kept
            values[node] = inner.part(item(trace, scan, "stack", loop.stack(node)).node, node.name).node
    return values


def _unbroadcast(cotangent: Symbol, shape: Shape) -> Symbol:
    """The sum over all axes along which an input of this shape was repeated; a rule may also leave it narrower."""
    lead = cotangent.ndim - len(shape)
    repeated = [i for i, n in enumerate(cotangent.shape) if i < lead or (shape[i - lead] == 1 and n != 1)]
    if repeated and lead >= 0:
        rest = tuple(1 if lead + i in repeated else n for i, n in enumerate(cotangent.shape[lead:]))
        cotangent = ops.reshape(ops.sum(cotangent, repeated), rest)
    wide: Symbol = ops.broadcast_to(cotangent, shape)
    return wide
