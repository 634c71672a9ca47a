"""check_dataset passes what is right and finds each of the faults that it promises to find."""

from __future__ import annotations

import types

import numpy as np
import pytest

from kcore.testing import check_dataset
from tests.testing.faults import UNSEEDED, Fault, check_says, each


def dataset(name, load, doc="Numbers drawn from nothing: x float32 (n, 2), y int64 (n,)."):
    """A module with this `load_data`."""
    module = types.ModuleType(name)
    if load is not None:
        load.__doc__ = doc
        module.load_data = load
    module.__dict__["__name__"] = name
    return module


def pair(count, dtype="float32"):
    return np.arange(2.0 * count).reshape(count, 2).astype(dtype), np.arange(count)


def changed(name, **parts):
    """One that is right but for these parts, functions of nothing."""

    def load():
        (a, b), (c, d) = pair(9), pair(4)
        given = {"x_train": a, "y_train": b, "x_test": c, "y_test": d} | {k: f() for k, f in parts.items()}
        return (given["x_train"], given["y_train"]), (given["x_test"], given["y_test"])

    return dataset(name, load)


KEPT = pair(9)


def lists():
    made = np.empty(4, object)
    made[:] = [[1], [1, 2], [3], [4, 5, 6]]
    return made


def _shared():
    x, y = pair(9)
    return (x, y), (x[:4], y[:4].copy())


def _frozen():
    x = pair(9)[0]
    x.flags.writeable = False
    return x


def drawn_lists():
    made = lists()
    made[0] = [float(UNSEEDED.normal())]
    return made


RAGGED = {"ragged": True}
RIGHT = changed("right")


@each(
    Fault(dataset("no_function", None), "Data set 'no_function': expected a module with a function load_data"),
    Fault(dataset("silent", lambda: None, ""), "load_data to say shapes, dtypes and source; got no docstring"),
    Fault(dataset("fails", lambda: 1 / 0), "load_data to load; got ZeroDivisionError"),
    Fault(dataset("one_pair", lambda: pair(3)), "two pairs; got ValueError"),
    Fault(dataset("four", lambda: (*pair(3), *pair(3))), r"two pairs; got .* Return \(x_train, y_train\)"),
    Fault(changed("a_list", y_test=lambda: [1, 2, 3, 4]), "y_test as a NumPy array; got list"),
    Fault(changed("a_number", y_test=lambda: np.array(3)), "y_test as a NumPy array"),
    Fault(changed("words", y_train=lambda: np.array(list("abcdefghi"))), "y_train as numbers; got <U1"),
    Fault(changed("objects", x_train=lists), r"x_train as numbers; got object \(4,\).* ragged=True"),
    Fault(changed("gaps", x_test=lambda: np.full((4, 2), np.nan, "f4")), r"finite .* x_test; got nan at \[0, 0\]"),
    Fault(changed("too_few", y_train=lambda: np.arange(8)), "as many y_train as x_train, and some; got 9 and 8"),
    Fault(changed("empty", x_test=lambda: pair(0)[0], y_test=lambda: pair(0)[1]), "as many y_test .* got 0 and 0"),
    Fault(changed("dtypes", x_test=lambda: pair(4, "float64")[0]), "x of one dtype and shape in training and test"),
    Fault(changed("shapes", y_test=lambda: np.arange(4)[:, None]), "y of one dtype and shape in training and test"),
    Fault(changed("unseeded", x_train=lambda: UNSEEDED.normal(size=(9, 2)).astype("f4")), "x_train to be the same"),
    Fault(changed("kept", x_train=lambda: KEPT[0]), "x_train to be the same each time.* that nothing else holds"),
    Fault(dataset("shared", _shared), "x_test not to change with x_train"),
    Fault(changed("frozen", x_train=_frozen), "x_train to be the caller's to change; got a read-only array"),
    Fault(
        changed("long", x_train=lambda: np.ones((9, 2), "g"), x_test=lambda: np.ones((4, 2), "g")),
        "on backend strict: expected x_train to be taken; got .* a dtype that all array libraries have",
    ),
    Fault(
        changed("turned", y_train=lambda: np.arange(9, dtype=">i8"), y_test=lambda: np.arange(4, dtype=">i8")),
        "expected y_train to be taken; got .* a dtype that all array libraries have",
    ),
    Fault(
        changed("unseeded_lists", x_train=drawn_lists, y_train=lambda: np.arange(4), x_test=lists),
        "x_train to be the same each time; got other lists",
        RAGGED,
    ),
    Fault("minst", "Unknown dataset 'minst'.* Did you mean 'mnist'"),
)  # fmt: skip
def test_a_fault_is_found(fault):
    check_says(check_dataset, fault)


def test_what_is_right_passes():
    check_dataset(RIGHT)
    check_dataset("digits")
    check_dataset(changed("lists", x_train=lists, y_train=lambda: np.arange(4), x_test=lists), ragged=True)


def test_options_are_those_of_load_data():
    def load(count):
        return pair(count), pair(count + 1)

    check_dataset(dataset("counted", load), options={"count": 3})
    with pytest.raises(AssertionError, match=r"missing 1 required positional argument: 'count'"):
        check_dataset(dataset("counted", load))
