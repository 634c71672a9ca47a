"""From a recorded graph to Python that runs: differentiate, lower, simplify, settle, fuse, place, emit, run."""

from .cache import Cache
from .differentiate import gradients
from .function import Traced, grad, numbers_seen, value_and_grad
from .run import Program

__all__ = ["Cache", "Program", "Traced", "grad", "gradients", "numbers_seen", "value_and_grad"]
