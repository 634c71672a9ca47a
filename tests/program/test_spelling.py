"""What programs spell so that every library of the array API takes it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcore import ops
from kcore.backend.selection import backend_named
from kcore.graph import Trace, finish, recording
from kcore.graph.index import Index
from kcore.graph.types import literal
from kcore.program import Program


@given(length=st.integers(0, 9), data=st.data())
def test_an_index_goes_forwards_within_its_axis_and_its_part_is_turned(length, data):
    given = data.draw(st.slices(length))
    index = Index.of([given], (length,))
    forward = index.forward()
    (start, stop, step) = forward.ranges[0]
    assert (step or 1) > 0 and 0 <= (start or 0) <= length and (stop or 0) <= length
    x = np.arange(length)
    assert np.array_equal(np.flip(x[forward.slices], index.turned), x[given])


def spelled(function, *shapes, in_place=False):
    trace = Trace()
    with recording(trace):
        outputs = [function(*[trace.input(f"x{i}", shape, "float32") for i, shape in enumerate(shapes)])]
    return Program(finish(trace, "step", outputs), backend_named("numpy"), in_place=in_place)


def test_parts_and_joins_that_go_backwards_are_flipped():
    assert "flip(x0[1:4, ...], axis=(0,))" in spelled(lambda x: x[:0:-1], (4, 2)).text
    joined = spelled(lambda x, y: ops.join([x], [Index(((None, None, None), (3, 0, -2)))], (2, 4)), (2, 2), (1,)).text
    assert "(part[:, 1:4:2], flip(x0, axis=(1,)), False)" in joined
    view = spelled(lambda x: x[::-1] * 2.0, (4,), in_place=True)
    assert "flip(x0[0:4], axis=(0,))" in view.setup  # which is a view


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_largest_numbers_lie_within_their_dtype(dtype, sign):
    largest = sign * np.finfo(dtype).max
    assert abs(float(literal(largest, dtype))) <= float(abs(largest))
    assert np.dtype(dtype).type(float(literal(largest, dtype))) == largest
    assert literal(0.1, dtype) == "0.1"


def test_whole_numbers_are_spaced_as_floats_and_rounded_down():
    text = spelled(lambda: ops.linspace(-3, 2, 4, dtype="int32")).text
    assert "dtype=float64" in text and "int32" in text.split("floor", 1)[1]
