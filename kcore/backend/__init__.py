"""What a backend is, and which one is used now."""

from .checkup import Checkup, Trouble
from .memory import OutOfMemoryError
from .op_kernel import Operand, OpKernel, Use
from .protocol import Array, Backend, BackendUnavailableError
from .selection import available_backends, current_backend, set_backend, use_backend

__all__ = [
    "Array",
    "Backend",
    "BackendUnavailableError",
    "Checkup",
    "OpKernel",
    "Operand",
    "OutOfMemoryError",
    "Trouble",
    "Use",
    "available_backends",
    "current_backend",
    "set_backend",
    "use_backend",
]
