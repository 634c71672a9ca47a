"""What rows do not show of initializers: aliases, errors, orthogonal matrices of any shape."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcore import initializers
from kcore.interfaces import get
from kcore.layers import Dense

seeds = st.integers(0, 2**32 - 1)

ALIASES = {
    "zero": "Zeros",
    "one": "Ones",
    "normal": "RandomNormal",
    "uniform": "RandomUniform",
    "OrthogonalInitializer": "Orthogonal",
    "IdentityInitializer": "Identity",
    "HeNormal": "HeNormal",
    "lecun_uniform": "LecunUniform",
    "variance_scaling": "VarianceScaling",
    "constant": "Constant",
}


@pytest.mark.parametrize(("alias", "name"), ALIASES.items())
def test_keras_s_other_names_are_known(alias, name):
    assert type(initializers.get(alias)) is getattr(initializers, name)


@given(shape=st.lists(st.integers(1, 5), min_size=2, max_size=4), gain=st.floats(0.1, 3), seed=seeds)
def test_orthogonal_keeps_lengths_one_way_or_the_other(shape, gain, seed):
    values = initializers.Orthogonal(gain, seed)(shape, "float64")
    assert values.shape == tuple(shape)
    matrix = values.reshape(-1, shape[-1]) / gain
    matrix = matrix if len(matrix) >= shape[-1] else matrix.T
    np.testing.assert_allclose(matrix.T @ matrix, np.eye(matrix.shape[1]), atol=1e-12)


def test_orthogonal_matrices_are_as_often_turned_as_mirrored():
    signs = [np.linalg.det(initializers.Orthogonal(seed=i)((3, 3), "float64")) for i in range(400)]
    assert abs(np.sum(np.sign(signs))) < 5 * np.sqrt(400)
    corners = [initializers.Orthogonal(seed=i)((3, 3), "float64")[0, 0] for i in range(400)]
    assert abs(np.mean(corners)) < 5 * np.sqrt(1 / 3 / 400)  # QR alone makes the first column's first entry negative


@given(shape=st.lists(st.integers(0, 5), max_size=3), seed=seeds)
def test_all_others_take_any_shape_and_a_cut_normal_stays_within_two_deviations(shape, seed):
    for name in ("random_normal", "random_uniform", "glorot_uniform", "he_normal", "zeros", "constant"):
        assert get("initializers", name)(shape).shape == tuple(shape)
    values = initializers.TruncatedNormal(1.0, 0.5, seed)(shape, "float64")
    assert values.shape == tuple(shape) and np.all(np.abs(values - 1) <= 1)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: initializers.VarianceScaling(0), "VarianceScaling: scale must be more than 0; got 0"),
        (
            lambda: initializers.VarianceScaling(mode="fan"),
            "mode must be 'fan_in' or 'fan_out' or 'fan_avg'; got 'fan'",
        ),
        (lambda: initializers.VarianceScaling(distribution="even"), "distribution must be 'truncated_normal' or"),
        (lambda: initializers.RandomNormal(stddev=-1), "RandomNormal: stddev must be a number of at least 0; got -1"),
        (lambda: initializers.Orthogonal()((3,)), r"Orthogonal makes arrays of two axes or more; got shape \(3,\)"),
        (lambda: initializers.Identity()((3,)), r"Identity makes matrices; got shape \(3,\)"),
    ],
)
def test_arguments_that_do_not_fit_are_answered(make, text):
    with pytest.raises(ValueError, match=text):
        make()


def test_normal_means_cut_and_configurations_come_back():
    given = initializers.VarianceScaling(2.0, "fan_out", "NORMAL", input_axes=[0], output_axes=[1])
    assert given.distribution == "truncated_normal"
    layer = Dense(3, kernel_initializer=given)
    again = Dense.from_config(layer.get_config())
    assert again.kernel_initializer.get_config() == given.get_config()
