"""The decorator, the table it fills, and names that users' own modules register."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from kcore.plugin import KINDS, NameClashError, UnknownNameError, entries, find, register
from kcore.plugin import entry as entry_module
from kcore.plugin.hookspecs import HOOKS


@pytest.fixture(autouse=True)
def _nothing_registered(monkeypatch):
    monkeypatch.setattr(entry_module, "_table", {kind: {} for kind in KINDS})
    for plugins in ("own", "outsiders"):
        monkeypatch.setattr(f"kcore.plugin.manager.{plugins}", lambda: ())


def make(name: str, module: str = "notebook") -> type:
    """A class that says it was written in some module."""
    return type(name, (), {"__module__": module})


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Dense", "dense"),
        ("MaxPooling2D", "max_pooling2d"),
        ("Conv2DTranspose", "conv2d_transpose"),
        ("LSTM", "lstm"),
        ("L1L2", "l1l2"),
        ("hinge", "hinge"),
        ("mean_squared_error", "mean_squared_error"),
    ],
)
def test_the_name_is_the_python_name_in_snake_case(written, name):
    register("layers")(make(written))
    assert [each.name for each in entries("layers")] == [name]


def test_a_thing_is_found_by_name_alias_and_python_name_unchanged():
    focal = make("FocalLoss")
    assert register("losses", "focal", aliases=("fl",))(focal) is focal
    assert [find("losses", name) for name in ("focal", "fl", "FocalLoss")] == [focal] * 3
    [entry] = entries("losses")
    assert (entry.qualified, entry.module, entry.namespace, entry.names) == (
        "focal",
        "notebook",
        "",
        ("focal", "fl"),
    )


def test_a_subclass_is_not_registered():
    base = register("losses")(make("Focal"))
    type("Sharper", (base,), {"__module__": "notebook"})
    assert [each.thing for each in entries("losses")] == [base]


def test_one_thing_may_be_of_two_kinds():
    hinge = register("metrics")(register("losses")(make("hinge")))
    assert find("losses", "hinge") is find("metrics", "hinge") is hinge


def test_modules_and_plain_objects_can_be_registered():
    module = ModuleType("acme.data.digits")
    register("datasets")(module)
    thing = register("backends", "plain")(object())
    assert find("datasets", "digits") is module
    assert find("backends", "plain") is thing
    assert [each.module for each in entries("datasets") + entries("backends")] == [
        "acme.data.digits",
        __name__,
    ]


def test_defined_again_in_its_module_a_thing_is_replaced():
    register("losses")(make("Focal"))
    second = register("losses")(make("Focal"))
    assert [each.thing for each in entries("losses")] == [second]


def test_defined_in_two_modules_it_is_an_error_to_ask_for_it():
    register("losses")(make("Focal", "first"))
    register("losses")(make("Focal", "second"))
    with pytest.raises(NameClashError) as error:
        find("losses", "focal")
    assert str(error.value) == (
        "The loss 'focal' may be focal (defined in first) or focal (defined in second). "
        "Ask for one by its full name, or rename one."
    )


def test_an_unknown_name_lists_the_known_and_suggests_the_nearest():
    register("losses")(make("Hinge"))
    register("losses", aliases=["mse", "MSE"])(make("MeanSquaredError"))
    with pytest.raises(UnknownNameError) as error:
        find("losses", "HINGES")
    assert str(error.value) == (
        "Unknown loss 'HINGES'. kcore knows: hinge, mean_squared_error (alias mse, MSE). Did you mean 'hinge'?"
    )
    with pytest.raises(UnknownNameError, match=r"Unknown layer 'x'\. kcore knows: none\.$"):
        find("layers", "x")


def test_an_unknown_kind_lists_the_kinds():
    text = r"Unknown kind 'layer'\. The kinds are: layers, losses, .*\. Did you mean 'layers'\?"
    for use in (lambda: register("layer"), lambda: find("layer", "dense"), lambda: entries("layer")):
        with pytest.raises(UnknownNameError, match=text):
            use()


@pytest.mark.parametrize(
    ("name", "aliases", "text"),
    [
        ("acme/focal", (), r"register\('losses'\): expected a name without '/', got 'acme/focal'\."),
        (3, (), "expected a name without '/', got 3"),
        ("focal", [""], "expected a name without '/', got ''"),
        ("focal", "fl", "expected a list of aliases, got 'fl'; write it in"),
    ],
)
def test_a_bad_name_is_refused(name, aliases, text):
    with pytest.raises((TypeError, ValueError), match=text):
        register("losses", name, aliases=aliases)(make("Focal"))
    assert entries("losses") == []


def test_a_thing_without_a_name_must_be_given_one():
    with pytest.raises(TypeError, match=r"has no __name__; name it: register\(kind, 'its_name'\)\(thing\)"):
        register("backends")(object())


def test_every_kind_has_a_documented_hook():
    assert list(HOOKS) == [f"kcore_{kind}" for kind in KINDS]
    for kind in KINDS:
        assert kind in HOOKS[f"kcore_{kind}"].__doc__
        assert getattr(sys.modules["kcore.plugin.hookspecs"], f"kcore_{kind}") is HOOKS[f"kcore_{kind}"]
