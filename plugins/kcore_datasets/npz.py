"""Reading arrays from an `.npz` file that may be cut short, altered, another file, or hostile."""

import io
import math
import zipfile
from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from kcore_datasets.expected import Expected
from kcore_datasets.pickled import unpickle
from kcore_datasets.suspect import LARGEST, RefusedError, Suspect

# zipfile unpacks these piece by piece, but bzip2 and LZMA without any bound.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def read_npz(
    path: Path, expected: Mapping[str, Expected], remedy: str, largest: int = LARGEST
) -> dict[str, NDArray[Any]]:
    """Read the arrays that `expected` names, in its order; what else the file holds is left alone.

    Sizes, dtypes and shapes are checked on the headers, before memory is taken for the data; lists of integers
    are read by `pickled`, which runs no code. `remedy` ends the error's text: what to do about a damaged file.
    `largest` is how many bytes the file and its arrays may take.

    Raises:
        DatasetDamagedError: the file is empty, cut short, not a zip archive, larger than `largest`, lacks an
            array, holds one of other dtype, shape or values, or its bytes fail their checksum.
        OSError: the file cannot be opened or read.
    """
    file = _Archive(path, remedy)
    content = file.read("an .npz archive", largest)
    arrays: dict[str, NDArray[Any]] = {}
    lengths: dict[str, int] = {}
    with (
        file.parsing("a complete .npz archive", content, b"PK", "zip archive"),
        zipfile.ZipFile(io.BytesIO(content)) as archive,
    ):
        file.check_members(archive, expected, largest)
        for name, wanted in expected.items():
            arrays[name] = file.read_array(archive, name, wanted, lengths)
    return arrays


class _Archive(Suspect):
    """A file that should be an `.npz` archive."""

    def check_members(self, archive: zipfile.ZipFile, expected: Mapping[str, Expected], largest: int) -> None:
        """Check that the arrays are there, how large they are unpacked, and how they are compressed."""
        members = {member.filename.removesuffix(".npy"): member for member in archive.infolist()}
        missing = [name for name in expected if name not in members]
        if missing:
            there = ", ".join(list(members)[:10]) or "no array"
            raise self.damaged(f"the arrays {', '.join(expected)}", f"{there}; missing: {', '.join(missing)}")
        total = sum(members[name].file_size for name in expected)
        if total > largest:
            raise self.damaged(f"at most {largest} bytes when unpacked", f"{total} bytes")
        for name in expected:
            method = members[name].compress_type
            if method not in _METHODS:
                raise self.damaged(f"{name} stored or deflated, as NumPy does", f"compression method {method}")

    def read_array(
        self, archive: zipfile.ZipFile, name: str, wanted: Expected, lengths: dict[str, int]
    ) -> NDArray[Any]:
        """Read one array, its header first; its lengths join `lengths`."""
        with archive.open(f"{name}.npy") as stream:
            shape, dtype = _header(stream)
            mismatch = wanted.mismatch(shape, dtype, lengths)
            if mismatch:
                raise self.damaged(f"{name} as {wanted}", mismatch)
            if dtype.hasobject:
                with self.parsing(f"{name} as {wanted}", b""):
                    array = _lists(stream.read(), shape)
            else:
                promised = math.prod(shape) * dtype.itemsize
                present = archive.getinfo(f"{name}.npy").file_size - stream.tell()
                if promised != present:
                    raise self.damaged(f"{name} to have {promised} bytes, as its header says", f"{present} bytes")
                stream.seek(0)
                array = np.load(stream, allow_pickle=False)
        lengths.update(wanted.named(shape))
        stray = wanted.stray(array)
        if stray:
            raise self.damaged(f"{name} as {wanted}", stray)
        return array


def _lists(content: bytes, shape: tuple[int, ...]) -> NDArray[np.object_]:
    """The pickled array of lists of integers."""
    array = unpickle(content)
    if not isinstance(array, np.ndarray) or array.dtype != object or array.shape != shape:
        raise RefusedError("a pickle of something else")
    kinds = set(map(type, array)) - {list} or set(map(type, chain.from_iterable(array))) - {int}
    if kinds:
        raise RefusedError(f"a list that holds {kinds.pop().__name__}")
    return array


def _header(stream: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[np.generic]]:
    version = np.lib.format.read_magic(stream)
    if version not in _HEADERS:  # 3.0 is for field names outside Latin-1, which no data set has
        raise ValueError(f"array format version {version}")
    shape, _, dtype = _HEADERS[version](stream)
    return shape, dtype
