"""The table of what is compared with Keras, continued: metrics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.peers import draws as d
from tests.peers.cases import LOSSES, Arrays, Case, Subject, drawn

TOP = [{}, {"k": 1}, {"k": 2}]
CUTS = [{}, {"thresholds": 0.7}, {"thresholds": [0.3, 0.6]}]
AVERAGES: list[Any] = [{"average": average} for average in (None, "micro", "macro", "weighted")]
METRICS = {
    "Accuracy": Subject("Accuracy", d.equal_at_times),
    "binary_accuracy": Subject("BinaryAccuracy", d.chances, [{}, {"threshold": 0.7}]),
    "categorical_accuracy": Subject("CategoricalAccuracy", d.shares, column=False),
    "sparse_categorical_accuracy": Subject("SparseCategoricalAccuracy", d.sparse, column=False),
    "top_k_categorical_accuracy": Subject("TopKCategoricalAccuracy", d.shares, TOP, column=False),
    "sparse_top_k_categorical_accuracy": Subject("SparseTopKCategoricalAccuracy", d.sparse, TOP, column=False),
    "mean": Subject("Mean", d.numbers),
    "sum": Subject("Sum", d.numbers),
    "root_mean_squared_error": Subject("RootMeanSquaredError", d.numbers),
    "true_positives": Subject("TruePositives", d.chances, CUTS, forms=2),
    "true_negatives": Subject("TrueNegatives", d.chances, CUTS, forms=2),
    "false_positives": Subject("FalsePositives", d.chances, CUTS, forms=2),
    "false_negatives": Subject("FalseNegatives", d.chances, CUTS, forms=2),
    "precision": Subject("Precision", d.chances, [*CUTS, {"top_k": 2}, {"class_id": 1}], forms=2),
    "recall": Subject("Recall", d.chances, [*CUTS, {"top_k": 2}, {"class_id": 1}], forms=2),
    "auc": Subject(
        "AUC",
        d.chances,
        [{}, {"num_thresholds": 10}, ({"from_logits": True}, d.chance_logits), {"multi_label": True}]
        + [{"thresholds": [0.2, 0.5, 0.6]}]
        + [{"curve": "PR", "summation_method": method} for method in ("interpolation", "minoring", "majoring")],
        forms=2,
    ),
    "f1_score": Subject("F1Score", d.shares, [*AVERAGES, {"threshold": 0.4}], forms=2),
    "fbeta_score": Subject("FBetaScore", d.shares, [{"beta": 2.0, **a} for a in AVERAGES], forms=2),
    "mean_iou": Subject(
        "MeanIoU", d.equal_at_times, [{"num_classes": 4}, {"num_classes": 5, "ignore_class": 1}], forms=1
    ),
    "r2_score": Subject(
        "R2Score",
        d.numbers,
        [{"class_aggregation": a} for a in (None, "uniform_average", "variance_weighted_average")]
        + [{"num_regressors": 2}],
        forms=2,
    ),
    **{
        name: Subject({"LogCosh": "LogCoshError"}.get(s.keras, s.keras), s.draw, s.options, column=s.column)
        for name, s in LOSSES.items()
        if name not in ("binary_focal_crossentropy", "categorical_focal_crossentropy", "dice", "tversky")
        if name != "categorical_generalized_cross_entropy"
    },
}


def metric_cases() -> Iterator[Case]:
    """Two updates each: `y_true` and the others of the first, `y_true_2` and so on of the second."""
    wide = [((4, 6), (3, 6)), ((2, 3, 6), (1, 3, 6))]
    for name, subject in METRICS.items():
        for options, draw, note in subject.variants():
            if name == "binary_crossentropy" and "axis" in options:  # an option of the loss alone
                continue
            forms = [(wide[0], None), (wide[0], 1), (wide[0], 0), (wide[1], 0), (wide[1], 1), (wide[1], 2)]
            for shapes, axes in forms[: min(subject.forms, 2) if options else subject.forms]:
                if "axis" in options and axes is not None:  # weights are for positions that are left
                    continue
                if options.get("axis", 0) >= len(shapes[0]) - 1:
                    shapes = wide[1]
                at = f"{note} at {shapes[0]} weights {axes}".strip()
                arrays: Arrays = {}
                for i, shape in enumerate(shapes):
                    weights = None if axes is None else shape[:axes]
                    arrays.update({k + "_2" * i: v for k, v in drawn(f"{at} {i}", draw, shape, weights).items()})
                if name in ("mean", "sum"):
                    arrays = {k: v for k, v in arrays.items() if not k.startswith("y_true")}
                yield Case("metrics", name, subject.keras, options, arrays, note=at, gradient=False)
        if subject.forms < 6:
            continue
        at, zeros = "weights of 0", {"sample_weight": np.zeros(4), "sample_weight_2": np.zeros(4)}
        one = drawn(at, subject.draw, wide[0][0])
        arrays = {**one, **{k + "_2": v for k, v in one.items()}, **zeros}
        if name in ("mean", "sum"):
            arrays = {k: v for k, v in arrays.items() if not k.startswith("y_true")}
        yield Case("metrics", name, subject.keras, {}, arrays, note=at, gradient=False)
