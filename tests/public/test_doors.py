"""The doors: what is registered, as attributes of `kcore.layers` and its like."""

from __future__ import annotations

import importlib
import pydoc
import sys

import pytest

import kcore
from kcore.door import DOORS
from kcore.interfaces import Callback, Initializer, Layer, Loss, Metric, Optimizer
from kcore.plugin import entries

BASES = {
    "layers": Layer, "losses": Loss, "optimizers": Optimizer, "metrics": Metric, "initializers": Initializer,
    "callbacks": Callback,
}  # fmt: skip

CELL = """
from kcore.layers import Layer
from kcore.plugin import register

@register("layers")
class Scale(Layer):
    factor: float = {factor}

    def call(self, x):
        return x * self.factor
"""


@pytest.mark.parametrize("kind", DOORS)
def test_all_that_kcore_registers_is_an_attribute_by_its_python_name(kind):
    door = getattr(kcore, kind)
    ours = [entry for entry in entries(kind, outsiders=False) if entry.distribution == "kcore"]
    assert ours
    for entry in ours:
        name = entry.thing.__name__ if isinstance(entry.thing, type) else entry.name
        assert getattr(door, name) is entry.thing
        assert name in door.__all__
        assert name in dir(door)


@pytest.mark.parametrize("kind", DOORS)
def test_all_public_names_can_be_imported_by_a_star(kind):
    namespace: dict[str, object] = {}
    exec(f"from kcore.{kind} import *", namespace)
    assert set(getattr(kcore, kind).__all__) <= namespace.keys()


@pytest.mark.parametrize(("kind", "base"), BASES.items())
def test_a_door_has_the_base_class_as_a_real_name(kind, base):
    assert vars(getattr(kcore, kind))[base.__name__] is base


def test_an_unknown_attribute_lists_the_known_and_the_nearest():
    assert {"deserialize", "get", "linear", "relu", "serialize"} <= set(kcore.activations.__all__)
    text = (
        "module 'kcore.activations' has no attribute 'rellu'. "
        f"It has: {', '.join(kcore.activations.__all__)}. Did you mean 'relu'?"
    )
    with pytest.raises(AttributeError) as error:
        _ = kcore.activations.rellu
    assert str(error.value) == text
    with pytest.raises(ImportError) as error:
        from kcore.activations import rellu  # noqa: F401
    assert str(error.value) == text
    assert not hasattr(kcore.activations, "rellu")


def test_a_registered_name_is_no_attribute_but_near_one():
    with pytest.raises(AttributeError, match=r"Did you mean 'Dense'\?$"):
        _ = kcore.layers.dense


def test_a_private_name_is_not_looked_up(monkeypatch):
    monkeypatch.setattr("kcore.door.find", lambda *_: pytest.fail("looked up"))
    assert not hasattr(kcore.layers, "__path__")
    assert not hasattr(kcore.layers, "_repr_html_")


@pytest.mark.usefixtures("acme")
def test_an_outsiders_thing_is_no_attribute_but_is_suggested():
    with pytest.raises(AttributeError) as error:
        _ = kcore.losses.Focal
    assert str(error.value).endswith(
        'Did you mean kcore.losses.get("acme/focal"), which the installed package acme 1.0 brings?'
    )
    assert "Focal" not in dir(kcore.losses)
    assert type(kcore.losses.get("acme/focal", reduction="sum")).__name__ == "Focal"


@pytest.mark.usefixtures("acme")
def test_an_outsiders_function_is_saved_by_a_name_that_finds_it():
    cubic = kcore.activations.get("acme/cubic")
    dense = kcore.layers.Dense(3, activation=cubic)
    assert dense.get_config()["activation"] == kcore.activations.serialize(cubic) == "acme/cubic"
    assert kcore.layers.deserialize(kcore.layers.serialize(dense))([[1.0]]).shape == (1, 3)
    assert kcore.activations.serialize(kcore.activations.relu) == "relu"


def test_get_takes_names_classes_configurations_objects_and_none():
    dense = kcore.layers.get("dense", units=3)
    for identifier in (kcore.layers.serialize(dense), dense, kcore.layers.Dense):
        arguments = {"units": 3} if isinstance(identifier, type) else {}
        assert kcore.layers.get(identifier, **arguments).units == 3
    assert kcore.layers.deserialize(kcore.layers.serialize(dense)).get_config() == dense.get_config()
    relu = kcore.activations.relu
    assert kcore.activations.get(kcore.activations.serialize(relu)) is relu
    assert kcore.activations.get(None) is kcore.activations.linear
    assert kcore.losses.get(None) is None
    with pytest.raises(TypeError, match=r"layer.* a name, an object, a class or a conf.* got int: 3"):
        kcore.layers.get(3)


def test_a_cell_run_twice_replaces_what_it_defines(notebook):
    exec(CELL.format(factor=2.0), notebook)
    first = kcore.layers.Scale
    assert first is notebook["Scale"]
    exec(CELL.format(factor=3.0), notebook)
    assert kcore.layers.Scale is notebook["Scale"] is not first
    assert kcore.layers.Scale().factor == kcore.layers.get("scale").factor == 3.0
    assert "Scale" in dir(kcore.layers)


def test_two_modules_that_define_one_name_are_told_of(notebook):
    exec(CELL.format(factor=2.0), notebook)
    exec(CELL.format(factor=2.0), notebook | {"__name__": "notebook.other"})
    with pytest.raises(AttributeError, match=r"\(defined in notebook\) or .* in notebook\.other\)"):
        _ = kcore.layers.Scale


def test_a_data_set_is_its_module_however_it_is_imported():
    import kcore.datasets.digits
    from kcore.datasets import digits
    from kcore.datasets.digits import load_data

    assert digits is kcore.datasets.digits is sys.modules["kcore_datasets.digits"]
    assert importlib.import_module("kcore.datasets.digits") is kcore.datasets.get("digits") is digits
    assert load_data is digits.load_data
    assert digits.__spec__.name == digits.__name__ == "kcore_datasets.digits"


def test_the_errors_of_data_sets_stand_in_their_door():
    assert issubclass(kcore.datasets.DatasetUnavailableError, FileNotFoundError)
    assert issubclass(kcore.datasets.DatasetDamagedError, ValueError)


def test_an_unknown_data_set():
    with pytest.raises(ImportError, match=r"It has: .*mnist, .*\. Did you mean 'mnist'\?"):
        from kcore.datasets import mnsit  # noqa: F401
    with pytest.raises(ModuleNotFoundError):
        import kcore.datasets.mnsit  # noqa: F401


def test_help_lists_what_there_is():
    text = pydoc.render_doc(kcore.layers, renderer=pydoc.plaintext)
    assert "class Dense(" in text
    assert "get(identifier" in text
    assert "mean_squared_error(y_true, y_pred)" in pydoc.render_doc(kcore.losses, renderer=pydoc.plaintext)
