"""CIFAR's files in the layout that Python 2 gave them: pickles of protocol 2 with its strings and NumPy 1's names."""

import io
import struct
import tarfile

import numpy as np


def pictures(count, start=0):
    """Rows of 3,072 values, no two of them and no two colours alike."""
    rows = (np.arange(start, start + count)[:, None] * 7).astype(np.uint8)
    return rows + (np.arange(3072) * 5 // 3).astype(np.uint8)


def text(value):
    data = value.encode()
    return b"U" + bytes([len(data)]) + data


def integers(values):
    """A list of small integers, a thousand at a time, as the pickler writes it."""
    parts = [values[i : i + 1000] for i in range(0, len(values), 1000)]
    return b"]" + b"".join(b"(" + b"".join(b"K" + bytes([value]) for value in part) + b"e" for part in parts)


def array(rows):
    data = rows.tobytes()
    count = len(rows)
    shape = b"M" + struct.pack("<H", count) + b"M\x00\x0c\x86"
    return (
        b"cnumpy.core.multiarray\n_reconstruct\nq\x07cnumpy\nndarray\nq\x08K\x00\x85U\x01b\x87Rq\t(K\x01"
        + shape
        + b"cnumpy\ndtype\nq\nU\x02u1K\x00K\x01\x87Rq\x0b(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89T"
        + struct.pack("<i", len(data))
        + data
        + b"tb"
    )


def batch(**entries):
    """A pickled dict of what is given as it stands in the stream."""
    return b"\x80\x02}q\x01(" + b"".join(text(key) + value for key, value in entries.items()) + b"u."


def names(count):
    """A list of file names."""
    entries = (text(f"picture_s_{i:06}.png") + b"r" + struct.pack("<i", 100 + i) for i in range(count))
    return b"](" + b"".join(entries) + b"e"


def cifar10(count, start=0):
    labels = [(start + i) % 10 for i in range(count)]
    return batch(
        batch_label=text("training batch 1 of 5"),
        labels=integers(labels),
        data=array(pictures(count, start)),
        filenames=names(count),
    )


def cifar100(count, start=0):
    return batch(
        filenames=names(count),
        batch_label=text("training batch 1 of 1"),
        fine_labels=integers([(start + i) % 100 for i in range(count)]),
        coarse_labels=integers([(start + i) % 20 for i in range(count)]),
        data=array(pictures(count, start)),
    )


def tar(path, members, mode="w:gz", **options):
    """An archive of these members, in that order: bytes, or a TarInfo of another kind than a plain file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, mode, **options) as archive:
        for name, content in members.items():
            member = content if isinstance(content, tarfile.TarInfo) else tarfile.TarInfo(name)
            member.size = len(content) if isinstance(content, bytes) else 0
            archive.addfile(member, io.BytesIO(content) if isinstance(content, bytes) else None)
    return path
