"""Rows of what networks are made of."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tests.ops.draw import Array, Case, Row, one, shapes, values


@st.composite
def classified(draw: st.DrawFn) -> Case:
    """Targets and logits, a class each along the last axis."""
    shape = draw(shapes(least=1, shortest=1))
    return Case([*draw(values(shape, low=0.1, high=1)), *draw(values(shape))])


def _softmax(x: Array) -> Array:
    powers = np.exp(x - x.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def _crossentropy(target: Array, logits: Array) -> Array:
    return -(target * np.log(_softmax(logits))).sum(-1)


ROWS = [
    Row("relu", lambda x: np.maximum(x, 0), one(), ops=("maximum",)),
    Row("sigmoid", lambda x: 1 / (1 + np.exp(-x)), one(), floating=True),
    Row("softmax", _softmax, one(least=1, shortest=1), floating=True),
    Row("softmax_crossentropy", _crossentropy, classified(), "reduction", floating=True),
]
