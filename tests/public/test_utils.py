"""kcore.utils."""

from __future__ import annotations

import random

import numpy as np
import pytest

import kcore
from kcore.utils import set_random_seed, to_categorical


@pytest.mark.parametrize("labels", [[0, 2, 1], np.array([[0], [2], [1]], "uint8"), np.array([0.0, 2.0, 1.0])])
def test_labels_become_rows(labels):
    rows = to_categorical(labels, num_classes=4)
    assert rows.dtype == np.float64
    np.testing.assert_array_equal(rows, np.eye(4)[[0, 2, 1]])
    np.testing.assert_array_equal(to_categorical(labels), np.eye(3)[[0, 2, 1]])


def test_other_shapes_keep_their_axes():
    assert to_categorical(np.zeros((2, 3, 1), "int32"), 5).shape == (2, 3, 5)
    assert to_categorical(np.zeros((2, 3), "int32"), np.int64(5)).shape == (2, 3, 5)
    assert to_categorical(2, 4).tolist() == [0, 0, 1, 0]
    assert to_categorical([], 4).shape == (0, 4)
    assert to_categorical(np.array([True, False])).tolist() == [[0, 1], [1, 0]]


def test_labels_of_the_current_backend(backend):
    np.testing.assert_array_equal(to_categorical(kcore.ops.convert_to_tensor([1, 0])), [[0, 1], [1, 0]])
    np.testing.assert_array_equal(to_categorical(kcore.Variable([1, 0])), [[0, 1], [1, 0]])


@pytest.mark.parametrize(
    ("arguments", "kind", "text"),
    [
        (([1, 7, 12, 3], 10), ValueError, "that are from 0 to 9, as num_classes=10; got 12 at index 2."),
        (([[1], [10]], 10), ValueError, "that are from 0 to 9, as num_classes=10; got 10 at index 1."),
        (([[1, 2], [3, -4]], 10), ValueError, "as num_classes=10; got -4 at index (1, 1)."),
        (([3, -1],), ValueError, "that are numbers of at least 0; got -1 at index 1."),
        (([1.0, 1.5], 3), ValueError, "that are whole numbers; got 1.5 at index 1."),
        (([np.nan], 3), ValueError, "that are whole numbers; got nan at index 0."),
        (([1.0, np.inf],), ValueError, "that are whole numbers; got inf at index 1."),
        ((9, 3), ValueError, "that are from 0 to 2, as num_classes=3; got 9."),
        ((np.array([2**63], "uint64"), 3), ValueError, "got 9223372036854775808 at index 0."),
        (([],), ValueError, "got no labels, so num_classes cannot be found: give it."),
        (([1], 0), ValueError, "num_classes is a whole number of at least 1; got 0."),
        (([1], 2.0), TypeError, "num_classes is a whole number of at least 1; got 2.0."),
        ((["cat", "dog"],), TypeError, "names, labels = np.unique(x, return_inverse=True)."),
    ],
)
def test_what_is_no_label_is_named_with_its_place(arguments, kind, text):
    with pytest.raises(kind) as error:
        to_categorical(*arguments)
    assert text in str(error.value)


@pytest.mark.usefixtures("unseeded")
def test_the_same_seed_repeats_everything():
    def run(seed):
        set_random_seed(seed)
        models = [kcore.Sequential([kcore.layers.Dense(3, input_shape=(4,))]) for _ in range(2)]
        weights = [model.get_weights()[0].tolist() for model in models]
        return random.random(), np.random.rand(), weights

    assert run(7) == run(7) != run(8)
    _, _, (first, second) = run(7)
    assert first != second


@pytest.mark.usefixtures("unseeded")
@pytest.mark.parametrize(
    ("seed", "kind"),
    [(-1, ValueError), (2**32, ValueError), (1.0, TypeError), (None, TypeError), (True, TypeError)],
)
def test_a_wrong_seed(seed, kind):
    with pytest.raises(kind) as error:
        set_random_seed(seed)
    assert str(error.value) == f"seed is a whole number from 0 to 4294967295; got {seed!r}."
    set_random_seed(np.uint32(2**32 - 1))
