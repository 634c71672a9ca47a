"""Views, joins and created arrays: what they are in a program, dtypes that meet, and errors."""

from __future__ import annotations

import re

import numpy as np
import pytest

import kcore
from kcore import ops
from kcore.backend import current_backend, use_backend
from kcore.graph import Trace, finish, recording
from kcore.program import Traced
from kcore.program.run import Program


def numbers(x):
    return ops.convert_to_numpy(x)


def lines(function, *shapes):
    """What a program of a function of arrays does at each step."""
    with use_backend("numpy"):
        trace = Trace()
        with recording(trace):
            outputs = function(*(trace.input(f"x{i}", s) for i, s in enumerate(shapes)))
        program = Program(finish(trace, "step", outputs), current_backend())
    return [line.split("#")[0].strip() for line in program.text.splitlines()[1:] if not line.strip().startswith("#")]


@pytest.mark.parametrize(
    "view",
    [
        ops.flip,
        ops.diagonal,
        lambda x: ops.rot90(x, 3),
        lambda x: ops.split(x, 2, axis=1)[1],
        lambda x: ops.unstack(x, axis=1)[2],
        lambda x: ops.swapaxes(ops.expand_dims(x, 0), 0, 1),
        lambda x: ops.broadcast_arrays(x, ops.ones((3, 1, 1)))[0],
        lambda x: ops.moveaxis(ops.squeeze(ops.expand_dims(x, (0, 3))), 0, 1),
    ],
)
def test_views_cost_nothing(view):
    assert len(lines(lambda x: [ops.exp(view(x))], (4, 4))) == 1


def test_arrays_are_joined_in_one_pass():
    assert lines(lambda x, y: [ops.concatenate([x, y], 1)], (2, 3), (2, 2)) == [
        "copyto(joined_2[:, 0:3], x0)",
        "copyto(joined_2[:, 3:5], x1)",
    ]


def test_dtypes_that_are_joined_meet(backend):
    parts = [np.array([1, 2], "int32"), np.array([True]), np.array([0.5], "float32")]
    for join in (ops.concatenate, ops.concat, ops.hstack):
        got = numbers(join([ops.convert_to_tensor(p) for p in parts]))
        assert (got.dtype, got.tolist()) == (np.float32, [1, 2, 1, 0.5])
    got = numbers(ops.stack([ops.convert_to_tensor(p) for p in (parts[0][0], parts[1][0])]))
    assert (got.dtype, got.tolist()) == (np.int32, [1, 1])


def test_gradients_of_what_is_repeated_are_summed(backend):
    x = ops.convert_to_tensor(np.array([1.0, 2]))
    weights = np.arange(6.0)
    assert numbers(kcore.grad(lambda x: ops.sum(ops.repeat(x, 3) * weights))(x)).tolist() == [3, 12]
    assert numbers(kcore.grad(lambda x: ops.sum(ops.tile(x, 3) * weights))(x)).tolist() == [6, 9]


def test_what_is_not_in_a_triangle_gets_no_gradient_and_no_nan(backend):
    x = ops.convert_to_tensor(np.array([[1.0, np.nan], [np.inf, 4]]))
    np.testing.assert_array_equal(numbers(ops.tril(x)), [[1, 0], [np.inf, 4]])
    np.testing.assert_array_equal(numbers(ops.triu(x, 1)), [[0, np.nan], [0, 0]])
    assert numbers(kcore.grad(lambda x: ops.sum(ops.tril(x, -1)))(x)).tolist() == [[0, 0], [1, 0]]


def test_the_default_dtypes_of_what_is_created(backend):
    created = {
        "float32": [ops.ones(2), ops.zeros(2), ops.empty(2), ops.eye(2), ops.tri(2), ops.identity(2), ops.full(2, 3)],
        "int64": [ops.arange(2), ops.arange(0, 2, 1)],
        "float64": [ops.full(2, ops.convert_to_tensor(np.ones(1)))],
    }
    created["float32"] += [ops.arange(2.0), ops.arange(0, 1, 0.5), ops.linspace(0, 1), ops.array([1.0, 2])]
    for dtype, arrays in created.items():
        assert {numbers(a).dtype.name for a in arrays} == {dtype}


def test_full_broadcasts_an_array(backend):
    row = ops.convert_to_tensor(np.array([1, 2], "int32"))
    for got in (ops.full((3, 2), row), *Traced(lambda r: [ops.full((3, 2), r)], "a test")(row)):
        np.testing.assert_array_equal(numbers(got), np.full((3, 2), np.array([1, 2], "int32"), "int32"))
    gradient = kcore.grad(lambda x: ops.sum(ops.full((3, 2), x)))(ops.ones(2))
    assert numbers(gradient).tolist() == [3, 3]


def test_the_ends_of_linspace_are_exact(backend):
    ends = np.array([0.1, 0.7], "float32")
    got = numbers(ops.linspace(*[ops.convert_to_tensor(e) for e in ends], 7))
    assert got[[0, -1]].tolist() == ends.tolist()


def test_linspace_of_integers_rounds_down(backend):
    ends = np.array([-2.5, 3.0])
    for got in (
        ops.linspace(*map(ops.convert_to_tensor, ends), 7, dtype="int32"),
        ops.linspace(*ends, 7, dtype="int32"),
    ):
        np.testing.assert_array_equal(numbers(got), np.linspace(*ends, 7, dtype="int32"))
        assert numbers(got).dtype == np.int32


def test_host_data_are_moved_once_in_a_trace(backend):
    def record(x):
        made = ops.array([[1, 2], [3, 4]], dtype="float32")
        assert ops.is_tensor(made)
        return [ops.add(made, x), ops.convert_to_tensor(x, "int32")]

    moved, cast = Traced(record, "a test")(ops.ones(2))
    assert numbers(moved).tolist() == [[2, 3], [4, 5]]
    assert numbers(cast).dtype == np.int32


def test_variables_are_read_in_a_trace(backend):
    v = kcore.Variable([1.0, 2.0])
    trace = Trace()
    with recording(trace):
        assert ops.convert_to_tensor(v).shape == (2,)
    assert numbers(ops.convert_to_tensor(v)).tolist() == [1, 2]


def test_what_shapes_are(backend):
    x = ops.ones((2, 3))
    assert (ops.shape(x), ops.ndim(x), ops.size(x)) == ((2, 3), 2, 6)
    assert (ops.shape(1.5), ops.ndim([[1]]), ops.size([1, 2])) == ((), 2, 2)
    assert ops.is_tensor(x)
    assert not ops.is_tensor([1.0])
    assert ops.broadcast_arrays() == ops.meshgrid() == []


ERRORS = [
    (lambda a: ops.expand_dims(a, 3), "axis 3 is out of range for an array of 3 axes.", lambda a: np.expand_dims(a, 3)),
    (
        lambda a: ops.squeeze(a, 1),
        "axis 1 of shape (2, 3) cannot be squeezed: it is not 1 long.",
        lambda a: np.squeeze(a, 1),
    ),
    (
        lambda a: ops.moveaxis(a, (0, 1), 0),
        "ops.moveaxis moves each axis to one place: got (0, 1) to (0,).",
        lambda a: np.moveaxis(a, (0, 1), 0),
    ),
    (
        lambda a: ops.matrix_transpose(ops.ravel(a)),
        "ops.matrix_transpose takes matrices (..., n, m), got shape (6,).",
        lambda a: np.matrix_transpose(a.ravel()),
    ),
    (
        lambda a: ops.broadcast_arrays(a, ops.ones(2)),
        "Shapes (2, 3) and (2,) do not broadcast: along axis -1 they are 2 and 3 long. Sizes must be equal, or 1.",
        lambda a: np.broadcast_arrays(a, np.ones(2)),
    ),
    (lambda a: ops.concatenate([]), "ops.concatenate needs at least one array.", lambda a: np.concatenate([])),
    (
        lambda a: ops.concatenate([a, ops.ones((2, 2))]),
        "ops.concatenate joins arrays that differ only along axis 0, got shapes (2, 3), (2, 2).",
        lambda a: np.concatenate([a, np.ones((2, 2))]),
    ),
    (
        lambda a: ops.concatenate([ops.sum(a)]),
        "axis 0 is out of range for an array of 0 axes.",
        lambda a: np.concatenate([np.sum(a)]),
    ),
    (
        lambda a: ops.stack([a, ops.ones(3)]),
        "ops.stack takes arrays of one shape, got shapes (2, 3), (3,).",
        lambda a: np.stack([a, np.ones(3)]),
    ),
    (
        lambda a: ops.split(a, 2, axis=1),
        "axis 1 of shape (2, 3) cannot be split into 2 parts of one length. "
        "Use kcore.ops.array_split for parts of nearly one length.",
        lambda a: np.split(a, 2, axis=1),
    ),
    (lambda a: ops.split(a, 0), "ops.split cuts into 1 part or more, got 0.", lambda a: np.array_split(a, 0)),
    (lambda a: ops.unstack(a, 4), "axis 0 of shape (2, 3) does not have 4 elements.", None),
    (
        lambda a: ops.roll(a, (1, 2, 3), (0, 1)),
        "ops.roll takes one shift for each axis: got (1, 2, 3) for axes (0, 1).",
        lambda a: np.roll(a, (1, 2, 3), (0, 1)),
    ),
    (
        lambda a: ops.rot90(a, axes=(1, -1)),
        "ops.rot90 turns in the plane of two axes, got (1, -1).",
        lambda a: np.rot90(a, axes=(1, -1)),
    ),
    (lambda a: ops.meshgrid(a), "ops.meshgrid takes vectors, got shapes (2, 3).", None),
    (
        lambda a: ops.meshgrid(indexing="no"),
        'indexing is "xy" or "ij", got \'no\'.',
        lambda a: np.meshgrid(indexing="no"),
    ),
    (
        lambda a: ops.diag(ops.expand_dims(a, 0)),
        "ops.diag takes a vector or a matrix, got shape (1, 2, 3).",
        lambda a: np.diag(a[None]),
    ),
    (
        lambda a: ops.diagonal(a, 0, 1, -1),
        "a diagonal lies between two axes, got axis 1 twice.",
        lambda a: np.diagonal(a, 0, 1, -1),
    ),
    (lambda a: ops.tril(ops.ravel(a)), "ops.tril takes matrices (..., n, m), got shape (6,).", None),
    (lambda a: ops.repeat(a, -1), "ops.repeat cannot repeat -1 times.", lambda a: np.repeat(a, -1)),
    (lambda a: ops.tile(a, (1, -1)), "ops.tile cannot repeat (1, -1) times.", lambda a: np.tile(a, (1, -1))),
    (
        lambda a: ops.arange(0, 3, 0.0),
        "ops.arange takes finite numbers and a step other than 0, got [0, 3, 0.0].",
        None,
    ),
    (lambda a: ops.linspace(0, 1, -1), "ops.linspace makes no -1 numbers.", lambda a: np.linspace(0, 1, -1)),
]


@pytest.mark.parametrize("ours, text, numpys", ERRORS, ids=[e[1] for e in ERRORS])
def test_errors_are_of_numpys_class_and_say_what_to_do(backend, ours, text, numpys):
    x = np.ones((2, 3))
    if numpys is not None:
        with pytest.raises(ValueError, match=r"."):
            numpys(x)
    place = rf"^test_shaping_edges\.py, line \d+: {re.escape(text)}$"
    with pytest.raises(ValueError, match=place):
        ours(ops.convert_to_tensor(x))
    with pytest.raises(ValueError, match=place):
        Traced(lambda x: [ours(x)], "a test")(ops.convert_to_tensor(x))


def test_numbers_that_decide_about_a_shape_must_be_known(backend):
    with pytest.raises(TypeError, match=r"ops\.repeat repeats each element equally often, by an integer"):
        ops.repeat(ops.ones(2), ops.convert_to_tensor(np.array([1, 2])))
    with pytest.raises(TypeError, match=r"line \d+: a number was expected, since it decides about a shape"):
        Traced(lambda n: [ops.arange(n)], "a test")(ops.ones(()))
    with pytest.raises(TypeError, match=r"ops\.arange counts, which truth values do not"):
        ops.arange(2, dtype="bool")
