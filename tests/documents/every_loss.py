# The fifteen losses that the chapter lists, each by its name and as a function.
import numpy as np

import kcore
from kcore import losses
from kcore.layers import Dense
from kcore.models import Sequential

NAMES = (
    "mean_squared_error",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_logarithmic_error",
    "squared_hinge",
    "hinge",
    "categorical_hinge",
    "logcosh",
    "huber_loss",
    "categorical_crossentropy",
    "sparse_categorical_crossentropy",
    "binary_crossentropy",
    "kullback_leibler_divergence",
    "poisson",
    "cosine_proximity",
)

x = np.random.default_rng(1).random((90, 4))
labels = np.arange(90) % 3
one_hot = kcore.utils.to_categorical(labels, 3)

for name in NAMES:
    y = labels if name.startswith("sparse") else one_hot
    told = []
    for loss in (name, getattr(losses, name)):
        kcore.utils.set_random_seed(1)
        model = Sequential([Dense(3, activation="softmax")])
        model.compile(optimizer="sgd", loss=loss)
        told.append(model.fit(x, y, epochs=3, verbose=0).history["loss"])
    assert told[0] == told[1] and np.isfinite(told).all() and told[0][2] < told[0][0], (name, told)

    y_true, y_pred = y[:5], model.predict(x[:5], verbose=0)
    values = getattr(losses, name)(y_true, y_pred)
    assert values.shape == (5,), (name, values)
