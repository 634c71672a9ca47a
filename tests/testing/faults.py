"""What tests of checks share: a check passes what is right, and says what is wrong with what is not."""

from __future__ import annotations

import re
from typing import Any

import attrs
import numpy as np
import pytest

from kcore import ops
from kcore.backend import current_backend
from kcore.graph.node import OPS
from kcore.ops import Op, call, define


@attrs.frozen
class Fault:
    """Something wrong, and how the check has to say so."""

    make: Any
    text: str
    how: dict[str, Any] = attrs.field(factory=dict)

    def __str__(self) -> str:
        return getattr(self.make, "__name__", str(self.make)).lstrip("_").lower()


def each(*faults: Fault) -> Any:
    return pytest.mark.parametrize("fault", [pytest.param(f, id=str(f)) for f in faults])


def check_says(check: Any, fault: Fault, *args: Any) -> None:
    """The check fails; its text is one sentence with an expectation, and one with a cure or a guess at a name."""
    with pytest.raises(AssertionError, match=fault.text) as caught:
        check(fault.make, *args, **fault.how)
    text = str(caught.value)
    assert re.fullmatch(r"(?s)[A-Z].*: expected .+; got .+\. .+[.)\]?]", text), text
    assert not re.search(r"(?<!\.)[.?]\.(?!\.)", text), text


# ops with something wrong

define(
    Op(
        "planted/on_numpy",
        "elementwise",
        lambda x: (x.shape, x.dtype),
        gradients=(lambda g, out, x: g,),
        text="np.multiply({0}, 1.0)",
        into="np.multiply({0}, 1.0, out={out})",
    )
)
define(
    Op(
        "planted/slope",
        "compound",
        lambda x: (x.shape, x.dtype),
        gradients=(lambda g, out, x: g * 2.5 * x,),
        lowering=lambda x: ops.square(x),
    )
)
define(
    Op(
        "planted/slope_elsewhere",
        "compound",
        lambda x: (x.shape, x.dtype),
        gradients=(lambda g, out, x: elsewhere(g),),
        lowering=lambda x: x * 1.0,
    )
)
define(Op("planted/no_slope", "compound", lambda x: (x.shape, x.dtype), lowering=lambda x: x * 1.0))
define(
    Op(
        "planted/endless_slope",
        "compound",
        lambda x: (x.shape, x.dtype),
        gradients=(lambda g, out, x: g / (x - x),),
        lowering=lambda x: x * 1.0,
    )
)


def slope_elsewhere(x: Any) -> Any:
    """x, whose gradient is another one on other backends than NumPy."""
    return call(OPS["planted/slope_elsewhere"], x)


def no_slope(x: Any) -> Any:
    """x, by an op without a gradient rule."""
    return call(OPS["planted/no_slope"], x)


def endless_slope(x: Any) -> Any:
    """x, whose gradient is divided by 0."""
    return call(OPS["planted/endless_slope"], x)


def on_numpy(x: Any) -> Any:
    """x, by a function that NumPy alone has."""
    return call(OPS["planted/on_numpy"], x)


def steep(x: Any) -> Any:
    """x squared, whose gradient rule says 2.5 x."""
    return call(OPS["planted/slope"], x)


def narrow(x: Any) -> Any:
    """x, of which only the digits of float32 are left."""
    return ops.cast(ops.cast(x, "float32"), x.dtype)


def elsewhere(x: Any) -> Any:
    """x, but for other backends than NumPy a little more."""
    return x if current_backend().name == "numpy" else x * 1.01


UNSEEDED = np.random.default_rng()
