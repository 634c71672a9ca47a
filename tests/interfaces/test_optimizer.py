"""Optimizer: the flat storages, what it keeps, and what it is told."""

from __future__ import annotations

import numpy as np
import pytest

from kcore import Variable, ops
from kcore.layers import Dense
from kcore.models import Sequential
from kcore.optimizers import SGD, RMSprop


@pytest.fixture
def model() -> Sequential:
    model = Sequential([Dense(4, input_shape=(3,)), Dense(2), Dense(1, dtype="float64")])
    model.compile(RMSprop(0.01), "mean_squared_error")
    return model


def step(model) -> None:
    rng = np.random.default_rng(0)
    model.train_on_batch(rng.normal(size=(8, 3)), rng.normal(size=(8, 1)))


def test_weights_of_one_dtype_share_a_flat_storage(backend, model):
    before = model.get_weights()
    model.program("train")
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    first, second, third = ([w.storage for w in layer.weights] for layer in model.layers)
    assert len({id(s) for s in first + second}) == 1 and first[0].shape == (16 + 10,)
    assert len({id(s) for s in third}) == 1 and third[0] is not first[0] and third[0].dtype == "float64"
    assert sorted(s.shape for s in model.optimizer.variables) == [(3,), (26,)]


def test_iterations_count_and_slots_change(backend, model):
    for wanted in (1, 2):
        step(model)
        assert model.optimizer.iterations == wanted
    assert all(np.all(slot.numpy() > 0) for slot in model.optimizer.variables)


def test_a_new_learning_rate_is_used_and_traces_nothing(backend, model):
    step(model)
    program = model.program("train", batch_size=8)
    model.optimizer.learning_rate = 0
    before = model.get_weights()
    step(model)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    assert model.program("train", batch_size=8) is program


def test_another_option_is_traced_anew_and_keeps_the_slots(backend):
    model = Sequential([Dense(1, input_shape=(3,))])
    model.compile(SGD(0.1), "mean_squared_error")
    step(model)
    model.optimizer.momentum = 0.9
    step(model)
    (velocity,) = model.optimizer.variables
    kept = velocity.numpy()
    model.optimizer.nesterov = True
    model.program("train")
    assert np.array_equal(model.optimizer.variables[0].numpy(), kept) and np.any(kept)


def test_freezing_a_layer_keeps_the_slots_of_the_others_and_the_count(backend, model):
    step(model)
    step(model)
    first = model.layers[0].kernel
    slots = {v.dtype: v.numpy() for v in model.optimizer.variables}
    model.layers[1].trainable = False
    model.program("train")
    (small,) = (v for v in model.optimizer.variables if v.dtype == "float32")
    assert np.array_equal(small.numpy(), slots["float32"][:16])
    assert model.optimizer.iterations == 2 and first.storage.shape == (16,)


def test_two_models_that_share_a_layer_do_not_disturb_each_other_s_slots(backend):
    """Each takes the shared weights into its own flat storage in turn, as the two networks of a GAN do."""
    shared = Dense(4, input_shape=(3,))
    models = [Sequential([shared, Dense(1)]) for _ in range(2)]
    for model in models:
        model.compile(RMSprop(0.01), "mean_squared_error")
    step(models[0])
    slots = models[0].optimizer.variables[0].numpy()
    step(models[1])
    models[0].program("train", batch_size=8)
    assert np.array_equal(models[0].optimizer.variables[0].numpy(), slots)
    assert models[0].layers[0] is models[1].layers[0] and models[0].optimizer.iterations == 1


@pytest.mark.parametrize(
    "make, message",
    [
        (
            lambda: RMSprop(lr=0.1),
            r"^RMSprop has no argument 'lr'\. It takes: learning_rate, rho, epsilon\.",
        ),
        (
            lambda: RMSprop(learning_rat=0.1),
            r"^RMSprop has no argument 'learning_rat'\. It takes: .*\. Did you mean 'learning_rate'\?$",
        ),
        (lambda: RMSprop(-1), r"^RMSprop: learning_rate must be a number of at least 0; got -1\.0\.$"),
        (lambda: SGD(momentum=2), r"^SGD: momentum must be a number of at least 0 and at most 1; got 2\.$"),
        (
            lambda: Dense(unitz=3),
            r"^Dense has no argument 'unitz'\. It takes: units, activation, .*\. Did you mean 'units'\?$",
        ),
        (lambda: Dense(2.5), r"^Dense: units must be a whole number of at least 1; got 2\.5\.$"),
        (lambda: Dense(0), r"^Dense: units must be a whole number of at least 1; got 0\.$"),
    ],
)
def test_wrong_arguments(make, message):
    with pytest.raises((TypeError, ValueError), match=message):
        make()


def test_numpy_s_integers_are_whole_numbers():
    assert Dense(np.int64(3)).units == 3


def test_an_update_of_a_user_s_own_moves_scalars_and_matrices(backend):
    class Halving(SGD):
        def update(self, param, grad, slots, learning_rate):
            return param * 0.5, slots

    a, b = Variable(4.0), Variable([[8.0, 2.0]])
    optimizer = Halving()
    optimizer.build([a, b])
    model = Sequential([Dense(1, input_shape=(1,), kernel_initializer="ones")])
    model.compile(optimizer, "mean_squared_error")
    model.train_on_batch([[1.0]], [[0.0]])
    assert ops.convert_to_numpy(model.layers[0].kernel.value) == 0.5
    assert (a.numpy(), b.numpy().tolist()) == (4, [[8, 2]])
