"""The stand-in for CuPy: its wall, what its functions give, what it counts, and its memory."""

from __future__ import annotations

import gc
from collections import Counter

import numpy as np
import pytest

cupy = pytest.importorskip("cupy", reason="neither CuPy nor its stand-in is here")
standin = getattr(cupy, "standin", None)
if standin is None:
    pytest.skip("this is CuPy itself", allow_module_level=True)

HOST = np.arange(6, dtype=np.float32).reshape(2, 3)


@pytest.fixture
def x():
    return cupy.asarray(HOST)


# The wall ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("crossing", [np.asarray, np.array, lambda a: np.array([a, a]), lambda a: HOST.__iadd__(a)])
def test_no_array_becomes_numpys_in_silence(x, crossing):
    with pytest.raises(TypeError, match=r"Implicit conversion to a NumPy array is not allowed|Unsupported type"):
        crossing(x)


@pytest.mark.parametrize(
    "mixed",
    [
        lambda x: x + HOST,
        lambda x: HOST + x,
        lambda x: x + [1.0, 2.0, 3.0],  # noqa: RUF005
        lambda x: [1.0, 2.0, 3.0] + x,  # noqa: RUF005
        lambda x: np.add(x, HOST),
        lambda x: np.maximum(HOST, x),
        lambda x: cupy.add(x, HOST),
        lambda x: cupy.add(x, None),
        lambda x: cupy.add(x, x, out=HOST.copy()),
        lambda x: cupy.where(x > 0, HOST, x),
        lambda x: cupy.clip(x, HOST, HOST),
        lambda x: cupy.sum(HOST),
    ],
)
def test_functions_take_arrays_of_the_device_and_numbers(x, mixed):
    with pytest.raises(TypeError, match="Unsupported type <class '"):
        mixed(x)


@pytest.mark.parametrize(
    ("mixed", "error", "text"),
    [
        (lambda x: cupy.matmul(x, HOST.T), TypeError, "expected cupy._core.core._ndarray_base, got"),
        (lambda x: cupy.stack([x, HOST]), TypeError, "expected cupy._core.core._ndarray_base, got"),
        (lambda x: cupy.reshape(HOST, (6,)), TypeError, "expected cupy._core.core._ndarray_base, got"),
        (lambda x: cupy.searchsorted(x[0], HOST[0]), NotImplementedError, "Only python scalars or ndarrays"),
        (lambda x: cupy.copyto(x, HOST), ValueError, "non-scalar numpy.ndarray cannot be used for copyto"),
        (lambda x: x.__setitem__(..., HOST), ValueError, "non-scalar numpy.ndarray cannot be used for fill"),
        (lambda x: x.set(HOST.astype(np.float64)), TypeError, "float64 array cannot be set to float32 array"),
        (lambda x: x.set(HOST[:1]), ValueError, r"Shape mismatch. Old shape: \(2, 3\), new shape: \(1, 3\)"),
        (lambda x: x[:, ::2].set(HOST[:, ::2]), RuntimeError, "Cannot set to non-contiguous array"),
        (lambda x: x.set([1.0]), TypeError, r"Only numpy.ndarray can be set to cupy.ndarray"),
        (lambda x: x[5], IndexError, "out of bounds"),
        (lambda x: len(cupy.sum(x)), TypeError, "unsized"),
        (lambda x: range(3)[cupy.argmax(x)], TypeError, "indices must be integers"),
        (lambda x: cupy.maximum.reduce(x), NotImplementedError, r"`cupy_maximum.reduce` is not supported yet"),
        (lambda x: cupy.add(x, 1, where=x > 0), TypeError, "Wrong arguments"),
        (lambda x: cupy.add(x), TypeError, "Wrong number of arguments for 'cupy_add'"),
        (lambda x: cupy.argsort(x, stable=True), TypeError, "unexpected keyword argument 'stable'"),
        (lambda x: cupy.take(x, x > 0, mode="clip"), TypeError, "unexpected keyword argument 'mode'"),
        (lambda x: cupy.take(x, cupy.zeros(2, int), out=cupy.zeros(2)), TypeError, "Output dtype mismatch"),
        (lambda x: cupy.copyto(cupy.zeros((2, 3), int), x), TypeError, "Cannot cast float32 to int64 in same_kind"),
        (lambda x: cupy.add(x, x, out=cupy.zeros((2, 3), int)), TypeError, "same_kind"),
        (lambda x: cupy.sort(x, kind="quicksort"), ValueError, "kind can only be None or 'stable'"),
    ],
)  # fmt: skip
def test_what_cupy_refuses_is_refused(x, mixed, error, text):
    with pytest.raises(error, match=text):
        mixed(x)


@pytest.mark.parametrize(
    "name", ["vecdot", "unstack", "__array_namespace__", "random_bits", "__array_namespace_info__"]
)
def test_what_cupy_lacks_is_lacking(x, name):
    assert not hasattr(cupy, name)
    assert not hasattr(x, name)
    assert not hasattr(x, "to_device")


def test_numpys_functions_run_on_the_device(x):
    for got, want in (
        (np.sum(x, axis=0), HOST.sum(0)),
        (np.exp(x), np.exp(HOST)),
        (np.concat([x, x]), np.concat([HOST] * 2)),
    ):
        assert isinstance(got, cupy.ndarray)
        np.testing.assert_array_equal(got.get(), want)


# Functions ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "function",
    [
        lambda xp, x: xp.sum(x, axis=1, keepdims=True),
        lambda xp, x: xp.argmax(x, axis=0),
        lambda xp, x: xp.cumulative_sum(x, axis=1, include_initial=True),
        lambda xp, x: xp.permute_dims(x, (1, 0)),
        lambda xp, x: xp.broadcast_to(x[:, None, :], (2, 4, 3)),
        lambda xp, x: xp.where(x > 2, x, 0),
        lambda xp, x: xp.concat([x, x * 2], axis=1),
        lambda xp, x: xp.stack([x, x], axis=-1),
        lambda xp, x: xp.take(x, xp.asarray([2, 0]), axis=1),
        lambda xp, x: xp.searchsorted(x[0], x[1] - 2, side="right"),
        lambda xp, x: xp.astype(x, xp.int32),
        lambda xp, x: xp.linspace(0, 1, 5, dtype=xp.float32),
        lambda xp, x: xp.tril(x, k=-1),
        lambda xp, x: xp.flip(x, axis=0)[:, ::-1],
        lambda xp, x: x.T @ x,
        lambda xp, x: xp.tensordot(x, x, axes=2),
        lambda xp, x: -(x**2) // 3 % 2,
        lambda xp, x: x[xp.asarray([1, 1, 0])],
        lambda xp, x: x[x > 2],
        lambda xp, x: x.view(xp.uint8)[:, 2:5],
        lambda xp, x: xp.sort(-x, axis=0),
        lambda xp, x: xp.clip(x, 1, 3),
        lambda xp, x: xp.full((2, 2), 3, dtype=xp.float16),
    ],
)
@pytest.mark.parametrize("deferred", [False, True])
def test_functions_give_what_numpys_do(function, deferred):
    want = np.asarray(function(np, HOST))
    with standin.using(deferred=deferred):
        got = function(cupy, cupy.asarray(HOST))
        assert isinstance(got, cupy.ndarray)
        assert (got.shape, got.dtype) == (want.shape, want.dtype)
        np.testing.assert_array_equal(got.get(), want)


def test_results_go_where_they_are_told(x):
    out = cupy.empty((2, 3), cupy.float32)
    for function, args in (
        (cupy.add, (x, 1)),
        (cupy.exp, (x,)),
        (cupy.cumsum, (x, 1)),
        (cupy.take, (x, cupy.asarray([2, 1, 0]), 1)),
    ):
        assert function(*args, out=out) is out
    np.testing.assert_array_equal(out.get(), HOST[:, ::-1])
    x[0, 1:] = 9
    x[1] += x[0]
    np.testing.assert_array_equal(x.get(), [[0, 9, 9], [3, 13, 14]])


def test_indices_out_of_range_wrap_round():
    np.testing.assert_array_equal(cupy.take(cupy.asarray(HOST[0]), cupy.asarray([3, 4, -1])).get(), [0, 1, 2])


def test_what_was_never_written_is_not_zero():
    assert np.isnan(cupy.empty(3, cupy.float32).get()).all()


# What is counted ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "counted"),
    [
        (lambda x: cupy.asarray(HOST), Counter(uploads=1, uploaded=24, allocations=1, allocated=512)),
        (lambda x: x.get(), Counter(downloads=1, downloaded=24, synchronizations=1)),
        (lambda x: float(x[0, 0]), Counter(downloads=1, downloaded=4, synchronizations=1)),
        (lambda x: bool(x[0, 0]), Counter(downloads=1, downloaded=4, synchronizations=1)),
        (lambda x: int(x[0, 0]), Counter(downloads=1, downloaded=4, synchronizations=1)),
        (lambda x: x[0, 0].item(), Counter(downloads=1, downloaded=4, synchronizations=1)),
        (lambda x: repr(x), Counter(downloads=1, downloaded=24, synchronizations=1)),
        (lambda x: cupy.add(x, x, out=x), Counter(launches=1)),
        (lambda x: cupy.add(x, x, out=x.view()), Counter(launches=1, copies=2, overlaps=2)),
        (lambda x: x + x, Counter(launches=1, allocations=1, allocated=512)),
        (lambda x: x.T.reshape(3, 2)[1:].view(cupy.int32), Counter()),
        (lambda x: x.T.reshape(6), Counter(copies=1, allocations=1, allocated=512)),
        (lambda x: cupy.copyto(x, x), Counter(copies=1)),
        (lambda x: cupy.copyto(x, 0), Counter(launches=1)),
        (lambda x: cupy.copyto(x, x[0]), Counter(launches=1)),
        (lambda x: x.set(HOST), Counter(uploads=1, uploaded=24, synchronizations=1)),
        (lambda x: x.set(HOST, cupy.cuda.get_current_stream()), Counter(uploads=1, uploaded=24)),
        (lambda x: x[np.asarray([0])], Counter(uploads=1, uploaded=8, launches=1, allocations=2, allocated=1024)),
        (lambda x: x[x > 3], Counter(launches=2, synchronizations=1, allocations=2, allocated=1024)),
        (lambda x: cupy.matmul(x, x.T), Counter(products=1, allocations=1, allocated=512)),
        (lambda x: cupy.matmul(x[None], x[None].mT), Counter(products=1, copies=1, allocations=1, allocated=512)),
        (lambda x: cupy.matmul(x[:, :2], x[:, :2], x[:, 1:]), Counter(products=1, copies=3, temporaries=1)),
        (lambda x: cupy.cuda.get_current_stream().synchronize(), Counter(synchronizations=1)),
    ],
)  # fmt: skip
def test_what_happens_is_counted(x, call, counted):
    with cupy.counted() as happened:
        call(x)
    assert happened == counted


# Memory ------------------------------------------------------------------------------------------------------


def test_memory_has_a_limit_and_comes_back():
    pool = cupy.get_default_memory_pool()
    gc.collect()
    used = pool.used_bytes()
    pool.set_limit(size=used + 1024)
    try:
        held = cupy.zeros(100, cupy.float64)
        assert pool.used_bytes() == used + 1024
        with pytest.raises(cupy.cuda.memory.OutOfMemoryError) as error:
            cupy.zeros(1000, cupy.float64)
        assert str(error.value) == (
            f"Out of memory allocating 8,192 bytes (allocated so far: {used + 1024:,} bytes, "
            f"limit set to: {used + 1024:,} bytes)."
        )
        part = held[10:]
        del held
        assert pool.used_bytes() == used + 1024, "a view holds the memory"
        del part
        assert pool.used_bytes() == used
        assert cupy.cuda.runtime.memGetInfo()[0] == 1024
    finally:
        pool.set_limit(size=0)


def test_settings_that_are_not_known():
    text = r"a mode of \('thread', 'blocks', 'fibers'\).*mode='warps'"
    with pytest.raises(ValueError, match=text), standin.using(mode="warps"):
        pass
    assert standin.settings.mode in standin.MODES
