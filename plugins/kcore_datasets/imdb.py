"""IMDB: 50,000 reviews of films as lists of word numbers, half of them favourable.

A. L. Maas and others, Learning Word Vectors for Sentiment Analysis, ACL 2011; https://ai.stanford.edu/~amaas/data/
sentiment/. For research; no licence is stated.
"""

import sys

from kcore.plugin import register
from kcore_datasets.expected import Expected
from kcore_datasets.files import Source
from kcore_datasets.npz import read_npz
from kcore_datasets.text import LARGEST, Pair, limited, marked, read_word_index, shuffled

_FOLDER = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"

FILES = (
    Source("imdb.npz", f"{_FOLDER}imdb.npz", "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f"),
    Source(
        "imdb_word_index.json",
        f"{_FOLDER}imdb_word_index.json",
        "027313fe9a320280f3bf0fac5baf58c4a683cf39a7ed9c3d3d3912bde4284cf6",
    ),
)

WORDS = 88584

ARRAYS = {
    "x_train": Expected("object", (25000,), largest=WORDS),
    "y_train": Expected("int64", (25000,), largest=1),
    "x_test": Expected("object", (25000,), largest=WORDS),
    "y_test": Expected("int64", (25000,), largest=1),
}


def load_data(
    path: str = "imdb.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int | None = 3,
) -> tuple[Pair, Pair]:
    """Load IMDB as `(x_train, y_train), (x_test, y_test)`.

    A word's number is its rank among the words of the training texts, 1 the most frequent, raised by `index_from`;
    0 is left free, for padding. Words that no training text has are left out of the test texts.

    Arguments:
        path: the file's name in KCORE_DATA_HOME and the caches; an absolute path is that file.
        num_words: numbers of this and up become `oov_char`; None: only the highest that occurs, as in Keras.
        skip_top: numbers below this become `oov_char`.
        maxlen: only texts with fewer numbers than this are kept; None keeps all.
        seed: of the shuffling.
        start_char: what every text begins with; None for nothing.
        oov_char: what stands for a word that is left out; None to drop it.
        index_from: what is added to every word's number.

    Returns:
        x_train and x_test, object arrays `(25000,)` of lists of integers; y_train and y_test, int64 arrays
        `(25000,)`: 1 for a favourable review, 0 for the other kind.

    Raises:
        DatasetUnavailableError: there is no file and none could be fetched; the text says where to put one.
        DatasetDamagedError: the file is not what it should be; the text says what was expected.
        ValueError: no text is shorter than `maxlen`.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = load_data(num_words=10_000)  # doctest: +SKIP
    """
    data = read_npz(FILES[0].locate(path), ARRAYS, FILES[0].remedy("imdb.load_data()"), LARGEST)
    both = shuffled([(data["x_train"], data["y_train"]), (data["x_test"], data["y_test"])], seed)
    (x_train, y_train), (x_test, y_test) = (marked(pair, start_char, index_from, maxlen) for pair in both)
    x_train, x_test = limited([x_train, x_test], num_words, skip_top, oov_char)
    return (x_train, y_train), (x_test, y_test)


def get_word_index(path: str = "imdb_word_index.json") -> dict[str, int]:
    """The rank of each of the 88,584 words; `load_data` has it raised by `index_from`.

    Example:
        >>> words = {rank + 3: word for word, rank in get_word_index().items()}  # doctest: +SKIP
        >>> " ".join(words.get(number, "?") for number in x_train[0])  # doctest: +SKIP
    """
    return read_word_index(FILES[1].locate(path), WORDS, FILES[1].remedy("imdb.get_word_index()"))


register("datasets", "imdb")(sys.modules[__name__])
