"""Computes the cases in Keras on JAX. As a script it keeps the answers:

python -m tests.peers.answers     # in the environment of `tox -e peers`
"""

from __future__ import annotations

import json
import os
import pathlib
import sys
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax
import keras
import numpy as np
from keras.src.backend.common.dtypes import BIT64_TO_BIT32_DTYPE

from tests.peers.cases import Arrays, Case, loss_cases, unlike
from tests.peers.cases_of_metrics import metric_cases
from tests.peers.cases_over_time import STEPS, optimizer_cases, recurrent_cases
from tests.peers.draws import direction_of

jax.config.update("jax_enable_x64", True)
BIT64_TO_BIT32_DTYPE["float64"] = "float64"  # else Keras computes means and more of float64 in float32: docs/keras.md

KEPT = pathlib.Path(__file__).with_name("keras-3.15.json")
DTYPES = ("float32", "float64")


def answer(case: Case, dtype: str) -> Arrays:
    """What Keras gives for a case, by name."""
    keras.config.set_floatx(dtype)
    try:
        given = {"losses": loss, "metrics": metric, "optimizers": optimizer, "layers": recurrent}[case.kind](
            case, dtype
        )
    except Exception as error:
        error.add_note(f"in Keras, case {case}")
        raise
    finally:
        keras.config.set_floatx("float32")
    return {k: np.asarray(v) for k, v in given.items()}


def loss(case: Case, dtype: str) -> dict[str, Any]:
    arrays = case.in_dtype(dtype)
    thing = getattr(keras.losses, case.keras)(**{**case.options, **case.keras_options})
    y_pred, weights = arrays["y_pred"], arrays.get("sample_weight")
    value = thing(arrays["y_true"], y_pred, sample_weight=weights)
    if not case.gradient:
        return {"value": value}
    along = direction_of(np.shape(value)).astype(dtype)

    def summed(p: Any) -> Any:
        return (thing(arrays["y_true"], p, sample_weight=weights) * along).sum()

    return {"value": value, "gradient": jax.grad(summed)(jax.numpy.asarray(y_pred))}


def metric(case: Case, dtype: str) -> dict[str, Any]:
    arrays, options = case.in_dtype(dtype), {**case.options, **case.keras_options}
    if case.keras == "Huber":  # a function only
        thing = keras.metrics.MeanMetricWrapper(keras.losses.huber, **options)
    else:
        thing = getattr(keras.metrics, case.keras)(**options)
    for tail in ("", "_2"):
        data = [arrays[k + tail] for k in ("y_true", "y_pred") if k + tail in arrays]
        thing.update_state(*data, sample_weight=arrays.get("sample_weight" + tail))
    return {"result": thing.result()}


def optimizer(case: Case, dtype: str) -> dict[str, Any]:
    """The weights at the end, and how far each one went on its way."""
    arrays = case.in_dtype(dtype)
    starts = [arrays[k] for k in arrays if k.startswith("at_")]
    given = [arrays[k] for k in arrays if k.startswith("by_")]
    variables = [keras.Variable(start, dtype=dtype) for start in starts]
    thing = getattr(keras.optimizers, case.keras)(**case.keras_options)
    thing.build(variables)
    path = [starts]
    state = ([v.value for v in variables], [v.value for v in thing.variables])
    step = jax.jit(lambda now, by: thing.stateless_apply(now[1], by, now[0]))
    for i in range(STEPS):
        state = step(state, [jax.numpy.asarray(by[i]) for by in given])
        path.append([np.asarray(v) for v in state[0]])
    moved = [sum(abs(path[i + 1][j] - path[i][j]) for i in range(STEPS)) for j in range(len(starts))]
    ends = {f"end_{j}": end for j, end in enumerate(path[-1])}
    return ends | {f"moved_{j}": way for j, way in enumerate(moved)}


def recurrent(case: Case, dtype: str) -> dict[str, Any]:
    arrays = {k: jax.numpy.asarray(v) for k, v in case.in_dtype(dtype).items()}
    along = [v for k, v in arrays.items() if k.startswith("direction")]
    at = {k: v for k, v in arrays.items() if not k.startswith("direction")}
    layer = getattr(keras.layers, case.keras)(**case.options, dtype=dtype)
    layer.build(at["x"].shape)
    weights = [(v, v.path.rsplit("/", 1)[1]) for v in layer.trainable_variables]

    def outputs(at: dict[str, Any]) -> list[Any]:
        state = {"initial_state": states} if (states := [at[k] for k in at if k.startswith("state_")]) else {}
        with keras.StatelessScope(state_mapping=[(v, at[name]) for v, name in weights]):
            for x in (at[k] for k in ("x", "x_2") if k in at):
                given = layer(x, **state)
        return list(given) if isinstance(given, (list, tuple)) else [given]

    def summed(at: dict[str, Any]) -> Any:
        return sum((o * d).sum() for o, d in zip(outputs(at), along, strict=True))

    slopes = {f"gradient of {k}": v for k, v in jax.grad(summed)(at).items()}
    start = {} if "bias" not in at else {"bias at first": layer.cell.bias.numpy()}
    return {**{f"output_{i}": o for i, o in enumerate(outputs(at))}, **slopes, **start}


def all_cases() -> list[Case]:
    return [case for kind in (loss_cases, metric_cases, optimizer_cases, recurrent_cases) for case in unlike(kind())]


def digits(x: np.ndarray) -> Any:
    """Nested lists, of as many digits as are compared and three more."""
    return [digits(part) for part in x] if x.ndim else float(f"{x:.{8 if x.dtype == 'float32' else 12}g}")


def main(word: str = "") -> None:
    """Write the file, one line for each case; only cases with `word` in their name are computed anew."""
    before = json.loads(KEPT.read_text(encoding="utf-8"))["answers"] if KEPT.exists() else {}
    answers: dict[str, dict[str, Any]] = {}
    for name, case in {str(case): case for case in all_cases()}.items():
        if word in name or name not in before:
            answers[name] = {dtype: {k: digits(v) for k, v in answer(case, dtype).items()} for dtype in DTYPES}
        else:
            answers[name] = before[name]
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(a, separators=(',', ':'))}" for name, a in answers.items())
    made = json.dumps({"by": "tests/peers/answers.py", "keras": keras.__version__, "jax": jax.__version__})
    KEPT.write_text(f'{{"made": {made},\n"answers": {{\n{lines}\n}}}}\n', encoding="utf-8")
    print(f"{KEPT}: {len(answers)} cases, {KEPT.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main(*sys.argv[1:])
