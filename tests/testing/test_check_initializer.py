"""check_initializer passes what is right and finds each of the faults that it promises to find."""

from __future__ import annotations

import numpy as np
import pytest

from kcore.backend import current_backend
from kcore.initializers import Initializer
from kcore.testing import check_initializer
from tests.testing.faults import UNSEEDED, Fault, check_says, each, elsewhere


class Even(Initializer):
    """Right in every way."""

    scale: float = 1.0
    seed: int | None = None

    def draw(self, shape, rng):
        rng = rng if self.seed is None else np.random.default_rng(self.seed)
        return rng.uniform(-self.scale, self.scale, shape)


class _LosesAField(Even):
    def get_config(self):
        return {"seed": self.seed}


class _LosesAValue(Even):
    def get_config(self):
        return super().get_config() | {"scale": 1.0}


class _Unseeded(Initializer):
    def draw(self, shape, rng):
        return UNSEEDED.normal(size=shape)


class _IgnoresItsSeed(Even):
    def draw(self, shape, rng):
        return rng.normal(size=shape)


class _Turned(Initializer):
    def draw(self, shape, rng):
        return rng.normal(size=shape[::-1])


class _Lists(Initializer):
    def draw(self, shape, rng):
        return rng.normal(size=shape).tolist()


class _Counts(Initializer):
    def draw(self, shape, rng):
        self.__dict__["drawn"] = self.__dict__.get("drawn", 0) + 1
        return np.full(shape, float(self.drawn))


class _OneForAll(Initializer):
    def __call__(self, shape, dtype="float32", rng=None):
        kept = self.__dict__.setdefault("kept", {})
        return kept.setdefault((tuple(shape), dtype), np.ones(shape, dtype))


class _AlwaysFloat32(Initializer):
    def __call__(self, shape, dtype="float32", rng=None):
        return np.ones(shape, "float32")


class _NotFinite(Initializer):
    def draw(self, shape, rng):
        with np.errstate(all="ignore"):
            return np.ones(shape) / np.zeros(())


class _OtherWeightsElsewhere(Initializer):
    def draw(self, shape, rng):
        return elsewhere(np.ones(shape))


class _FailsElsewhere(Initializer):
    def draw(self, shape, rng):
        return current_backend().xp.ones(shape).astype("float64")


class _Refuses(Initializer):
    def draw(self, shape, rng):
        raise ValueError("vectors only")


@each(
    Fault(_LosesAField, "Initializer '_LosesAField': expected get_config to tell every argument, 'scale' among them"),
    Fault(_LosesAValue, "of the same configuration the same values", {"options": {"scale": 0.5}}),
    Fault(_Unseeded, "the same values from a generator of the same seed.* and from nothing else"),
    Fault(_IgnoresItsSeed, "seed=11 to give the same values each time"),
    Fault(_Turned, r"a NumPy array float32 \(6, 4\); got float32 \(4, 6\)"),
    Fault(_Lists, "values of shape .* got AttributeError"),
    Fault(_Counts, "the same values from a generator of the same seed"),
    Fault(_OneForAll, "an array of its own for each weight; got the same one twice"),
    Fault(_AlwaysFloat32, r"a NumPy array float64 \(6, 4\); got float32"),
    Fault(_NotFinite, "finite numbers as values of shape"),
    Fault(_OtherWeightsElsewhere, "on backend strict: expected numpy's weight"),
    Fault(_FailsElsewhere, "a weight on backend strict; got"),
    Fault(_Refuses, r"values of shape \(6, 4\); got ValueError: vectors only. Say in `shapes`"),
    Fault("dense", "Unknown initializer 'dense'"),
)  # fmt: skip
def test_a_fault_is_found(fault):
    check_says(check_initializer, fault)


@pytest.mark.parametrize(
    ("make", "how"),
    [(Even, {"options": {"scale": 0.5}}), (lambda: Even(0.1), {}), ("zeros", {}), ("identity", {"shapes": [(3, 3)]})],
)
def test_what_is_right_passes(make, how):
    check_initializer(make, **how)
