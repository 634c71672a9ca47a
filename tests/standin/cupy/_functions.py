"""Functions of arrays: NumPy's of the same name behind CuPy's parameters, without the options that CuPy lacks."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ._array import ndarray
from ._compute import compute, need, now, raw, uploaded, view_of
from .cuda.stream import later
from .standin import count

LAUNCHED = """
sum(a, axis=None, dtype=None, out=None, keepdims=False)
prod(a, axis=None, dtype=None, out=None, keepdims=False)
max(a, axis=None, out=None, keepdims=False)
min(a, axis=None, out=None, keepdims=False)
amax(a, axis=None, out=None, keepdims=False)
amin(a, axis=None, out=None, keepdims=False)
argmax(a, axis=None, dtype=None, out=None, keepdims=False)
argmin(a, axis=None, dtype=None, out=None, keepdims=False)
all(a, axis=None, out=None, keepdims=False)
any(a, axis=None, out=None, keepdims=False)
mean(a, axis=None, dtype=None, out=None, keepdims=False)
var(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False)
std(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False)
cumsum(a, axis=None, dtype=None, out=None)
cumprod(a, axis=None, dtype=None, out=None)
cumulative_sum(x, /, *, axis=None, dtype=None, out=None, include_initial=False)
cumulative_prod(x, /, *, axis=None, dtype=None, out=None, include_initial=False)
clip(a, a_min, a_max, out=None)
round(a, decimals=0, out=None)
around(a, decimals=0, out=None)
count_nonzero(a, axis=None)
repeat(a, repeats, axis=None)
tile(A, reps)
roll(a, shift, axis=None)
tril(m, k=0)
triu(m, k=0)
diag(v, k=0)
take_along_axis(a, indices, axis)
diff(a, n=1, axis=-1, prepend=None, append=None)
trace(a, offset=0, axis1=0, axis2=1, dtype=None, out=None)
"""
"""How each is declared in CuPy; one launch each."""

VIEWS = """
transpose(a, axes=None)
permute_dims(a, axes=None)
matrix_transpose(x, /)
swapaxes(a, axis1, axis2)
moveaxis(a, source, destination)
expand_dims(a, axis)
squeeze(a, axis=None)
flip(a, axis=None)
broadcast_to(array, shape)
diagonal(a, offset=0, axis1=0, axis2=1)
"""

JOINED = """
concatenate(tup, axis=0, out=None, *, dtype=None, casting='same_kind')
concat(tup, axis=0, out=None, *, dtype=None, casting='same_kind')
stack(tup, axis=0, out=None, *, dtype=None, casting='same_kind')
"""

WAITING = """
unique_values(x)
nonzero(a)
"""
"""Those whose results are as long as the numbers say."""

ARRAYS = {"a", "x", "m", "v", "A", "array", "indices", "a_min", "a_max"}  # parameters that are arrays, or numbers


def _declared(text: str, call: Callable[..., Any]) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Functions with these signatures, which call a maker's with NumPy's function and what they are given."""
    for line in text.split("\n"):
        name = line.partition("(")[0]
        if name:
            yield name, _function(name, inspect.signature(eval(f"lambda {line[len(name) + 1 : -1]}: None")), call)


def _function(name: str, signature: inspect.Signature, call: Callable[..., Any]) -> Callable[..., Any]:
    original = getattr(np, name)
    defaults = {p.name: p.default for p in signature.parameters.values()}

    def function(*args: Any, **kwargs: Any) -> Any:
        given = signature.bind(*args, **kwargs).arguments
        out = given.pop("out", None)
        options = {k: v for k, v in given.items() if k not in ARRAYS and k != "tup" and v is not defaults[k]}
        return call(original, given, options, out)

    function.__name__ = function.__qualname__ = name
    function.__signature__ = signature
    function.__doc__ = f"NumPy's {name} on the device."
    return function


def _launched(original: Any, given: dict[str, Any], options: dict[str, Any], out: Any) -> Any:
    return compute(lambda *a, **k: original(*a, **options, **k), [v for k, v in given.items() if k in ARRAYS], out)


def _viewed(original: Any, given: dict[str, Any], options: dict[str, Any], out: Any) -> Any:
    array = next(iter(given.values()))
    _only_device(array)
    return view_of(array, original(array._a, **options))


def _joined(original: Any, given: dict[str, Any], options: dict[str, Any], out: Any) -> Any:
    parts = list(given["tup"])
    _only_device(*parts)
    return compute(lambda *a, **k: original(a, **options, **k), parts, out)


def _waited(original: Any, given: dict[str, Any], options: dict[str, Any], out: Any) -> Any:
    return now(original, list(given.values()))


def _only_device(*arrays: Any) -> None:
    for array in arrays:
        if not isinstance(array, ndarray):
            raise TypeError(
                f"Argument 'a' has incorrect type (expected cupy._core.core._ndarray_base, got {type(array)})"
            )


NAMESPACE = dict(
    [
        *_declared(LAUNCHED, _launched),
        *_declared(VIEWS, _viewed),
        *_declared(JOINED, _joined),
        *_declared(WAITING, _waited),
    ]
)


# Those that differ from NumPy's ------------------------------------------------------------------------------


def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    """Elements of one of two arrays."""
    return now(np.nonzero, [condition]) if x is None else compute(np.where, [condition, x, y])


def reshape(a: Any, newshape: Any, order: str = "C", *, copy: bool | None = None) -> Any:
    """The same elements in another shape."""
    _only_device(a)
    return a.reshape(newshape, order=order)


def astype(x: Any, dtype: Any, /, *, copy: bool = True) -> Any:
    """As another dtype."""
    _only_device(x)
    return x.astype(dtype, copy=copy)


def sort(a: Any, axis: Any = -1, kind: Any = None) -> Any:
    """Sorted."""
    _stable(kind)
    return compute(lambda a: np.sort(a, axis=axis), [a])


def argsort(a: Any, axis: Any = -1, kind: Any = None) -> Any:
    """The indices that sort; equal elements keep their order."""
    _stable(kind)
    return compute(lambda a: np.argsort(a, axis=axis, stable=True), [a])


def _stable(kind: Any) -> None:
    if kind not in (None, "stable"):
        raise ValueError(f"kind can only be None or 'stable', not {kind!r}")


def take(a: Any, indices: Any, axis: Any = None, out: Any = None) -> Any:
    """Elements at indices; those out of range wrap round."""
    if not isinstance(indices, ndarray | int | np.integer):
        indices = uploaded(np.asarray(indices))  # real CuPy does so in silence
    need(a, indices)
    if out is not None and out.dtype != a.dtype:
        raise TypeError("Output dtype mismatch")
    if raw(a).size == 0 and out is not None and out.size == 0:
        return out
    return compute(lambda a, i, **k: np.take(a, i, axis=axis, mode="wrap", **k), [a, indices], out)


def searchsorted(a: Any, v: Any, side: str = "left", sorter: Any = None) -> Any:
    """Where numbers would be put."""
    if not isinstance(v, ndarray | int | float):
        raise NotImplementedError("Only python scalars or ndarrays are supported for v")
    return compute(lambda a, v: np.searchsorted(a, v, side=side), [a, v])


def copyto(dst: Any, src: Any, casting: str = "same_kind", where: Any = None) -> None:
    """Copy an array or a number over another array, or where a mask holds."""
    if isinstance(src, np.ndarray):
        if src.size != 1:
            raise ValueError("non-scalar numpy.ndarray cannot be used for copyto")
        src = src.reshape(())[()]
    _only_device(dst)
    need(src, *([] if where is None else [where]))
    kind = src.dtype if isinstance(src, ndarray) else None
    if kind is not None and not np.can_cast(kind, dst.dtype, casting):
        raise TypeError(f"Cannot cast {kind} to {dst.dtype} in {casting} casting mode")
    if kind is None:
        np.copyto(np.empty((), dst.dtype), src, casting=casting)
    alike = kind is not None and kind == dst.dtype and src.size == dst.size and where is None
    both = alike and any(getattr(dst.flags, f) and getattr(src.flags, f) for f in ("c_contiguous", "f_contiguous"))

    def copy(d: Any, *more: Any) -> None:
        np.copyto(d, *more[:1], casting=casting, **({"where": more[1]} if where is not None else {}))

    count["copies" if both else "launches"] += 1
    later(lambda: copy(*(raw(a) for a in (dst, src, where) if a is not None)))


NAMESPACE |= {f.__name__: f for f in (where, reshape, astype, sort, argsort, take, searchsorted, copyto)}
