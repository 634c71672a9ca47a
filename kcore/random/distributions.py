"""Distributions, in the words of keras.random."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

from .. import ops
from ..graph.types import DEFAULT_FLOAT, is_float, itemsize, rounded
from ..graph.where import users_line
from ..ops.axes import axes, dtype_of, shape_of
from ..randomness import below
from . import bits
from .arguments import (
    WIDTHS,
    Numbers,
    checked_float,
    checked_integer,
    checked_noise,
    checked_shape,
    finite,
    whole_number,
)
from .seeds import checked_seed

WIDEST_RANGE = 1 << 32


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
    shape, name = checked_shape(where, shape), checked_float(where, dtype)
    low, high = (rounded(finite(where, k, v), name) for k, v in (("minval", minval), ("maxval", maxval)))
    if low > high or not math.isfinite(rounded(high - low, name)):
        raise ValueError(
            f"{users_line()}{where}: minval is at most maxval, and their difference a {name}; "
            f"got minval={minval} and maxval={maxval}."
        )
    x = bits.scaled(bits.drawn(bits.unit, shape, checked_seed(where, seed), name), low, high - low)
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
    shape, name = checked_shape(where, shape), checked_float(where, dtype)
    mean, stddev = finite(where, "mean", mean), finite(where, "stddev", stddev, 0)
    return bits.scaled(bits.drawn(bits.normal, shape, checked_seed(where, seed), name), mean, stddev)


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
    shape, name = checked_shape(where, shape), checked_float(where, dtype)
    mean, stddev = finite(where, "mean", mean), finite(where, "stddev", stddev, 0)
    return bits.scaled(bits.drawn(bits.within_two, shape, checked_seed(where, seed), name), mean, stddev)


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
    shape, name = checked_shape(where, shape), checked_integer(where, dtype)
    low, high = whole_number(where, "minval", minval), whole_number(where, "maxval", maxval)
    if not 0 < high - low <= WIDEST_RANGE:
        raise ValueError(
            f"{users_line()}{where} draws from minval to maxval - 1, which must be 1 to 2**32 numbers; "
            f"got minval={low} and maxval={high}."
        )
    width = 8 * itemsize(name)
    least = 0 if name.startswith("u") else -(1 << (width - 1))
    if low < least or high > least + (1 << width):
        raise ValueError(f"{users_line()}{where}: {name} does not hold all of {low} to {high - 1}.")
    drawn = ops.remainder(bits.drawn(bits.words, shape, checked_seed(where, seed)), high - low)
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
    shape, chance = checked_shape(where, shape), finite(where, "p", p, 0, 1)
    return ops.cast(ops.less(bits.drawn(bits.unit, shape, checked_seed(where, seed), "float32"), chance), dtype)


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
    logits = bits.here(logits)
    shape, name = shape_of(logits), checked_integer(where, dtype)
    count = checked_shape(where, whole_number(where, "num_samples", num_samples))
    if not shape or not shape[-1]:
        raise ValueError(f"{users_line()}{where} takes logits of shape (..., classes); got {shape}.")
    floating = dtype_of(logits) if dtype_of(logits) in WIDTHS else DEFAULT_FLOAT
    x = ops.cast(logits, floating)
    x = ops.subtract(x, ops.max(x, -1, keepdims=True))  # so that the noise is not lost beside huge logits
    noise = bits.drawn(bits.gumbel, (*shape[:-1], *count, shape[-1]), checked_seed(where, seed), floating)
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
    inputs = bits.here(inputs)
    left_out, shape, name = finite(where, "rate", rate, 0, 1), shape_of(inputs), dtype_of(inputs)
    if not is_float(name):
        raise TypeError(f"{users_line()}{where} takes floats; got {name}. Use ops.cast.")
    shape = shape if noise_shape is None else checked_noise(where, noise_shape, shape)
    return ops.multiply(inputs, bits.drawn(bits.mask, shape, checked_seed(where, seed), name, left_out))


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
    shape = checked_shape(where, whole_number(where, "n", n))
    return bits.drawn(bits.order, shape, checked_seed(where, seed))


def shuffle(x: Any, axis: int = 0, seed: Any = None) -> Any:
    """x with its parts along an axis in random order, that of `permutation`.

    Args:
        x: an array of at least one axis.
        axis: along which it is shuffled.
        seed: a whole number, a SeedGenerator or None.

    Raises:
        ValueError: x has no such axis.
    """
    x = bits.here(x)
    shape = shape_of(x)
    (along,) = axes(operator.index(axis), len(shape))
    return ops.take(x, permutation(shape[along], seed), axis=along)
