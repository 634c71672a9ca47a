"""The order of the layers of a functional model is Keras's (version 3.15 gave the lists)."""

from __future__ import annotations

from kcore.layers import Add, Dense, Input
from kcore.models import Model


def dense(name: str) -> Dense:
    return Dense(3, name=name)


def names(model: Model) -> list[str]:
    return [layer.name for layer in model.layers]


def test_layers_far_from_the_outputs_come_first() -> None:
    x = Input((3,))
    short = dense("short")(x)
    long = dense("b")(dense("a")(x))
    model = Model(x, dense("end")(Add(name="add")([short, long])))
    assert names(model) == ["a", "short", "b", "add", "end"]


def test_of_layers_equally_far_the_walk_from_the_outputs_decides() -> None:
    x = Input((3,))
    first, second = dense("first")(x), dense("second")(x)
    assert names(Model(x, [second, first])) == ["second", "first"]
    assert names(Model(x, Add(name="add")([second, first]))) == ["second", "first", "add"]


def test_a_shared_layer_lies_as_far_as_its_farthest_call() -> None:
    x = Input((3,))
    shared = dense("shared")
    near = shared(dense("a")(x))
    far = dense("c")(dense("b")(shared(x)))
    assert names(Model(x, [near, far])) == ["a", "shared", "b", "c"]
