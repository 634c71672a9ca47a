"""Optimizer: the flat storages, what it keeps, and what it is told."""

from __future__ import annotations

import numpy as np
import pytest

from kcore import Variable, ops
from kcore.layers import Dense
from kcore.models import Sequential
from kcore.optimizers import SGD, Adam, Nadam, Optimizer, RMSprop, get


@pytest.fixture
def model() -> Sequential:
    model = Sequential([Dense(4, input_shape=(3,)), Dense(2), Dense(1, dtype="float64")])
    model.compile(RMSprop(0.01), "mean_squared_error")
    return model


def slots_of(optimizer: Optimizer) -> list[Variable]:
    """Its variables but the count of steps and the learning rate."""
    return optimizer.variables[2:]


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
    slots = slots_of(model.optimizer)
    assert [s.shape for s in slots] == [(3, 4), (4,), (4, 2), (2,), (2, 1), (1,)]
    assert [s.storage.shape for s in slots] == [(26,)] * 4 + [(3,)] * 2


def test_iterations_count_and_slots_change(backend, model):
    for wanted in (1, 2):
        step(model)
        assert model.optimizer.iterations == wanted
    assert all(np.all(slot.numpy() > 0) for slot in slots_of(model.optimizer))


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
    kept = [slot.numpy() for slot in slots_of(model.optimizer)]
    model.optimizer.nesterov = True
    model.program("train")
    for slot, old in zip(slots_of(model.optimizer), kept, strict=True):
        assert np.array_equal(slot.numpy(), old) and np.any(old)


def test_freezing_a_layer_keeps_the_slots_of_the_others_and_the_count(backend, model):
    step(model)
    step(model)
    first = model.layers[0].kernel
    slots = [slot.numpy() for slot in slots_of(model.optimizer)]
    model.layers[1].trainable = False
    model.program("train")
    now = slots_of(model.optimizer)
    assert len(now) == 4 and all(np.array_equal(a.numpy(), b) for a, b in zip(now, slots[:2] + slots[4:], strict=True))
    assert model.optimizer.iterations == 2 and first.storage.shape == (16,)


def test_two_models_that_share_a_layer_do_not_disturb_each_other_s_slots(backend):
    """Each takes the shared weights into its own flat storage in turn, as the two networks of a GAN do."""
    shared = Dense(4, input_shape=(3,))
    models = [Sequential([shared, Dense(1)]) for _ in range(2)]
    for model in models:
        model.compile(RMSprop(0.01), "mean_squared_error")
    step(models[0])
    slots = slots_of(models[0].optimizer)[0].numpy()
    step(models[1])
    models[0].program("train", batch_size=8)
    assert np.array_equal(slots_of(models[0].optimizer)[0].numpy(), slots)
    assert models[0].layers[0] is models[1].layers[0] and models[0].optimizer.iterations == 1


@pytest.mark.parametrize(
    "make, message",
    [
        (
            lambda: RMSprop(lr=0.1),
            r"^RMSprop has no argument 'lr'\. It takes: learning_rate, rho, momentum, epsilon, centered, weight_decay, "
            r"clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum, "
            r"ema_overwrite_frequency, name\. Did you mean 'learning_rate'\?$",
        ),
        (
            lambda: RMSprop(learning_rat=0.1),
            r"^RMSprop has no argument 'learning_rat'\. It takes: .*\. Did you mean 'learning_rate'\?$",
        ),
        (lambda: RMSprop(-1), r"^RMSprop: learning_rate must be a number of at least 0; got -1\.0\.$"),
        (
            lambda: SGD("fast"),
            r"^SGD: learning_rate must be a number of at least 0, a function of the step, or a schedule, as "
            r"kcore\.optimizers\.schedules\.ExponentialDecay; got 'fast'\.$",
        ),
        (
            lambda: SGD(clipnorm=1, clipvalue=2),
            r"^SGD: clipnorm was given beside clipvalue; clip gradients by one of clipnorm, clipvalue and global_clip",
        ),
        (lambda: SGD(loss_scale_factor=2), r"^SGD has no argument 'loss_scale_factor'\. It takes: learning_rate, "),
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


# the count of steps and the learning rate -------------------------------------------------------------------


def test_they_are_numbers_that_answer_as_variables():
    optimizer = SGD(0.5)
    assert optimizer.variables == [0, 0.5]
    assert isinstance(optimizer.learning_rate, float) and optimizer.learning_rate == 0.5
    optimizer.learning_rate.assign(0.25)
    optimizer.iterations.assign(np.int64(7))
    assert (optimizer.learning_rate.numpy(), optimizer.iterations.numpy()) == (0.25, 7)
    optimizer.iterations += 1
    assert [(v.path, v.dtype, v.shape, float(v.value)) for v in optimizer.variables] == [
        ("sgd/iterations", "int64", (), 8),
        ("sgd/learning_rate", "float64", (), 0.25),
    ]
    assert type(optimizer.get_config()["learning_rate"]) is float and repr(optimizer) == "SGD(learning_rate=0.25)"


class Halves:
    """A schedule of a user's own."""

    def __call__(self, step):
        return 2.0**-step


@pytest.mark.parametrize("rate", [Halves(), lambda step: 2.0**-step], ids=["object", "function"])
def test_the_rate_may_depend_on_the_step_and_traces_nothing(backend, rate):
    model = Sequential([Dense(1, input_shape=(3,), kernel_initializer="zeros")])
    model.compile(SGD(rate), lambda y, p: ops.sum(p - y, -1))
    program = model.program("train", batch_size=1)
    kernel = []
    for _ in range(3):
        model.train_on_batch([[1.0, 1.0, 1.0]], [[0.0]])
        kernel.append(float(model.get_weights()[0][0, 0]))
    assert kernel == [-1, -1.5, -1.75] and model.optimizer.rate() == 0.125
    assert model.program("train", batch_size=1) is program and model.optimizer.learning_rate is rate
    assert [v.path for v in model.optimizer.variables] == ["sgd/iterations"]


def test_a_callable_of_nothing_is_asked_at_each_step():
    rates = iter([0.5, 0.25])
    optimizer, weight = SGD(lambda: next(rates)), Variable(0.0)
    for _ in range(2):
        optimizer.apply([np.ones((), "float32")], [weight])
    assert float(weight) == -0.75


def test_a_rate_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match=r"^SGD: the learning rate of step 0 came out as nan\.$"):
        SGD(lambda step: float("nan")).rate()


# loops of one's own -----------------------------------------------------------------------------------------


def test_gradients_are_applied_in_pairs_or_in_the_order_of_build(backend):
    kernel, bias = Variable([[1.0, 2.0]], name="kernel"), Variable(np.ones(1), name="bias")  # of two dtypes
    optimizer = Nadam(0.1)
    assert not optimizer.built
    assert optimizer.apply_gradients([(np.ones(1), bias), (np.ones((1, 2), "float32"), kernel)]) == 1
    optimizer.apply([ops.ones(1), ops.ones((1, 2))])
    assert optimizer.iterations == 2 and optimizer.built and [v.name for v in optimizer.trained] == ["bias", "kernel"]
    assert [v.path for v in optimizer.variables] == [
        "nadam/iterations", "nadam/learning_rate", "bias_momentum", "bias_velocity", "kernel_momentum",
        "kernel_velocity", "product",
    ]  # fmt: skip
    moved = 1 - bias.numpy()
    np.testing.assert_allclose([[1, 2]] - kernel.numpy(), moved * np.ones((1, 2)), rtol=1e-6)


def test_steps_in_a_loop_are_traced_once_and_see_new_options(backend, monkeypatch):
    traced = []

    class Counting(SGD):
        def update(self, *arguments):
            traced.append(len(arguments))
            return super().update(*arguments[:4])

    optimizer, weight = Counting(1.0, momentum=0.5), Variable(0.0)
    for _ in range(3):
        optimizer.apply([np.ones((), "float32")], [weight])
    optimizer.learning_rate = 0.5
    optimizer.apply([np.ones((), "float32")])
    assert traced == [5] and float(weight) == -(1 + 1.5 + 1.75 + 1.375)
    optimizer.momentum = 0.0
    optimizer.apply([np.ones((), "float32")])
    assert traced == [5, 5] and float(weight) == -(1 + 1.5 + 1.75 + 1.375 + 0.5)


def test_slots_can_be_set_one_by_one(backend):
    a, b = Variable([1.0, 1.0], name="a"), Variable(1.0, name="b")
    optimizer = SGD(1.0, momentum=0.5)
    optimizer.build([a, b])
    optimizer.variables[2].assign(np.array([2.0, 4.0], "float32"))
    optimizer.apply([np.zeros(2, "float32"), np.zeros((), "float32")])
    assert (a.numpy().tolist(), float(b)) == ([2, 3], 1)
    assert optimizer.variables[2].numpy().tolist() == [1, 2]


@pytest.mark.parametrize(
    "grads, variables, message",
    [
        ([1.0], None, r"^Adam was built for 2 variables, but got 1 gradients\.$"),
        ([1.0, None], None, r"^Adam got no gradient for b: give one for each variable that it was built for, zeros if"),
        ([1.0], "a", r"^Adam got no gradient for b: "),
        ([1.0, 1.0], "ac", r"^Adam was built for the variables a, b, and not for c: make another optimizer for these"),
        ([[1.0], 1.0], None, r"^Adam: the gradient of a has shape \(1,\); the variable has \(\)\.$"),
    ],
)
def test_gradients_that_do_not_fit(grads, variables, message):
    known = {name: Variable(1.0, name=name) for name in "abc"}
    optimizer = Adam()
    optimizer.build([known["a"], known["b"]])
    with pytest.raises(ValueError, match=message):
        optimizer.apply(grads, variables and [known[name] for name in variables])
    assert optimizer.iterations == 0
    with pytest.raises(ValueError, match=r"^Adam: exclude_from_weight_decay\(\) must be called before build\(\)\.$"):
        optimizer.exclude_from_weight_decay([known["a"]])


def test_gradients_before_build_need_variables():
    with pytest.raises(ValueError, match=r"^SGD was not built for any variables: say whose gradients these are by "):
        SGD().apply([np.ones(())])


# rules of a user's own --------------------------------------------------------------------------------------


def test_scalars_are_computed_once_and_keep_a_state(backend):
    class Growing(Optimizer):
        def init_scalars(self):
            return {"total": 0.0}

        def scalars(self, step, state):
            total = state["total"] + step
            return {"total": total}, {"total": total}

        def update(self, param, grad, slots, learning_rate, scalars):
            return param - learning_rate * scalars["total"] * grad, slots

    optimizer, weights = Growing(1.0), [Variable(0.0), Variable(np.zeros(2))]
    for _ in range(3):
        optimizer.apply([np.ones((), "float32"), np.ones(2)], weights)
    assert float(weights[0]) == -(1 + 3 + 6) and weights[1].numpy().tolist() == [-10, -10]
    optimizer.build(weights)
    assert float(optimizer.variables[-1]) == 6


class Mean(Optimizer):
    """Gives what the test says."""

    begin = staticmethod(lambda param: {"mean": ops.zeros_like(param)})
    new = staticmethod(lambda grad: {"mean": grad})

    def init(self, param):
        return self.begin(param)

    def update(self, param, grad, slots, learning_rate):
        return param - learning_rate * grad, self.new(grad)


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        (
            {"begin": lambda param: ops.zeros_like(param)},
            TypeError,
            "Changed.init must return the slots by name; got ",
        ),
        (
            {"begin": lambda param: {"mean": ops.zeros(())}},
            ValueError,
            "Changed.init: the slot 'mean' must have the shape of param, here (4,), since all weights are one flat "
            "array; got (). Numbers that all weights share go to init_scalars() and scalars(); if each weight has "
            "slots of its own shape, write elementwise = False in the class.",
        ),
        (
            {"begin": lambda param: {"mean": 0.0}},
            ValueError,
            "Changed.init: the slot 'mean' must have the shape of param, here (4,), since all weights are one flat "
            "array; got ().",
        ),
        (
            {"new": lambda grad: {"m": grad}},
            TypeError,
            "Changed.update must return the new slots by name beside param; got 'm', where 'mean' is expected. Return "
            "what init gave, after this step, under the same names.",
        ),
        (
            {"new": lambda grad: {}},
            TypeError,
            "Changed.update must return the new slots by name beside param; got none, where 'mean' is expected.",
        ),
        (
            {"new": lambda grad: None},
            TypeError,
            "Changed.update must return the new slots by name beside param; got NoneType: None.",
        ),
    ],
)
def test_slots_that_are_none_are_refused(changes, error, says):
    optimizer = type("Changed", (Mean,), {name: staticmethod(value) for name, value in changes.items()})()
    with pytest.raises(error) as caught:
        optimizer.apply_gradients([(np.ones((2, 2)), Variable(np.ones((2, 2))))])
    assert str(caught.value).startswith(says)


def test_slots_of_another_shape_where_each_weight_is_by_itself(backend):
    lone = type("Lone", (Mean,), {"elementwise": False, "begin": staticmethod(lambda param: {"mean": ops.zeros(())}),
                                  "new": staticmethod(lambda grad: {"mean": ops.sum(grad)})})()  # fmt: skip
    lone.apply_gradients([(np.ones((2, 2)), Variable(np.ones((2, 2))))])
    assert slots_of(lone)[0].numpy() == 4


def test_a_rule_with_a_norm_runs_per_tensor(backend):
    class Normed(Optimizer):
        elementwise = False

        def init(self, param):
            return {"largest": ops.max(ops.abs(param))}

        def update(self, param, grad, slots, learning_rate):
            length = ops.sqrt(ops.sum(ops.square(grad)))
            return param - learning_rate * grad / length, {"largest": ops.maximum(slots["largest"], length)}

    a, b = Variable([[3.0, 4.0]]), Variable([1.0])
    optimizer = Normed(1.0)
    optimizer.apply([np.array([[3.0, 4.0]], "float32"), np.array([5.0], "float32")], [a, b])
    np.testing.assert_allclose(a.numpy(), [[2.4, 3.2]], rtol=1e-6)
    assert b.numpy() == 0 and [float(v) for v in optimizer.variables[2:]] == [5, 5]
    optimizer.build([b, a])
    assert [float(v) for v in optimizer.variables[2:]] == [5, 5]


def test_signs_of_gradients_that_are_zero_move_nothing(backend):
    """Slots are kept from denormal numbers without making zeros positive."""

    class SignOfMean(Optimizer):
        def init(self, param):
            return {"mean": ops.zeros_like(param)}

        def update(self, param, grad, slots, learning_rate):
            mean = slots["mean"] * 0.5 + grad
            return param - learning_rate * ops.sign(mean), {"mean": mean}

    weight, optimizer = Variable([0.0, 0.0]), SignOfMean(1.0)
    for gradient in (1.0, 0.0, 0.0):
        optimizer.apply([np.array([0.0, gradient], "float32")], [weight])
    assert weight.numpy().tolist() == [0, -3]


@pytest.mark.parametrize("name", ["sgd", "SGD", "Adam", "ADAM", "RMSprop", "rmsprop", "Adadelta", "Nadam", "adamax"])
def test_strings_in_any_case_of_keras(name):
    assert type(get(name)).__name__.lower() == name.lower()
