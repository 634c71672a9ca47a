"""What no row of the tables stands for: loops and choices, gradients of one's own, distributions of random numbers."""

from __future__ import annotations

import numpy as np
import pytest

from kcore import ops
from kcore.backend import use_backend
from kcore.testing.tolerances import TOLERANCES, difference
from tests.agreement.bodies import check, traced
from tests.random.draws import DRAWS

X = np.array([[1.0, -2.0], [3.0, 4.0], [-5.0, 0.5]])


@ops.custom_gradient
def doubled_back(x):
    return ops.exp(x), lambda g: 2.0 * g * ops.exp(x)


def scanned(x):
    """Nested loops, one of them backwards, whose inner one reads the carry of the outer one."""

    def turn(carry, row):
        inner, kept = ops.scan(lambda c, v: (ops.tanh(c + v * row), c), carry, ops.stack([row, carry]), reverse=True)
        return inner, ops.sum(kept, 0)

    last, rows = ops.scan(turn, x[0], x)
    return last, rows


BODIES = {
    "scan": scanned,
    "cond": lambda x: ops.cond(ops.sum(x) > 1.0, lambda: x * 2.0, lambda: -x),
    "fori_loop": lambda x: ops.fori_loop(1, 4, lambda i, v: ops.sin(v) * x + ops.cast(i, x.dtype), x),
    "map": lambda x: ops.map(lambda row: ops.sum(row) * ops.cos(row), x),
    "vectorized_map": lambda x: ops.vectorized_map(lambda row: row @ row, x),
    "while_loop": lambda x: ops.while_loop(lambda v: ops.max(v) < 100.0, lambda v: v * x, x, maximum_iterations=9),
    "select": lambda x: ops.select([x < 0.0, x > 2.0], [-x, ops.exp(x)], 7.0),
    "custom_gradient": lambda x: doubled_back(x) * x,
    "stop_gradient": lambda x: ops.stop_gradient(ops.exp(x)) * x,
    "join": lambda x: ops.pad(x, ((1, 0), (2, 1))) + ops.concat([x[:2], x[1:]], axis=0)[:1, :1],
    "logits_of": lambda x: ops.exp(ops.logits_of(ops.softmax(x * 2.0))),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", BODIES)
def test_control_agrees(name, dtype, other):
    def record(x):
        out = BODIES[name](x)
        return list(out) if isinstance(out, tuple) else [out]

    check(traced(record, [X.astype(dtype)], [0]), other, "loop")


@pytest.mark.parametrize("draw", DRAWS, ids=lambda draw: draw.name)
def test_random_numbers_agree(draw, other):
    drawn = []
    for backend in ("numpy", other):
        with use_backend(backend):
            drawn.append(ops.convert_to_numpy(draw.call(11)))
    a, b = drawn
    assert (a.shape, a.dtype) == (b.shape, b.dtype)
    limit = 0.0 if draw.exact or a.dtype.kind != "f" else TOLERANCES["random", a.dtype.name] * np.abs(a).max()
    assert difference(a, b) <= limit
