"""Reuters: the topic of a newswire, one of 46, from which of the 10,000 most frequent words are in it."""

import numpy as np

import kcore
from kcore.datasets import reuters
from kcore.layers import Dense
from kcore.models import Sequential

WORDS = 10_000
EPOCHS = 12


def binary(texts) -> np.ndarray:
    """One row for each text, 1 in the column of each word that it has."""
    rows = np.zeros((len(texts), WORDS), "float32")
    for row, text in zip(rows, texts, strict=True):
        row[text] = 1
    return rows


def main(seed: int) -> float:
    kcore.utils.set_random_seed(seed)
    (x_train, y_train), (x_test, y_test) = reuters.load_data(num_words=WORDS)
    x_train, x_test = binary(x_train), binary(x_test)

    model = Sequential()
    model.add(Dense(64, activation="relu"))
    model.add(Dense(64, activation="relu"))
    model.add(Dense(46, activation="softmax"))
    model.compile(optimizer="rmsprop", loss="sparse_categorical_crossentropy", metrics=["accuracy"])

    model.fit(x_train, y_train, batch_size=512, epochs=EPOCHS, verbose=2)
    return model.evaluate(x_test, y_test, verbose=0)[1]


if __name__ == "__main__":
    print(main(seed=1))
