"""check_optimizer passes what is right and finds each of the faults that it promises to find."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import pytest

from kcore import ops
from kcore.optimizers import Optimizer
from kcore.testing import check_optimizer
from tests.testing.faults import UNSEEDED, Fault, check_says, each, elsewhere, narrow, on_numpy


class Heavy(Optimizer):
    """Right in every way: momentum."""

    momentum: float = 0.5

    def init(self, param):
        return {"velocity": ops.zeros_like(param)}

    def update(self, param, grad, slots, learning_rate):
        velocity = slots["velocity"] * self.momentum - learning_rate * grad
        return param + velocity, {"velocity": velocity}


class Plain(Optimizer):
    """Right too."""

    def update(self, param, grad, slots, learning_rate):
        return param - learning_rate * grad, slots


class Warming(Plain):
    """Right, with numbers that all weights share."""

    def init_scalars(self):
        return {"product": 1.0}

    def scalars(self, step, state):
        return {"share": 1 - state["product"] * 0.5}, {"product": state["product"] * 0.5}

    def update(self, param, grad, slots, learning_rate, scalars):
        return param - learning_rate * grad * scalars["share"], slots


class Whole(Plain):
    """Right: each weight's gradient is of length 1, and it says so."""

    elementwise = False

    def update(self, param, grad, slots, learning_rate):
        return param - learning_rate * grad / (ops.sqrt(ops.sum(ops.square(grad))) + 1e-7), slots


class _WholeButElementwise(Whole):
    elementwise = True


class _LosesAField(Heavy):
    def get_config(self):
        return {k: v for k, v in super().get_config().items() if k != "momentum"}


class _LosesAValue(Heavy):
    def get_config(self):
        return super().get_config() | {"momentum": 0.5}


class _TakesNoRate(Plain):
    def __init__(self):
        super().__init__()


class _ClimbsUp(Plain):
    def update(self, param, grad, slots, learning_rate):
        return param + learning_rate * grad, slots


class _StandsStill(Plain):
    def update(self, param, grad, slots, learning_rate):
        return param, slots


class _OwnRate(Plain):
    def update(self, param, grad, slots, learning_rate):
        return param - float(self.learning_rate) * grad, slots


class _SlowsInAnAttribute(Plain):
    def update(self, param, grad, slots, learning_rate):
        factor = self.__dict__.get("factor", 1.0)
        return param - learning_rate * factor * grad, slots

    def apply(self, grads, trainable_variables=None):
        super().apply(grads, trainable_variables)
        self.__dict__["factor"] = self.__dict__.get("factor", 1.0) * 0.5
        self._changed()


class _DividesByNothing(Plain):
    def update(self, param, grad, slots, learning_rate):
        return param - learning_rate * grad / ops.abs(grad), slots


class _NarrowSlots(Heavy):
    def update(self, param, grad, slots, learning_rate):
        velocity = narrow(slots["velocity"]) * self.momentum - narrow(learning_rate * grad)
        return param + velocity, {"velocity": velocity}


class _SlotsOfFloat32(Heavy):
    def init(self, param):
        return {"velocity": ops.zeros(param.shape, "float32")}


class _SlotsOfFloat64(Heavy):
    def init(self, param):
        return {"velocity": ops.zeros(param.shape, "float64")}

    def update(self, param, grad, slots, learning_rate):
        velocity = slots["velocity"] * self.momentum - ops.cast(learning_rate * grad, "float64")
        return param + ops.cast(velocity, param.dtype), {"velocity": velocity}


class _OnNumPyAlone(Plain):
    def update(self, param, grad, slots, learning_rate):
        return param - learning_rate * on_numpy(grad), slots


class _OtherStepsElsewhere(Plain):
    def update(self, param, grad, slots, learning_rate):
        return param - learning_rate * elsewhere(grad), slots


class _Random(Plain):
    def update(self, param, grad, slots, learning_rate):
        return param - learning_rate * grad * (1 + 0.01 * float(UNSEEDED.normal())), slots


class _CountsTwice(Plain):
    def apply(self, grads, trainable_variables=None):
        super().apply(grads, trainable_variables)
        self.iterations = self.iterations + 1


class _ForgetsItsSlots(Heavy):
    def update(self, param, grad, slots, learning_rate):
        return super().update(param, grad, slots, learning_rate)[0], {}


class _ReturnsTheParameterAlone(Plain):
    def update(self, param, grad, slots, learning_rate):
        return param - learning_rate * grad


class _CountsInAnAttribute(Plain):
    def update(self, param, grad, slots, learning_rate):
        self.t = getattr(self, "t", 0) + 1
        return param - learning_rate / self.t * grad, slots


class _CountsInAList(Plain):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.seen = []

    def update(self, param, grad, slots, learning_rate):
        self.seen.append(grad.shape)
        return param - learning_rate / len(self.seen) * grad, slots


class _CountsInItsClass(Plain):
    seen = []

    def update(self, param, grad, slots, learning_rate):
        self.seen.append(grad.shape)
        return param - learning_rate / len(self.seen) * grad, slots


TURNS = WeakKeyDictionary()


class _CountsElsewhere(Plain):
    def update(self, param, grad, slots, learning_rate):
        TURNS[self] = TURNS.get(self, 0) + 1
        return param - learning_rate / TURNS[self] * grad, slots


class _RootsOfSlopes(Plain):
    def update(self, param, grad, slots, learning_rate):
        return param - learning_rate * ops.sqrt(grad), slots


class _TakesOneForTheOther(Plain):
    def update(self, grad, param, slots, learning_rate):
        return param - learning_rate * grad, slots


@each(
    Fault(_LosesAField, "Optimizer '_loses_a_field': expected get_config to tell .* 'momentum' among them"),
    Fault(_LosesAValue, "of the same configuration the same steps: weight 0", {"options": {"momentum": 0.9}}),
    Fault(_TakesNoRate, r"an optimizer made by calling it with \(learning_rate=0.01\)"),
    Fault(_ClimbsUp, "a sum of squares below .* after 40 steps with .* do not add it"),
    Fault(_StandsStill, "a sum of squares below"),
    Fault(_WholeButElementwise, r"of several what each does alone: weight \d .* says `elementwise = False`"),
    Fault(_OwnRate, "a step with the learning rate that was set: weight 0 .* never self.learning_rate"),
    Fault(_SlowsInAnAttribute, "with another's variables its steps: weight 0 .* in slots"),
    Fault(_DividesByNothing, r"finite numbers as a weight of shape \(3, 2\) after gradients of size 0.0; got nan"),
    Fault(_NarrowSlots, "a change of 1e-8 of gradients"),
    Fault(_SlotsOfFloat32, "a change of 1e-8 of gradients"),
    Fault(_SlotsOfFloat64, "in float32 on backend numpy: expected the slot .*velocity in float32; got float64"),
    Fault(_OnNumPyAlone, "on backend strict: expected a step; got NameError"),
    Fault(_OtherStepsElsewhere, "on backend strict: expected numpy's steps: weight 0"),
    Fault(_Random, "the same steps each time: weight 0.* Draw no random numbers"),
    Fault(_CountsTwice, "iterations to be 40; got 80"),
    Fault(_ForgetsItsSlots, "a step; got .*'velocity'"),
    Fault(_CountsInAnAttribute, "update to leave attributes as they are; got another self.t. Keep .* in slots"),
    Fault(_CountsInAList, "update to leave attributes as they are; got another self.seen"),
    Fault(_CountsInItsClass, "the same steps each time: weight 0.* in slots"),
    Fault(_CountsElsewhere, "update to give the same of the same arguments: the parameter"),
    Fault(_RootsOfSlopes, "a sum of squares below .*; got nan. The weights are not finite: add an epsilon"),
    Fault(_TakesOneForTheOther, r"a sum of squares below .* nor take one for the other, in update\(self, param, grad"),
    Fault(_ReturnsTheParameterAlone, r"a step; got TypeError: .*update must return \(parameter, slots\)"),
)  # fmt: skip
def test_a_fault_is_found(fault):
    check_says(check_optimizer, fault)


@pytest.mark.parametrize(
    ("make", "how"),
    [
        (Heavy, {"options": {"momentum": 0.9}}),
        (lambda **options: Heavy(momentum=0.9, **options), {}),
        (Plain, {}),
        (Warming, {}),
        (Whole, {}),
        ("adam", {}),
        ("sgd", {"options": {"weight_decay": 0.01, "clipnorm": 1.0, "use_ema": True}}),
    ],
)
def test_what_is_right_passes(make, how):
    check_optimizer(make, **how)


def test_a_slow_one_may_have_more_steps():
    class Late(Plain):
        def scalars(self, step, state):
            return {"late": ops.cast(step > 50, "float64")}, state

        def update(self, param, grad, slots, learning_rate, scalars):
            return param - learning_rate * grad * scalars["late"], slots

    with pytest.raises(AssertionError, match="after 40 steps"):
        check_optimizer(Late)
    check_optimizer(Late, steps=60)
