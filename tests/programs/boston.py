"""Boston's houses: a district's median price from 13 figures; the error of the test prices in thousands of dollars.

The column `B` encodes an assumption about race: the data set is for comparing numbers, California's for learning.
"""

import numpy as np

import kcore
from kcore.datasets import boston_housing
from kcore.layers import Dense
from kcore.models import Sequential
from kcore.optimizers import Adam

UNITS = 64
BATCH = 16
EPOCHS = 100


def load():
    """The data with features of mean 0 and deviation 1 over the training part."""
    (x_train, y_train), (x_test, y_test) = boston_housing.load_data()
    mean, deviation = x_train.mean(axis=0), x_train.std(axis=0)
    return ((x_train - mean) / deviation, y_train), ((x_test - mean) / deviation, y_test)


def main(seed: int) -> float:
    kcore.utils.set_random_seed(seed)
    (x_train, y_train), (x_test, y_test) = load()

    model = Sequential()
    model.add(Dense(UNITS, activation="relu"))
    model.add(Dense(UNITS, activation="relu"))
    model.add(Dense(1))
    model.compile(optimizer=Adam(0.001), loss="mean_squared_error")

    model.fit(x_train, y_train, batch_size=BATCH, epochs=EPOCHS, verbose=0)
    return float(np.sqrt(model.evaluate(x_test, y_test, verbose=0)))


if __name__ == "__main__":
    print(main(seed=1))
