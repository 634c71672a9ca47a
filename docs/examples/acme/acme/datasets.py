"""A data set is a module with `load_data`: here two moons, drawn anew but always the same."""

import sys

import numpy as np

from kcore.plugin import register


def load_data():
    """(x_train, y_train), (x_test, y_test): points (n, 2) float32 and the moon of each, (n,) int64; 400 and 100."""
    rng = np.random.default_rng(0)
    moon = rng.integers(0, 2, 500)
    angle = rng.uniform(0, np.pi, 500) + np.pi * moon
    centre = np.stack([moon, 0.5 * moon], axis=1)
    points = centre + np.stack([np.cos(angle), np.sin(angle)], axis=1) + rng.normal(0, 0.1, (500, 2))
    points = points.astype("float32")
    return (points[:400], moon[:400]), (points[400:], moon[400:])


register("datasets", "moons")(sys.modules[__name__])
