"""What distributions make of random bits, at once or in a trace."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Hashable
from typing import Any

from .. import ops
from ..graph import Symbol, Variable, current_trace
from ..graph.types import DType, Shape, size_of
from ..ops.random import bits_at, mask_of, random_bits
from ..program import Traced
from ..randomness import SEEDED, SHARED, address, next_draw
from .arguments import WIDTHS
from .seeds import Seed, SeedGenerator

WITHIN_TWO = math.erf(math.sqrt(2))  # how much of a normal distribution lies within two standard deviations

Draw = Callable[[Shape, int], Any]
"""From a shape and a number of bits to random integers of so many bits each."""


def drawn(make: Callable[..., Any], shape: Shape, seed: Seed, *options: Hashable) -> Any:
    """What `make` makes of random bits: recorded in a trace, else by a program, which is kept."""
    if current_trace() is None:
        pair = next_draw() if seed is None else seed.next() if isinstance(seed, SeedGenerator) else address(seed, 0)
        return _program(make, shape, SHARED if seed is None else SEEDED, options)(pair)[0]
    if seed is None:
        return make(lambda spec, bits: random_bits(spec, SHARED, bits), shape, *options)
    pair = seed.next() if isinstance(seed, SeedGenerator) else [ops.full((), n, "uint64") for n in (seed, 0)]
    return make(functools.partial(bits_at, pair[0], pair[1], SEEDED, 0), shape, *options)


@functools.lru_cache(maxsize=256)
def _program(make: Callable[..., Any], shape: Shape, stream: int, options: tuple[Hashable, ...]) -> Traced:
    def record(pair: Symbol) -> list[Symbol]:
        return [make(functools.partial(bits_at, pair[0], pair[1], stream, 0), shape, *options)]

    return Traced(record, f"random.{make.__name__}")


def words(draw: Draw, shape: Shape) -> Any:
    """64 bits each."""
    return draw(shape, 64)


def order(draw: Draw, shape: Shape) -> Any:
    """The order in which a stable sort brings as many words."""
    return ops.argsort(draw(shape, 64))


def mask(draw: Draw, shape: Shape, dtype: DType, rate: float) -> Any:
    """The mask of a dropout."""
    return mask_of(draw(shape, 16), rate, dtype)


def unit(draw: Draw, shape: Shape, dtype: DType) -> Any:
    """Multiples of 2**-24 (float64: 2**-53) from 0 to below 1."""
    width, digits = WIDTHS[dtype]
    return ops.cast(ops.bitwise_right_shift(draw(shape, width), width - digits), dtype) * 2.0**-digits


def _open(draw: Draw, shape: Shape, dtype: DType) -> Any:
    """Numbers from 2**-33 (float64: 2**-65) to 1, which can occur; the smaller, the closer they lie."""
    width, _ = WIDTHS[dtype]
    return ops.cast(draw(shape, width), dtype) * 2.0**-width + 2.0 ** -(width + 1)


def normal(draw: Draw, shape: Shape, dtype: DType) -> Any:
    """Mean 0 and deviation 1: the cosines of all pairs of numbers, then their sines."""
    count = size_of(shape)
    u = _open(draw, (2, -(-count // 2)), dtype)
    distance, angle = ops.sqrt(ops.log(u[0]) * -2.0), u[1] * (2 * math.pi)
    return ops.reshape(ops.concat([distance * ops.cos(angle), distance * ops.sin(angle)])[:count], shape)


def within_two(draw: Draw, shape: Shape, dtype: DType) -> Any:
    """The same, cut off at -2 and 2: the inverse at odd multiples of 2**-24 (2**-53), as many below 0 as above."""
    u = unit(draw, shape, dtype) * 2.0 - (1 - 2.0 ** -WIDTHS[dtype][1])
    return ops.clip(ops.erfinv(u * WITHIN_TWO) * math.sqrt(2), -2.0, 2.0)


def gumbel(draw: Draw, shape: Shape, dtype: DType) -> Any:
    """Gumbel's distribution, by its inverse."""
    u = ops.minimum(_open(draw, shape, dtype), 1 - 2.0 ** -WIDTHS[dtype][1])
    return -ops.log(-ops.log1p(-u))


def here(x: Any) -> Any:
    """Host data as an array of the current backend, outside of a trace."""
    return x if current_trace() is not None or isinstance(x, Variable) else ops.convert_to_tensor(x)


def scaled(x: Any, shift: float, factor: float) -> Any:
    """x * factor + shift."""
    return x if (shift, factor) == (0, 1) else ops.add(ops.multiply(x, factor), shift)
