"""Powers of e, logarithms, circles and hyperbolas: atoms that make floats of integers."""

from __future__ import annotations

import functools
import math
from typing import Any

from ..graph import call
from . import atoms
from .atoms import Unary
from .elementwise import divide, equal, multiply, pow, reciprocal, sqrt, where

_unary = functools.partial(atoms.unary, floating=True)
_binary = functools.partial(atoms.binary, floating=True)

exp = _unary("exp", "e to the power of x.", lambda g, out, a: g * out)
expm1 = _unary("expm1", "e to the power of x, less 1: exact for small x, too.", lambda g, out, a: g * (out + 1.0))
log = _unary("log", "The natural logarithm.", lambda g, out, a: g / a)
log1p = _unary("log1p", "The natural logarithm of 1 + x: exact for small x, too.", lambda g, out, a: g / (a + 1.0))
log2 = _unary("log2", "The logarithm to the base 2.", lambda g, out, a: g / (a * math.log(2)))
log10 = _unary("log10", "The logarithm to the base 10.", lambda g, out, a: g / (a * math.log(10)))

sin = _unary("sin", "The sine of x radians.", lambda g, out, a: g * cos(a))
cos: Unary = _unary("cos", "The cosine of x radians.", lambda g, out, a: -g * sin(a))
tan = _unary("tan", "The tangent of x radians.", lambda g, out, a: g * (out * out + 1.0))
asin = _unary(
    "asin",
    "The angle between -pi/2 and pi/2 that has this sine. Its gradient at -1 and 1 is infinite.",
    lambda g, out, a: g / sqrt((1.0 - a) * (1.0 + a)),
    noun="angle",
)
acos = _unary(
    "acos",
    "The angle between 0 and pi that has this cosine. Its gradient at -1 and 1 is infinite.",
    lambda g, out, a: -g / sqrt((1.0 - a) * (1.0 + a)),
    noun="angle",
)
atan = _unary(
    "atan",
    "The angle between -pi/2 and pi/2 that has this tangent.",
    lambda g, out, a: g / (a * a + 1.0),
    noun="angle",
)
atan2 = _binary(
    "atan2",
    "The angle between -pi and pi of the point with height x1 at x2. Its gradient at the origin is 0.",
    lambda g, out, y, x: g * (x / _nonzero(x * x + y * y)),
    lambda g, out, y, x: -g * (y / _nonzero(x * x + y * y)),
    noun="angle",
)
hypot = _binary(
    "hypot",
    "sqrt(x1^2 + x2^2), without overflow. Its gradient at the origin is 0.",
    lambda g, out, a, b: g * (a / _nonzero(out)),
    lambda g, out, a, b: g * (b / _nonzero(out)),
    noun="length",
)

sinh = _unary("sinh", "The hyperbolic sine.", lambda g, out, a: g * cosh(a))
cosh: Unary = _unary("cosh", "The hyperbolic cosine.", lambda g, out, a: g * sinh(a))
tanh = _unary("tanh", "The hyperbolic tangent.", lambda g, out, a: g * (1.0 - out * out))
asinh = _unary("asinh", "The number that has this hyperbolic sine.", lambda g, out, a: g / hypot(a, 1.0))
acosh = _unary(
    "acosh",
    "The number from 0 up that has this hyperbolic cosine. Its gradient at 1 is infinite.",
    lambda g, out, a: g / (sqrt(a - 1.0) * sqrt(a + 1.0)),
)
atanh = _unary("atanh", "The number that has this hyperbolic tangent.", lambda g, out, a: g / ((1.0 - a) * (1.0 + a)))
logaddexp = _binary(
    "logaddexp",
    "log(e^x1 + e^x2), without overflow. Of two equal ones, infinite ones too, each gets half of the gradient.",
    lambda g, out, a, b: g * _share(a, b),
    lambda g, out, a, b: g * _share(b, a),
)


def _nonzero(x: Any) -> Any:
    """x, but 1 where it is 0: what only zeros are divided by there."""
    return where(equal(x, 0.0), 1.0, x)


def _share(a: Any, b: Any) -> Any:
    return call("sigmoid", where(equal(a, b), 0.0, a - b))


def exp2(x: Any) -> Any:
    """2 to the power of x; of integers as float32."""
    return pow(2.0, x)


def rsqrt(x: Any) -> Any:
    """1 / sqrt(x)."""
    return reciprocal(sqrt(x))


def deg2rad(x: Any) -> Any:
    """Degrees as radians."""
    return multiply(x, math.pi / 180)


def rad2deg(x: Any) -> Any:
    """Radians as degrees."""
    return multiply(x, 180 / math.pi)


def sinc(x: Any) -> Any:
    """sin(pi x) / (pi x), and 1 at 0."""
    angle = multiply(x, math.pi)
    safe = _nonzero(angle)
    return where(equal(angle, 0.0), 1.0, divide(sin(safe), safe))


arccos, arccosh, arcsin, arcsinh, arctan, arctan2, arctanh = acos, acosh, asin, asinh, atan, atan2, atanh
