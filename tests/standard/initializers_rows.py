"""The table of initializers: whether values may be theirs. Of a normal distribution 3,000 are drawn.

Their standard deviation lies within 10 percent of the true one but once in 1e13 draws; the mean within 0.15 of them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.standard.row import Row

Check = Callable[[np.ndarray, tuple[int, ...]], bool]
Size = Callable[[int, int], float]
CUT = 0.87962566103423978  # the standard deviation of a normal distribution cut off at 2


def uniform(limit: Size, middle: float = 0.0) -> Check:
    """Within the limit, and near it somewhere: of 3,000 values none lies there once in 1e13 draws."""

    def check(values: np.ndarray, shape: tuple[int, ...]) -> bool:
        most = limit(*shape)
        values = values - middle
        return bool(0.99 * most < np.abs(values).max() <= most * 1.0001 and abs(values.mean()) < 0.1 * most)

    return check


def normal(deviation: Size, cut: bool = False, mean: float = 0.0) -> Check:
    """Normal of this standard deviation, which a cut at two standard deviations of what was before has made less."""

    def check(values: np.ndarray, shape: tuple[int, ...]) -> bool:
        wanted = deviation(*shape)
        values = values - mean
        farthest = np.abs(values).max() / wanted
        fits = farthest <= 2 / CUT * 1.0001 if cut else farthest > 2.5
        return bool(fits and abs(values.std() / wanted - 1) < 0.1 and abs(values.mean()) < 0.15 * wanted)

    return check


def orthonormal(gain: float) -> Check:
    def check(values: np.ndarray, shape: tuple[int, ...]) -> bool:
        values = values.astype("float64") / gain
        return bool(np.allclose(values.T @ values, np.eye(shape[1]), atol=1e-5))

    return check


def constant(value: float) -> Check:
    return lambda values, shape: bool(np.all(values == value))


INITIALIZER_ROWS = [
    Row("constant", constant(0)),
    Row("constant", constant(2.5), {"value": 2.5}),
    Row("glorot_normal", normal(lambda a, b: np.sqrt(2 / (a + b)), cut=True)),
    Row("glorot_uniform", uniform(lambda a, b: np.sqrt(6 / (a + b)))),
    Row("glorot_uniform", uniform(lambda a, b: np.sqrt(6 / (a + b))), {"seed": 7}),
    Row("he_normal", normal(lambda a, b: np.sqrt(2 / a), cut=True)),
    Row("he_uniform", uniform(lambda a, b: np.sqrt(6 / a))),
    Row("identity", lambda values, shape: bool(np.array_equal(values, 2 * np.eye(*shape))), {"gain": 2.0}),
    Row("lecun_normal", normal(lambda a, b: np.sqrt(1 / a), cut=True)),
    Row("lecun_uniform", uniform(lambda a, b: np.sqrt(3 / a))),
    Row("ones", constant(1)),
    Row("orthogonal", orthonormal(1)),
    Row("orthogonal", orthonormal(3), {"gain": 3.0, "seed": 1}),
    Row("random_normal", normal(lambda a, b: 0.05)),
    Row("random_normal", normal(lambda a, b: 2, mean=3), {"mean": 3.0, "stddev": 2.0}),
    Row("random_uniform", uniform(lambda a, b: 0.05)),
    Row("random_uniform", uniform(lambda a, b: 2, middle=3), {"minval": 1.0, "maxval": 5.0}),
    Row("truncated_normal", normal(lambda a, b: 0.05 * CUT, cut=True)),
    Row("truncated_normal", normal(lambda a, b: 2 * CUT, cut=True, mean=3), {"mean": 3.0, "stddev": 2.0}),
    Row("variance_scaling", normal(lambda a, b: np.sqrt(1 / a), cut=True)),
    Row(
        "variance_scaling",
        normal(lambda a, b: np.sqrt(3 / b)),
        {"scale": 3.0, "mode": "fan_out", "distribution": "untruncated_normal"},
    ),
    Row(
        "variance_scaling",
        uniform(lambda a, b: np.sqrt(3 / b)),
        {"distribution": "uniform", "input_axes": (1,), "output_axes": (0,)},
    ),
    Row("zeros", constant(0)),
]
