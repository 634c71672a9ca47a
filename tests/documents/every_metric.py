# The metrics that the chapter lists, each by its name and as a function; clone_metric is no metric, but copies one.
import numpy as np

import kcore
from kcore import metrics
from kcore.layers import Dense
from kcore.models import Sequential

NAMES = (
    "accuracy",
    "binary_accuracy",
    "categorical_accuracy",
    "sparse_categorical_accuracy",
    "top_k_categorical_accuracy",
    "sparse_top_k_categorical_accuracy",
    "cosine_proximity",
)

x = np.random.default_rng(1).random((80, 4))
labels = np.arange(80) % 8
one_hot = kcore.utils.to_categorical(labels, 8)

for name in NAMES:
    sparse = name.startswith("sparse")
    model = Sequential([Dense(8, activation="softmax")])
    loss = "sparse_categorical_crossentropy" if sparse else "categorical_crossentropy"
    y_true = labels if sparse else one_hot
    by_name = [name]
    if name != "accuracy":  # which accuracy is meant is chosen by name only
        by_name.append(getattr(metrics, name))
    told = []
    for metric in by_name:
        model.compile(optimizer="sgd", loss=loss, metrics=[metric])
        told.append(model.evaluate(x, y_true, verbose=0)[1])
    assert min(told) == max(told) and -1 <= told[0] <= 1, (name, told)

top_2 = metrics.TopKCategoricalAccuracy(k=2)
copy = metrics.clone_metric(top_2)
assert copy is not top_2 and copy.get_config() == top_2.get_config()
assert [c.get_config() for c in metrics.clone_metrics([top_2])] == [top_2.get_config()]
