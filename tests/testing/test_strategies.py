"""What the strategies give, and that they reach what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from kcore import ops
from kcore.testing import strategies


@given(data=st.data())
def test_values_differ_and_keep_off_zero(data):
    shapes = data.draw(st.lists(strategies.shapes(), min_size=1, max_size=3))
    gap = data.draw(st.sampled_from([0.0, 0.5]))
    arrays = data.draw(strategies.values(*shapes, low=-3, high=3, gap=gap))
    assert [a.shape for a in arrays] == shapes and {a.dtype.name for a in arrays} == {"float64"}
    every = np.concatenate([a.ravel() for a in arrays])
    assert len(set(every)) == every.size and np.all(np.abs(every) > gap) and np.all(np.abs(every) <= 3 + gap + 0.1)


@given(shapes=strategies.broadcastable(3))
def test_shapes_broadcast(shapes):
    assert len(shapes) == 3
    np.broadcast_shapes(*shapes)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(x=strategies.arrays(strategies.dtypes()))
def test_arrays_are_taken_by_every_backend(backend, x):
    assert x.dtype.name in strategies.ANY
    np.testing.assert_array_equal(ops.convert_to_numpy(ops.convert_to_tensor(x)), x)


@given(x=strategies.arrays(shape=(2, 3)), layout=strategies.layouts())
def test_layouts_keep_numbers(x, layout):
    assert np.array_equal(layout(x), x)


@given(rank=st.integers(1, 4), data=st.data())
def test_axes_are_within_the_rank(rank, data):
    assert -rank <= data.draw(strategies.axes(rank)) < rank


@pytest.mark.parametrize(
    ("strategy", "wanted"),
    [
        (strategies.shapes(), lambda s: s == ()),
        (strategies.shapes(), lambda s: 0 in s),
        (strategies.shapes(longest=6), lambda s: 6 in s),
        (strategies.broadcastable(), lambda s: s[0] != s[1]),
        (strategies.arrays(), lambda a: a.ndim > 1 and not a.flags.c_contiguous),
        (strategies.arrays("int32"), lambda a: a.size and a.max() > 2),
        (strategies.axes(2), lambda a: a == -2),
    ],
)
def test_they_reach_what_is_seldom(strategy, wanted):
    find(strategy, wanted)


def test_none_is_near_a_kink():
    (x,) = find(strategies.values((4, 4)), lambda _: True)
    assert np.min(np.abs(x)) > 0.01 and np.min(np.diff(np.sort(x.ravel()))) > 0.01
