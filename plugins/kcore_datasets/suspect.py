"""A data file under suspicion: it may be cut short, altered, another file, or hostile."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from kcore_datasets.errors import DatasetDamagedError

# Enough for any data set of Keras's: CIFAR-10 takes 184 MB.
LARGEST = 512 * 2**20


class RefusedError(ValueError):
    """What a reader found in a file and will not take; the text says what it is."""


@frozen
class Suspect:
    """A file, and in words what to do if it fails a check."""

    path: Path
    remedy: str

    def damaged(self, wanted: str, got: str) -> DatasetDamagedError:
        """The error for a file that is not `wanted`."""
        return DatasetDamagedError(
            f"{self.path} is damaged, or not the file it should be.\n"
            f"  expected: {wanted}\n"
            f"  got:      {got}\n"
            f"  to mend:  {self.remedy}"
        )

    def read(self, kind: str, largest: int = LARGEST) -> bytes:
        """The file's content, read whole: an OSError is then the disk's, any later error the content's."""
        size = self.path.stat().st_size
        if not 0 < size <= largest:
            raise self.damaged(f"{kind} of at most {largest} bytes", f"{size} bytes")
        return self.path.read_bytes()

    @contextmanager
    def parsing(self, wanted: str, content: bytes, magic: bytes = b"", kind: str = "") -> Iterator[None]:
        """Turn whatever a parser of `content` raises into the error that this is not `wanted`.

        Damage shows anywhere in zipfile, tarfile, zlib, pickle, json, numpy, ast or tokenize. A file of this
        `kind` begins with `magic`.
        """
        try:
            yield
        except (DatasetDamagedError, MemoryError):
            raise
        except RefusedError as error:
            raise self.damaged(wanted, str(error)) from error
        except Exception as error:
            got = f"{len(content)} bytes of which some are lost or altered ({type(error).__name__}: {error})"
            if not content.startswith(magic):
                got = f"{len(content)} bytes that begin with {content[:24]!r}, which is no {kind}"
            raise self.damaged(wanted, got) from error
