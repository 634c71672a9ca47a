"""What scikit-learn's MLPRegressor makes of a housing program's data, with its layers, batches, epochs and Adam."""

import warnings

import numpy as np


def error(program, seed: int) -> float:
    """The root of its mean squared error on the test part."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPRegressor

    (x_train, y_train), (x_test, y_test) = program.load()
    model = MLPRegressor(
        hidden_layer_sizes=(program.UNITS, program.UNITS),
        alpha=0,
        batch_size=program.BATCH,
        max_iter=program.EPOCHS,
        n_iter_no_change=program.EPOCHS,
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # all epochs are meant to run
        model.fit(x_train, y_train)
    return float(np.sqrt(np.mean((model.predict(x_test) - y_test) ** 2)))
