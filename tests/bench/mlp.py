"""A training step of the documents' network beside its eight matrix products alone, in turns."""

from __future__ import annotations

import time

import numpy as np

from kcore.datasets import digits, mnist
from kcore.utils import set_random_seed, to_categorical
from tests.mlp import network

BATCH, TURNS, WARM = 128, 400, 20


def data() -> tuple[np.ndarray, np.ndarray]:
    """MNIST's training images as the documents feed them; digits enlarged to their size where MNIST is not found."""
    try:
        (x, y), _ = mnist.load_data()
    except OSError:
        (small, y), _ = digits.load_data()
        x = np.pad(np.kron(small, np.ones((1, 3, 3), np.uint8)) * 15, ((0, 0), (2, 2), (2, 2)))
    return x.reshape(-1, 784).astype("float32") / 255, to_categorical(y, 10)


def bench(epochs: int) -> None:
    """Print medians and quartiles of both, and their ratio."""
    set_random_seed(0)
    model, (x, y) = network(), data()
    if epochs:
        model.fit(x, y, batch_size=BATCH, epochs=epochs, verbose=2)
    program = model.program("train", batch_size=BATCH)
    names = program.namespace
    products = [line for line in program.text.splitlines() if line.strip().startswith("matmul(")]
    assert len(products) == 8, products
    space = dict(names)
    exec("def products():\n" + "\n".join(products), space)
    steps, alone = [], []
    for turn in range(TURNS + WARM):
        rows = np.arange(turn * BATCH, (turn + 1) * BATCH) % len(x)
        program.arrays["x"][...], program.arrays["y"][...] = x[rows], y[rows]
        start = time.perf_counter()
        program(learning_rate=1e-3, seed=0, step=turn)
        middle = time.perf_counter()
        space["products"]()
        end = time.perf_counter()
        steps.append((middle - start) * 1e3)
        alone.append((end - middle) * 1e3)
    _show("step", steps[WARM:])
    _show("its eight products", alone[WARM:])
    print(f"ratio of the medians: {np.median(steps[WARM:]) / np.median(alone[WARM:]):.3f}")
    print(f"lines of the step: {len(program.text.splitlines())}")


def _show(what: str, milliseconds: list[float]) -> None:
    low, middle, high = np.percentile(milliseconds, [25, 50, 75])
    print(f"{what:<20} {middle:.3f} ms (quartiles {low:.3f} to {high:.3f})")
