"""The table of what is compared with Keras: names, options, data and extremes.

Here are the losses; metrics stand in cases_of_metrics.py, optimizers and recurrent layers in cases_over_time.py.
answers.py computes a case in Keras, ours.py in kcore.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import numpy as np

from tests.peers import draws as d
from tests.peers.draws import Draw, exact, stream

Arrays = dict[str, np.ndarray]

SHAPE, DEEP = (4, 3), (2, 3, 4)
REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None)
WEIGHTS = {  # of losses at (4,) and (2, 3) positions
    SHAPE: [(), (1,), (4,), (4, 1)],
    DEEP: [(), (1,), (3,), (1, 3), (2, 1), (2, 3), (2, 3, 1)],
}


@attrs.frozen
class Case:
    """One question to both.

    Attributes:
        kind: "losses", "metrics", "optimizers" or "layers".
        name: what kcore registers it as.
        keras: the class in Keras.
        options: the arguments of both classes.
        arrays: what it is called on.
        keras_options: arguments that Keras wants otherwise.
        through: the op that y_pred goes through first in kcore, where Keras takes logits.
        note: what tells it from others of the same options.
        gradient: whether the gradient is compared, not only the value.
    """

    kind: str
    name: str
    keras: str
    options: dict[str, Any] = attrs.field(factory=dict)
    arrays: Arrays = attrs.field(factory=dict, repr=False)
    keras_options: dict[str, Any] = attrs.field(factory=dict)
    through: str = ""
    note: str = ""
    gradient: bool = True

    def __str__(self) -> str:
        return " ".join([self.kind, self.name, *(f"{k}={v}" for k, v in self.options.items()), self.note]).strip()

    def in_dtype(self, dtype: str) -> Arrays:
        """The arrays, those of floats in a dtype."""
        return {k: v.astype(dtype) if v.dtype.kind == "f" else v for k, v in self.arrays.items()}


@attrs.frozen
class Subject:
    """A loss or metric: its class in Keras, how its data are drawn, and its options.

    Attributes:
        keras: the class in Keras.
        draw: gives y_true and y_pred of a shape, away from kinks and ties.
        options: each one is a case, or (options, another draw).
        column: whether a column (n, 1) may stand beside a vector (n,).
        forms: how many shapes and forms of weights a metric is tried with.
    """

    keras: str
    draw: Draw
    options: list[Any] = attrs.field(factory=lambda: [{}])
    column: bool = True
    forms: int = 6

    def variants(self) -> Iterator[tuple[dict[str, Any], Draw, str]]:
        """Options, draw and note of each case."""
        for one in self.options:
            options, draw = one if isinstance(one, tuple) else (one, self.draw)
            yield options, draw, "" if draw is self.draw else draw.__name__


# the table ------------------------------------------------------------------------------------------------

SMOOTH = {"label_smoothing": 0.1}
LOGITS = {"from_logits": True}

LOSSES = {
    "mean_squared_error": Subject("MeanSquaredError", d.numbers),
    "mean_absolute_error": Subject("MeanAbsoluteError", d.numbers),
    "mean_absolute_percentage_error": Subject("MeanAbsolutePercentageError", d.nonzero),
    "mean_squared_logarithmic_error": Subject("MeanSquaredLogarithmicError", d.positive),
    "squared_hinge": Subject("SquaredHinge", d.signs, [{}, ({}, d.bits)]),
    "hinge": Subject("Hinge", d.signs, [{}, ({}, d.bits)]),
    "categorical_hinge": Subject("CategoricalHinge", d.labels, column=False),
    "logcosh": Subject("LogCosh", d.numbers, [{}, ({}, d.large)]),
    "huber_loss": Subject("Huber", d.numbers, [{}, {"delta": 0.3}, ({"delta": 100.0}, d.large)]),
    "categorical_crossentropy": Subject(
        "CategoricalCrossentropy",
        d.shares,
        [
            {},
            SMOOTH,
            ({}, d.mixed),
            (LOGITS, d.logits),
            ({**LOGITS, **SMOOTH}, d.logits),
            ({"axis": 1}, d.mixed),
            ({**LOGITS, "axis": 1}, d.logits),
        ],
        column=False,
    ),
    "sparse_categorical_crossentropy": Subject(
        "SparseCategoricalCrossentropy",
        d.sparse,
        [
            {},
            (LOGITS, d.sparse_logits),
            ({"ignore_class": -1}, d.with_void(-1)),
            ({"ignore_class": 1}, d.sparse),
            ({**LOGITS, "ignore_class": 255}, d.with_void(255)),
        ],
        column=False,
    ),
    "binary_crossentropy": Subject(
        "BinaryCrossentropy",
        d.chances,
        [{}, SMOOTH, (LOGITS, d.chance_logits), ({**LOGITS, **SMOOTH}, d.chance_logits), ({"axis": 0}, d.chances)],
    ),
    "kullback_leibler_divergence": Subject("KLDivergence", d.mixed),
    "poisson": Subject("Poisson", d.counts),
    "cosine_proximity": Subject("CosineSimilarity", d.numbers, [{}, {"axis": 0}], column=False),
    "binary_focal_crossentropy": Subject(
        "BinaryFocalCrossentropy",
        d.chances,
        [{}, {"gamma": 1.5, "apply_class_balancing": True, "alpha": 0.4}, SMOOTH, (LOGITS, d.chance_logits)],
        column=False,
    ),
    "categorical_focal_crossentropy": Subject(
        "CategoricalFocalCrossentropy",
        d.shares,
        [{}, {"gamma": 1.5, "alpha": 0.4}, SMOOTH, (LOGITS, d.logits), ({"axis": 1}, d.mixed)],
        column=False,
    ),
    "categorical_generalized_cross_entropy": Subject(
        "CategoricalGeneralizedCrossEntropy", d.sparse, [{}, {"q": 0.3}], column=False
    ),
    "dice": Subject("Dice", d.chances, [{}, {"axis": (0, 1)}], column=False),
    "tversky": Subject("Tversky", d.chances, [{}, {"alpha": 0.3, "beta": 0.8}, {"axis": (0, 1)}], column=False),
}

ONE, HALF = [[1.0, 0.0, 0.0]], [[0.5, 0.5, 0.0]]
FAR = [[1e4, 0.0, -1e4], [0.0, 0.0, 0.0], [-200.0, 200.0, 0.0], [30.0, -40.0, 80.0]]
EXTREMES: list[tuple[str, str, Any, Any, dict[str, Any]]] = [  # loss, note, y_true, y_pred, more of the case
    ("mean_squared_error", "1e10 apart", [[1e10, 0.0]], [[-1e10, 1e-10]], {}),
    ("mean_absolute_percentage_error", "of zero", [[0.0, 2.0]], [[1.0, 1.0]], {}),
    ("mean_squared_logarithmic_error", "negative", [[-1.0, 2.0]], [[3.0, -2.0]], {}),
    ("logcosh", "1e4 apart", [[1e4, 0.0, -100.0]], [[-1e4, 0.01, 100.0]], {}),
    ("hinge", "large", [[1.0, -1.0]], [[1e4, 1e4]], {}),
    ("squared_hinge", "large", [[1.0, -1.0]], [[1e4, 1e4]], {}),
    ("categorical_hinge", "large", ONE, [[-1e4, 1e4, 0.0]], {}),
    ("kullback_leibler_divergence", "zeros", [*ONE, *HALF], [[0.0, 0.5, 0.5], [0.5, 0.0, 0.5]], {}),
    ("poisson", "zeros", [[0.0, 2.0, 0.0]], [[0.0, 0.0, 1.0]], {}),
    ("cosine_proximity", "zero vectors", [[0.0, 0.0], [1.0, 2.0]], [[1.0, 2.0], [0.0, 0.0]], {"gradient": False}),
    ("categorical_crossentropy", "0 and 1", [*ONE, *ONE, *HALF], [*ONE, [0.0, 1.0, 0.0], *ONE], {"gradient": False}),
    ("sparse_categorical_crossentropy", "0 and 1", [0, 0], [*ONE, [0.0, 1.0, 0.0]], {"gradient": False}),
    ("binary_crossentropy", "0 and 1", [[0.0, 1.0, 0.0, 1.0, 0.5]], [[0.0, 1.0, 1.0, 0.0, 0.0]], {"gradient": False}),
    *[
        (name, note, y, FAR, {"options": {**LOGITS, **options}, "through": through} if not through
         else {"options": options, "keras_options": LOGITS, "through": through})
        for name, function, targets in (
            ("categorical_crossentropy", "softmax", ([*ONE, *ONE, *ONE, *ONE], [*HALF, *HALF, *HALF, *HALF])),
            ("sparse_categorical_crossentropy", "softmax", ([0, 0, 0, 0], [2, 1, 1, 2])),
            ("binary_crossentropy", "sigmoid", ([*ONE, *ONE, *ONE, *ONE], [*HALF, *HALF, *HALF, *HALF])),
        )
        for y, what in zip(targets, ("", "others"), strict=True)
        for through in ("", function)
        for options in ({}, {"label_smoothing": 1.0 if what else 0.1})
        if not (options and name.startswith("sparse"))
        for note in [f"logits of 1e4 {what} {through}".strip()]
    ],
]  # fmt: skip


# the cases ------------------------------------------------------------------------------------------------


def drawn(name: str, draw: Draw, shape: tuple[int, ...], weights: Any = None) -> Arrays:
    """y_true, y_pred and sample_weight of a shape, by the stream of a name."""
    rng = stream(name)
    y, p = draw(rng, shape)
    arrays = {"y_true": exact(y), "y_pred": exact(p)}
    return arrays if weights is None else {**arrays, "sample_weight": exact(rng.uniform(0.2, 2, weights))}


def loss_cases() -> Iterator[Case]:
    for name, subject in LOSSES.items():
        for options, draw, note in subject.variants():
            for shape in (SHAPE, DEEP):
                if np.max(options.get("axis", 0)) < len(shape) - 1:
                    at = f"{note} at {shape}"
                    yield Case("losses", name, subject.keras, options, drawn(at, draw, shape), note=at)
            at = f"{note} at every position"
            arrays = drawn(at, draw, DEEP)
            yield Case("losses", name, subject.keras, {**options, "reduction": "none"}, arrays, note=at)
        if subject.column:
            y, p = subject.draw(stream(name), (5,))
            for note, pair in {"y column": (y[:, None], p), "p column": (y, p[:, None])}.items():
                arrays = {"y_true": exact(pair[0]), "y_pred": exact(pair[1])}
                yield Case("losses", name, subject.keras, {}, arrays, note=note)
    for name, options in (
        ("mean_squared_error", {}),
        ("sparse_categorical_crossentropy", {"ignore_class": 1}),
    ):
        subject = LOSSES[name]
        for reduction in REDUCTIONS:
            for shape, weights in [(SHAPE, None), *((s, w) for s, ws in WEIGHTS.items() for w in ws)]:
                note = "unweighted" if weights is None else f"{shape} by {weights}"
                more = {"reduction": reduction, **options}
                arrays = drawn(note, subject.draw, shape, weights)
                yield Case("losses", name, subject.keras, more, arrays, note=note)
            zeros = {**drawn("zeros", subject.draw, SHAPE), "sample_weight": np.zeros(4)}
            yield Case("losses", name, subject.keras, {"reduction": reduction, **options}, zeros, note="weights of 0")
    y, p = d.sparse(stream("column"), SHAPE)
    arrays = {"y_true": y[:, None], "y_pred": exact(p)}
    name = "sparse_categorical_crossentropy"
    yield Case("losses", name, LOSSES[name].keras, {}, arrays, note="y column")
    y, p = d.embeddings(stream("embeddings"), (6, 3))
    arrays = {"y_true": y, "y_pred": exact(p)}
    for options in ({}, {"gamma": 8.0, "margin": 0.25}, {"remove_diagonal": False}, {"reduction": "none"}):
        yield Case("losses", "circle", "Circle", options, arrays)
    for name, note, y, p, more in EXTREMES:
        arrays = {"y_true": exact(y), "y_pred": exact(p)}
        yield Case("losses", name, LOSSES[name].keras, arrays=arrays, note=note, **more)


def unlike(cases: Iterator[Case]) -> list[Case]:
    """Cases, of which no two have one name."""
    listed = list(cases)
    found = {str(case): case for case in listed}
    assert len(found) == len(listed), [str(c) for c in listed if found[str(c)] is not c]
    return listed
