"""The functions of kcore.random with arguments, and what NumPy's Philox and plain formulas give for an address."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import Any

import attrs
import numpy as np

from kcore import random

Array = np.ndarray[Any, Any]
SEEDED, SHARED = (1 << 62) + 2, (1 << 62) + 1


def raw(count: int, bits: int, seed: int, step: int = 0, call: int = 0, time: int = 0, stream: int = SEEDED) -> Array:
    """So many random integers of so many bits, cut from Philox's words, the low ones first."""
    key, counter = np.array([seed, stream], np.uint64), np.array([0, step, call, time], np.uint64)
    words = np.random.Philox(key=key, counter=counter).random_raw(-(-count * bits // 64))
    each = 64 // bits
    cut = [(int(words[i // each]) >> bits * (i % each)) & ((1 << bits) - 1) for i in range(count)]
    return np.array(cut, f"uint{bits}")


def unit(shape: tuple[int, ...], dtype: str, **address: int) -> Array:
    """(bits >> 8) 2^-24, or (bits >> 11) 2^-53."""
    count = math.prod(shape)
    bits = raw(count, 32, **address) >> 8 if dtype == "float32" else raw(count, 64, **address) >> 11
    return (bits * (2.0**-24 if dtype == "float32" else 2.0**-53)).astype(dtype).reshape(shape)


def half_open(count: int, dtype: str, **address: int) -> Array:
    """(bits + 1/2) 2^-32 or 2^-64, rounded as kcore documents it."""
    width = 32 if dtype == "float32" else 64
    u = raw(count, width, **address).astype(dtype)
    return (u * np.dtype(dtype).type(2.0**-width) + np.dtype(dtype).type(2.0 ** -(width + 1))).astype(float)


def normal(shape: tuple[int, ...], dtype: str, **address: int) -> Array:
    """Box and Muller's pairs, in float64."""
    count = math.prod(shape)
    u, v = half_open(2 * -(-count // 2), dtype, **address).reshape(2, -1)
    pairs = np.sqrt(-2 * np.log(u)) * np.stack([np.cos(2 * np.pi * v), np.sin(2 * np.pi * v)])
    return pairs.reshape(-1)[:count].reshape(shape).astype(dtype)


def truncated(shape: tuple[int, ...], dtype: str, **address: int) -> Array:
    """The inverse of the normal distribution, from the middle of each step."""
    digits = 24 if dtype == "float32" else 53
    u = unit(shape, dtype, **address).astype(float) + 2.0 ** -(digits + 1)
    low = NormalDist().cdf(-2)
    inverse = [NormalDist().inv_cdf(low + x * (1 - 2 * low)) for x in u.reshape(-1)]
    return np.array(inverse, dtype).reshape(shape)


def integers(shape: tuple[int, ...], low: int, high: int, dtype: str, **address: int) -> Array:
    """low + words mod (high - low)."""
    words = raw(math.prod(shape), 64, **address)
    return np.array([low + int(w) % (high - low) for w in words], dtype).reshape(shape)


def mask(shape: tuple[int, ...], rate: float, **address: int) -> Array:
    """Where 16 bits are at least the rate."""
    kept = raw(math.prod(shape), 16, **address).reshape(shape) >= round(rate * 65536)
    return np.where(kept, np.float32(1 / (1 - rate) if rate < 1 else 0), np.float32(0))


def order(n: int, **address: int) -> Array:
    """The order of 64-bit words."""
    words = [int(w) for w in raw(n, 64, **address)]
    return np.array(sorted(range(n), key=words.__getitem__), np.int64)


def classes(logits: Array, count: int, **address: int) -> Array:
    """The largest logit with Gumbel noise."""
    shape = (*logits.shape[:-1], count, logits.shape[-1])
    u = np.minimum(half_open(math.prod(shape), "float32", **address), 1 - 2.0**-24).reshape(shape)
    x = logits.astype(float) - logits.max(-1, keepdims=True)
    return np.argmax(x[..., None, :] - np.log(-np.log1p(-u)), -1).astype(np.int32)


@attrs.frozen
class Draw:
    """A call.

    Attributes:
        name: what it is called in kcore.random.
        call: it, for a seed.
        reference: the same by NumPy, for an address by keyword.
        exact: whether the bits are equal on all backends.
    """

    name: str
    call: Callable[[Any], Any]
    reference: Callable[..., Array]
    exact: bool = True


X = np.linspace(-1, 1, 60, dtype=np.float32).reshape(5, 4, 3)
LOGITS = np.log(np.array([[0.1, 0.2, 0.7], [0.5, 0.5, 0]], np.float32), where=[[True] * 3, [True, True, False]],
                out=np.full((2, 3), -np.inf, np.float32))  # fmt: skip


DRAWS = [
    Draw("uniform", lambda s: random.uniform((3, 5), seed=s), lambda **a: unit((3, 5), "float32", **a)),
    Draw("uniform", lambda s: random.uniform((7,), dtype="float64", seed=s), lambda **a: unit((7,), "float64", **a)),
    Draw(
        "uniform",
        lambda s: random.uniform((7,), -3, 4.5, seed=s),
        lambda **a: unit((7,), "float32", **a) * np.float32(7.5) - np.float32(3),
    ),
    Draw("normal", lambda s: random.normal((3, 5), seed=s), lambda **a: normal((3, 5), "float32", **a), False),
    Draw(
        "normal",
        lambda s: random.normal((4,), 5.0, 2.0, "float64", s),
        lambda **a: normal((4,), "float64", **a) * 2 + 5,
        False,
    ),
    Draw(
        "truncated_normal",
        lambda s: random.truncated_normal((3, 5), seed=s),
        lambda **a: truncated((3, 5), "float32", **a),
        False,
    ),
    Draw(
        "truncated_normal",
        lambda s: random.truncated_normal((3,), -1.0, 0.5, "float64", s),
        lambda **a: truncated((3,), "float64", **a) / 2 - 1,
        False,
    ),
    Draw("randint", lambda s: random.randint((9,), 0, 10, seed=s), lambda **a: integers((9,), 0, 10, "int32", **a)),
    Draw(
        "randint",
        lambda s: random.randint((2, 9), -(2**31), 2**31, "int32", s),
        lambda **a: integers((2, 9), -(2**31), 2**31, "int32", **a),
    ),
    Draw(
        "randint",
        lambda s: random.randint((9,), 2**64 - 5, 2**64, "uint64", s),
        lambda **a: integers((9,), 2**64 - 5, 2**64, "uint64", **a),
    ),
    Draw(
        "randint",
        lambda s: random.randint((9,), -128, 128, "int8", s),
        lambda **a: integers((9,), -128, 128, "int8", **a),
    ),
    Draw("bernoulli", lambda s: random.bernoulli((20,), 0.3, seed=s), lambda **a: unit((20,), "float32", **a) < 0.3),
    Draw(
        "bernoulli",
        lambda s: random.bernoulli((20,), 0.3, "int32", s),
        lambda **a: (unit((20,), "float32", **a) < 0.3).astype("int32"),
    ),
    Draw("dropout", lambda s: random.dropout(X, 0.3, seed=s), lambda **a: X * mask((5, 4, 3), 0.3, **a)),
    Draw(
        "dropout",
        lambda s: random.dropout(X, 0.5, (None, 1, 3), s),
        lambda **a: X * mask((5, 1, 3), 0.5, **a),
    ),
    Draw("permutation", lambda s: random.permutation(40, s), lambda **a: order(40, **a)),
    Draw("shuffle", lambda s: random.shuffle(X, seed=s), lambda **a: X[order(5, **a)]),
    Draw("shuffle", lambda s: random.shuffle(X, -2, s), lambda **a: X[:, order(4, **a)]),
    Draw("categorical", lambda s: random.categorical(LOGITS, 8, seed=s), lambda **a: classes(LOGITS, 8, **a)),
]
