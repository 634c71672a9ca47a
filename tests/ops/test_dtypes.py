"""What is asked about dtypes, and constants."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

import kcore
from kcore import ops
from kcore.graph import Trace, recording

DTYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64"]


def spelled(dtype, backend):
    """The ways in which users write a dtype."""
    return [dtype, np.dtype(dtype), getattr(np, dtype if dtype != "bool" else "bool_"), backend.dtype(dtype)]


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_dtype_is_known_however_it_is_written(backend, dtype):
    array = ops.zeros(2, dtype)
    trace = Trace()
    with recording(trace):
        symbol = ops.zeros(2, dtype)
    for way in [*spelled(dtype, backend), array, symbol]:
        assert ops.result_type(way) == dtype
        assert ops.can_cast(way, dtype)
    assert ops.dtype(array) == ops.dtype(symbol) == dtype
    assert all(ops.isdtype(way, dtype) for way in spelled(dtype, backend))
    assert all(ops.isdtype(dtype, way) for way in spelled(dtype, backend))


@pytest.mark.parametrize("one, other", [*itertools.combinations_with_replacement(DTYPES, 2)])
def test_dtypes_meet_as_operands_do(one, other):
    wanted = ops.multiply(np.ones(1, one), np.ones(1, other)).dtype
    assert ops.result_type(one, other) == ops.result_type(other, np.ones(1, one)) == wanted
    assert ops.can_cast(one, other) == np.can_cast(one, other)


def test_numbers_are_weak():
    assert ops.result_type("int8", 1) == "int8"
    assert ops.result_type("int8", 1.5) == ops.result_type(1.5) == "float32"
    assert ops.result_type("float64", np.float32(1), True) == "float64"
    assert ops.result_type(kcore.Variable([1.0]), "int64") == "float32"
    with pytest.raises(ValueError, match=r"^test_dtypes\.py, line \d+: ops\.result_type needs at least one dtype"):
        ops.result_type()


KINDS = {
    "bool": ["bool"],
    "signed integer": ["int8", "int16", "int32", "int64"],
    "unsigned integer": ["uint8", "uint16", "uint32", "uint64"],
    "integral": DTYPES[1:9],
    "real floating": ["float32", "float64"],
    "complex floating": [],
    "numeric": DTYPES[1:],
}


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_are_those_of_the_standard(kind):
    assert [d for d in DTYPES if ops.isdtype(d, kind)] == KINDS[kind]
    assert [d for d in DTYPES if ops.isdtype(d, (kind, "bool"))] == sorted({*KINDS[kind], "bool"}, key=DTYPES.index)


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match=r"^test_dtypes\.py, line \d+: 'floating' is no kind of dtype: give a dtype"):
        ops.isdtype("float32", "floating")


def test_limits_are_numpys(backend):
    assert ops.finfo(ops.ones(1)).eps == ops.finfo("float32").eps == np.finfo("float32").eps
    assert ops.iinfo(ops.zeros(1, "int8")).max == ops.iinfo("int8").max == 127


def test_constants():
    assert (ops.pi, ops.e, ops.inf, ops.newaxis) == (math.pi, math.e, math.inf, None)
    assert math.isnan(ops.nan)
    assert ops.ones(3)[:, ops.newaxis].shape == (3, 1)
