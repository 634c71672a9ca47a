"""Random bits as an op, and the masks that dropout makes of them."""

from __future__ import annotations

from typing import Any

from ..graph import Op, Symbol, call, define, running_trace
from ..graph.node import Node
from ..graph.types import DType, Shape
from .creation import zeros
from .elementwise import multiply
from .shaping import cast

_BITS = define(
    Op(
        "random_bits",
        "fresh",
        lambda seed, step, *, shape, stream, call: (shape, "uint16"),
        text="random_bits({0}, {stream}, {1}, {call}, 0, shape={shape})",
        into="random_bits({0}, {stream}, {1}, {call}, 0, out={out})",
        noun="bits",
    )
)


def random_bits(shape: Shape, stream: int) -> Symbol:
    """16 random bits an element, as uint16: others in every step, and at every call within it.

    The order of the bits is that of `kcore.randomness.Philox`, with the seed and the step of the running program.
    """
    trace = running_trace()
    number = trace.draws[stream] = trace.draws.get(stream, -1) + 1
    seed, step = trace.input("seed", (), "uint64"), trace.input("step", (), "uint64")
    options: dict[str, Any] = {"shape": shape, "stream": stream, "call": number}
    return Symbol(trace.add(_BITS, [seed.node, step.node], options))


def _mask_rule(bits: Node, *, rate: float, dtype: DType) -> tuple[Shape, DType]:
    return bits.shape, dtype


def _mask(bits: Any, *, rate: float, dtype: DType) -> Any:
    threshold = round(rate * 65536)
    if threshold > 65535:
        return zeros(bits.shape, dtype)
    return multiply(cast(bits >= threshold, dtype), 1 / (1 - rate))


_MASK = define(Op("dropout_mask", "compound", _mask_rule, (None,), _mask, noun="mask"))


def dropout_mask(shape: Shape, rate: float, stream: int, dtype: DType) -> Any:
    """0 with probability `rate`, to the nearest 1/65536, and 1 / (1 - rate) elsewhere."""
    return call(_MASK, random_bits(shape, stream), rate=float(rate), dtype=dtype)
