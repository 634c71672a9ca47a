"""Rows of random numbers."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tests.ops.draw import FLOATS, Array, Case, Row, shapes


def _bits(shape: tuple[int, ...], stream: int, bits: int = 16) -> Array:
    count = int(np.prod(shape))
    words = np.random.Philox(key=[3, stream], counter=[0, 5, 0, 0]).random_raw(-(-count * bits // 64))
    return words.astype("<u8").view(f"<u{bits // 8}")[:count].reshape(shape)


def _mask(shape: tuple[int, ...], rate: float, stream: int, dtype: str) -> Array:
    return np.where(_bits(shape, stream) >= round(rate * 65536), 1 / (1 - rate), 0).astype(dtype)


SEEDED = {"seed": 3, "step": 5}


ROWS = [
    Row(
        "random_bits",
        _bits,
        st.builds(
            lambda s, n, b: Case([], {"shape": s, "stream": n} | b),
            shapes(),
            st.integers(0, 9),
            st.sampled_from([{}, {"bits": 16}, {"bits": 32}, {"bits": 64}]),
        ),
        numbers=SEEDED,
    ),
    Row(
        "dropout_mask",
        _mask,
        st.builds(
            lambda s, r, d: Case([], {"shape": s, "rate": r, "stream": 2, "dtype": d}),
            shapes(),
            st.sampled_from([0, 0.1, 0.5, 0.9]),
            st.sampled_from(FLOATS),
        ),
        numbers=SEEDED,
    ),
]
