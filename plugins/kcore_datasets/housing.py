"""What the two housing sets share: a table of numbers with one price for each row, shuffled and split."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kcore_datasets.expected import Expected
from kcore_datasets.npz import read_npz

Array = NDArray[np.floating]
Pair = tuple[Array, Array]


def read_split(
    file: Path, remedy: str, dtype: str, shape: tuple[int, int], test_split: float, seed: int, first: int | None = None
) -> tuple[Pair, Pair]:
    """Read `x` and `y`, keep the `first` rows, shuffle them as Keras does, and split them by `test_split`."""
    if not 0 <= test_split < 1:
        raise ValueError(
            f"test_split must be the part of the rows that is for testing, from 0 to less than 1; got {test_split}"
        )
    data = read_npz(file, {"x": Expected(dtype, shape), "y": Expected(dtype, shape[:1])}, remedy)
    x, y = data["x"][:first], data["y"][:first]
    order = np.arange(len(x))
    np.random.RandomState(seed).shuffle(order)
    x, y = x[order], y[order]
    train = int(len(x) * (1 - test_split))
    return (x[:train].copy(), y[:train].copy()), (x[train:].copy(), y[train:].copy())
