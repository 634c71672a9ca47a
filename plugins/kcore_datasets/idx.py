"""Reading arrays of bytes from idx files, gzipped or plain: the four files of MNIST and Fashion-MNIST.

The format: two zero bytes, 8 for unsigned bytes, the number of axes, the length of each axis in four bytes, the
most significant first, and the values. Y. LeCun, http://yann.lecun.com/exdb/mnist/.
"""

import math
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kcore_datasets.expected import Expected
from kcore_datasets.gz import unpacked
from kcore_datasets.suspect import Suspect


def read_idx(path: Path, name: str, expected: Expected, lengths: dict[str, int], remedy: str) -> NDArray[Any]:
    """Read the array `name`; the lengths of its axes join `lengths`.

    Raises:
        DatasetDamagedError: the file is cut short, altered, or no idx file of such an array.
        OSError: the file cannot be opened or read.
    """
    file = Suspect(path, remedy)
    content = unpacked(file, f"an idx file of {name}")
    axes = len(expected.shape)
    magic, head = bytes([0, 0, 8, axes]), 4 + 4 * axes
    if not content.startswith(magic) or len(content) < head:
        raise file.damaged(f"an idx file that begins with {magic!r} and {axes} lengths", repr(content[:head]))
    shape = struct.unpack_from(f">{axes}I", content, 4)
    mismatch = expected.mismatch(shape, np.dtype(np.uint8), lengths)
    if mismatch:
        raise file.damaged(f"{name} as {expected}", mismatch)
    if len(content) - head != math.prod(shape):
        raise file.damaged(f"{name} to have {math.prod(shape)} bytes, as its head says", f"{len(content) - head} bytes")
    array = np.frombuffer(content, np.uint8, offset=head).reshape(shape).copy()
    stray = expected.stray(array)
    if stray:
        raise file.damaged(f"{name} as {expected}", stray)
    lengths.update(expected.named(shape))
    return array
