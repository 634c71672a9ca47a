"""Random numbers, drawn by address: the same bits on every backend, and at once as in a traced step.

Every function takes `seed`:

- a whole number: the same numbers at every call;
- a SeedGenerator: other numbers at every call, those of its seed, one draw after the other;
- None: other numbers at every call. Inside a model's step they are those of the model's seed and of the step, elsewhere
  those of `kcore.utils.set_random_seed`, or fresh ones if that was never called.

docs/random.md says which bits these are and how each distribution is made of them.
"""

from .distributions import (
    bernoulli,
    categorical,
    dropout,
    normal,
    permutation,
    randint,
    shuffle,
    truncated_normal,
    uniform,
)
from .seeds import SeedGenerator

__all__ = [
    "SeedGenerator", "bernoulli", "categorical", "dropout", "normal", "permutation", "randint", "shuffle",
    "truncated_normal", "uniform",
]  # fmt: skip
