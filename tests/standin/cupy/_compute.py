"""Between the two sides of the wall: what NumPy computes for the device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import _array
from .cuda import current
from .cuda.stream import capturing, later, refuse_capture, wait
from .standin import count, settings

SCALARS = (bool, int, float, complex, np.generic)


def view_of(array: _array.ndarray, part: np.ndarray) -> _array.ndarray:
    """A view of an array."""
    return _array.wrapped(part, array._memory, array if array.base is None else array.base)


def own(result: Any) -> _array.ndarray:
    """A new array of the device with these numbers."""
    result = np.asarray(result)
    new = _array.ndarray(result.shape, result.dtype, order="F" if result.flags.fnc else "C")
    new._a[...] = result
    return new


def uploaded(host: np.ndarray) -> _array.ndarray:
    """A copy of a host array on the device."""
    refuse_capture("a copy from the host")
    count["uploads"] += 1
    count["uploaded"] += host.nbytes
    return own(host)


def need(*operands: Any) -> None:
    """Raise unless each is an array of the device or a number."""
    for operand in operands:
        if not isinstance(operand, (_array.ndarray, *SCALARS)):
            raise TypeError(f"Unsupported type {type(operand)}")
        at_hand(operand)


def at_hand(operand: Any) -> None:
    """Raise if an array lies on another device than the current one, as CuPy does where one cannot see the other."""
    there = operand.data.device_id if isinstance(operand, _array.ndarray) else current.device()
    if there != current.device():
        raise ValueError(
            "Array device must be same as the current device: "
            f"array device = {there} while current = {current.device()}"
        )


def raw(operand: Any) -> Any:
    """What NumPy computes with."""
    return operand._a if isinstance(operand, _array.ndarray) else operand


def compute(
    call: Callable[..., Any], operands: list[Any], out: _array.ndarray | None = None, kind: str = "launches"
) -> Any:
    """Call a function of NumPy on the device: into `out`, which it is given by keyword, or as a new array."""
    need(*operands)
    if out is not None:
        if not isinstance(out, _array.ndarray):
            raise TypeError(f"Unsupported type {type(out)}")
        count[kind] += 1
        later(lambda: call(*map(raw, operands), out=out._a))
        return out
    count[kind] += 1
    with np.errstate(all="ignore"):
        if not (settings.deferred or capturing()):
            return own(call(*map(raw, operands)))
        new = own(call(*(np.zeros_like(o._a) if isinstance(o, _array.ndarray) else o for o in operands)))
    later(lambda: np.copyto(new._a, call(*map(raw, operands))))
    return new


def now(call: Callable[..., Any], operands: list[Any]) -> Any:
    """Call a function of NumPy whose result's shape is asked of the device: the host waits."""
    need(*operands)
    refuse_capture("a synchronization")
    wait()
    count["launches"] += 1
    result = call(*map(raw, operands))
    return tuple(map(own, result)) if isinstance(result, tuple) else own(result)
