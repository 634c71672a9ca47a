"""What check_backend asks of arrays: dtypes, conversions, copies, whose they are, random bits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import numpy as np

from .. import ops
from ..backend import Array, Backend, use_backend
from ..graph.types import dtype_name
from ..models.data import HostArray
from .backend_table import DTYPES
from .report import agree, refuse, told, trying

SHAPES: tuple[tuple[int, ...], ...] = ((), (0,), (3,), (2, 3), (2, 0, 1))
ONE_NAMESPACE = "Give all who ask one object, made once: functools.cached_property does it."
LAYOUTS: dict[str, Callable[[HostArray], HostArray]] = {
    "that lies column by column": np.asfortranarray,
    "that lies backwards": lambda a: a[..., ::-1] if a.ndim else a,
    "of every other element": lambda a: np.repeat(a, 2, -1)[..., ::2] if a.ndim else a,
    "that is read-only": lambda a: np.broadcast_to(a, a.shape),
}


@attrs.frozen
class Subject:
    """The backend that is checked.

    Attributes:
        where: what errors call it.
        backend: itself.
    """

    where: str
    backend: Backend

    def equal(self, where: str, what: str, got: Any, wanted: Any, cure: str, kind: str | None = None) -> None:
        """Refuse what differs from it, in shape, dtype or bits, on the host."""
        agree(f"{self.where}, {where}", what, self.host(where, got), wanted, kind, cure)

    def host(self, where: str, array: Array) -> HostArray:
        """What `to_host` gives."""
        cure = "Let to_host return a numpy.ndarray that is a copy, of its own arrays and of whatever numpy.array takes."
        with trying(f"{self.where}, {where}", "to_host to bring it to the host", cure):
            found = self.backend.to_host(array)
        if type(found) is not np.ndarray:
            refuse(f"{self.where}, {where}", "to_host to return a numpy.ndarray", type(found), cure)
        return found

    def device(self, where: str, host: HostArray, into: Array | None = None) -> Array:
        """What `from_host` gives."""
        cure = "Let from_host take any NumPy array of these dtypes, however it lies: numpy.array makes it a plain one."
        with trying(f"{self.where}, {where}", f"from_host to take {told(host)}", cure):
            return self.backend.from_host(host, into) if into is not None else self.backend.from_host(host)


def _cure_of_namespace(error: Exception) -> str:
    return "Let `probe` say that it is missing." if isinstance(error, ImportError) else ONE_NAMESPACE


def check_names(subject: Subject) -> None:
    """It has a name and a namespace, and the dtypes."""
    name, of_class = (getattr(of, "name", None) for of in (subject.backend, type(subject.backend)))
    if not isinstance(name, str) or name != of_class or not name.isidentifier():
        cure = 'Write name = "..." in the class.'
        refuse(subject.where, "a name that is a word, as an attribute of the class", repr(name), cure)
    with trying(f"{subject.where}, xp", "a namespace of functions", _cure_of_namespace):
        one, other = subject.backend.xp, subject.backend.xp
    if one is not other:
        refuse(f"{subject.where}, xp", "the same object each time", "another one", ONE_NAMESPACE)
    for name in DTYPES:
        where, cure = f"{subject.where}, dtype({name!r})", "Let `dtype` give the library's dtype of this name."
        with trying(where, "a dtype whose text ends with its name", cure):
            found = dtype_name(subject.backend.dtype(name))
        if found != name:
            refuse(where, "a dtype whose text ends with its name", found, cure)


def check_conversions(subject: Subject) -> None:
    """Every dtype and shape goes to the device and comes back, however it lies in memory; what is there stays."""
    for given in (2.5, 3, True, [1.0, 2.0], np.ones(2)):
        cure = "Let to_host take host data too, as numpy.array does."
        subject.equal(f"to_host of {given!r}", "host data", given, np.array(given), cure)
    for dtype in DTYPES:
        for shape in SHAPES:
            host = (np.random.default_rng(len(shape)).random(shape) * 5).astype(dtype)
            where = f"from_host of {told(host)}"
            array = subject.device(where, host)
            found = f"{dtype_name(array.dtype)} {tuple(array.shape)}"
            cure = "Convert without a change: no default dtype, no axis more or less."
            if found != told(host):
                refuse(f"{subject.where}, {where}", f"an array that is {told(host)}", found, cure)
            subject.equal(where, "what comes back", array, host, cure)
            for how, laid in LAYOUTS.items():
                where = f"from_host of {told(host)} {how}"
                subject.equal(where, "what comes back", subject.device(where, laid(host)), laid(host), cure)


def check_copies(subject: Subject) -> None:
    """Neither direction leaves the host and the device in one memory."""
    for dtype in ("float32", "float64", "uint16"):
        wanted = np.arange(3).astype(dtype)
        array = subject.device("from_host", wanted.copy())
        subject.host("to_host", array)[:] = 7
        cure = "Let to_host copy, as by numpy.array(...): users write to what they get."
        subject.equal("to_host", "an array, after what to_host gave was written to,", array, wanted, cure)
        host = wanted.copy()
        subject.host("to_host of NumPy's", host)[:] = 7
        agree(
            f"{subject.where}, to_host",
            "a NumPy array, after what to_host gave was written to,",
            host,
            wanted,
            None,
            cure,
        )
        array = subject.device("from_host", host)
        host[:] = 7
        if not subject.backend.on_host:
            cure = "Let from_host copy, as by numpy.array(array): kcore fills the same host array at each step."
            subject.equal(
                "from_host",
                "an array, after the host array that it was made of was written to,",
                array,
                wanted,
                cure,
            )


def check_into(subject: Subject) -> None:
    """Numbers are written over an array that is there, or over a part of it."""
    for shape in ((), (3,), (2, 3)):
        host = np.arange(np.prod(shape), dtype="float64").reshape(shape) + 0.5
        into = subject.device("from_host", np.zeros(shape, "float32"))
        where, cure = (
            "from_host(array, into)",
            "Write over `into`, in its dtype, and return it; or say in_place = False.",
        )
        got = subject.device(where, host, into)
        if subject.backend.in_place and got is not into:
            refuse(f"{subject.where}, {where}", "`into` itself, since in_place is True", "another array", cure)
        subject.equal(
            where, "what is in it", got, host.astype("float32" if subject.backend.in_place else "float64"), cure
        )


def check_owned(subject: Subject) -> None:
    """It knows its own arrays, and kcore mixes them with no others."""
    xp, backend = subject.backend.xp, subject.backend
    mine = subject.device("owns", np.ones((2, 2), "float32"))
    own = {"xp.zeros(1)": xp.zeros(1), "from_host(...)": mine, "array[0, 0, ...]": mine[0, 0, ...]}
    own |= {} if backend.on_host else {"xp.sum(array)": xp.sum(mine)}
    others = {"1.0": 1.0, "[1.0]": [1.0], "None": None, "'array'": "array"}
    others |= {} if backend.on_host else {"a NumPy array": np.zeros(1), "NumPy's 0-d": np.float32(1)}
    cure = "Let `owns` be isinstance(array, the library's array class), which is no class of NumPy's."
    for what, array in (own | others).items():
        with trying(f"{subject.where}, owns", "a truth value", cure):
            found = backend.owns(array)
        if found is not (what in own):
            refuse(f"{subject.where}, owns", f"{what in own} of {what}", repr(found), cure)
    if backend.on_host:
        return
    for other, name in ((np.ones((2, 2), "float32"), backend.name), (mine, "numpy")):
        with use_backend(backend if name == backend.name else name):
            try:
                ops.add(mine, other)
            except TypeError:
                continue
        refuse(f"{subject.where}, ops.add on backend {name}", "arrays of two backends to be refused", "a sum", cure)


def check_no_axes(subject: Subject) -> None:
    """An array without axes is an array, with a dtype."""
    cure = "Wrap what gives numbers of Python or NumPy, so that it gives arrays of shape ()."
    x = subject.device("no axes", np.ones((2, 2), "float32"))
    xp = subject.backend.xp
    made: dict[str, Callable[[], Any]] = {
        "xp.sum(x)": lambda: xp.sum(x),
        "xp.max(x)": lambda: xp.max(x),
        "x[0, 0, ...]": lambda: x[0, 0, ...],
    }
    for what, make in made.items():
        where = f"{subject.where}, {what} of float32 (2, 2)"
        with trying(where, "an array of shape ()", cure):
            found = make()
            told_of = f"{dtype_name(found.dtype)} {tuple(found.shape)}"
        if told_of != "float32 ()":
            refuse(where, "float32 ()", told_of, cure)


def check_random_bits(subject: Subject) -> None:
    """They are those of Philox, for any address, with no history."""
    cure = "Leave random_bits as it is in kcore.backend.Backend, or draw in the order of kcore.randomness.Philox."
    with trying(f"{subject.where}, random_bits", "a function that draws", cure):
        draw = subject.backend.random_bits()
    for bits in (16, 32, 64):
        for shape in ((), (1,), (7,), (3, 5), (64, 64)):
            for address in ((11, 2, 3, 4, 5), (2**63 + 1, 2**62 + 1, 2**40, 0, 1), (11, 2, 3, 4, 5)):
                seed, stream, step, call, time = address
                size = int(np.prod(shape))
                philox = np.random.Philox(key=np.array([seed, stream], "uint64"), counter=[0, step, call, time])
                words = philox.random_raw(-(-size * bits // 64)).astype("<u8").view(f"<u{bits // 8}")
                wanted = words[:size].reshape(shape).astype(f"uint{bits}")
                where = f"random_bits{(*address,)} of shape {shape}, bits={bits}"
                given = [subject.device(where, np.array(n, "uint64")) if n in (seed, step) else n for n in address]
                with trying(f"{subject.where}, {where}", "an array", cure):
                    got = draw(*given, shape=shape, bits=bits)
                    out = subject.device(where, np.zeros(shape, f"uint{bits}"))
                    written = draw(*given, out=out, bits=bits)
                subject.equal(where, "the bits", got, wanted, cure)
                subject.equal(where, "the bits with out=", out if subject.backend.in_place else written, wanted, cure)
