"""The error function and its inverse, from rational approximations in double precision."""

from __future__ import annotations

import math
from typing import Any

from ..graph import Op, call, define
from .atoms import elementwise
from .elementwise import abs, copysign, equal, less_equal, maximum, minimum, sqrt, square, where
from .transcendental import exp, log

Coefficients = tuple[float, ...]


def _table(above: str, below: str) -> tuple[Coefficients, Coefficients]:
    """The coefficients of two polynomials, that of the highest power first, from text."""
    return tuple(map(float, above.split())), tuple(map(float, below.split()))


# S. L. Moshier, Cephes Mathematical Library, ndtr.c: erf(x) / x by x^2 up to 1, e^(x^2) erfc(x) by x from 1 to 8.
_ERF = _table(
    """9.60497373987051638749e0 9.00260197203842689217e1 2.23200534594684319226e3 7.00332514112805075473e3
    5.55923013010394962768e4""",
    """1.0 3.35617141647503099647e1 5.21357949780152679795e2 4.59432382970980127987e3
    2.26290000613890934246e4 4.92673942608635921086e4""",
)
_ERFC = _table(
    """2.46196981473530512524e-10 5.64189564831068821977e-1 7.46321056442269912687e0
    4.86371970985681366614e1 1.96520832956077098242e2 5.26445194995477358631e2 9.34528527171957607540e2
    1.02755188689515710272e3 5.57535335369399327526e2""",
    """1.0 1.32281951154744992508e1 8.67072140885989742329e1 3.54937778887819891062e2
    9.75708501743205489753e2 1.82390916687909736289e3 2.24633760818710981792e3 1.65666309194161350182e3
    5.57535340817727675546e2""",
)
ONE_FROM = 6.0
"""From here on the error function is 1 in float64."""

# M. J. Wichura, Algorithm AS 241: The Percentage Points of the Normal Distribution, Applied Statistics 37, 1988,
# PPND16: near the middle, at its sides, and in the tails.
_MIDDLE = _table(
    """2.5090809287301226727e3 3.3430575583588128105e4 6.7265770927008700853e4 4.5921953931549871457e4
    1.3731693765509461125e4 1.9715909503065514427e3 1.3314166789178437745e2 3.3871328727963666080e0""",
    """5.2264952788528545610e3 2.8729085735721942674e4 3.9307895800092710610e4 2.1213794301586595867e4
    5.3941960214247511077e3 6.8718700749205790830e2 4.2313330701600911252e1 1.0""",
)
_SIDE = _table(
    """7.74545014278341407640e-4 2.27238449892691845833e-2 2.41780725177450611770e-1
    1.27045825245236838258e0 3.64784832476320460504e0 5.76949722146069140550e0 4.63033784615654529590e0
    1.42343711074968357734e0""",
    """1.05075007164441684324e-9 5.47593808499534494600e-4 1.51986665636164571966e-2
    1.48103976427480074590e-1 6.89767334985100004550e-1 1.67638483018380384940e0
    2.05319162663775882187e0 1.0""",
)
_TAIL = _table(
    """2.01033439929228813265e-7 2.71155556874348757815e-5 1.24266094738807843860e-3
    2.65321895265761230930e-2 2.96560571828504891230e-1 1.78482653991729133580e0
    5.46378491116411436990e0 6.65790464350110377720e0""",
    """2.04426310338993978564e-15 1.42151175831644588870e-7 1.84631831751005468180e-5
    7.86869131145613259100e-4 1.48753612908506148525e-2 1.36929880922735805310e-1
    5.99832206555887937690e-1 1.0""",
)


def _rational(x: Any, coefficients: tuple[Coefficients, Coefficients]) -> Any:
    above, below = (_polynomial(x, c) for c in coefficients)
    return above / below


def _polynomial(x: Any, coefficients: Coefficients) -> Any:
    """By Horner's rule."""
    first, second, *rest = coefficients
    value = x * first + second
    for c in rest:
        value = value * x + c
    return value


def _erf(x: Any) -> Any:
    size = minimum(abs(x), ONE_FROM)
    far = copysign(1.0 - exp(-square(size)) * _rational(size, _ERFC), x)
    near = maximum(minimum(x, 1.0), -1.0)
    return where(less_equal(size, 1.0), near * _rational(square(near), _ERF), far)


def _erfinv(x: Any) -> Any:
    q = x * 0.5
    middle = q * _rational(0.180625 - square(q), _MIDDLE)
    tail = (1.0 - abs(x)) * 0.5
    r = sqrt(-log(tail))
    side = _rational(r - 1.6, _SIDE)
    if x.dtype == "float64":  # float32 has no number as near to 1
        side = where(less_equal(r, 5.0), side, _rational(r - 5.0, _TAIL))
    side = where(equal(tail, 0.0), math.inf, side)
    return where(less_equal(abs(q), 0.425), middle, copysign(side, x)) * math.sqrt(0.5)


_ERF_OP = define(
    Op(
        "erf",
        "compound",
        elementwise("erf"),
        (lambda g, out, x: g * (exp(-square(x)) * (2 / math.sqrt(math.pi))),),
        _erf,
        floating=True,
        noun="erf",
    )
)
_ERFINV_OP = define(
    Op(
        "erfinv",
        "compound",
        elementwise("erfinv"),
        (lambda g, out, x: g * (exp(square(out)) * (math.sqrt(math.pi) / 2)),),
        _erfinv,
        floating=True,
        noun="erfinv",
    )
)


def erf(x: Any) -> Any:
    """2 / sqrt(pi) times the integral of e^(-t^2) from 0 to x, to 5e-16 of its value in float64.

    By the rational approximations of Moshier's Cephes library.
    """
    return call(_ERF_OP, x)


def erfinv(x: Any) -> Any:
    """The number that has this error function: infinite at -1 and 1, NaN beyond. To 1e-15 of its value in float64.

    By Wichura's algorithm AS 241, Applied Statistics 37, 1988.
    """
    return call(_ERFINV_OP, x)
