"""The reader of pickles: what data are made of it reads, whoever wrote it; for all else it says what it will not do."""

import os
import pickle
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcore_datasets.pickled import unpickle
from kcore_datasets.suspect import RefusedError

LISTS = np.array([[1, 2], [3], [300, 70_000, 2**40]], object)


def same(got, wanted):
    return type(got) is type(wanted) and got.dtype == wanted.dtype and got.tolist() == wanted.tolist()


@pytest.mark.parametrize("protocol", [2, 3, 4])
@pytest.mark.parametrize(
    "array",
    [
        LISTS,
        np.arange(6, dtype=np.uint8).reshape(2, 3),
        np.arange(6, dtype=">i4").reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.zeros((1, 3), np.float32),
    ],
)
def test_arrays_of_every_protocol(protocol, array):
    wanted = array.astype(array.dtype.newbyteorder("="))
    assert same(unpickle(pickle.dumps(array, protocol)), wanted)
    assert same(unpickle(pickle.dumps({"data": array}, protocol))["data"], wanted)


def test_the_names_that_numpy_1_wrote():
    content = pickle.dumps(LISTS, 3)
    old = content.replace(b"cnumpy._core.multiarray\n", b"cnumpy.core.multiarray\n")
    assert old != content and same(unpickle(old), LISTS)


def test_lists_of_one_length_stay_lists():
    array = np.fromiter([[1, 2], [3, 4]], object, 2)
    assert unpickle(pickle.dumps(array, 4)).tolist() == [[1, 2], [3, 4]] and unpickle(pickle.dumps(array, 4)).ndim == 1


@given(st.lists(st.lists(st.integers(-(2**31), 2**31 - 1)), min_size=1), st.sampled_from([2, 3, 4]))
def test_any_lists_come_back(rows, protocol):
    assert unpickle(pickle.dumps(np.fromiter(rows, object, len(rows)), protocol)).tolist() == rows


def refused(content):
    with pytest.raises(RefusedError) as caught:
        unpickle(content)
    return str(caught.value)


class Call:
    """Pickled, it is the call of a function."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def goes_off(path):
    return [
        Call(os.system, f"touch {path}"),
        Call(exec, f"open({str(path)!r}, 'w')"),
        Call(eval, f"open({str(path)!r}, 'w')"),
        Call(open, str(path), "w"),
        Call(Path.touch, path),
        Call(getattr, path, "touch"),
        Call(np.fromfile, str(path)),
        Call(np.load, str(path)),
        Call(__import__, "this"),
        Call(sys.exit, 1),
    ]


@pytest.mark.parametrize("protocol", [2, 4])
@pytest.mark.parametrize("number", range(10))
def test_no_code_runs(tmp_path, protocol, number):
    trap = goes_off(tmp_path / "trace")[number]
    for thing in (trap, [trap], {"data": trap}, np.array([trap], object)):
        said = refused(pickle.dumps(thing, protocol))
        assert "a pickle that names " in said and said.endswith(", which data do not need and which could run code")
    assert not (tmp_path / "trace").exists()


def test_the_traps_would_go_off(tmp_path):
    pickle.loads(pickle.dumps(goes_off(tmp_path / "trace")[3])).close()
    assert (tmp_path / "trace").exists()


@pytest.mark.parametrize(
    ("content", "instruction"),
    [
        (b"ios\nsystem\n(I1\n.", "INST"),
        (b"(cos\nsystem\nI1\no.", "INT"),
        (b"Pos.system\n.", "PERSID"),
        (b"\x80\x02\x82\x01.", "EXT1"),
        (b"\x80\x02cnumpy\ndtype\n)\x81.", "NEWOBJ"),
        (b"\x80\x05\x97.", "NEXT_BUFFER"),
        (b"\x80\x05\x96\x01\x00\x00\x00\x00\x00\x00\x00a.", "BYTEARRAY8"),
        (b"\x80\x04\x8f.", "EMPTY_SET"),
        (b"\x80\x02]22.", "DUP"),
    ],
)
def test_instructions_that_data_do_not_need(content, instruction):
    assert refused(content) == f"a pickle with the instruction {instruction}, which data do not need"


def test_a_memo_that_would_take_all_memory():
    """Six bytes make CPython's unpickler reserve and write 64 GB."""
    assert refused(b"\x80\x02]r\xff\xff\xff\x7f.") == "a pickle with a memo of 2147483647 entries"


def test_very_many_instructions():
    """Each byte of such a file takes sixty bytes of memory."""
    assert refused(b"\x80\x02(" + b"]" * 2**20 + b"t.") == "a pickle of more than 1048576 instructions"


def test_one_list_many_times():
    """A file of kilobytes must not become gigabytes when its lists are copied."""
    array = np.fromiter([[1] * 1000] * 1000, object, 1000)
    array[:] = [array[0]] * 1000
    content = pickle.dumps(array, 4)
    assert refused(content) == f"a pickle of {len(content)} bytes with 1000000 integers in its lists"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"M\xe8\x03\x85", b"M\xe9\x03\x85", "a pickled array of uint8 and shape (1001,) whose data do not fit"),
        (b"M\xe8\x03\x85", b"J\xff\xff\xff\xff\x85", "a pickled array without a shape"),
        (b"M\xe8\x03\x85", b"\x89\x85", "a pickled array without a shape"),
        (b"M\xe8\x03\x85", b"]", "a pickled array without a shape"),
        (b"\x02\x00\x00\x00u1", b"\x03\x00\x00\x00V99", "a pickled array of dtype '|V99'"),
        (b"\x02\x00\x00\x00u1", b"\x02\x00\x00\x00O8", "a pickled array of dtype '|O8'"),
        (b"\x02\x00\x00\x00u1", b"\x07\x00\x00\x00(99,)i4", "a pickled array of dtype '|(99,)i4'"),
        (b"cnumpy\ndtype\n", b"cnumpy\nndarray\n", "a pickled array without a dtype"),
        (b"C\x01b", b"C\x01c", ""),
    ],
)
def test_an_array_that_contradicts_itself(old, new, said):
    content = pickle.dumps(np.zeros(1000, np.uint8), 3)
    assert old in content
    if said:
        assert refused(content.replace(old, new)) == said
    else:  # the mode of the empty array that NumPy begins with, which no one reads here
        assert unpickle(content.replace(old, new)).shape == (1000,)


def test_a_name_alone_is_no_array():
    assert refused(b"\x80\x02cnumpy\nndarray\n.") == "a pickled array without its state"
    assert refused(b"\x80\x02cnumpy.core.multiarray\n_reconstruct\n)R.") == "a pickled array without its state"


def test_what_one_pickle_says_of_a_name_does_not_outlast_it():
    """BUILD gives the thing that a name stands for a state: here it is a note made for this reading alone."""
    unpickle(b"\x80\x02}(U\x01ac_codecs\nencode\n(U\x01xtbu.")
    assert same(unpickle(pickle.dumps(LISTS, 3)), LISTS)


def test_whatever_is_altered_is_refused_or_read_but_nothing_else_happens(tmp_path):
    """Every byte of a small pickle set to each of 16 values."""
    good, read = pickle.dumps(LISTS, 3), 0
    for place in range(len(good)):
        for value in range(0, 256, 16):
            try:
                unpickle(good[:place] + bytes([value]) + good[place + 1 :])
                read += 1
            except Exception as error:
                assert not isinstance(error, MemoryError | RecursionError)
    assert 0 < read < len(good) * 8
