"""Random turns of loops: a scan must give what its turns give when they are written out one after the other."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import attrs
import numpy as np

from kcore import ops
from kcore.backend import Backend
from kcore.graph import Symbol, Trace, finish, recording
from kcore.program import Program, gradients
from tests.program.random_graphs import poison

Carry = list[Symbol]
SHAPE = (3, 4)


@attrs.frozen
class Case:
    """A scan: how it is called, what its turn computes, and the numbers that it is given."""

    turn: Callable[[Carry, list[Symbol], dict[str, Symbol]], tuple[Carry, list[Symbol]]]
    carries: int
    parts: int
    length: int
    reverse: bool
    values: dict[str, np.ndarray[Any, Any]]


def draw(seed: int) -> Case:
    """The case of this seed: a fixed list of instructions on a growing pool of values."""
    rng = np.random.default_rng(seed)
    carries, parts, length = int(rng.integers(1, 4)), int(rng.integers(0, 3)), int(rng.integers(1, 6))
    plan = [(int(rng.integers(len(STEPS))), *map(int, rng.integers(0, 1000, 3))) for _ in range(rng.integers(2, 9))]
    picks = [int(n) for n in rng.integers(0, 1000, carries + 3)]
    adds = [bool(n) for n in rng.integers(0, 2, carries)]  # whether a carry only grows

    def turn(carry: Carry, xs: list[Symbol], closed: dict[str, Symbol]) -> tuple[Carry, list[Symbol]]:
        pool = [c for c, add in zip(carry, adds, strict=True) if not add] or list(carry)
        pool += [*xs, closed["s"]]
        for step, i, j, k in plan:
            a, b = pool[i % len(pool)], pool[j % len(pool)]
            pool.append(ops.tanh(STEPS[step](a, b, closed["wuv"[k % 2]], closed["b"])))
        last = pool[-6:]

        def pick(n: int) -> Symbol:
            return last[n % len(last)]

        new = [
            c + pick(n) if add else ops.tanh(pick(n) + c * 0.1) for c, n, add in zip(carry, picks, adds, strict=False)
        ]
        kept = [new[0], pick(picks[-1]), xs[0] if xs else pick(picks[-2]), carry[-1], ops.sum(pick(picks[-3]), 0)]
        return new, [kept[picks[-1] % 5], kept[picks[-2] % 5]][: 1 + picks[-3] % 2]

    values = {f"h{i}": rng.normal(size=SHAPE) for i in range(carries)}
    values |= {f"x{i}": rng.normal(size=(length, *SHAPE)) for i in range(parts)}
    values |= {"s": rng.normal(size=SHAPE), "b": rng.normal(size=4)}
    values |= {name: rng.normal(size=(4, 4)) * 0.4 for name in "wu"}
    return Case(turn, carries, parts, length, bool(rng.integers(2)), values)


STEPS: list[Callable[[Symbol, Symbol, Symbol, Symbol], Symbol]] = [
    lambda a, b, w, v: a + b,
    lambda a, b, w, v: a * b,
    lambda a, b, w, v: a - b,
    lambda a, b, w, v: ops.sigmoid(a),
    lambda a, b, w, v: ops.maximum(a, b * 0.5),
    lambda a, b, w, v: a @ w,
    lambda a, b, w, v: a @ w + b,
    lambda a, b, w, v: a @ ops.transpose(w),
    lambda a, b, w, v: a + v,
    lambda a, b, w, v: a * ops.sum(b, -1, keepdims=True),
    lambda a, b, w, v: a * ops.mean(b, 0),
    lambda a, b, w, v: ops.concat([a[:, 2:], b[:, :2]], 1),
    lambda a, b, w, v: ops.where(a > b, a, v),
    lambda a, b, w, v: ops.reshape(ops.transpose(a), SHAPE),
    lambda a, b, w, v: a[::-1] * b[0],
    lambda a, b, w, v: (a @ w) * ops.softmax(b),
    lambda a, b, w, v: ops.transpose(ops.transpose(w @ w) @ ops.transpose(a)) - b,
    lambda a, b, w, v: ops.broadcast_to(ops.sum(a @ w, 0), SHAPE) * 0.1,
    lambda a, b, w, v: a + w[0] * v,
]


def _total(symbols: list[Symbol]) -> Symbol:
    weighed = [ops.sum(ops.square(s) * (i + 1.0)) for i, s in enumerate(symbols)]
    return functools.reduce(ops.add, weighed)


def numbers(case: Case, backend: Backend, in_place: bool, order: int, unroll: bool) -> list[np.ndarray[Any, Any]]:
    """The loss, its gradients and the last carries, in the second of two runs from poisoned buffers.

    Args:
        case: the scan.
        backend: where it runs.
        in_place: whether its program writes into buffers.
        order: of the gradients, 1 or 2.
        unroll: whether the turns are written out.
    """
    trace = Trace()
    with recording(trace):
        given = {name: trace.input(name, a.shape, "float64") for name, a in case.values.items()}
        last, kept = ops.scan(
            lambda carry, xs: case.turn(carry, xs or [], given),
            [given[f"h{i}"] for i in range(case.carries)],
            [given[f"x{i}"] for i in range(case.parts)] or None,
            length=case.length,
            reverse=case.reverse,
            unroll=unroll,
        )
        loss = _total([*last, *kept]) + _total(list(given.values())) * 0.01
        slopes = gradients(loss, list(given.values()))
        if order == 2:
            slopes = gradients(_total(slopes), list(given.values()))
        graph = finish(trace, "step", [loss, *slopes, *last, *kept])
    program = Program(graph, backend, in_place=in_place)
    outputs: list[Any] = []
    for _ in range(2):
        if not in_place:
            outputs = program.run({n: backend.from_host(a) for n, a in case.values.items() if n in graph.inputs})
            continue
        for name, array in program.arrays.items():
            array[...] = case.values[name]
        poison(program)
        outputs = program()
    return [backend.to_host(a) for a in outputs]
