"""check_backend: what a backend must do for kcore."""

from __future__ import annotations

from ..backend import Backend, use_backend
from ..backend.selection import backend_named
from ..plugin import find
from . import backend_arrays, backend_programs
from .at_hand import COMPARED
from .backend_table import rows
from .report import refuse, trying


def check_backend(backend: str | Backend) -> None:
    """Check that a backend does what kcore's programs, storages and layers ask of it.

    That it says whether it can run; that every dtype and shape goes to the device and comes back, both by copying; that
    it knows its own arrays, and kcore mixes them with no others; that its random bits are those of NumPy's Philox; that
    each function which programs call gives what NumPy gives, in shape, dtype and numbers, and writes to `out=` where it
    says so; that storages keep what is written; that threads do not meet; that a small network trains as on numpy.

    Args:
        backend: its registered name, or one itself.

    Raises:
        AssertionError: the text says where, what was expected, what came, what to do.

    >>> from kcore.testing import check_backend
    >>> check_backend("numpy")
    """
    kind = find("backends", backend) if isinstance(backend, str) else type(backend)
    where = f"Backend {_name_of(backend)!r}"
    if isinstance(backend, type) and issubclass(backend, Backend):
        refuse(where, "an object, or a registered name", "its class", f"Give {backend.__name__}().")
    if not (isinstance(kind, type) and issubclass(kind, Backend)):
        refuse(where, "a subclass of kcore.backend.Backend", repr(kind), "Derive it from that.")
    _check_probe(where, kind)
    with trying(
        where, "to be made by calling its class", "Let __init__ take nothing, and raise nothing that probe knows of."
    ):
        made = backend_named(backend) if isinstance(backend, str) else backend
    subject = backend_arrays.Subject(f"Backend {_name_of(made)!r}", made)
    backend_arrays.check_names(subject)
    COMPARED.update(("numpy", backend if isinstance(backend, str) else made.name))
    with use_backend(made):
        backend_arrays.check_conversions(subject)
        backend_arrays.check_copies(subject)
        backend_arrays.check_into(subject)
        backend_arrays.check_no_axes(subject)
        backend_arrays.check_owned(subject)
        backend_arrays.check_random_bits(subject)
        for row in rows():
            backend_programs.check_row(subject, row)
        backend_programs.check_storages(subject)
        backend_programs.check_threads(subject)
        backend_programs.check_rest(subject)
        backend_programs.check_training(subject)


def _name_of(backend: object) -> str:
    name = backend if isinstance(backend, str) else getattr(backend, "name", None)
    return str(name or getattr(backend, "__name__", type(backend).__name__))


def _check_probe(where: str, kind: type[Backend]) -> None:
    cure = (
        "Look for packages by importlib.util.find_spec(name), catch what importing them raises, and return a sentence "
        "that says what is missing and how to install it; None if all is there."
    )
    with trying(f"{where}, probe", "None, or why it cannot run here", cure):
        trouble = kind.probe()
    if trouble is not None and not (isinstance(trouble, str) and trouble.strip()):
        refuse(f"{where}, probe", "None, or a text that says why it cannot run here", repr(trouble), cure)
    if trouble is not None:
        refuse(where, "to run here, where it is checked", trouble, "Do what it says, or skip the check.")
