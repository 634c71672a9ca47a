"""What check_backend asks of programs: every function, storages, threads, and a network that trains."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from .. import ops
from ..backend import use_backend
from ..backend.selection import backend_named
from ..graph import Storage, symbol_of
from ..interfaces import get
from ..models import Sequential
from ..models.data import HostArray
from ..program import Traced
from .backend_arrays import Subject
from .backend_table import Row
from .compare import compare_backends
from .making import seeded
from .report import agree, refuse, told, trying
from .stepping import Stepper, recorded

THREADS = 8


def check_row(subject: Subject, row: Row) -> None:
    """A function gives what NumPy gives, in a program that assigns and, if it can, in one that writes in place."""
    given = ", ".join(map(told, row.arrays)) or "no array"
    where = f"{subject.where}, xp.{row.name} of {given}"
    cure = f"{row.hint}. " if row.hint else ""
    cure += f"Give `xp` a function {row.name} that does what the Python array API standard and NumPy say of it."

    def record(*symbols: Any) -> list[Any]:
        out = row.function(*symbols)
        return [symbol_of(y) for y in (out if isinstance(out, list | tuple) else [out])]

    with use_backend("numpy"):
        wanted = Traced(record, row.name)(*row.arrays)
    with trying(where, "a result", cure):
        arrays = [subject.device(where, a) for a in row.arrays]
        results = Traced(record, row.name)(*arrays)
    for got, want in zip(results, wanted, strict=True):
        agree(where, "the result", got, want, row.kind, cure)
    for array, host in zip(arrays, row.arrays, strict=True):
        agree(where, "an argument, which no function may write to,", array, host, None, cure)
    if subject.backend.in_place:
        cure += f" With out=, as in_place = True promises, it writes there; its lines are in {row.name}.text."
        _in_place(subject, where, record, row, wanted)


def _in_place(subject: Subject, where: str, record: Callable[..., Any], row: Row, wanted: Sequence[HostArray]) -> None:
    cure = "With in_place = True functions write to out=, whatever its strides; if they cannot, say in_place = False."
    graph, batch = recorded(record, row.arrays)
    with trying(f"{where} with out=", "a result", cure):
        results, _ = Stepper(graph, subject.backend).step({}, batch)
    for got, want in zip(results, wanted, strict=True):
        agree(f"{where} with out=", "the result", got, want, row.kind, cure)


def check_storages(subject: Subject) -> None:
    """What storages hold is read, written and moved."""
    cure = "Storages are read by to_host and written by from_host(array, into), in parts too if in_place is True."
    wanted = np.arange(6, dtype="float32").reshape(2, 3)
    storage = Storage(wanted.copy(), "checked")
    with trying(f"{subject.where}, a storage", "to be moved to the backend and written to", cure):
        array = storage.on(subject.backend)
        subject.equal("a storage", "what is on the backend", array, wanted, cure)
        storage.fill(2, np.array([7, 8], "float32"))
        wanted.reshape(-1)[2:4] = 7, 8
        agree(f"{subject.where}, a storage", "what a part was written to", storage.numpy(), wanted, None, cure)
        storage.fill(0, np.full(6, 3, "float32"))
        agree(f"{subject.where}, a storage", "what is full of 3", storage.numpy(), np.full_like(wanted, 3), None, cure)
        if subject.backend.in_place and storage.on(subject.backend) is not array:
            refuse(f"{subject.where}, a storage", "the array that programs are bound to", "another one", cure)
        storage.replace(subject.backend, subject.device("a storage", wanted))
        storage.on(backend_named("numpy"))[0, 0] = 9
        again = storage.on(subject.backend)
    wanted[0, 0] = 9
    subject.equal("a storage", "what came back from the backend numpy", again, wanted, cure)


def check_threads(subject: Subject) -> None:
    """Threads that run programs at once do not meet."""
    cure = "Keep no array or setting on the backend that a call changes: programs may run in several threads at once."
    record = functools.partial(_busy, turns=30)
    hosts = [np.linspace(i, i + 1, 300, dtype="float32").reshape(20, 15) for i in range(THREADS)]
    traced = Traced(lambda x: [record(x)], "busy")

    def run(host: HostArray) -> list[HostArray]:
        with use_backend(subject.backend):
            array = subject.backend.from_host(host)
            return [subject.backend.to_host(traced(array)[0]) for _ in range(3)]

    with trying(f"{subject.where}, {THREADS} threads", "results", cure), ThreadPoolExecutor(THREADS) as pool:
        alone, together = list(map(run, hosts)), list(pool.map(run, hosts))
    for a, b in zip(alone, together, strict=True):
        agree(f"{subject.where}, {THREADS} threads", "what each gives", np.stack(b), np.stack(a), None, cure)


def check_rest(subject: Subject) -> None:
    """What kcore asks now and then."""
    backend, where = subject.backend, f"{subject.where}, {{}}"
    with trying(where.format("synchronize"), "to wait for the device", "Let it return when all work is done."):
        backend.synchronize()
    host = backend.host_array((2, 3), "float32")
    agree(
        where.format("host_array((2, 3), 'float32')"),
        "host memory",
        host,
        np.zeros((2, 3), "float32"),
        None,
        "Zeros.",
    )
    memory = backend.memory()
    if memory is not None and not (len(memory) == 2 and 0 <= memory[0] <= memory[1]):
        refuse(
            where.format("memory"),
            "None, or bytes that are free and bytes in all",
            repr(memory),
            "Give both as integers.",
        )
    hosts = [np.ones((2, 2), "float32"), np.array(3, "int64"), np.zeros((0, 2), "float32"), np.array([True])]
    arrays = [subject.device("fetched", a) for a in hosts]
    for got, wanted in zip(backend.fetched(arrays), hosts, strict=True):
        agree(
            where.format("fetched"),
            "what to_host gives for each",
            got,
            wanted,
            None,
            "Keep order, shapes and dtypes.",
        )
    if backend.exhausted(ValueError("wrong shape")) is not None:
        cure = "Return None unless the library says that memory is exhausted."
        refuse(where.format("exhausted(ValueError)"), "None", backend.exhausted(ValueError()), cure)


def check_training(subject: Subject) -> None:
    """A network with dropout trains as on numpy."""
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(24, 6)).astype("float32"), np.eye(3, dtype="float32")[rng.integers(0, 3, 24)]
    cure = "Each function alone is right: look at what several share, as memory, and at what lies in the program."
    with seeded(3), trying(f"{subject.where}, training", "a network to train as on numpy", cure), use_backend("numpy"):
        layers = [get("layers", "dense", units=8, activation="tanh"), get("layers", "dropout", rate=0.25)]
        model = Sequential([*layers, get("layers", "dense", units=3, activation="softmax")])
        model.compile("rmsprop", "categorical_crossentropy", ["accuracy"])
        model.build((None, 6))
        if subject.backend.name == "numpy":  # which is what others are compared with
            model.fit(x, y, batch_size=8, verbose=0)
        else:
            compare_backends(model, (x, y), backends=[subject.backend], batch_size=8).check()


def _busy(x: Any, turns: int) -> Any:
    for _ in range(turns):
        x = ops.tanh(ops.matmul(x, ops.transpose(x)) * 0.1) @ x
    return x
