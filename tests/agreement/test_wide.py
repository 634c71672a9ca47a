"""A graph written once more in float64 computes what one would that was traced in float64."""

from __future__ import annotations

import numpy as np

from kcore import Variable, ops
from kcore.backend.selection import backend_named
from kcore.graph import Trace, finish, recording
from kcore.program import gradients
from kcore.testing.stepping import Batch, Stepper
from kcore.testing.tolerances import allowed, difference
from kcore.testing.wide import is_narrow, widened

NUMPY = backend_named("numpy")
NUMBERS = {"seed": 3, "step": 5}


def recorded(dtype: str):
    """A loop, random bits, products, a storage that is written, gradients; no constant that float32 rounds."""
    rng, trace = np.random.default_rng(0), Trace()
    held = Variable(rng.normal(size=4).astype("float32").astype(dtype), name="held")
    x = rng.normal(size=(3, 4)).astype("float32").astype(dtype)
    with recording(trace):
        symbol = trace.input("x", x.shape, dtype)
        kept = symbol * ops.dropout_mask(x.shape, rate=0.5, stream=1, dtype=dtype)
        last, rows = ops.scan(lambda c, row: (ops.tanh(c + row), ops.exp(c) * row), held.value, kept)
        out = ops.softmax(rows @ ops.transpose(kept)) + ops.cast(ops.argmax(rows, -1), dtype)
        held.assign(last)
        slope = gradients(ops.sum(ops.square(out)) + ops.sum(last), [symbol])
        graph = finish(trace, "step", [out, ops.greater(rows, 0.0), *slope])
    return graph, held, Batch({"x": x}, NUMBERS)


def test_a_widened_graph_is_the_one_traced_in_float64():
    narrow, held, batch = recorded("float32")
    settled = Stepper(narrow, NUMPY).program.graph
    wide, _, other_batch = recorded("float64")
    assert is_narrow(settled) and not is_narrow(widened(settled))
    stepper, other = Stepper(settled, NUMPY, wide=True), Stepper(wide, NUMPY)
    first = held.numpy()
    got, state = stepper.step({held.storage: first}, batch)
    wanted, other_state = other.step({}, other_batch)
    for a, b in zip([*wanted, *other_state.values()], [*got, *state.values()], strict=True):
        assert a.dtype == b.dtype and difference(a, b) <= allowed("same order", a, size=1.0)
    assert np.array_equal(held.numpy(), first), "the model's own storage was written"


def test_rounding_to_float32_is_seen():
    narrow, held, batch = recorded("float32")
    home, first = Stepper(narrow, NUMPY), {held.storage: held.numpy()}
    ends = [s.step(first, batch)[0][0] for s in (home, Stepper(home.program.graph, NUMPY, True))]
    assert 1e-9 < difference(*ends) < 1e-5
