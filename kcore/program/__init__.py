"""From a recorded graph to Python that runs: differentiate, lower, simplify, hoist, settle, fuse, place, emit, run."""

from .cache import Cache
from .differentiate import gradients
from .eager import EagerProgram, probed
from .explain import Explanation, explain
from .function import Traced, numbers_seen
from .run import Program
from .transform import grad, jvp, value_and_grad, vjp

__all__ = [
    "Cache",
    "EagerProgram",
    "Explanation",
    "Program",
    "Traced",
    "explain",
    "grad",
    "gradients",
    "jvp",
    "numbers_seen",
    "probed",
    "value_and_grad",
    "vjp",
]
