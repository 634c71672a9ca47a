"""A step of LSTM programs in `fit`, and the same in Keras on JAX, epoch by epoch in turns.

This file is also the program that Keras runs: it needs nothing of kcore then.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

BATCH, EPOCHS, WARM = 32, 15, 2
PROGRAMS = {  # steps, inputs, units, whether all outputs are trained, batches of an epoch
    "the documents' program": (4, 8, 16, True, 100),
    "80 steps of 128 units": (80, 128, 128, False, 10),
}


def epochs(package: Any, steps: int, inputs: int, units: int, sequences: bool, batches: int) -> Iterator[float]:
    """Milliseconds of a step, epoch after epoch, in kcore or Keras."""
    rng = np.random.default_rng(0)
    x = rng.random((batches * BATCH, steps, inputs), "float32")
    y = rng.random((batches * BATCH, *((steps,) if sequences else ()), 10), "float32")
    package.utils.set_random_seed(0)
    model = package.models.Sequential()
    model.add(package.layers.LSTM(units, return_sequences=sequences))
    model.add(package.layers.Dense(10, activation="softmax"))
    model.compile(loss="categorical_crossentropy", optimizer="sgd", metrics=["accuracy"])
    while True:
        start = time.perf_counter()
        model.fit(x, y, batch_size=BATCH, epochs=1, verbose=0)
        yield (time.perf_counter() - start) * 1e3 / batches


class Keras:
    """Keras in a process of its own, which runs an epoch whenever it is asked for one."""

    def __init__(self, python: str, program: str) -> None:
        environment = {**os.environ, "KERAS_BACKEND": "jax", "PYTHONPATH": ""}
        command = [python, __file__, program]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        self.version = self._line()

    def _line(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("Keras on JAX did not run: give a Python that has both by --keras.")
        return json.loads(line)

    def __next__(self) -> float:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return float(self._line())


def bench(python: str | None) -> None:
    """Print medians and quartiles of both for each program, and their ratio."""
    import kcore
    import kcore.layers
    import kcore.models
    import kcore.utils

    for program, sizes in PROGRAMS.items():
        sources: dict[str, Iterator[float] | Keras] = {"kcore": epochs(kcore, *sizes)}
        if python:
            keras = Keras(python, program)
            sources[keras.version] = keras
        times: dict[str, list[float]] = {name: [] for name in sources}
        for _ in range(EPOCHS + WARM):
            for name, source in sources.items():
                times[name].append(next(source))
        print(f"{program}, a step of {BATCH} samples")
        for name, every in times.items():
            low, median, high = np.percentile(every[WARM:], [25, 50, 75])
            print(f"    {name:<24} {median:.3f} ms (quartiles {low:.3f} to {high:.3f})")
        if python:
            ours, theirs = (np.median(every[WARM:]) for every in times.values())
            print(f"    ratio of the medians     {ours / theirs:.3f}")
            keras.process.kill()
            keras.process.wait()


def answer(program: str) -> None:
    """Be Keras: say its version, then an epoch's time for each line that comes."""
    import jax
    import keras

    print(json.dumps(f"Keras {keras.__version__}, JAX {jax.__version__}"), flush=True)
    source = epochs(keras, *PROGRAMS[program])
    for _ in sys.stdin:
        print(json.dumps(next(source)), flush=True)


if __name__ == "__main__":
    answer(sys.argv[1])
