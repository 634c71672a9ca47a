"""Unpacking what gzip packed, with a bound: a small file may unpack to more than the memory holds."""

import gzip
import io

from kcore_datasets.suspect import LARGEST, RefusedError, Suspect

MAGIC = b"\x1f\x8b"


def unpacked(file: Suspect, kind: str, largest: int = LARGEST) -> bytes:
    """The content of a file that is gzipped or plain; `kind` says in words what it should be.

    Raises:
        DatasetDamagedError: it is empty, cut short or altered, or larger than `largest`, packed or unpacked.
        OSError: the file cannot be opened or read.
    """
    content = file.read(kind, largest)
    if not content.startswith(MAGIC):
        return content
    with file.parsing(f"{kind}, gzipped", content):
        plain = gzip.GzipFile(fileobj=io.BytesIO(content)).read(largest + 1)
        if len(plain) > largest:
            raise RefusedError(f"more than {largest} bytes when unpacked")
    return plain
