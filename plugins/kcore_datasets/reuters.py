"""Reuters: 11,228 newswires of 1987 as lists of word numbers, each of one of 46 topics.

D. D. Lewis, Reuters-21578 Text Categorization Collection, Distribution 1.0, https://doi.org/10.24432/C52G6M.
Copyright Reuters Ltd.; for research only.
"""

import sys

from kcore.plugin import register
from kcore_datasets.expected import Expected
from kcore_datasets.files import Source
from kcore_datasets.npz import read_npz
from kcore_datasets.text import LARGEST, Pair, limited, marked, read_word_index, shuffled

_FOLDER = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"

FILES = (
    Source("reuters.npz", f"{_FOLDER}reuters.npz", "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916"),
    Source(
        "reuters_word_index.json",
        f"{_FOLDER}reuters_word_index.json",
        "9b56000edc4b34a32e89fd5a23b2605594682c74efcf7d8f4e2a5514b771e633",
    ),
)

WORDS = 30979

ARRAYS = {"x": Expected("object", (11228,), largest=WORDS), "y": Expected("int64", (11228,), largest=45)}

# As the corpus calls its topics.
_TOPICS = (
    "cocoa grain veg-oil earn acq wheat copper housing money-supply coffee sugar trade reserves ship cotton carcass "
    "crude nat-gas cpi money-fx interest gnp meal-feed alum oilseed gold tin strategic-metal livestock retail ipi "
    "iron-steel rubber heat jobs lei bop zinc orange pet-chem dlr gas silver wpi hog lead"
)


def load_data(
    path: str = "reuters.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    test_split: float = 0.2,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int | None = 3,
) -> tuple[Pair, Pair]:
    """Load Reuters as `(x_train, y_train), (x_test, y_test)`.

    A word's number is its rank among the words of all texts, 1 the most frequent, raised by `index_from`; 0 is left
    free, for padding.

    Arguments:
        path: the file's name in KCORE_DATA_HOME and the caches; an absolute path is that file.
        num_words: numbers of this and up become `oov_char`; None: only the highest that occurs, as in Keras.
        skip_top: numbers below this become `oov_char`.
        maxlen: only texts with fewer numbers than this are kept; None keeps all.
        test_split: the part of the texts that is for testing, 0 to 1.
        seed: of the shuffling before the split.
        start_char: what every text begins with; None for nothing.
        oov_char: what stands for a word that is left out; None to drop it.
        index_from: what is added to every word's number.

    Returns:
        x_train `(8982,)` and x_test `(2246,)`, object arrays of lists of integers; y_train and y_test, int64 arrays
        of as many topics, 0 to 45, whose names are `get_label_names()`.

    Raises:
        DatasetUnavailableError: there is no file and none could be fetched; the text says where to put one.
        DatasetDamagedError: the file is not what it should be; the text says what was expected.
        ValueError: no text is shorter than `maxlen`, or `test_split` is out of its range.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = load_data(num_words=10_000)  # doctest: +SKIP
    """
    if not 0 <= test_split <= 1:
        raise ValueError(f"test_split must be the part of the texts that is for testing, 0 to 1; got {test_split}")
    data = read_npz(FILES[0].locate(path), ARRAYS, FILES[0].remedy("reuters.load_data()"), LARGEST)
    x, y = marked(shuffled([(data["x"], data["y"])], seed)[0], start_char, index_from, maxlen)
    (x,) = limited([x], num_words, skip_top, oov_char)
    train = int(len(x) * (1 - test_split))
    return (x[:train].copy(), y[:train].copy()), (x[train:].copy(), y[train:].copy())


def get_word_index(path: str = "reuters_word_index.json") -> dict[str, int]:
    """The rank of each of the 30,979 words; `load_data` has it raised by `index_from`.

    Example:
        >>> words = {rank + 3: word for word, rank in get_word_index().items()}  # doctest: +SKIP
        >>> " ".join(words.get(number, "?") for number in x_train[0])  # doctest: +SKIP
    """
    return read_word_index(FILES[1].locate(path), WORDS, FILES[1].remedy("reuters.get_word_index()"))


def get_label_names() -> tuple[str, ...]:
    """The names of the 46 topics, each at its label.

    >>> get_label_names()[3], len(get_label_names())
    ('earn', 46)
    """
    return tuple(_TOPICS.split())


register("datasets", "reuters")(sys.modules[__name__])
