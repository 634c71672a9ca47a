"""Atoms that NumPy gives no `out=`, and products of many matrices: in programs that write in place, as interpreted."""

from __future__ import annotations

import numpy as np
import pytest

from kcore import ops
from kcore.graph import Trace, finish, recording
from kcore.program.run import Program
from kcore.testing.tolerances import assert_close
from tests.program.interpreter import interpret

FUNCTIONS = {
    "sort": (lambda x: ops.sort(x, 0), (4, 3)),
    "sort of truth values": (lambda x: ops.sort(x > 0), (4, 3)),
    "argsort": (lambda x: ops.argsort(x, -1), (4, 3)),
    "argsort, descending": (lambda x: ops.argsort(x, -1, descending=True), (4, 3)),
    "searchsorted": (lambda x, y: ops.searchsorted(ops.sort(x), y, side="right"), (4,), (2, 3)),
    "arange": (lambda x: ops.arange(3, dtype="float64") * x, (3,)),
    "linspace": (lambda x: ops.linspace(0, x, 5, axis=-1), (3,)),
    "eye": (lambda x: ops.eye(3, 4, 1, dtype="float64") * x, (3, 4)),
    "tril": (lambda x: ops.tril(x, 1), (2, 3, 3)),
    "diag": (lambda x: ops.diag(ops.diag(x), -1), (3, 3)),
    "roll": (lambda x: ops.roll(x, (1, -1), (0, 1)), (3, 4)),
    "tile": (lambda x: ops.tile(x, (2, 1, 3)), (3, 4)),
    "matmul": (ops.matmul, (2, 1, 3, 4), (5, 4, 2)),
    "einsum": (lambda x, y: ops.einsum("bqhd,bkhd->bhqk", x, y), (2, 3, 4, 5), (2, 6, 4, 5)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_in_place_as_interpreted(backend, name):
    function, *shapes = FUNCTIONS[name]
    trace = Trace()
    with recording(trace):
        inputs = [trace.input(f"x{i}", s, "float64") for i, s in enumerate(shapes)]
        outputs = [function(*inputs)]
    graph = finish(trace, "step", outputs)
    program = Program(graph, backend)
    rng = np.random.default_rng(0)
    given = {f"x{i}": rng.normal(size=s) for i, s in enumerate(shapes)}
    (wanted,), _ = interpret(graph, given)
    for _ in range(2):
        for key, array in program.arrays.items():
            array[...] = given[key]
        assert_close("product", ops.convert_to_numpy(program()[0]), wanted, name)
