"""`kcore demo`: trains the documents' network on handwritten digits and shows what came of it."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import numpy as np

from ..backend import current_backend, use_backend
from ..interfaces import Callback, get
from ..models import Sequential
from ..plugin import find
from ..utils import set_random_seed, to_categorical

EPOCHS = {"digits": 20, "mnist": 5}
SHADES = " .:-=+*#%@"
SHOWN = 4


def demo(dataset: str, epochs: int | None, backend: str | None, seed: int | None, program: bool) -> None:
    """Train, evaluate, draw.

    Args:
        dataset: "digits" or "mnist".
        epochs: how often all samples are seen; a number that suits the data set if None.
        backend: on which to train; the current one if None.
        seed: to repeat a run.
        program: whether the step's text is printed.
    """
    if seed is not None:
        set_random_seed(seed)
    with use_backend(backend) if backend else contextlib.nullcontext():
        (x_train, y_train), (x_test, y_test) = find("datasets", dataset).load_data()
        images = x_test
        brightest = int(x_train.max())
        x_train, x_test = (x.reshape(len(x), -1).astype("float32") / brightest for x in (x_train, x_test))
        model = network(x_train.shape[1])
        clock = StepClock()
        print(f"Handwritten digits ('{dataset}') on the backend '{current_backend().name}'.")
        model.fit(
            x_train,
            to_categorical(y_train, 10),
            batch_size=128,
            epochs=epochs or EPOCHS[dataset],
            validation_data=(x_test, to_categorical(y_test, 10)),
            callbacks=[clock],
        )
        guesses = np.argmax(model.predict(x_test), axis=1)
        right = float(np.mean(guesses == y_test))
        print(f"\n{right:.1%} of the {len(y_test)} test images are read right. Some of them:\n")
        print(drawn(images / brightest, guesses, y_test))
        print(f"\nA step of 128 images took {clock.median * 1e3:.2f} ms (median).")
        if program:
            print(f"\n{model.program('train', batch_size=128)}")
        else:
            print(
                'The step is a short NumPy program: see it by kcore demo --program, or print(model.program("train")).'
            )


def network(width: int) -> Sequential:
    """The documents' network: two layers of 512 with dropout, and ten classes."""
    dense, dropout = find("layers", "dense"), find("layers", "dropout")
    model = Sequential(
        [
            dense(512, activation="relu", input_shape=(width,)),
            dropout(0.2),
            dense(512, activation="relu"),
            dropout(0.2),
            dense(10, activation="softmax"),
        ]
    )
    model.compile(loss="categorical_crossentropy", optimizer=get("optimizers", "rmsprop"), metrics=["accuracy"])
    return model


class StepClock(Callback):
    """Times every step."""

    def __init__(self) -> None:
        self._seconds: list[float] = []
        self._start = 0.0

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Start."""
        self._start = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Stop, when the device is done."""
        current_backend().synchronize()
        self._seconds.append(time.perf_counter() - self._start)

    @property
    def median(self) -> float:
        """The median, in seconds."""
        return float(np.median(self._seconds))


def drawn(images: np.ndarray[Any, Any], guesses: np.ndarray[Any, Any], truth: np.ndarray[Any, Any]) -> str:
    """A few images side by side in characters, wrong guesses last, each under its caption."""
    wrong = [int(i) for i in np.flatnonzero(guesses != truth)[:1]]
    chosen = [i for i in range(len(truth)) if i not in wrong][: SHOWN - len(wrong)] + wrong
    pictures = [_picture(images[i]) for i in chosen]
    captions = [f"read as {guesses[i]}" + ("" if guesses[i] == truth[i] else f", is {truth[i]}") for i in chosen]
    width = len(pictures[0][0])
    rows = ["  ".join(lines) for lines in zip(*pictures, strict=True)]
    return "\n".join(["  ".join(f"{c:<{width}}" for c in captions), *rows]).rstrip()


def _picture(image: np.ndarray[Any, Any]) -> list[str]:
    """An image of values from 0 to 1 as lines about 18 characters wide: a character is about twice as high as wide."""
    if len(image) > 16:
        image = image[4:-4, 4:-4]  # MNIST's margin
        image = (image[::2] + image[1::2]) / 2
        repeat = 1
    else:
        repeat = 2
    levels = np.minimum((image * len(SHADES)).astype(int), len(SHADES) - 1)
    return ["".join(SHADES[v] * repeat for v in row) for row in levels]
