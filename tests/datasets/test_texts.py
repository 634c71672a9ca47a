"""IMDB and Reuters: what becomes of the lists, Keras's answers on small ones and, where they are, the real ones."""

import doctest
import inspect
import io
import json
import pickle
import zipfile

import numpy as np
import pytest

from kcore_datasets import DatasetDamagedError, expected, imdb, reuters, text
from kcore_datasets.expected import Expected

SIGNATURE = {"num_words": None, "skip_top": 0, "maxlen": None, "seed": 113}
ENDS = {"start_char": 1, "oov_char": 2, "index_from": 3}


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("KCORE_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("KCORE_OFFLINE", "1")
    return tmp_path


def lists(rows):
    return np.fromiter(rows, object, len(rows))


ROWS = [[1, 2, 3], [4, 9], [5], [6, 7, 8, 1, 1]]


@pytest.fixture
def few(home, monkeypatch, write):
    """Reuters with four newswires: only a test may take so few for the whole."""
    monkeypatch.setattr(
        reuters, "ARRAYS", {"x": Expected("object", (4,), largest=9), "y": Expected("int64", (4,), largest=45)}
    )

    def load(rows=ROWS, labels=(0, 1, 2, 45), **options):
        write(home / "reuters.npz", {"x": lists(rows), "y": np.array(labels, np.int64)})
        return reuters.load_data(**options)

    return load


def rows(pair):
    return [row for _, row in sorted(zip(pair[1].tolist(), pair[0].tolist(), strict=True))]


def everything(loaded):
    (x_train, y_train), (x_test, y_test) = loaded
    return rows((np.concatenate([x_train, x_test]), np.concatenate([y_train, y_test])))


@pytest.mark.parametrize(
    ("load", "wanted"),
    [
        (imdb.load_data, {"path": "imdb.npz"} | SIGNATURE | ENDS),
        (reuters.load_data, {"path": "reuters.npz"} | SIGNATURE | {"test_split": 0.2} | ENDS),
        (imdb.get_word_index, {"path": "imdb_word_index.json"}),
        (reuters.get_word_index, {"path": "reuters_word_index.json"}),
    ],
)
def test_the_signatures_are_keras_s(load, wanted):
    parameters = inspect.signature(load).parameters
    order = [
        name for name in ("path", "num_words", "skip_top", "maxlen", "test_split", "seed", *ENDS) if name in wanted
    ]
    assert list(parameters) == order
    assert {name: parameter.default for name, parameter in parameters.items()} == wanted


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        # 12 is the highest number there is, and so is left out, as in Keras
        ({}, [[1, 4, 5, 6], [1, 7, 2], [1, 8], [1, 9, 10, 11, 4, 4]]),
        ({"num_words": 100}, [[1, 4, 5, 6], [1, 7, 12], [1, 8], [1, 9, 10, 11, 4, 4]]),
        ({"num_words": 7}, [[1, 4, 5, 6], [1, 2, 2], [1, 2], [1, 2, 2, 2, 4, 4]]),
        ({"num_words": 7, "oov_char": 99}, [[1, 4, 5, 6], [1, 99, 99], [1, 99], [1, 99, 99, 99, 4, 4]]),
        ({"num_words": 7, "oov_char": None}, [[1, 4, 5, 6], [1], [1], [1, 4, 4]]),
        ({"skip_top": 5, "num_words": 100}, [[2, 2, 5, 6], [2, 7, 12], [2, 8], [2, 9, 10, 11, 2, 2]]),
        ({"start_char": None, "num_words": 100}, [[4, 5, 6], [7, 12], [8], [9, 10, 11, 4, 4]]),
        ({"start_char": None, "index_from": 0, "num_words": 100}, ROWS),
        ({"start_char": 50, "index_from": 9, "maxlen": 4, "num_words": 99}, [[50, 13, 18], [50, 14]]),
        ({"maxlen": 4, "num_words": 100}, [[1, 7, 12], [1, 8]]),
        ({"maxlen": 5, "num_words": 100}, [[1, 4, 5, 6], [1, 7, 12], [1, 8]]),
    ],
)  # fmt: skip
def test_numbers(few, options, wanted):
    loaded = few(**options)
    assert everything(loaded) == wanted
    for x, y in loaded:
        assert (x.dtype, y.dtype, x.ndim) == (object, np.int64, 1) and len(x) == len(y)
        assert {type(word) for row in x for word in row} <= {int}


def test_the_order_is_numpy_s_shuffle_of_the_seed(few):
    order = np.arange(4)
    np.random.RandomState(5).shuffle(order)
    (_, y_train), (_, y_test) = few(seed=5, test_split=0.5)
    assert [*y_train, *y_test] == [[0, 1, 2, 45][i] for i in order]
    assert (len(y_train), len(y_test)) == (2, 2)


def test_train_and_test_of_imdb_are_shuffled_by_one_generator():
    generator = np.random.RandomState(113)
    orders = [np.arange(9), np.arange(9)]
    for order in orders:
        generator.shuffle(order)
    x, y = lists([[i] for i in range(9)]), np.arange(9)
    assert [y.tolist() for _, y in text.shuffled([(x, y), (x, y)], 113)] == [order.tolist() for order in orders]


def test_texts_of_one_length_stay_lists(few):
    (x_train, _), (x_test, _) = few([[1], [2], [3], [4]])
    assert x_train.shape == (3,) and x_test.shape == (1,) and isinstance(x_test[0], list)


@pytest.mark.parametrize(("split", "sizes"), [(0, (4, 0)), (1, (0, 4)), (0.25, (3, 1))])
def test_test_split(few, split, sizes):
    (x_train, _), (x_test, _) = few(test_split=split)
    assert (len(x_train), len(x_test)) == sizes


@pytest.mark.parametrize("split", [-0.1, 1.5, float("nan")])
def test_an_impossible_test_split(few, split):
    with pytest.raises(ValueError, match=r"test_split must be the part of the texts that is for testing, 0 to 1; got"):
        few(test_split=split)


def test_no_text_is_so_short(few):
    with pytest.raises(ValueError, match=r"no text is shorter than maxlen=2 words; raise maxlen"):
        few(maxlen=2)


def error(call, *arguments, **options):
    with pytest.raises(DatasetDamagedError) as caught:
        call(*arguments, **options)
    lines = str(caught.value).split("\n")
    assert lines[3].startswith("  to mend:  delete this file and call reuters.")
    return lines[1].removeprefix("  expected: "), lines[2].removeprefix("  got:      ")


LISTS = "x as lists of integers of shape (4,), values up to 9"


@pytest.mark.parametrize(
    ("row", "got"),
    [
        ([1, 10], "the value 10"),
        ([-1], "the value -1"),
        ([2**70], None),
        ([1.5], "a pickle with the instruction BINFLOAT, which data do not need"),
        ([True], "a list that holds bool"),
        ([[1]], "a list that holds list"),
        (["1"], "a list that holds str"),
        ((1, 2), "a list that holds tuple"),
        ({1: 2}, "a list that holds dict"),
        (7, "a list that holds int"),
    ],
)
def test_a_wrong_list(few, row, got):
    wanted, said = error(few, [[1], row, [2], [3]])
    if got is None:
        assert "OverflowError" in said
    else:
        assert (wanted, said) == (LISTS, got)


def test_other_damage(few, home, write):
    assert error(few, labels=(0, 1, 2, 46)) == ("y as int64 of shape (4,), values up to 45", "the value 46")
    assert error(few, labels=(0, 1, 2, -1)) == ("y as int64 of shape (4,), values up to 45", "the value -1")
    assert error(few, ROWS[:3]) == (LISTS, "object of shape (3,)")
    write(home / "reuters.npz", {"x": np.zeros(4, np.int64), "y": np.zeros(4, np.int64)})
    assert error(reuters.load_data) == (LISTS, "int64 of shape (4,)")


def npy(head, content):
    """An array file whose header is that of `head`, and whose pickle is `content`."""
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, np.lib.format.header_data_from_array_1_0(head))
    return stream.getvalue() + content


@pytest.mark.parametrize(
    ("content", "got"),
    [
        (pickle.dumps(lists(ROWS[:3])), "a pickle of something else"),
        (pickle.dumps(ROWS), "a pickle of something else"),
        (pickle.dumps(np.arange(4)), "a pickle of something else"),
        (
            b"cposix\nsystem\n(S'touch trace'\ntR.",
            "a pickle with the instruction STRING, which data do not need",
        ),
        (
            b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x0btouch trace\x85R.",
            "a pickle that names posix.system, which data do not need and which could run code",
        ),
    ],
)
def test_a_hostile_pickle(few, home, content, got, monkeypatch):
    monkeypatch.chdir(home)
    few()
    with zipfile.ZipFile(home / "reuters.npz", "w") as archive:
        archive.writestr("x.npy", npy(lists(ROWS), content))
        archive.writestr("y.npy", npy(np.zeros(4, np.int64), bytes(32)))
    assert error(reuters.load_data) == (LISTS, got)
    assert not (home / "trace").exists()


def test_a_pickle_that_unpacks_to_too_much(few, home, write, monkeypatch):
    monkeypatch.setattr(reuters, "LARGEST", 10_000)
    wanted, got = error(few, [[1] * 10_000, *ROWS[1:]])
    assert wanted == "at most 10000 bytes when unpacked" and int(got.split()[0]) > 20_000


# The word indices -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "got"),
    [
        ("[1, 2]", "a JSON value of type list"),
        ('"the"', "a JSON value of type str"),
        ('{"the": "1", "of": 2, "to": 3}', "str as the number of 'the'"),
        ('{"the": 1, "of": 2.0, "to": 3}', "float as the number of 'of'"),
        ('{"the": true, "of": 2, "to": 3}', "bool as the number of 'the'"),
        ('{"the": 1, "of": [2], "to": 3}', "list as the number of 'of'"),
        ('{"the": 1, "of": 2}', "2 words, numbers 1 to 2"),
        ('{"the": 1, "of": 2, "to": 4}', "3 words, numbers 1 to 4"),
        ('{"the": 1, "of": 1, "to": 3}', "3 words, numbers 1 to 3"),
        ("{}", "0 words"),
        ('{"the": 1, "of": 2, "t', "22 bytes of which some are lost or altered (JSONDecodeError: "),
        ("[" * 100_000, "100000 bytes of which some are lost or altered (RecursionError: "),
        ('{"the": ' + "9" * 5000 + "}", "5009 bytes of which some are lost or altered (ValueError: "),
        ("<html>", "6 bytes of which some are lost or altered (JSONDecodeError: "),
        (b"\xff\xfe\xff", "3 bytes of which some are lost or altered (UnicodeDecodeError: "),
    ],
)
def test_a_damaged_word_index(home, monkeypatch, content, got):
    monkeypatch.setattr(reuters, "WORDS", 3)
    (home / "reuters_word_index.json").write_bytes(content if isinstance(content, bytes) else content.encode())
    wanted, said = error(reuters.get_word_index)
    assert wanted == "a JSON object of 3 words, each with its number, 1 to 3" and said.startswith(got)


def test_an_empty_word_index(home):
    (home / "reuters_word_index.json").touch()
    assert error(reuters.get_word_index) == ("a word index of at most 67108864 bytes", "0 bytes")


def test_a_good_word_index(home, monkeypatch):
    monkeypatch.setattr(reuters, "WORDS", 3)
    words = {"the": 1, "of": 2, "naïve": 3}
    (home / "mine.json").write_text(json.dumps(words, ensure_ascii=False), "utf-8")
    assert reuters.get_word_index("mine.json") == words


def test_the_topics():
    names = reuters.get_label_names()
    assert isinstance(names, tuple) and len(set(names)) == 46
    assert (names[0], names[3], names[4], names[45]) == ("cocoa", "earn", "acq", "lead")


@pytest.mark.parametrize("module", [reuters, expected])
def test_docstring_examples(module):
    results = doctest.testmod(module)
    assert results.attempted >= 1 and results.failed == 0


# The real files -------------------------------------------------------------------------------------------------------


@pytest.fixture
def real(real_data_home, monkeypatch):
    for name in ("imdb.npz", "reuters.npz", "imdb_word_index.json", "reuters_word_index.json"):
        if not (real_data_home / name).is_file():
            pytest.skip(f"REAL TEXTS NOT TESTED: no {name} in {real_data_home}; set KCORE_DATA_HOME")
    monkeypatch.setenv("KCORE_DATA_HOME", str(real_data_home))


def test_real_imdb(real):
    (x_train, y_train), (x_test, y_test) = imdb.load_data(num_words=10_000)
    assert x_train.shape == x_test.shape == y_train.shape == y_test.shape == (25_000,)
    assert x_train[0][:10] == [1, 14, 22, 16, 43, 530, 973, 1622, 1385, 65]
    assert x_test[0][:10] == [1, 591, 202, 14, 31, 6, 717, 10, 10, 2]
    assert y_train[:10].tolist() == [1, 0, 0, 1, 0, 0, 1, 0, 1, 0] and y_train.sum() == y_test.sum() == 12_500
    assert (sum(map(len, x_train)), max(map(max, x_train)), max(map(len, x_train))) == (5_967_841, 9999, 2494)


def test_the_first_review_reads(real):
    words = {rank + 3: word for word, rank in imdb.get_word_index().items()}
    assert " ".join(words[number] for number in [14, 22, 16, 43, 530]) == "this film was just brilliant"


def test_real_reuters(real):
    (x_train, y_train), (x_test, y_test) = reuters.load_data()
    assert (x_train.shape, x_test.shape, y_train.shape, y_test.shape) == ((8982,), (2246,), (8982,), (2246,))
    assert x_train[0][:10] == [1, 27595, 28842, 8, 43, 10, 447, 5, 25, 207]
    assert y_train[:10].tolist() == [3, 4, 3, 4, 4, 4, 4, 3, 3, 16] and set(y_train) == set(range(46))
    assert (sum(map(len, x_train)), max(map(len, x_train))) == (1_307_239, 2376)
    words = {rank + 3: word for word, rank in reuters.get_word_index().items()}
    assert " ".join(words[number] for number in x_train[0][3:8]) == "said as a result of"
