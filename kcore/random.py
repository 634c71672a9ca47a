"""Random numbers, drawn by address: the same bits on every backend, and at once as in a traced step.

Every function takes `seed`:

- a whole number: the same numbers at every call;
- a SeedGenerator: other numbers at every call, those of its seed, one draw after the other;
- None: other numbers at every call. Inside a model's step they are those of the model's seed and of the step, elsewhere
  those of `kcore.utils.set_random_seed`, or fresh ones if that was never called.

docs/random.md says which bits these are and how each distribution is made of them.
"""

from __future__ import annotations

import functools
import math
import operator
import threading
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, SupportsFloat, SupportsIndex, TypeAlias

from . import ops
from .graph import Symbol, Variable, current_trace, recording
from .graph.loop import Turn
from .graph.types import DEFAULT_FLOAT, DType, Shape, dtype_name, is_float, is_integer, itemsize, rounded, size_of
from .graph.where import users_line
from .ops.axes import axes, dtype_of, shape_of, whole
from .ops.random import bits_at, mask_of, random_bits
from .program import Traced
from .randomness import NEXT, SEEDED, SHARED, address, below, next_draw, next_seed

__all__ = [
    "SeedGenerator", "bernoulli", "categorical", "dropout", "normal", "permutation", "randint", "shuffle",
    "truncated_normal", "uniform",
]  # fmt: skip

WIDTHS = {"float32": (32, 24), "float64": (64, 53)}  # bits that are drawn for a float, and digits that it has
WIDEST_RANGE = 1 << 32
WITHIN_TWO = math.erf(math.sqrt(2))  # how much of a normal distribution lies within two standard deviations

Numbers = SupportsIndex | Iterable[SupportsIndex]
Seed: TypeAlias = "int | SeedGenerator | None"
Draw = Callable[[Shape, int], Any]
"""From a shape and a number of bits to random integers of so many bits each."""

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
        given = next_seed() if seed is None else _checked_seed("SeedGenerator", seed)
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


# distributions --------------------------------------------------------------------------------------------


def uniform(shape: Numbers, minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """Numbers evenly spread from minval, which can occur, to maxval, which cannot unless it is minval.

    Args:
        shape: the shape of the result.
        minval: the lower limit.
        maxval: the upper limit.
        dtype: float32 or float64; float32 if None.
        seed: a whole number, a SeedGenerator or None.

    Raises:
        ValueError: a limit is not finite, or minval is larger than maxval.
        TypeError: a limit is no number, or the dtype is no float.
    """
    where = "random.uniform"
    shape, name = _checked_shape(where, shape), _checked_float(where, dtype)
    low, high = (rounded(_number(where, k, v), name) for k, v in (("minval", minval), ("maxval", maxval)))
    if low > high or not math.isfinite(rounded(high - low, name)):
        raise ValueError(
            f"{users_line()}{where}: minval is at most maxval, and their difference a {name}; "
            f"got minval={minval} and maxval={maxval}."
        )
    x = _scaled(_draw(_unit, shape, _checked_seed(where, seed), name), low, high - low)
    exact = (low, high) == (0, 1) or low == high
    return x if exact else ops.minimum(x, below(high, name))  # which rounding could reach


def normal(shape: Numbers, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """Numbers of the normal distribution, up to 6.7 standard deviations away (float64: 9.4).

    Source: G. E. P. Box, M. E. Muller, A Note on the Generation of Random Normal Deviates, 1958.

    Args:
        shape: the shape of the result.
        mean: the mean.
        stddev: the standard deviation.
        dtype: float32 or float64; float32 if None.
        seed: a whole number, a SeedGenerator or None.

    Raises:
        ValueError: mean or stddev is not finite, or stddev is negative.
        TypeError: mean or stddev is no number, or the dtype is no float.
    """
    where = "random.normal"
    shape, name = _checked_shape(where, shape), _checked_float(where, dtype)
    mean, stddev = _number(where, "mean", mean), _number(where, "stddev", stddev, 0)
    return _scaled(_draw(_normal, shape, _checked_seed(where, seed), name), mean, stddev)


def truncated_normal(
    shape: Numbers, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None
) -> Any:
    """Numbers of the normal distribution as far as it lies within two standard deviations, by its inverse.

    Args:
        shape: the shape of the result.
        mean: the mean.
        stddev: the standard deviation before what lies further away is cut off.
        dtype: float32 or float64; float32 if None.
        seed: a whole number, a SeedGenerator or None.

    Raises:
        ValueError: mean or stddev is not finite, or stddev is negative.
        TypeError: mean or stddev is no number, or the dtype is no float.
    """
    where = "random.truncated_normal"
    shape, name = _checked_shape(where, shape), _checked_float(where, dtype)
    mean, stddev = _number(where, "mean", mean), _number(where, "stddev", stddev, 0)
    return _scaled(_draw(_within_two, shape, _checked_seed(where, seed), name), mean, stddev)


def randint(shape: Numbers, minval: int, maxval: int, dtype: Any = "int32", seed: Any = None) -> Any:
    """Whole numbers from minval to maxval - 1, each as likely as the others to within 2**-64.

    Args:
        shape: the shape of the result.
        minval: the smallest.
        maxval: one more than the largest; at most 2**32 more than minval.
        dtype: an integer dtype.
        seed: a whole number, a SeedGenerator or None.

    Raises:
        ValueError: there is no number in the range, more than 2**32 of them, or one that the dtype does not hold.
        TypeError: a limit is no whole number, or the dtype is no integer.
    """
    where = "random.randint"
    shape, name = _checked_shape(where, shape), _checked_integer(where, dtype)
    low, high = _whole_number(where, "minval", minval), _whole_number(where, "maxval", maxval)
    if not 0 < high - low <= WIDEST_RANGE:
        raise ValueError(
            f"{users_line()}{where} draws from minval to maxval - 1, which must be 1 to 2**32 numbers; "
            f"got minval={low} and maxval={high}."
        )
    bits = 8 * itemsize(name)
    least = 0 if name.startswith("u") else -(1 << (bits - 1))
    if low < least or high > least + (1 << bits):
        raise ValueError(f"{users_line()}{where}: {name} does not hold all of {low} to {high - 1}.")
    drawn = ops.remainder(_draw(_words, shape, _checked_seed(where, seed)), high - low)
    return ops.cast(ops.add(ops.cast(drawn, "int64" if least else "uint64"), low), name)


def bernoulli(shape: Numbers, p: float = 0.5, dtype: Any = "bool", seed: Any = None) -> Any:
    """True with probability p, to the next 2**-24 above it, else False; in another dtype 1 and 0.

    Args:
        shape: the shape of the result.
        p: the probability, from 0 to 1.
        dtype: the dtype of the result.
        seed: a whole number, a SeedGenerator or None.

    Raises:
        ValueError: p is not from 0 to 1.
        TypeError: p is no number.
    """
    where = "random.bernoulli"
    shape, chance = _checked_shape(where, shape), _number(where, "p", p, 0, 1)
    return ops.cast(ops.less(_draw(_unit, shape, _checked_seed(where, seed), "float32"), chance), dtype)


def categorical(logits: Any, num_samples: int, dtype: Any = "int32", seed: Any = None) -> Any:
    """Classes drawn with the probabilities softmax(logits): those whose logits with Gumbel noise are the largest.

    Source: E. J. Gumbel, Statistical Theory of Extreme Values, 1954, chapter 1.

    Args:
        logits: shape (..., classes); -inf for what is never drawn.
        num_samples: how many to draw for each row.
        dtype: an integer dtype.
        seed: a whole number, a SeedGenerator or None.

    Returns:
        Numbers of classes, shape (..., num_samples).

    Raises:
        ValueError: there is no class, or num_samples is negative.
        TypeError: num_samples is no whole number, or the dtype is no integer.
    """
    where = "random.categorical"
    logits = _here(logits)
    shape, name = shape_of(logits), _checked_integer(where, dtype)
    count = _checked_shape(where, _whole_number(where, "num_samples", num_samples))
    if not shape or not shape[-1]:
        raise ValueError(f"{users_line()}{where} takes logits of shape (..., classes); got {shape}.")
    floating = dtype_of(logits) if dtype_of(logits) in WIDTHS else DEFAULT_FLOAT
    x = ops.cast(logits, floating)
    x = ops.subtract(x, ops.max(x, -1, keepdims=True))  # so that the noise is not lost beside huge logits
    noise = _draw(_gumbel, (*shape[:-1], *count, shape[-1]), _checked_seed(where, seed), floating)
    return ops.cast(ops.argmax(ops.add(ops.expand_dims(x, -2), noise), -1), name)


def dropout(inputs: Any, rate: float, noise_shape: Sequence[int | None] | None = None, seed: Any = None) -> Any:
    """0 in place of a share of the inputs, and the others times 1 / (1 - rate), so that their expected sum stays.

    Source: N. Srivastava et al., Dropout: A Simple Way to Prevent Neural Networks from Overfitting, JMLR 2014.

    Args:
        inputs: floats of any shape.
        rate: the share that is left out, from 0 to 1, to the nearest 1/65536.
        noise_shape: the shape of the mask, which is broadcast; None in it stands for the inputs' own length.
        seed: a whole number, a SeedGenerator or None.

    Raises:
        ValueError: the rate is not from 0 to 1, or noise_shape does not broadcast to the shape of the inputs.
        TypeError: the inputs are no floats.
    """
    where = "random.dropout"
    inputs = _here(inputs)
    left_out, shape, name = _number(where, "rate", rate, 0, 1), shape_of(inputs), dtype_of(inputs)
    if not is_float(name):
        raise TypeError(f"{users_line()}{where} takes floats; got {name}. Use ops.cast.")
    shape = shape if noise_shape is None else _checked_noise(where, noise_shape, shape)
    return ops.multiply(inputs, _draw(_mask, shape, _checked_seed(where, seed), name, left_out))


def permutation(n: int, seed: Any = None) -> Any:
    """The numbers 0 to n - 1 in random order, as int64: that in which a stable sort brings as many random words.

    Args:
        n: how many.
        seed: a whole number, a SeedGenerator or None.

    Raises:
        ValueError: n is negative.
        TypeError: n is no whole number.
    """
    where = "random.permutation"
    shape = _checked_shape(where, _whole_number(where, "n", n))
    return _draw(_order, shape, _checked_seed(where, seed))


def shuffle(x: Any, axis: int = 0, seed: Any = None) -> Any:
    """x with its parts along an axis in random order, that of `permutation`.

    Args:
        x: an array of at least one axis.
        axis: along which it is shuffled.
        seed: a whole number, a SeedGenerator or None.

    Raises:
        ValueError: x has no such axis.
    """
    x = _here(x)
    shape = shape_of(x)
    (along,) = axes(operator.index(axis), len(shape))
    return ops.take(x, permutation(shape[along], seed), axis=along)


# from bits ------------------------------------------------------------------------------------------------


def _draw(make: Callable[..., Any], shape: Shape, seed: Seed, *options: Hashable) -> Any:
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

    return Traced(record, f"random{make.__name__}")


def _words(draw: Draw, shape: Shape) -> Any:
    return draw(shape, 64)


def _order(draw: Draw, shape: Shape) -> Any:
    return ops.argsort(draw(shape, 64))


def _mask(draw: Draw, shape: Shape, dtype: DType, rate: float) -> Any:
    return mask_of(draw(shape, 16), rate, dtype)


def _unit(draw: Draw, shape: Shape, dtype: DType) -> Any:
    """Multiples of 2**-24 (float64: 2**-53) from 0 to below 1."""
    width, digits = WIDTHS[dtype]
    return ops.cast(ops.bitwise_right_shift(draw(shape, width), width - digits), dtype) * 2.0**-digits


def _open(draw: Draw, shape: Shape, dtype: DType) -> Any:
    """Numbers from 2**-33 (float64: 2**-65) to 1, which can occur; the smaller, the closer they lie."""
    width, _ = WIDTHS[dtype]
    return ops.cast(draw(shape, width), dtype) * 2.0**-width + 2.0 ** -(width + 1)


def _normal(draw: Draw, shape: Shape, dtype: DType) -> Any:
    """Mean 0 and deviation 1: the cosines of all pairs of numbers, then their sines."""
    count = size_of(shape)
    u = _open(draw, (2, -(-count // 2)), dtype)
    distance, angle = ops.sqrt(ops.log(u[0]) * -2.0), u[1] * (2 * math.pi)
    return ops.reshape(ops.concat([distance * ops.cos(angle), distance * ops.sin(angle)])[:count], shape)


def _within_two(draw: Draw, shape: Shape, dtype: DType) -> Any:
    """The same, cut off at -2 and 2: the inverse at odd multiples of 2**-24 (2**-53), as many below 0 as above."""
    u = _unit(draw, shape, dtype) * 2.0 - (1 - 2.0 ** -WIDTHS[dtype][1])
    return ops.clip(ops.erfinv(u * WITHIN_TWO) * math.sqrt(2), -2.0, 2.0)


def _gumbel(draw: Draw, shape: Shape, dtype: DType) -> Any:
    u = ops.minimum(_open(draw, shape, dtype), 1 - 2.0 ** -WIDTHS[dtype][1])
    return -ops.log(-ops.log1p(-u))


def _here(x: Any) -> Any:
    """Host data as an array of the current backend, outside of a trace."""
    return x if current_trace() is not None or isinstance(x, Variable) else ops.convert_to_tensor(x)


def _scaled(x: Any, shift: float, factor: float) -> Any:
    return x if (shift, factor) == (0, 1) else ops.add(ops.multiply(x, factor), shift)


# arguments ------------------------------------------------------------------------------------------------


def _checked_seed(where: str, seed: Any) -> Seed:
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


def _checked_shape(where: str, shape: Numbers) -> Shape:
    try:
        lengths = whole(shape)
    except TypeError:
        raise TypeError(f"{users_line()}{where}: a shape is made of whole numbers; got {shape!r:.80}.") from None
    if min(lengths, default=0) < 0:
        raise ValueError(f"{users_line()}{where}: lengths are at least 0; got {shape!r:.80}.")
    return lengths


def _checked_float(where: str, dtype: Any) -> DType:
    name = DEFAULT_FLOAT if dtype is None else dtype_name(dtype)
    if name not in WIDTHS:
        raise TypeError(f"{users_line()}{where}: dtype is {' or '.join(WIDTHS)}; got {name}. Use ops.cast for another.")
    return name


def _checked_integer(where: str, dtype: Any) -> DType:
    name = dtype_name(dtype)
    if not is_integer(name):
        raise TypeError(f"{users_line()}{where}: dtype is one of integers; got {name}.")
    return name


def _number(where: str, name: str, value: Any, least: float = -math.inf, most: float = math.inf) -> float:
    """A finite number within limits, as Python's."""
    if isinstance(value, bool) or not isinstance(value, SupportsFloat) or getattr(value, "shape", ()) != ():
        raise TypeError(f"{users_line()}{where}: {name} is a number; got {type(value).__name__}: {value!r:.80}.")
    number = float(value)
    if not (least <= number <= most and math.isfinite(number)):
        limits = "finite" if least < -1 else f"at least {least:g}" if most > 1 else f"from {least:g} to {most:g}"
        raise ValueError(f"{users_line()}{where}: {name} is {limits}; got {value!r}.")
    return number


def _whole_number(where: str, name: str, value: Any) -> int:
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{users_line()}{where}: {name} is a whole number; got {value!r:.80}.") from None


def _checked_noise(where: str, noise_shape: Sequence[int | None], shape: Shape) -> Shape:
    given = tuple(noise_shape)
    own = (None,) * (len(given) - len(shape)) + shape[max(len(shape) - len(given), 0) :]
    lengths = _checked_shape(where, [(m or 0) if n is None else n for n, m in zip(given, own, strict=True)])
    if len(lengths) > len(shape) or any(n not in (1, m) for n, m in zip(lengths, own, strict=True)):
        raise ValueError(f"{users_line()}{where}: noise_shape {given} does not broadcast to the inputs' {shape}.")
    return lengths
