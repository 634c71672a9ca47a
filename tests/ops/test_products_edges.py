"""Products: how they are computed, their dtypes, infinity and NaN, and errors."""

from __future__ import annotations

import re

import numpy as np
import pytest

import kcore
from kcore import ops
from kcore.graph import Trace, recording
from kcore.program import Traced
from kcore.testing.tolerances import assert_close
from tests.ops.test_shaping_edges import lines, numbers


def test_one_matrix_on_the_right_is_one_product():
    for product in (ops.matmul, lambda x, w: ops.einsum("...i,ij->...j", x, w), lambda x, w: ops.tensordot(x, w, 1)):
        first, second = lines(lambda x, w, product=product: [ops.exp(product(x, w))], (5, 4, 3), (3, 2))
        assert first == "matmul(x0_reshaped, x1, out=matmul_2)"
        assert second.startswith("exp(matmul_2_reshaped, out=")


@pytest.mark.parametrize(
    "subscripts, shapes, products",
    [
        ("bqhd,bkhd->bhqk", [(2, 3, 4, 5), (2, 6, 4, 5)], 1),  # attention: transposed views, no copies
        ("bhqk,bkhd->bqhd", [(2, 4, 3, 6), (2, 6, 4, 5)], 1),
        ("abc,cd->abd", [(2, 3, 4), (4, 5)], 1),
        ("ij,jk,kl->il", [(2, 3), (3, 4), (4, 5)], 2),
    ],
)
def test_einsum_is_products_alone(subscripts, shapes, products):
    made = lines(lambda *xs: [ops.exp(ops.einsum(subscripts, *xs))], *shapes)
    assert [line.split("(")[0] for line in made] == ["matmul"] * products + ["exp"]


@pytest.mark.parametrize("spec, turn", [("ij,jk,k->i", 1), ("i,ij,jk->k", -1)])
def test_einsum_takes_the_cheapest_pair_first(spec, turn):
    """A vector is multiplied by the matrices one by one, from whichever side it stands."""
    trace = Trace()
    with recording(trace):
        ops.einsum(spec, *[ops.ones(s) for s in [(8, 8), (8, 8), (8,)][::turn]])
    assert [n.size for n in trace.nodes if n.op.kind == "product"] == [8, 8]


def test_gradients_of_products_of_many_matrices(backend):
    rng = np.random.default_rng(0)
    a, b, g = rng.normal(size=(4, 1, 2, 3)), rng.normal(size=(5, 3, 2)), rng.normal(size=(4, 5, 2, 2))
    for i, wanted in ((0, (g @ b.transpose(0, 2, 1)).sum(1, keepdims=True)), (1, (a.transpose(0, 1, 3, 2) @ g).sum(0))):
        gradient = kcore.grad(lambda a, b: ops.sum(ops.matmul(a, b) * g), i)(*map(ops.convert_to_tensor, (a, b)))
        assert_close("product", numbers(gradient), wanted)


@pytest.mark.parametrize("name", ["matmul", "dot", "inner", "outer", "vdot", "vecdot"])
@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "uint64", "float32"])
def test_products_keep_the_dtype(backend, name, dtype):
    x = np.array([3, 0, 2]).astype(dtype)
    got = numbers(getattr(ops, name)(ops.convert_to_tensor(x), ops.convert_to_tensor(x)))
    np.testing.assert_array_equal(got, getattr(np, name)(x, x))
    assert got.dtype == dtype


def test_products_of_truth_values_say_whether_any_pair_is_true(backend):
    x = np.array([[True, False], [False, False]])
    got = numbers(ops.matmul(ops.convert_to_tensor(x), ops.convert_to_tensor(x)))
    np.testing.assert_array_equal(got, x @ x)
    assert got.dtype == bool


def test_einsum_of_integers_keeps_their_dtype(backend):
    x = ops.convert_to_tensor(np.ones((3, 3), "int32"))
    for spec in ("ij->", "ij,ij->", "ii->i", "ij,jk->ik"):
        assert numbers(ops.einsum(spec, *[x] * (spec.count(",") + 1))).dtype == np.int32


def test_infinity_and_nan_go_through_a_product(backend):
    x = np.array([[np.inf, 1.0], [np.nan, 0.0]])
    y = np.array([[1.0, 2.0], [0.0, np.inf]])
    with np.errstate(all="ignore"):
        wanted = x @ y
    got = [ops.matmul(*map(ops.convert_to_tensor, (x, y))), ops.einsum("ij,jk", *map(ops.convert_to_tensor, (x, y)))]
    for g in got:
        np.testing.assert_array_equal(numbers(g), wanted)


ERRORS = [
    (lambda a: ops.matmul(a, a), "ops.matmul multiplies (..., n) by (n, m), or (..., n, m) by (..., m, k): got shapes "
     "(2, 3) and (2, 3).", lambda a: np.matmul(a, a)),
    (lambda a: ops.matmul(a, 2.0), "ops.matmul multiplies (..., n) by (n, m), or (..., n, m) by (..., m, k): got "
     "shapes (2, 3) and ().", lambda a: np.matmul(a, 2.0)),
    (lambda a: ops.matmul(ops.ones((2, 2, 3)), ops.ones((3, 3, 2))), "in ops.matmul: Shapes (2,) and (3,) do not "
     "broadcast: along axis -1 they are 2 and 3 long. Sizes must be equal, or 1.",
     lambda a: np.matmul(np.ones((2, 2, 3)), np.ones((3, 3, 2)))),
    (lambda a: ops.tensordot(a, a, 1), "ops.tensordot sums over axes (1,) of shape (2, 3) with axes (0,) of shape "
     "(2, 3): they must be as many, and as long.", lambda a: np.tensordot(a, a, 1)),
    (lambda a: ops.vecdot(a, ops.ones(2)), "ops.vecdot sums over axis -1 of shapes (2, 3) and (2,), which must be as "
     "long in both.", lambda a: np.vecdot(a, np.ones(2))),
    (lambda a: ops.cross(a, ops.ones(2)), "ops.cross takes vectors of 3 components, got 3 and 2.", None),
    (lambda a: ops.einsum("ij,jk", a), 'in ops.einsum("ij,jk", ...): there are letters for 2 arrays, but 1 are given.',
     lambda a: np.einsum("ij,jk", a)),
    (lambda a: ops.einsum("i", a), 'in ops.einsum("i", ...): "i" is for 1 axes, but the array has 2.',
     lambda a: np.einsum("i", a)),
    (lambda a: ops.einsum("ijk...", a), 'in ops.einsum("ijk...", ...): "ijk..." is for 3 axes, but the array has 2.',
     lambda a: np.einsum("ijk...", a)),
    (lambda a: ops.einsum("ij,ij", a, ops.ones((2, 2))), 'in ops.einsum("ij,ij", ...): the same letter stands for '
     "lengths 3 and 2.", lambda a: np.einsum("ij,ij", a, np.ones((2, 2)))),
    (lambda a: ops.einsum("ii", a), 'in ops.einsum("ii", ...): a letter that is there twice stands for several lengths '
     "of shape (2, 3).", lambda a: np.einsum("ii", a)),
    (lambda a: ops.einsum("ij->k", a), 'in ops.einsum("ij->k", ...): each letter of the result "k" must be there once '
     "and in an array.", lambda a: np.einsum("ij->k", a)),
    (lambda a: ops.einsum("ij->ii", a), 'in ops.einsum("ij->ii", ...): each letter of the result "ii" must be there '
     "once and in an array.", lambda a: np.einsum("ij->ii", a)),
    (lambda a: ops.einsum("i1", a), 'in ops.einsum("i1", ...): "i1" may hold letters, and `...` once.',
     lambda a: np.einsum("i1", a)),
]  # fmt: skip


@pytest.mark.parametrize("ours, text, numpys", ERRORS, ids=[e[1] for e in ERRORS])
def test_errors_are_of_numpys_class_and_say_what_to_do(backend, ours, text, numpys):
    x = np.ones((2, 3))
    if numpys is not None:
        with pytest.raises(ValueError, match=r"."):
            numpys(x)
    place = rf"^test_products_edges\.py, line \d+: {re.escape(text)}$"
    with pytest.raises(ValueError, match=place):
        ours(ops.convert_to_tensor(x))
    with pytest.raises(ValueError, match=place):
        Traced(lambda x: [ours(x)], "a test")(ops.convert_to_tensor(x))
