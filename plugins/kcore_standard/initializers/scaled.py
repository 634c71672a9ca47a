"""Initializers that scale with the number of a unit's inputs and outputs: of them Glorot's, He's and LeCun's."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from kcore.interfaces import fans, number, one_of
from kcore.plugin import register

from .seeded import Seeded, truncated

WITHIN_TWO = 0.87962566103423978  # the standard deviation of a normal distribution cut off at two of them


class Scaled(Seeded):
    """Draws with the variance scale / n, so that sums keep their size from layer to layer.

    n is the number of inputs of a unit ("fan_in"), of its outputs ("fan_out") or their mean ("fan_avg"), for a kernel
    of shape (..., inputs, outputs). The distribution is uniform, normal, or normal and cut off at two standard
    deviations of what it is before.

    Args:
        seed: a seed of its own in place of the model's.
        input_axes: which axes of the kernel are inputs, if not all but the last.
        output_axes: which are outputs; both are given or none.
    """

    if TYPE_CHECKING:  # fields of VarianceScaling, constants of all others
        scale: float = 1.0
        mode: str = ""
        distribution: str = ""

    seed: int | None = None
    input_axes: Sequence[int] | None = None
    output_axes: Sequence[int] | None = None

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray[Any, Any]:
        """Values for a kernel."""
        rng = self.generator(rng)
        variance = self.scale / max(1.0, self._count(shape))
        if self.distribution == "uniform":
            limit = math.sqrt(3 * variance)
            return rng.uniform(-limit, limit, shape)
        if self.distribution == "untruncated_normal":
            return rng.normal(0, math.sqrt(variance), shape)
        return truncated(rng, shape) * (math.sqrt(variance) / WITHIN_TWO)

    def _count(self, shape: tuple[int, ...]) -> float:
        inputs, outputs = fans(shape)
        if self.input_axes is not None and self.output_axes is not None:
            inputs, outputs = (math.prod(shape[i] for i in axes) for axes in (self.input_axes, self.output_axes))
        return {"fan_in": inputs, "fan_out": outputs, "fan_avg": (inputs + outputs) / 2}[self.mode]


def _positive(owner: object, field: Any, value: Any) -> None:
    number()(owner, field, value)
    if value == 0:
        raise ValueError(f"{type(owner).__name__}: {field.name} must be more than 0; got {value!r}.")


def _full_name(distribution: str) -> str:
    """In small letters, and "normal" as what it means."""
    name = str(distribution).lower()
    return "truncated_normal" if name == "normal" else name


@register("initializers", "variance_scaling")
class VarianceScaling(Scaled):
    """Draws with the variance scale / n, n being the number of a unit's inputs or outputs.

    Args:
        scale: what is divided by n.
        mode: what n is, "fan_in" (inputs), "fan_out" (outputs) or "fan_avg" (their mean).
        distribution: "truncated_normal", or "normal", which means the same; "untruncated_normal" or "uniform".
        seed: a seed of its own in place of the model's.
        input_axes: which axes of the kernel are inputs, if not all but the last.
        output_axes: which are outputs; both are given or none.
    """

    scale: float = attrs.field(default=1.0, validator=_positive)
    mode: str = attrs.field(default="fan_in", validator=one_of("fan_in", "fan_out", "fan_avg"))
    distribution: str = attrs.field(
        default="truncated_normal",
        converter=_full_name,
        validator=one_of("truncated_normal", "untruncated_normal", "uniform"),
    )
    seed: int | None = None
    input_axes: Sequence[int] | None = None
    output_axes: Sequence[int] | None = None


@register("initializers", "glorot_uniform")
class GlorotUniform(Scaled):
    """Uniform between -limit and limit, with limit = sqrt(6 / (inputs + outputs)).

    Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010.

    Args:
        seed: a seed of its own in place of the model's.
        input_axes: which axes of the kernel are inputs, if not all but the last.
        output_axes: which are outputs; both are given or none.
    """

    scale, mode, distribution = 1.0, "fan_avg", "uniform"


@register("initializers", "glorot_normal")
class GlorotNormal(Scaled):
    """Normal with variance 2 / (inputs + outputs), cut off at two standard deviations.

    Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010.
    """

    scale, mode, distribution = 1.0, "fan_avg", "truncated_normal"


@register("initializers", "he_uniform")
class HeUniform(Scaled):
    """Uniform between -limit and limit, with limit = sqrt(6 / inputs).

    Source: He et al., Delving Deep into Rectifiers, 2015.
    """

    scale, mode, distribution = 2.0, "fan_in", "uniform"


@register("initializers", "he_normal")
class HeNormal(Scaled):
    """Normal with variance 2 / inputs, cut off at two standard deviations.

    Source: He et al., Delving Deep into Rectifiers, 2015.
    """

    scale, mode, distribution = 2.0, "fan_in", "truncated_normal"


@register("initializers", "lecun_uniform")
class LecunUniform(Scaled):
    """Uniform between -limit and limit, with limit = sqrt(3 / inputs).

    Source: LeCun et al., Efficient BackProp, 1998.
    """

    scale, mode, distribution = 1.0, "fan_in", "uniform"


@register("initializers", "lecun_normal")
class LecunNormal(Scaled):
    """Normal with variance 1 / inputs, cut off at two standard deviations.

    Source: LeCun et al., Efficient BackProp, 1998; Klambauer et al., Self-Normalizing Neural Networks, 2017.
    """

    scale, mode, distribution = 1.0, "fan_in", "truncated_normal"
