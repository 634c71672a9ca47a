"""Computes the cases of the comparison with Keras in kcore, on the current backend, and compares."""

from __future__ import annotations

from typing import Any

import numpy as np

import kcore
from kcore import Variable, ops
from kcore.interfaces import get
from kcore.testing.tolerances import TOLERANCES
from tests.peers.cases import Arrays, Case
from tests.peers.cases_over_time import STEPS
from tests.peers.draws import direction_of

IN_FLOAT32 = {"mean_iou"}
"""What Keras computes in float32 whatever the dtype."""


def answer(case: Case, dtype: str) -> Arrays:
    """What kcore gives for a case, by name."""
    given = {"losses": loss, "metrics": metric, "optimizers": optimizer, "layers": recurrent}[case.kind](case, dtype)
    return {k: np.asarray(ops.convert_to_numpy(v)) for k, v in given.items()}


def loss(case: Case, dtype: str) -> dict[str, Any]:
    arrays = {k: ops.convert_to_tensor(v) for k, v in case.in_dtype(dtype).items()}
    thing, through = get("losses", case.name, **case.options, dtype=dtype), case.through
    y, weights = arrays["y_true"], arrays.get("sample_weight")

    def value(p: Any) -> Any:
        return thing(y, getattr(ops, through)(p) if through else p, sample_weight=weights)

    shape = value(arrays["y_pred"]).shape if not through else ()  # where it is through an op, a trace must see it
    along = direction_of(shape).astype(dtype)
    if through:
        got, slope = kcore.value_and_grad(value)(arrays["y_pred"])
        return {"value": got, "gradient": slope}
    given = {"value": value(arrays["y_pred"])}
    if case.gradient:
        given["gradient"] = kcore.grad(lambda p: ops.sum(value(p) * along))(arrays["y_pred"])
    return given


def metric(case: Case, dtype: str) -> dict[str, Any]:
    arrays = {k: ops.convert_to_tensor(v) for k, v in case.in_dtype(dtype).items()}
    thing = get("metrics", case.name, **case.options)
    for tail in ("", "_2"):
        data = [arrays[k + tail] for k in ("y_true", "y_pred") if k + tail in arrays]
        thing.update_state(*data, sample_weight=arrays.get("sample_weight" + tail))
    return {"result": np.asarray(thing.result(), dtype)}


def optimizer(case: Case, dtype: str) -> dict[str, Any]:
    arrays = case.in_dtype(dtype)
    variables = [Variable(arrays[k]) for k in arrays if k.startswith("at_")]
    given = [arrays[k] for k in arrays if k.startswith("by_")]
    thing = get("optimizers", case.name, **case.options)
    for step in range(STEPS):
        gradients = [ops.convert_to_tensor(np.asarray(by[step], dtype)) for by in given]
        thing.apply_gradients(list(zip(gradients, variables, strict=True)))
    return {f"end_{i}": v.numpy() for i, v in enumerate(variables)}


def recurrent(case: Case, dtype: str) -> dict[str, Any]:
    arrays = {k: ops.convert_to_tensor(v) for k, v in case.in_dtype(dtype).items()}
    along = [v for k, v in arrays.items() if k.startswith("direction")]
    at = {k: v for k, v in arrays.items() if not k.startswith("direction")}
    layer = get("layers", case.name, **case.options, dtype=dtype)
    layer(at["x"])
    weights = dict(zip(("kernel", "recurrent_kernel", "bias"), layer.weights, strict=False))
    start = {"bias at first": weights["bias"].numpy()} if "bias" in weights else {}
    if case.options.get("stateful"):
        layer.reset_state()

    def outputs(at: dict[str, Any]) -> list[Any]:
        for name, weight in weights.items():
            weight.assign(at[name])
        state = {"initial_state": states} if (states := [at[k] for k in at if k.startswith("state_")]) else {}
        for x in (at[k] for k in ("x", "x_2") if k in at):
            given = layer(x, **state)
        return list(given) if isinstance(given, list | tuple) else [given]

    def summed(at: dict[str, Any]) -> Any:
        return sum(ops.sum(o * d) for o, d in zip(outputs(at), along, strict=True))

    slopes = {f"gradient of {k}": v for k, v in kcore.grad(summed)(at).items()}
    if case.options.get("stateful"):
        layer.reset_state()
    return {**{f"output_{i}": o for i, o in enumerate(outputs(at))}, **slopes, **start}


# comparing ------------------------------------------------------------------------------------------------


def compare(case: Case, got: Arrays, wanted: dict[str, Any], dtype: str) -> None:
    """Every answer, within the tolerance for peers: of the size of each number, or of the largest if that is below 1.

    Numbers of recurrent layers come of sums over many steps, and may differ by that part of the largest of them.
    Weights that an optimizer moved may differ by that part of the way they went, and of the learning rate.
    """
    tolerance = TOLERANCES["peer", "float32" if case.name in IN_FLOAT32 else dtype]
    whole = max(np.max(np.abs(np.asarray(v)), initial=0.0) for v in wanted.values())
    for name, ours in got.items():
        theirs = np.asarray(wanted[name], dtype)
        what = f"{case}, {dtype}: {name}"
        assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype), what
        if case.kind == "optimizers":
            rate = get("optimizers", case.name, **case.options).learning_rate
            allowed = tolerance * (np.asarray(wanted[name.replace("end", "moved")]) + rate)
        else:
            largest = whole if case.kind == "layers" else min(1.0, np.max(np.abs(theirs), initial=0.0))
            allowed = tolerance * (np.abs(theirs) + largest)
        off = np.abs(ours.astype("float64") - theirs)
        assert np.all(off <= allowed), (
            f"{what}\n{ours}\n{theirs} in Keras; off by {np.max(off / allowed):.3g} of what is allowed"
        )
    assert got.keys() == {name for name in wanted if not name.startswith("moved")}
