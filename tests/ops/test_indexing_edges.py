"""Indices at the ends and beyond, several at one place, and keys as NumPy reads them."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest

import kcore
from kcore import Variable, ops
from kcore.program import Traced

X = np.arange(24.0).reshape(3, 4, 2)


def host(x):
    return ops.convert_to_numpy(x)


def tensor(x, dtype=None):
    return ops.convert_to_tensor(np.asarray(x, dtype))


def traced(function, *arrays):
    return host(Traced(lambda *symbols: [function(*symbols)], "a function")(*map(tensor, arrays))[0])


KEYS = [np.array([1, -1]), np.array([[0], [1]]), np.array(1), 0, slice(None, None, -1), slice(0, 1), None, ...]


@pytest.mark.parametrize("length", [1, 2, 3])
def test_every_key_gives_what_numpy_gives(length):
    tried = 0
    for key in itertools.product(KEYS, repeat=length):
        if sum(k is ... for k in key) > 1 or not any(isinstance(k, np.ndarray) and k.ndim for k in key):
            continue
        arrays = [k for k in key if isinstance(k, np.ndarray)]

        def computed(x, *symbols, key=key):
            rest = iter(symbols)
            return x[tuple(next(rest) if isinstance(k, np.ndarray) else k for k in key)]

        np.testing.assert_array_equal(host(ops.getitem(X, key)), X[key], err_msg=str(key))
        if tried % 5 == 0:
            np.testing.assert_array_equal(traced(computed, X, *arrays), X[key], err_msg=str(key))
        tried += 1
    assert tried


def test_a_variable_is_read_by_index(backend):
    table = Variable(X)
    np.testing.assert_array_equal(host(table[np.array([2, 0])]), X[[2, 0]])
    np.testing.assert_array_equal(host(table[[2, 0], 1]), X[[2, 0], 1])
    index = Variable([1, 2], trainable=False)
    np.testing.assert_array_equal(host(ops.take(table, index, axis=0)), X[[1, 2]])


@pytest.mark.parametrize("index", [3, -4, [0, 3], [[-4, 0]]])
def test_out_of_range_is_an_error_where_the_index_is_known(backend, index):
    wrong = np.ravel(index)[np.argmax(np.abs(np.ravel(index)))]
    text = re.escape(f"index {wrong} is out of range for axis 0 of length 3.")
    x = tensor(X)
    for call in (
        lambda: ops.take(x, index, axis=0),
        lambda: ops.take(x, tensor(index), axis=0),
        lambda: ops.getitem(x, (tensor([index, index]), slice(None))),
        lambda: Traced(lambda x: [ops.take(x, index, axis=0)], "take")(x),
    ):
        with pytest.raises(IndexError, match=r"test_indexing_edges\.py, line \d+: " + text):
            call()


def test_out_of_range_is_the_nearest_where_a_program_computes_it(backend):
    got = traced(lambda x, i: ops.take(x, i, axis=0), X, np.array([-9, -4, -3, -1, 0, 2, 3, 9]))
    np.testing.assert_array_equal(got, X[[0, 0, 0, 2, 0, 2, 2, 2]])
    assert traced(lambda x, i: x[i, 0, 1], X, np.array(7)) == X[2, 0, 1]


@pytest.mark.parametrize("dtype", ["int8", "uint8", "uint64"])
def test_any_integers_are_indices(backend, dtype):
    x = np.arange(300.0)
    indices = np.array([100, 3], dtype)
    np.testing.assert_array_equal(host(ops.take(tensor(x), tensor(indices))), x[[100, 3]])
    np.testing.assert_array_equal(traced(ops.take, x, indices), x[[100, 3]])
    assert host(ops.segment_sum(tensor([1.0, 2]), tensor(indices), 300))[[3, 100]].tolist() == [2, 1]


def test_what_is_no_index_is_refused(backend):
    x = tensor(X)
    mask = r"indices are integers, got bool\. Choose with kcore\.ops\.where\(condition, a, b\)\."
    floats = r"indices are integers, got float\d\d\. Use kcore\.ops\.cast\(x, \"int64\"\)\."
    for act, kind, text in (
        (lambda x: ops.take(x, tensor([True, False]), 0), TypeError, mask),
        (lambda x: ops.take(x, [0.5]), TypeError, floats),
        (lambda x: ops.getitem(x, tensor(X > 2)), IndexError, "too long|" + mask),
        (lambda x: ops.getitem(x, tensor([True, False, True])), IndexError, mask),
        (lambda x: ops.getitem(x, ([True, False, True], 0)), IndexError, mask),
        (lambda x: ops.getitem(x, "a"), TypeError, "an index is made of integers, slices, `...`, None and arrays of"),
        (lambda x: ops.getitem(x, ([0, 1], [0, 1, 2])), IndexError, "arrays of indices must broadcast. Shapes"),
        (lambda x: ops.take(x[:0, :, :], [0], 0), IndexError, "index 0 is out of range for axis 0 of length 0"),
        (lambda x: ops.take_along_axis(x, [0], 0), ValueError, r"ops\.take_along_axis takes an array and"),
    ):
        with pytest.raises(kind, match=r"test_indexing_edges\.py, line \d+: (" + text + ")"):
            act(x)
    with pytest.raises(IndexError, match="there is nothing to take along axis 0 of length 0"):
        traced(lambda x, i: ops.take(x, i, 0), X[:0], np.array([0]))
    with pytest.raises(IndexError, match=mask):
        traced(lambda x: x[x[:, 0, 0] > 0], X)


def test_a_part_is_moved_inside_where_a_program_computes_its_start(backend):
    x = np.arange(5.0)
    for start, wanted in ((-3, [0, 1]), (1, [1, 2]), (9, [3, 4])):
        assert traced(lambda x, i: ops.slice(x, [i], (2,)), x, np.array(start)).tolist() == wanted
    with pytest.raises(ValueError, match="along axis 0 a part of this length starts at 0 to 3, got 4"):
        ops.slice(x, (4,), (2,))
    with pytest.raises(ValueError, match="a part needs a start and a length for each axis"):
        ops.slice_update(x, (0, 0), x)


def test_an_update_has_the_dtype_of_what_it_updates(backend):
    out = ops.slice_update(tensor([1, 2, 3], "int32"), (1,), tensor([7.9]))
    assert (host(out).tolist(), host(out).dtype) == ([1, 7, 3], np.int32)
    out = ops.scatter_update(tensor([1, 2, 3], "int32"), [[0]], tensor([7.9]))
    assert (host(out).tolist(), host(out).dtype) == ([7, 2, 3], np.int32)


def test_gradients_of_an_update_go_to_both(backend):
    x, part = tensor([1.0, 2, 3]), tensor([5.0])

    def f(x, part):
        return ops.sum(ops.slice_update(ops.square(x), (1,), ops.square(part)))

    assert host(kcore.grad(f, 0)(x, part)).tolist() == [2, 0, 6]
    assert host(kcore.grad(f, 1)(x, part)).tolist() == [10]


def test_taking_in_a_loop(backend):
    """What does not need the carry is taken for all turns at once: the same indices, the same array, or neither."""
    rng = np.random.default_rng(0)
    table, tables, indices = rng.random((5, 3)), rng.random((4, 5, 3)), rng.integers(0, 5, (4, 2))

    def looped(table, tables, indices):
        def turn(carry, x):
            own, i = x
            parts = ops.take(table, i, 0), ops.take(own, [1, 3], 0), ops.take(own, i, 0)
            across = ops.take(table, i * 0 + 1, axis=1)
            return carry + parts[0], [*parts, across]

        last, kept = ops.scan(turn, np.zeros((2, 3)), (tables, indices))
        return [last, *kept]

    got = map(host, Traced(looped, "a loop")(*map(tensor, (table, tables, indices))))
    wanted = [
        table[indices].sum(0),
        table[indices],
        tables[:, [1, 3]],
        np.stack([t[i] for t, i in zip(tables, indices, strict=True)]),
        np.stack([table[:, [1, 1]]] * 4),
    ]
    for a, b in zip(got, wanted, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-15)


# several at one place


def test_an_index_taken_twice_gets_two_gradients(backend):
    w = np.array([3, 0, 3, 3])
    got = kcore.grad(lambda x: ops.sum(ops.take(x, w, axis=0) * ops.cast(ops.arange(1, 5), "float64")))(
        tensor(np.ones(4))
    )
    assert host(got).tolist() == [2, 0, 0, 8]


def test_of_several_updates_the_last_counts_and_all_are_added(backend):
    x, indices, updates = tensor(np.zeros(3)), [[1], [2], [1], [-2]], tensor([1.0, 2, 3, 4])
    assert host(ops.scatter_update(x, indices, updates)).tolist() == [0, 4, 2]
    assert host(ops.scatter_add(x, indices, updates)).tolist() == [0, 8, 2]
    assert host(ops.scatter(indices, updates, (3,))).tolist() == [0, 8, 2]
    gradient = kcore.grad(lambda u: ops.sum(ops.scatter_update(np.zeros(3), indices, u)))(updates)
    assert host(gradient).tolist() == [0, 1, 0, 1]


def test_what_a_program_scatters_outside_is_left_out(backend):
    indices = np.array([[0, 5], [1, 1], [-3, 0], [-1, -1]])

    def into(i):
        return ops.scatter(i, np.ones(4), (2, 2))

    assert traced(into, indices).tolist() == [[0, 0], [0, 2]]
    with pytest.raises(IndexError, match=r"index -3 is out of range for axis 0 of length 2\."):
        into(indices)
    updated = traced(lambda i: ops.scatter_update(np.zeros(2), i, np.arange(1.0, 4)), np.array([[7], [1], [-9]]))
    assert updated.tolist() == [0, 2]


def test_sums_of_integers_are_exact_and_those_of_floats_run_in_float64(backend):
    big = 2**62
    out = ops.segment_sum(tensor([big, big, 1, big - 1]), [0, 1, 1, 0], 2)
    assert host(out).tolist() == [2 * big - 1, big + 1]
    small = np.concatenate([[1e8], np.full(1000, 1.0)]).astype("float32")
    out = ops.segment_sum(tensor(small), [0] * 1001 + [], 1)
    assert host(out).tolist() == [np.float32(1e8 + 1000)]
    assert host(ops.segment_sum(tensor([True, True, False]), [0, 0, 1], 2)).tolist() == [2, 0]


def test_the_largest_of_a_segment(backend):
    data, ids = tensor([[1.0, np.nan], [3, 2], [3, 1], [7, 7]]), [0, 0, 0, 3]
    got = host(ops.segment_max(data, ids, 3))
    np.testing.assert_array_equal(got, [[3, np.nan], [-np.inf] * 2, [-np.inf] * 2])
    assert host(ops.segment_max(tensor([4], "int8"), [1], 2)).tolist() == [-128, 4]
    ties = kcore.grad(lambda x: ops.sum(ops.segment_max(x, ids, 4)[0]))(tensor([1.0, 3, 3, 7]))
    assert host(ties).tolist() == [0, 0.5, 0.5, 0]
    beside_nan = kcore.grad(lambda x: ops.sum(ops.segment_max(x, ids, 4)[3]))(tensor([1.0, np.nan, 3, 7]))
    assert host(beside_nan).tolist() == [0, 0, 0, 1]
    again = kcore.grad(
        lambda x: ops.sum(kcore.grad(lambda x: ops.sum(ops.maximum(ops.segment_max(x * x, ids, 4), 0)))(x))
    )
    np.testing.assert_allclose(host(again(tensor([1.0, 2, 3, 7]))), [0, 0, 2, 2])


def test_counting(backend):
    x = tensor([1, 3, 1])
    assert host(ops.bincount(x)).tolist() == [0, 2, 0, 1]
    assert host(ops.bincount(x)).dtype == np.int64
    assert host(ops.bincount(x, minlength=6)).tolist() == [0, 2, 0, 1, 0, 0]
    assert host(ops.bincount(tensor([], "int64"))).tolist() == []
    assert traced(lambda x: ops.bincount(x, minlength=2), np.array([1, 3, 1])).tolist() == [0, 2]
    assert host(ops.segment_sum(tensor([1.0, 2]), [2, 0])).tolist() == [2, 0, 1]
    with pytest.raises(ValueError, match=r"ops\.bincount counts numbers from 0 up, got -1"):
        ops.bincount([-1])
    for function in (ops.bincount, lambda x: ops.segment_sum(x, x)):
        with pytest.raises(ValueError, match=r"needs \w+ here: the shape of its result cannot depend on numbers"):
            traced(function, np.array([1, 3]))


@pytest.mark.parametrize(
    "act, kind, text",
    [
        (lambda x: ops.scatter([[0, 0]], [1.0], (3,)), ValueError, "an array (3,) is written to by indices (n, k)"),
        (lambda x: ops.scatter([[0]], [[1.0]], (3,)), ValueError, "got indices (1, 1) and values (1, 1)."),
        (lambda x: ops.segment_sum(x, [0, 1], 2), ValueError, "takes data (n, ...) and segment_ids (n): got shapes"),
        (lambda x: ops.segment_sum(x, [0.5, 1, 1], 2), TypeError, "indices are integers, got float"),
        (lambda x: ops.pad(x, -1), ValueError, "ops.pad cannot take away elements, got -1. Use a slice."),
        (lambda x: ops.pad(x, ((1, 1), (1, 1))), ValueError, "takes a pair of widths for each of 3 axes, got"),
        (lambda x: ops.pad(x, 1, "mean"), ValueError, "knows the modes 'constant', 'reflect', 'symmetric', 'edge'"),
        (lambda x: ops.pad(x, 1, "edge", 3), ValueError, "constant_values are for the mode 'constant' of ops.pad"),
        (lambda x: ops.pad(x[:0], 1, "edge"), ValueError, "finds nothing to repeat along axis 0 of length 0."),
    ],
)
def test_what_does_not_fit_is_refused(act, kind, text):
    with pytest.raises(kind, match=re.escape(text)) as caught:
        act(X)
    assert re.match(r"test_indexing_edges\.py, line \d+: ", str(caught.value))


def test_padding_with_any_number(backend):
    with pytest.raises(TypeError, match="'float' object cannot be interpreted as an integer"):
        ops.pad(X, 0.5)
    for value in (np.nan, -np.inf, 2.5, -0.0):
        np.testing.assert_array_equal(host(ops.pad(tensor([1.0]), 1, constant_values=value)), [value, 1, value])
    assert host(ops.pad(tensor([1], "int32"), 1, constant_values=2.5)).tolist() == [2, 1, 2]
    assert host(ops.pad(tensor([False]), 1, constant_values=1)).tolist() == [True, False, True]
