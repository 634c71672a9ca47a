"""check_layer passes what is right and finds each of the faults that it promises to find."""

from __future__ import annotations

import numpy as np
import pytest

from kcore import Variable, ops
from kcore.layers import Dense, Dropout, Layer
from kcore.plugin import entry, register
from kcore.testing import at_hand, check_layer
from tests.testing.faults import (
    UNSEEDED,
    Fault,
    check_says,
    each,
    elsewhere,
    endless_slope,
    narrow,
    no_slope,
    on_numpy,
    slope_elsewhere,
    steep,
)


class Scale(Layer):
    """Right in every way."""

    factor: float = 2.0

    def call(self, x):
        return x * self.factor


class Affine(Layer):
    """Right too, with weights."""

    def build(self, input_shape):
        self.kernel = self.add_weight((input_shape[-1], 2), name="kernel")
        self.bias = self.add_weight((2,), "random_normal", name="bias")

    def call(self, x):
        return x @ self.kernel + self.bias


class _LosesAField(Scale):
    def get_config(self):
        return {k: v for k, v in super().get_config().items() if k != "factor"}


class _LosesAValue(Scale):
    def get_config(self):
        return super().get_config() | {"factor": 2.0}


class _LosesOnTheWayBack(Scale):
    @classmethod
    def from_config(cls, config):
        return cls(**config | {"factor": 2.0})


class _ConfigurationOfNumPy(Scale):
    def get_config(self):
        return super().get_config() | {"factor": np.float32(0.5)}


class _WithoutKeywords(Layer):
    def __init__(self, factor=2.0):
        super().__init__()
        self.factor = factor


class _LooksAtTheBatch(Layer):
    def call(self, x):
        return x - ops.mean(x, 0)


class _FixedBatch(Layer):
    def call(self, x):
        return ops.reshape(x, (3, -1))


class _Narrow(Affine):
    def call(self, x):
        return narrow(x) @ self.kernel + self.bias


class _NarrowWeight(Affine):
    def call(self, x):
        return x @ narrow(self.kernel) + self.bias


class _AlwaysFloat32(Layer):
    def call(self, x):
        return ops.cast(x, "float32")


class _WeightOfFloat32(Layer):
    def build(self, input_shape):
        self.bias = self.add_weight((2,), name="bias", dtype="float32")

    def call(self, x):
        return x + ops.cast(self.bias, x.dtype)


class _DrawsWeightsUnseeded(Layer):
    def build(self, input_shape):
        self.bias = self.add_weight((2,), lambda shape, dtype, rng: UNSEEDED.normal(size=shape).astype(dtype))

    def call(self, x):
        return x + self.bias


class _DrawsNoiseUnseeded(Layer):
    def call(self, x, training=False):
        return x + float(UNSEEDED.normal()) if training else x


class _DrawsFromNumPysOwn(Layer):
    def call(self, x, training=False):
        return x + float(np.random.normal()) if training else x


class _OnNumPyAlone(Layer):
    def call(self, x):
        return on_numpy(x)


class _OtherNumbersElsewhere(Layer):
    def call(self, x):
        return elsewhere(x)


class _OtherTrainingElsewhere(Layer):
    def call(self, x, training=False):
        return elsewhere(x) if training else x


class _WrongGradient(Layer):
    def call(self, x):
        return steep(x)


class _StopsTheGradientOfItsWeight(Affine):
    def call(self, x):
        return x @ ops.stop_gradient(self.kernel) + self.bias


class _WrongShape(Scale):
    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], 5)


class _ForgetsTheBatch(Scale):
    def compute_output_shape(self, input_shape):
        return input_shape[1:]


class _HoldsAWeightAsAnArray(Affine):
    def build(self, input_shape):
        super().build(input_shape)
        self.table = self.kernel.numpy()

    def call(self, x):
        return x @ ops.convert_to_tensor(self.table) + self.bias


class _HidesAVariable(Layer):
    def build(self, input_shape):
        bias = Variable(np.asarray(self.seeds.seed % 1000 / 1000, self.dtype))
        self._bias = lambda: bias

    def call(self, x):
        return x + self._bias()


class _CountsInInference(Layer):
    def build(self, input_shape):
        self.count = self.add_weight((), "zeros", name="count", trainable=False)

    def call(self, x):
        self.count.assign(self.count + 1)
        return x + self.count


class _TwoOfOneName(Layer):
    def build(self, input_shape):
        self.one = self.add_weight((2,), name="bias")
        self.two = self.add_weight((2,), name="bias")

    def call(self, x):
        return x + self.one + self.two


class _TellsTooMuch(Scale):
    def get_config(self):
        return super().get_config() | {"version": 3}


class _MakesAnother(Scale):
    @classmethod
    def from_config(cls, config):
        return Scale(**config)


class _FailsInTraining(Layer):
    def call(self, x, training=False):
        if training:
            raise NotImplementedError("not yet")
        return x * 1.0


class _NoGradient(Layer):
    def call(self, x):
        return no_slope(x)


class _NoGradientInTraining(Affine):
    def call(self, x, training=False):
        return no_slope(super().call(x)) if training else super().call(x)


class _EndlessGradientInTraining(Affine):
    def call(self, x, training=False):
        return endless_slope(super().call(x)) if training else super().call(x)


class _OtherGradientElsewhereInTraining(Affine):
    def call(self, x, training=False):
        return slope_elsewhere(super().call(x)) if training else super().call(x)


class _OtherShapesEachTime(Layer):
    def build(self, input_shape):
        self.bias = self.add_weight((2, int(UNSEEDED.integers(2, 10**6))), "zeros", name="bias")

    def call(self, x):
        return x + self.bias[:, 0]


class _HidesAVariableFromFiles(_HidesAVariable):
    """A file has only what `weights` has."""

    def build(self, input_shape):
        super().build(input_shape)
        self.add_weight((), "zeros", name="shown")

    def get_weights(self):
        return [*super().get_weights(), self._bias().numpy()]

    def set_weights(self, weights):
        super().set_weights(weights[:-1])
        self._bias().assign(weights[-1])


class _TakesArraysOnly(Layer):
    def __call__(self, x, training=None):
        return super().__call__(ops.convert_to_tensor(x) * 1.0, training=training)

    def call(self, x):
        return x * 2.0

    def compute_output_shape(self, input_shape):
        return input_shape


class _NotANumber(Layer):
    def call(self, x):
        return ops.log(x)


class _WeightNotANumber(Affine):
    def build(self, input_shape):
        super().build(input_shape)
        self.other = self.add_weight((), lambda shape, dtype, rng: np.full(shape, np.inf, dtype), name="other")

    def call(self, x):
        return super().call(x) / self.other


class _ExplodesInTraining(Affine):
    def call(self, x, training=False):
        return ops.sqrt(super().call(x) - 100.0) if training else super().call(x)


class _MakesWeightsInCall(Layer):
    def call(self, x):
        return x * self.add_weight((), "ones")


class _NotANumberAnywhere(Layer):
    def call(self, x):
        return x * np.nan


class _DrawsFromNumPysOwnAlways(Layer):
    def call(self, x):
        return x + float(np.random.normal())


class _TakesNumbersApart(Layer):
    def call(self, x):
        return x * 2.0 if float(ops.sum(x)) > 0 else x


@each(
    Fault(_LosesAField, "Layer '_loses_a_field': expected get_config to tell every argument, 'factor' among them"),
    Fault(_LosesAValue, "the same configuration and weights: output\\[0, 0\\] to be", {"options": {"factor": 0.5}}),
    Fault(_LosesOnTheWayBack, "to have factor=0.5; got factor=2.0", {"options": {"factor": 0.5}}),
    Fault(_ConfigurationOfNumPy, "get_config to return plain data that JSON can write; got TypeError"),
    Fault(_WithoutKeywords, r"Layer '_WithoutKeywords': expected a layer made .* takes \*\*kwargs"),
    Fault(Dropout, "missing 1 required positional argument: 'rate'.* as options="),
    Fault("relu", "Unknown layer 'relu'"),
    Fault("dens", r"Did you mean 'dense'\?$"),
    Fault("dense", r"has no argument 'unit'.* Did you mean 'units'\?$", {"options": {"unit": 3}}),
    Fault(lambda dtype: 3, "one of kcore.layers; got 3"),
    Fault(_LooksAtTheBatch, "of sample 0 alone what it gives in a batch.*or say samplewise=False"),
    Fault(_FixedBatch, "compute_output_shape to answer; got"),
    Fault(_Narrow, 'change of 1e-8 of the input .* never to "float32"'),
    Fault(_NarrowWeight, "change of 1e-8 of _narrow_weight/kernel"),
    Fault(_AlwaysFloat32, "float64", {"differentiable": False}),
    Fault(_WeightOfFloat32, "_weight_of_float32/bias in float64; got float32", {"differentiable": False}),
    Fault(_DrawsWeightsUnseeded, "a seed to repeat the weight .* NumPy's generators know no seed of a model"),
    Fault(_DrawsNoiseUnseeded, "a seed to repeat: output"),
    Fault(_DrawsFromNumPysOwn, "a seed to repeat: output"),
    Fault(_OnNumPyAlone, "in float32 on backend strict: expected .* got NameError.*Write it in kcore.ops alone"),
    Fault(_OtherNumbersElsewhere, "on backend strict: expected numpy's numbers: output"),
    Fault(_OtherTrainingElsewhere, "on backend strict: expected numpy's numbers: output"),
    Fault(_WrongGradient, "the gradient for the input along a direction to be .* as by differences"),
    Fault(_StopsTheGradientOfItsWeight, "the gradient for .*/kernel along a direction .* got 0"),
    Fault(_WrongShape, r"compute_output_shape\(\(3, 2\)\) to be \[\(3, 2\)\]; got \[\(3, 5\)\]"),
    Fault(_ForgetsTheBatch, r"compute_output_shape\(\(3, 2\)\) to be"),
    Fault(_HoldsAWeightAsAnArray, "the same from a layer with the same weights"),
    Fault(_HidesAVariable, "from a layer with the same weights: output.* Hold what is learnt in weights"),
    Fault(_DrawsFromNumPysOwnAlways, r"from a layer with the same .* draw what is random by kcore\.random"),
    Fault(_CountsInInference, "a second call to give the same.*Change weights in training alone"),
    Fault(_TwoOfOneName, "a path of its own for each weight; got '_two_of_one_name/bias' twice"),
    Fault(_NotANumberAnywhere, r"finite numbers as the output; got nan at \[0, 0\]. Guard divisions"),
    Fault(_NotANumber, r"finite numbers as the output; got nan at \[", {"differentiable": False}),
    Fault(_WeightNotANumber, "finite numbers as .*/other; got inf"),
    Fault(_ExplodesInTraining, "finite numbers as the output; got nan"),
    Fault(_MakesWeightsInCall, "to be built by a first call; got RuntimeError.*Make weights in build"),
    Fault(_TellsTooMuch, "from_config to make an object of what get_config returned; got TypeError: .* 'version'"),
    Fault(_MakesAnother, "from_config to make a _MakesAnother; got a Scale"),
    Fault(_FailsInTraining, "an output; got NotImplementedError: not yet"),
    Fault(_NoGradient, "gradients; got TypeError: .* has no gradient rule"),
    Fault(_NoGradientInTraining, "in a model on backend numpy: expected a step of training; got TypeError"),
    Fault(_EndlessGradientInTraining, "finite numbers as .* after a step; got -inf"),
    Fault(_OtherGradientElsewhereInTraining, "in a model on backend strict: expected after a step .*/kernel"),
    Fault(_OtherShapesEachTime, "set_weights to take what get_weights gave; got ValueError"),
    Fault(_HidesAVariableFromFiles, "a file to bring all: the output.* Make every weight in build"),
    Fault(_TakesArraysOnly, "to be part of a model; got TypeError"),
    Fault(_TakesNumbersApart, "to be built by a first call"),
)  # fmt: skip
def test_a_fault_is_found(fault):
    check_says(check_layer, fault, (2,))


@pytest.mark.parametrize(
    ("make", "shape", "how"),
    [
        (Scale, (2,), {"options": {"factor": 0.5}}),
        (lambda **options: Scale(0.5, **options), (2, 3), {}),
        (Affine, (3,), {}),
        ("dense", (3,), {"options": {"units": 2}}),
        (Dense, (3,), {"options": {"units": 2}}),
        (_LooksAtTheBatch, (2,), {"samplewise": False}),
        ("add", [(2,), (2,)], {}),
    ],
)
def test_what_is_right_passes(make, shape, how):
    check_layer(make, shape, **how)


def test_the_current_backend_does_not_matter(backend):
    check_layer(Affine, (2,))
    with pytest.raises(AssertionError, match="Layer '_on_num_py_alone' in float32 on backend strict: "):
        check_layer(_OnNumPyAlone, (2,))


def test_only_the_backends_that_are_asked_for_are_compared():
    check_layer(_OnNumPyAlone, (2,), backends=["numpy"])
    with pytest.raises(ValueError, match=r"Unknown backend 'nmupy'.* Did you mean 'numpy'"):
        check_layer(Affine, (2,), backends=["nmupy"])


@pytest.mark.parametrize(
    ("shape", "how", "error", "text"),
    [
        (3, {}, TypeError, r"without the batch, or a list .*; got 3\. Write it as \(3,\)\."),
        ((None, 3), {}, TypeError, r"got \(None, 3\)\. Write it as \(3,\)\."),
        ([3, 4], {}, TypeError, r"got \[3, 4\]\. Write it as \(3, 4\)\."),
        ((2,), {"backends": "strict"}, TypeError, r"got 'strict' alone\. Write backends=\['strict'\]\."),
        ((2,), {"backends": []}, ValueError, r"backends=\[\] names none\. Leave it out for all that can run here"),
    ],
)
def test_what_no_check_takes_is_answered(shape, how, error, text):
    with pytest.raises(error, match=text):
        check_layer(Affine, shape, **how)


def test_a_check_on_numpy_alone_warns(monkeypatch):
    monkeypatch.setattr(at_hand, "ASKED", [])
    monkeypatch.setattr(at_hand, "available_backends", lambda: {"numpy": None, "strict": "it is not installed"})
    text = r'checked on numpy alone: no other backend is at hand\. .* pip install "kcore\[strict\]"'
    with pytest.warns(UserWarning, match=text) as told:
        check_layer(Affine, (2,))
    assert [w.filename for w in told] == [__file__]


def test_indices_are_fed_as_they_are():
    class Lookup(Layer):
        def build(self, input_shape):
            self.table = self.add_weight((5, 2), "random_normal", name="table")

        def call(self, x):
            return ops.take(self.table, x, axis=0)

    check_layer(Lookup, (3,), data=lambda rng, shape: rng.integers(0, 5, shape))


@pytest.mark.parametrize(
    ("name", "text"),
    [("Flatten", "its saved name to find .*Flatten"), ("Dense", "by the name that it is saved under; got TypeError")],
)
def test_a_layer_that_is_saved_under_another_s_name(monkeypatch, name, text):
    monkeypatch.setattr(entry, "_table", {kind: dict(known) for kind, known in entry._table.items()})
    made = type(name, (Scale,) if name == "Dense" else (Layer,), {"call": lambda self, x: x * 2.0})
    register("layers", "planted")(made)
    with pytest.raises(AssertionError, match=text):
        check_layer("planted", (2,))
