"""What the two text sets share: how lists of word numbers are shuffled, marked and filtered, and their word index."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kcore_datasets.suspect import RefusedError, Suspect

Lists = NDArray[np.object_]
Labels = NDArray[np.int64]
Pair = tuple[Lists, Labels]

# IMDB unpacks to 29 MB of lists, which take ten times as much in memory.
LARGEST = 64 * 2**20


def shuffled(pairs: Sequence[Pair], seed: int) -> list[Pair]:
    """The pairs, each in an order drawn from one generator, as Keras draws it."""
    generator, results = np.random.RandomState(seed), []
    for x, y in pairs:
        order = np.arange(len(x))
        generator.shuffle(order)
        results.append((x[order], y[order]))
    return results


def marked(pair: Pair, start_char: int | None, index_from: int | None, maxlen: int | None) -> Pair:
    """Word numbers raised by `index_from` after `start_char`, in the lists that are then shorter than `maxlen`."""
    x, y = pair
    start, shift = [] if start_char is None else [start_char], index_from or 0
    rows = [start + [word + shift for word in row] for row in x]
    if maxlen:
        kept = [i for i, row in enumerate(rows) if len(row) < maxlen]
        if not kept:
            raise ValueError(f"no text is shorter than maxlen={maxlen} words; raise maxlen")
        rows, y = [rows[i] for i in kept], y[kept]
    return _array(rows), y


def limited(lists: Sequence[Lists], num_words: int | None, skip_top: int, oov_char: int | None) -> list[Lists]:
    """Each number below `skip_top`, or of `num_words` and up, replaced by `oov_char`, or dropped if that is None.

    Without `num_words` the highest number there is takes its place, and is so replaced itself: Keras does the same.
    """
    end = num_words or max((max(row) for x in lists for row in x if row), default=0)
    if oov_char is None:
        return [_array([[word for word in row if skip_top <= word < end] for row in x]) for x in lists]
    return [_array([[word if skip_top <= word < end else oov_char for word in row] for row in x]) for x in lists]


def read_word_index(path: Path, words: int, remedy: str) -> dict[str, int]:
    """Read a JSON object that gives each of so many words its number, from 1 up.

    Raises:
        DatasetDamagedError: the file is cut short, altered or something else.
        OSError: the file cannot be opened or read.
    """
    file = Suspect(path, remedy)
    content = file.read("a word index", LARGEST)
    with file.parsing(f"a JSON object of {words} words, each with its number, 1 to {words}", content):
        index: Any = json.loads(content)
        if not isinstance(index, dict):
            raise RefusedError(f"a JSON value of type {type(index).__name__}")
        if set(map(type, index.values())) - {int}:
            word = next(word for word, number in index.items() if type(number) is not int)
            raise RefusedError(f"{type(index[word]).__name__} as the number of {word[:50]!r}")
        if sorted(index.values()) != list(range(1, words + 1)):
            numbers = index.values() or [0]
            raise RefusedError(f"{len(index)} words, numbers {min(numbers)} to {max(numbers)}")
    return index


def _array(rows: list[list[int]]) -> Lists:
    """One object for each list, even if all are equally long."""
    return np.fromiter(rows, object, len(rows))
