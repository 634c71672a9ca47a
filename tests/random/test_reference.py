"""The numbers that docs/random.md shows: they are part of the interface."""

from __future__ import annotations

import numpy as np
import pytest

from kcore import ops, random
from kcore.randomness import Philox
from kcore.testing.tolerances import assert_close

BITS = {
    16: [47957, 37499, 8631, 14885],
    32: [2457582421, 975511991, 1201247984, 2949119769],
    64: [4189792100658428757, 12666372961043322608, 4024337450628799383, 1863647832253266197],
}

VALUES = [
    ("random", lambda: random.uniform((3,), seed=7), [0.27768922, 0.3928482, 0.38121676], "float32"),
    ("random", lambda: random.uniform((2,), dtype="float64", seed=7), [0.39284822304679, 0.61062590367655], "float64"),
    ("random", lambda: random.normal((4,), seed=7), [-1.1752641, -1.0498495, 1.0868578, -0.87548834], "float32"),
    ("random", lambda: random.truncated_normal((3,), seed=7), [-0.5598102, -0.25924358, -0.28813562], "float32"),
    ("", lambda: random.randint((5,), 0, 100, seed=7), [82, 49, 84, 43, 18], "int32"),
    ("", lambda: random.bernoulli((5,), seed=7), [True, True, True, False, True], "bool"),
    ("", lambda: random.permutation(6, seed=7), [0, 2, 4, 1, 5, 3], "int64"),
    ("view", lambda: random.dropout(ops.ones((8,)), 0.5, seed=7), [2, 0, 2, 0, 0, 0, 2, 2], "float32"),
    ("", lambda: random.categorical(ops.zeros((1, 10)), 6, seed=7), [[8, 2, 9, 6, 9, 0]], "int32"),
]  # fmt: skip


@pytest.mark.parametrize("width", BITS)
def test_bits(width):
    bits = Philox().bits(1, 2, 3, 4, 5, (4,), bits=width)
    assert bits.dtype == f"uint{width}" and bits.tolist() == BITS[width]


@pytest.mark.parametrize("kind, call, values, dtype", VALUES)
def test_values(backend, kind, call, values, dtype):
    assert_close(kind, ops.convert_to_numpy(call()), np.array(values, dtype))


def test_a_generator_begins_as_its_seed_and_goes_on():
    generator = random.SeedGenerator(7)
    assert random.randint((5,), 0, 100, seed=generator).tolist() == [82, 49, 84, 43, 18]
    assert random.randint((5,), 0, 100, seed=generator).tolist() == [53, 44, 96, 13, 32]
