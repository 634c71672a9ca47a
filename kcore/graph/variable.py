"""Variable: numbers that last from step to step, as weights, moving averages and counters do."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ..backend import current_backend
from .operators import Operators
from .storage import Storage
from .symbol import Symbol, reflected, refuse_numpy
from .trace import current_trace, running_trace
from .types import DType, Shape, dtype_name, size_of


def symbol_of(value: Any) -> Symbol:
    """The symbol that stands in the running trace for a symbol, a variable or a host array."""
    return Symbol(running_trace().node_of(value.value if isinstance(value, Variable) else value))


def _operand(value: Any) -> Any:
    """What ops take: a number, a variable or an array as it is, host data moved to where ops compute."""
    if isinstance(value, int | float | Variable | Symbol):
        return value
    if current_trace() is not None:
        return symbol_of(value)
    backend = current_backend()
    return value if backend.owns(value) else backend.from_host(np.asarray(value))


class Variable(Operators):
    """An array that programs read and write, at a place in a Storage.

    Args:
        value: its first value, an array or number.
        trainable: whether optimizers move it.
        dtype: name of its dtype; that of `value` if None, but float32 for Python floats.
        name: its name within its layer, as `kernel`.

    Raises:
        TypeError: `value` holds no numbers.
    """

    def __init__(self, value: Any, trainable: bool = True, dtype: DType | None = None, name: str = "variable") -> None:
        host = np.asarray(value)
        if dtype is None and host.dtype == np.float64 and not isinstance(value, np.ndarray | np.generic):
            dtype = "float32"
        host = np.array(host, dtype=dtype_name(dtype) if dtype else None)
        if host.dtype.kind not in "biuf":
            raise TypeError(f"Variable '{name}' holds numbers; got {type(value).__name__}: {value!r:.80}.")
        self.storage, self.start = Storage(host, name), 0
        self._shape: Shape = host.shape
        self._trainable = trainable
        self.name = name
        self.path = name

    changes: ClassVar[int] = 0
    """How often a variable has been made trainable or not: programs that train were traced for one state of that."""

    @property
    def trainable(self) -> bool:
        """Whether optimizers move it."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = value
        Variable.changes += 1

    @property
    def shape(self) -> Shape:
        """The length of each axis."""
        return self._shape

    @property
    def dtype(self) -> DType:
        """The name of the dtype, as "float32"."""
        return self.storage.dtype

    @property
    def value(self) -> Any:
        """Its array on the current backend; inside a trace the symbol of what it holds now."""
        trace = current_trace()
        if trace is not None:
            return trace.read(self.storage, self.start, self.shape, self.path.replace("/", "_"))
        backend = current_backend()
        flat = backend.xp.reshape(self.storage.on(backend), (-1,))
        return backend.xp.reshape(flat[self.start : self.start + size_of(self.shape)], self.shape)

    def numpy(self) -> np.ndarray[Any, Any]:
        """A fresh NumPy array of its numbers: in a step that is run eagerly those that it holds now."""
        trace = current_trace()
        if trace is not None and trace.eager:
            return np.array(self.value.numpy())
        return self.storage.part(self.start, self.shape)

    def assign(self, value: Any) -> None:
        """Hold `value` from now on; inside a trace, from the end of the step on.

        Raises:
            ValueError: `value` has another shape.
        """
        self.check_shape(value)
        trace = current_trace()
        if trace is None:
            host = value.numpy() if isinstance(value, Variable) else current_backend().to_host(value)
            self.storage.fill(self.start, host)
        else:
            trace.write(self.storage, Symbol(trace.cast(symbol_of(value).node, self.dtype)), self.start)

    def assign_add(self, value: Any) -> None:
        """Hold the sum of what it holds and `value`, which has its shape or broadcasts to it.

        Raises:
            ValueError: the sum has another shape.
        """
        self.assign(self + _operand(value))

    def assign_sub(self, value: Any) -> None:
        """Hold what it holds less `value`, as `assign_add` does the sum."""
        self.assign(self - _operand(value))

    def check_shape(self, value: Any) -> None:
        """Raise ValueError if `value` has another shape."""
        shape = tuple(value.shape) if hasattr(value, "shape") else np.shape(value)
        if shape != self.shape:
            raise ValueError(f"Variable '{self.path}' has shape {self.shape}; it cannot hold a value of shape {shape}.")

    def move(self, storage: Storage, start: int) -> None:
        """Live in another storage from now on, from flat element `start`."""
        storage.fill(start, self.numpy())
        self.storage.left += self.storage is not storage
        self.storage, self.start = storage, start

    def _number(self) -> Any:
        """What can become a Python number: inside a trace the symbol, which refuses."""
        return self.numpy() if current_trace() is None else self.value

    def __bool__(self) -> bool:
        return bool(self._number())

    def __int__(self) -> int:
        return int(self._number())

    def __float__(self) -> float:
        return float(self._number())

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        trace = current_trace()
        if trace is not None and not trace.eager:
            refuse_numpy("asarray", self)
        return self.numpy().astype(dtype or self.dtype, copy=False)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if current_trace() is not None:
            return reflected(self, ufunc, method, inputs, options)
        inputs = tuple(i.numpy() if isinstance(i, Variable) else i for i in inputs)
        return getattr(ufunc, method)(*inputs, **options)

    def __repr__(self) -> str:
        return f"<Variable '{self.path}' {self.dtype}{list(self.shape)}>"
