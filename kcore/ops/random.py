"""Random bits as an op, and the masks that dropout makes of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..graph import Op, Symbol, call, current_trace, define, running_trace
from ..graph.node import Node
from ..graph.types import DType, Shape
from .creation import zeros
from .elementwise import multiply
from .shaping import cast


def _drawn(where: str) -> Callable[[Node], str]:
    """The text of a draw; of how many bits an element is said where they are not 16."""

    def text(node: Node) -> str:
        many = "" if node.dtype == "uint16" else ", bits={bits}"
        return f"random_bits({{0}}, {{stream}}, {{1}}, {{call}}, {{2}}, {where}{many})"

    return text


RANDOM_BITS = define(
    Op(
        "random_bits",
        "fresh",
        lambda seed, step, turn, *, shape, stream, call, bits: (shape, f"uint{bits}"),
        text=_drawn("shape={shape}"),
        into=_drawn("out={out}"),
        noun="bits",
    )
)


def random_bits(shape: Shape, stream: int, bits: int = 16) -> Symbol:
    """16, 32 or 64 random bits an element, unsigned: others in every step, at every call within it and in every turn.

    The order of the bits is that of `kcore.randomness.Philox`, with the seed and the step of the running program.
    """
    trace = running_trace()
    number = trace.draws[stream] = trace.draws.get(stream, -1) + 1
    seed, step = trace.input("seed", (), "uint64"), trace.input("step", (), "uint64")
    return bits_at(seed, step, stream, number, shape, bits)


def bits_at(seed: Any, step: Any, stream: int, number: int, shape: Shape, bits: int) -> Symbol:
    """The random bits of an address: seed and step are symbols of uint64, of shape (); `number` is that of the call."""
    trace = current_trace()
    turn = 0 if trace is None else Symbol(trace.turn())
    out: Symbol = call(RANDOM_BITS, seed, step, turn, shape=shape, stream=stream, call=number, bits=bits)
    return out


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
    return mask_of(random_bits(shape, stream), rate, dtype)


def mask_of(bits: Any, rate: float, dtype: DType) -> Any:
    """The mask that `dropout_mask` makes of 16 random bits an element."""
    return call(_MASK, bits, rate=float(rate), dtype=dtype)
