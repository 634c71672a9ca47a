"""IMDB: whether a review praises its film, from which of the 10,000 most frequent words are in it."""

import numpy as np

import kcore
from kcore.datasets import imdb
from kcore.layers import Dense
from kcore.models import Sequential

WORDS = 10_000
EPOCHS = 4


def binary(texts) -> np.ndarray:
    """One row for each text, 1 in the column of each word that it has."""
    rows = np.zeros((len(texts), WORDS), "float32")
    for row, text in zip(rows, texts, strict=True):
        row[text] = 1
    return rows


def main(seed: int) -> float:
    kcore.utils.set_random_seed(seed)
    (x_train, y_train), (x_test, y_test) = imdb.load_data(num_words=WORDS)

    model = Sequential()
    model.add(Dense(16, activation="relu"))
    model.add(Dense(16, activation="relu"))
    model.add(Dense(1, activation="sigmoid"))
    model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])

    model.fit(binary(x_train), y_train, batch_size=512, epochs=EPOCHS, verbose=2)
    return model.evaluate(binary(x_test), y_test, verbose=0)[1]


if __name__ == "__main__":
    print(main(seed=1))
