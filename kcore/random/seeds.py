"""Where random numbers come from: a number, a generator of one draw after the other, or the step that runs."""

from __future__ import annotations

import operator
import threading
from typing import Any, TypeAlias

from ..graph import Variable, current_trace, recording
from ..graph.loop import Turn
from ..graph.where import users_line
from ..randomness import NEXT, address, next_seed

Seed: TypeAlias = "int | SeedGenerator | None"

_advancing = threading.Lock()


class SeedGenerator:
    """Gives one draw after the other its random numbers, in eager and in traced code alike.

    Make it in a layer's `__init__` or `build` and pass it as `seed=`: every call, and every run of a step, draws anew.

    Args:
        seed: a whole number from 0 to 2**64 - 1; None: one of the sequence that `set_random_seed` starts, else fresh.
        name: what its state is called in printed programs.

    Attributes:
        state: a variable of two numbers, the seed and how many draws there were.

    Raises:
        TypeError, ValueError: the seed is no such number.
        RuntimeError: it is made while a step is traced.
    """

    def __init__(self, seed: int | None = None, name: str = "seed_generator") -> None:
        if current_trace() is not None:
            raise RuntimeError(
                f"{users_line()}a SeedGenerator is made in `call`, where each trace would make another. Make it in "
                "__init__ or build, and pass it as seed=."
            )
        given = next_seed() if seed is None else checked_seed("SeedGenerator", seed)
        if not isinstance(given, int):
            raise TypeError(f"{users_line()}SeedGenerator: seed is a whole number or None, not another generator.")
        self.seed, self.name = given, name
        self.state = Variable(address(given, 0), trainable=False, name=f"{name}_state")

    def next(self) -> Any:
        """The seed and the number of the next draw, uint64 of shape (2,), after which the state is one further."""
        trace = current_trace()
        while isinstance(trace, Turn):  # a loop's turns share a draw, and are told apart by their time
            trace = trace.outside
        with _advancing, recording(trace):
            now = self.state.numpy() if trace is None else self.state.value
            self.state.assign(now + NEXT)
        return now

    def get_config(self) -> dict[str, Any]:
        """What makes it again as it was before its first draw."""
        return {"seed": self.seed, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> SeedGenerator:
        """A generator of what `get_config` gave."""
        return cls(**config)

    def __repr__(self) -> str:
        return f"SeedGenerator(seed={self.seed})"


def checked_seed(where: str, seed: Any) -> Seed:
    """A seed that is one: None, a generator, or a whole number as Python's."""
    if seed is None or isinstance(seed, SeedGenerator):
        return seed
    try:
        number = operator.index(seed)
    except TypeError:
        number = None
    if number is None or isinstance(seed, bool):
        raise TypeError(
            f"{users_line()}{where}: seed is a whole number, a SeedGenerator or None; got "
            f"{type(seed).__name__}: {seed!r:.80}."
        )
    if not 0 <= number < 1 << 64:
        raise ValueError(f"{users_line()}{where}: seed is a whole number from 0 to 2**64 - 1; got {number}.")
    return number
