"""What rows do not show of layers that merge and reshape: functions, ranks that differ, errors, configurations."""

from __future__ import annotations

import numpy as np
import pytest

from kcore import Input, layers, ops
from kcore.testing.tolerances import assert_close

A, B = (np.random.default_rng(i).normal(size=(2, 3, 4)).astype("float32") for i in range(2))
CLASSES = ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Dot")


@pytest.mark.parametrize("name", CLASSES)
def test_each_has_a_function_that_gives_what_the_layer_gives(backend, name):
    layer, function = getattr(layers, name)(), getattr(layers, name.lower())
    assert_close("view", ops.convert_to_numpy(function([A, B])), ops.convert_to_numpy(layer([A, B])))
    assert function is getattr(layers, name.lower()) and function.__name__ == name.lower()
    x = Input((3, 4))
    assert function([x, x]).shape == layer.compute_output_shape([(None, 3, 4)] * 2)


def test_functions_take_the_options_of_their_layers():
    assert layers.concatenate([A, B], axis=1).shape == layers.concatenate([A, B], 1).shape == (2, 6, 4)
    assert_close("reduction", layers.dot([A[:, 0], A[:, 0]], normalize=True), np.ones((2, 1), "float32"))
    assert layers.add([Input((3,)), Input((3,))], name="sum").call.layer.name == "sum"


def test_an_array_of_fewer_axes_gets_new_ones_behind_the_batch(backend):
    got = layers.Multiply()([A, A[:, 0]])
    assert_close("elementwise", ops.convert_to_numpy(got), A * A[:, :1])
    assert layers.Add()([A, A[:, :1]]).shape == (2, 3, 4)


@pytest.mark.parametrize(
    ("layer", "inputs", "text"),
    [
        (layers.Add(), A, r"takes a list of arrays, as layer\(\[a, b, ...\]\); got one array of shape \(2, 3, 4\)"),
        (layers.Subtract(), [A], r"takes a list of 2 arrays, as layer\(\[a, b\]\); got 1 of shapes \(2, 3, 4\)"),
        (
            layers.Add(),
            [A, A[:1]],
            r"'add' takes arrays of one batch whose shapes broadcast.*got shapes \(2, 3, 4\), \(1",
        ),
        (layers.Maximum(), [A, A[:, :2]], r"whose shapes broadcast, as \(2, 3\) and \(2, 1\); got shapes"),
        (layers.Concatenate(1), [A, A[..., :2]], "takes arrays that differ only in the length of axis 1; got shapes"),
        (layers.Concatenate(3), [A, A], "that differ only in the length of axis 3"),
        (layers.Dot(0), [A, A], "equal lengths along axes=0, which are not the batch's"),
        (layers.Dot((1, 2)), [A, A], r"equal lengths along axes=\(1, 2\)"),
        (layers.Reshape((5, -1)), A, r"makes shape \(5, -1\) of each sample; one of shape \(3, 4\) has 12 elements"),
        (layers.Permute((2, 1)), A[0], r"orders 2 axes after the batch's, as dims=\(2, 1\) says; got shape \(3, 4\)"),
        (layers.RepeatVector(2), A, r"takes inputs of shape \(batch, inputs\); got \(2, 3, 4\)"),
    ],
    ids=str,
)
def test_inputs_that_do_not_fit_are_answered(layer, inputs, text):
    with pytest.raises(ValueError, match=text):
        layer(inputs)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: layers.Reshape((-1, -1)), "Reshape: target_shape takes lengths, at most one of them -1"),
        (lambda: layers.Reshape((0, 2)), r"at most one of them -1 for what is left; got \(0, 2\)"),
        (lambda: layers.Permute((0, 1)), r"Permute: dims takes every axis from 1 up once, as \(2, 1\).*got \(0, 1\)"),
        (lambda: layers.RepeatVector(0), "RepeatVector: n must be a whole number of at least 1; got 0"),
        (lambda: layers.Lambda("squar"), "there is no kcore.ops.squar. A function of your own is not kept"),
    ],
)
def test_arguments_that_do_not_fit_are_answered(make, text):
    with pytest.raises(ValueError, match=text):
        make()


def test_lambda_hands_on_arguments_and_training_and_takes_several_inputs(backend):
    scaled = layers.Lambda(lambda x, by, training: x * by if training else x, arguments={"by": 2.0})
    assert_close("elementwise", ops.convert_to_numpy(scaled(A, training=True)), A * 2)
    assert_close("view", ops.convert_to_numpy(scaled(A)), A)
    assert_close("elementwise", ops.convert_to_numpy(layers.Lambda(lambda xs: xs[0] * xs[1])([A, B])), A * B)


def test_lambda_s_shape_is_found_or_told():
    assert layers.Lambda(lambda x: x[:, 0]).compute_output_shape((None, 3, 4)) == (None, 4)
    assert layers.Lambda(ops.square, output_shape=(7,)).compute_output_shape((None, 3)) == (None, 7)
    assert layers.Lambda(ops.square, lambda shape: shape[:1]).compute_output_shape((None, 3)) == (None,)
