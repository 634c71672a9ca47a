"""The table of what is compared with Keras, continued: optimizers over steps, recurrent layers over turns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.peers.cases import Arrays, Case
from tests.peers.draws import exact, stream

STEPS = 30
SHAPES = ((3, 4), (4,), ())

OPTIMIZERS: dict[str, tuple[str, dict[str, Any], list[dict[str, Any]]]] = {
    # name: class in Keras, the documents' defaults where Keras's differ, options
    "sgd": (
        "SGD",
        {},
        [
            {},
            {"momentum": 0.9},
            {"momentum": 0.9, "nesterov": True},
            {"learning_rate": 0.5},
            {"weight_decay": 0.1},
            {"clipnorm": 1.0},
            {"clipvalue": 0.5},
            {"global_clipnorm": 1.0},
            {"use_ema": True, "ema_momentum": 0.7, "ema_overwrite_frequency": 7},
        ],
    ),
    "rmsprop": (
        "RMSprop",
        {},
        [{}, {"rho": 0.5, "epsilon": 1e-3}, {"momentum": 0.9}, {"centered": True}, {"centered": True, "momentum": 0.5}],
    ),
    "adagrad": (
        "Adagrad",
        {"learning_rate": 0.01},
        [{}, {"learning_rate": 0.1, "initial_accumulator_value": 0.5, "epsilon": 1e-3}],
    ),
    "adadelta": ("Adadelta", {"learning_rate": 1.0}, [{}, {"learning_rate": 0.5, "rho": 0.8, "epsilon": 1e-3}]),
    "adam": (
        "Adam",
        {},
        [{}, {"amsgrad": True}, {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3}, {"weight_decay": 0.1}],
    ),
    "adamw": ("AdamW", {}, [{}, {"weight_decay": 0.1, "amsgrad": True}]),
    "lion": ("Lion", {}, [{}, {"beta_1": 0.5, "beta_2": 0.9}]),
    "lamb": ("Lamb", {}, [{}, {"weight_decay": 0.1}]),
    "adamax": ("Adamax", {"learning_rate": 0.002}, [{}, {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3}]),
    "nadam": ("Nadam", {"learning_rate": 0.002}, [{}, {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3}]),
}

BATCH, TURNS, WIDTH, UNITS = 2, 4, 3, 2
ALL_KINDS: list[tuple[str, dict[str, Any], str]] = [  # note, options, how it is called
    ("", {}, "once"),
    ("", {"return_sequences": True}, "once"),
    ("", {"return_state": True}, "once"),
    ("", {"return_sequences": True, "return_state": True}, "once"),
    ("", {"go_backwards": True, "return_sequences": True}, "once"),
    ("", {"use_bias": False}, "once"),
    ("", {"activation": "softsign"}, "once"),
    ("", {"unroll": True, "return_sequences": True}, "once"),
    ("", {"dropout": 0.5, "recurrent_dropout": 0.5}, "once"),  # not training, so neither does anything
    ("called twice", {"stateful": True, "return_state": True}, "twice"),
    ("from a state", {"return_sequences": True, "return_state": True}, "state"),
    ("from a state", {"go_backwards": True}, "state"),
    ("from a state", {"unroll": True}, "state"),
]
GATED: list[tuple[str, dict[str, Any], str]] = [
    ("", {"activation": "linear", "recurrent_activation": "tanh"}, "once"),
]
BIASED = [kind for kind in ALL_KINDS if kind[1] != {"use_bias": False}]  # there Keras's GRU mixes dtypes, and fails
RECURRENT = {  # class in Keras, gates, states, cases
    "lstm": ("LSTM", 4, 2, [*ALL_KINDS, *GATED, ("", {"unit_forget_bias": False}, "once")]),
    "gru": ("GRU", 3, 1, [*BIASED, *GATED, ("", {"reset_after": False}, "once")]),
    "simple_rnn": ("SimpleRNN", 1, 1, ALL_KINDS),
}


def gradients(name: str, start: float) -> Arrays:
    """The starts `at_i` of the variables and their gradients `by_i`, of shape (steps, ...).

    They have every size from 1e-8 to 1e4, and zero; of the first variable all rows but one are zero at most steps. The
    starts are zero or small, where float32 does not lose the way in the rounding of a large weight.
    """
    rng, arrays = stream(name), {}
    for i, shape in enumerate(SHAPES):
        sizes = np.array([0.0, 1e-8, 1e-3, 1.0, 1e4])[rng.randint(0, 5, shape)]
        if shape == ():
            sizes = np.array(1.0)
        given = rng.normal(size=(STEPS, *shape)) * sizes
        if i == 0:
            given[rng.uniform(size=(STEPS, 3)) < 0.7] = 0.0
        arrays |= {f"at_{i}": exact(start * rng.normal(size=shape)), f"by_{i}": exact(given)}
    return arrays


def optimizer_cases() -> Iterator[Case]:
    for name, (keras, defaults, variants) in OPTIMIZERS.items():
        for options in variants:
            start = 0.01 if "weight_decay" in options or name in ("adamw", "lamb") else 0.0
            arrays = gradients(f"{name} {options}", start)
            yield Case(
                "optimizers", name, keras, options, arrays, keras_options={**defaults, **options}, gradient=False
            )


def recurrent_cases(seed: str = "") -> Iterator[Case]:
    for name, (keras, gates, states, variants) in RECURRENT.items():
        for note, options, how in variants:
            rng, width = stream(f"{name} {note} {options}{seed}"), gates * UNITS
            arrays = {
                "x": rng.normal(size=(BATCH, TURNS, WIDTH)),
                "kernel": rng.normal(size=(WIDTH, width)),
                "recurrent_kernel": rng.normal(size=(UNITS, width)),
            }
            if options.get("use_bias", True):
                arrays["bias"] = rng.normal(
                    size=(2, width) if name == "gru" and "reset_after" not in options else width
                )
            if how == "twice":
                arrays["x_2"] = rng.normal(size=(BATCH, TURNS, WIDTH))
            if how == "state":
                arrays |= {f"state_{i}": rng.normal(size=(BATCH, UNITS)) for i in range(states)}
            first = (BATCH, TURNS, UNITS) if options.get("return_sequences") else (BATCH, UNITS)
            shapes = [first, *([(BATCH, UNITS)] * states if options.get("return_state") else [])]
            arrays |= {f"direction_{i}": rng.normal(size=s) for i, s in enumerate(shapes)}
            exactly = {k: exact(v) for k, v in arrays.items()}
            yield Case("layers", name, keras, {"units": UNITS, **options}, exactly, note=note)
