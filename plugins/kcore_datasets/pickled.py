"""Reading lists, dicts and arrays of numbers from a pickle that may be hostile: no code of its choice runs.

A pickle is a program, https://docs.python.org/3/library/pickle.html#module-pickle. Three walls stand round it:
the instructions are read before any is obeyed, and those that data do not need are refused; a name in it
becomes a note that it was named, and only the four names that NumPy's arrays need are taken; an array is put
together here from the notes, after a look at its dtype and size.
"""

import io
import math
import pickle
import pickletools
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kcore_datasets.suspect import RefusedError

_NAMED = (
    "PROTO FRAME STOP MARK GLOBAL STACK_GLOBAL REDUCE BUILD NONE NEWTRUE NEWFALSE BININT BININT1 BININT2 LONG1 "
    "SHORT_BINSTRING BINSTRING SHORT_BINBYTES BINBYTES SHORT_BINUNICODE BINUNICODE EMPTY_LIST APPEND APPENDS "
    "EMPTY_DICT SETITEM SETITEMS EMPTY_TUPLE TUPLE TUPLE1 TUPLE2 TUPLE3 BINPUT LONG_BINPUT MEMOIZE BINGET LONG_BINGET"
)
_INSTRUCTIONS = frozenset(_NAMED.split())

# A real file takes 110,000 at most (the reviews of IMDB, the names of files in CIFAR-100); integers are not counted.
_LONGEST = 2**20

# Possessive (`*+`): a plain `*` keeps a hundred bytes for each integer that it could take back.
_INTEGERS = re.compile(rb"(?:K.|M..|J....)*+", re.DOTALL)

# Python 2 and NumPy 1 wrote some of these, Python 3 and NumPy 2 others.
_NAMES = {
    ("numpy.core.multiarray", "_reconstruct"): "array",
    ("numpy._core.multiarray", "_reconstruct"): "array",
    ("numpy", "ndarray"): "ndarray",
    ("numpy", "dtype"): "dtype",
    ("_codecs", "encode"): "bytes",
}


def unpickle(content: bytes) -> Any:
    """What a pickle holds: ints, strings, bytes, lists, tuples, dicts, and arrays of numbers or of these.

    Arrays are found at the top and as values of a dict at the top, which is where data files have them.

    Raises:
        RefusedError: it holds something else, or an instruction or a name that data do not need.
        Exception: it is damaged.
    """
    _check_instructions(content)
    thing = _Unpickler(io.BytesIO(content), encoding="bytes").load()
    if isinstance(thing, dict):
        return {key: _array(value, len(content)) for key, value in thing.items()}
    return _array(thing, len(content))


def _check_instructions(content: bytes) -> None:
    """Refuse what could do harm before the first look-up of a name, such as a memo index that takes all memory."""
    stream = io.BytesIO(content)
    for count, (instruction, argument, _) in enumerate(pickletools.genops(stream)):
        if instruction.name not in _INSTRUCTIONS:
            raise RefusedError(f"a pickle with the instruction {instruction.name}, which data do not need")
        if instruction.name in ("BINPUT", "LONG_BINPUT") and (argument or 0) > 2 * _LONGEST:
            raise RefusedError(f"a pickle with a memo of {argument} entries")
        if count == _LONGEST:
            raise RefusedError(f"a pickle of more than {_LONGEST} instructions")
        stream.seek(_INTEGERS.match(content, stream.tell()).end())  # type: ignore[union-attr]


class _Note:
    """That a name stands in the pickle, then what it was called with, then the state of what came of it."""

    __slots__ = ("arguments", "name", "state")

    def __init__(self, name: str, arguments: tuple[Any, ...] | None = None) -> None:
        self.name, self.arguments = name, arguments
        self.state: Any = None

    def __call__(self, *arguments: Any) -> "_Note":
        return _Note(self.name, arguments)

    def __setstate__(self, state: Any) -> None:
        self.state = state


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """The note that this was named."""
        if (module, name) not in _NAMES:
            raise RefusedError(f"a pickle that names {module}.{name}, which data do not need and which could run code")
        return _Note(_NAMES[module, name])


def _array(thing: Any, size: int) -> Any:
    """The array that a note describes; what is no note stays."""
    if not isinstance(thing, _Note):
        return thing
    if thing.name == "bytes":
        return _bytes(thing)
    if thing.name != "array" or not isinstance(thing.state, tuple) or len(thing.state) != 5:
        raise RefusedError("a pickled array without its state")
    _, shape, dtype, fortran, data = thing.state
    if not isinstance(shape, tuple) or not all(type(n) is int and n >= 0 for n in shape):
        raise RefusedError("a pickled array without a shape")
    text, data = _dtype(dtype), _bytes(data)
    if text.endswith(("O", "O4", "O8")) and isinstance(data, list) and shape == (len(data),):
        return _objects(data, size)
    if not re.fullmatch("[<>|][iuf][1248]", text):
        raise RefusedError(f"a pickled array of dtype {text[:20]!r}")
    kind = np.dtype(text)
    if not isinstance(data, bytes) or len(data) != math.prod(shape) * kind.itemsize:
        raise RefusedError(f"a pickled array of {kind} and shape {shape} whose data do not fit")
    flat = np.frombuffer(data, kind).astype(kind.newbyteorder("="))
    return flat.reshape(shape, order="F" if fortran else "C")


def _dtype(note: Any) -> str:
    """The dtype that a note describes, as "<i8": its second state is the order, its first argument the rest."""
    if not isinstance(note, _Note) or note.name != "dtype" or not note.arguments or not isinstance(note.state, tuple):
        raise RefusedError("a pickled array without a dtype")
    return _text(note.state[1]) + _text(note.arguments[0])


def _objects(data: list[Any], size: int) -> NDArray[np.object_]:
    """One object for each entry, however long; a list that stands there many times must not fill the memory."""
    total = sum(len(row) for row in data if isinstance(row, list))
    if total > size:
        raise RefusedError(f"a pickle of {size} bytes with {total} integers in its lists")
    return np.fromiter(data, object, len(data))


def _bytes(thing: Any) -> Any:
    """Bytes as Python 3 writes them for Python 2: `_codecs.encode(text, "latin1")`."""
    if isinstance(thing, _Note) and thing.name == "bytes" and thing.arguments:
        text, codec = thing.arguments
        if isinstance(text, str) and _text(codec) == "latin1":
            return text.encode("latin-1")
    return thing


def _text(thing: Any) -> str:
    thing = _bytes(thing)
    return thing.decode("latin-1") if isinstance(thing, bytes) else str(thing) if isinstance(thing, str) else ""
