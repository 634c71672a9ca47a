"""What a compiled kernel needs of the device: its registers, read from the cubin, an ELF file."""

from __future__ import annotations

import struct
from collections.abc import Iterator

REGCOUNT = 0x2F  # an attribute in the section .nv.info: the index of a symbol, and the registers of a thread
FRAME = 0x11  # the same, with the bytes of stack
VALUED = 0x04  # the form of attributes that have a payload


def attributes(cubin: bytes, wanted: int) -> dict[str, int]:
    """By the name of each function, a number that the compiler noted of it."""
    sections = dict(_sections(cubin))
    symbols, strings = sections[".symtab"], sections[".strtab"]
    found = {}
    for attribute, payload in _entries(sections[".nv.info"]):
        if attribute == wanted:
            index, value = struct.unpack("<II", payload)
            (at,) = struct.unpack_from("<I", symbols, 24 * index)
            found[strings[at : strings.index(b"\0", at)].decode()] = value
    return found


def registers(cubin: bytes) -> dict[str, int]:
    """By the name of each function, the registers that a thread of it takes."""
    return attributes(cubin, REGCOUNT)


def _sections(cubin: bytes) -> Iterator[tuple[str, bytes]]:
    (table,) = struct.unpack_from("<Q", cubin, 0x28)
    count, names = struct.unpack_from("<HH", cubin, 0x3C)
    heads = [struct.unpack_from("<IIQQQQ", cubin, table + 64 * i) for i in range(count)]
    for head in heads:
        at = heads[names][4] + head[0]
        yield cubin[at : cubin.index(b"\0", at)].decode(), cubin[head[4] : head[4] + head[5]]


def _entries(info: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(info):
        form, attribute, size = struct.unpack_from("<BBH", info, at)
        length = size if form == VALUED else 0  # the others keep their value in place of the size
        yield attribute, info[at + 4 : at + 4 + length]
        at += 4 + length
