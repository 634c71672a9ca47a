"""Where random numbers come from: seeds, generators and the steps of models, at once and in traces."""

from __future__ import annotations

import re
import threading

import numpy as np
import pytest

import kcore
from kcore import ops, random
from kcore.config import config
from kcore.graph import Trace, recording
from kcore.layers import Dense, Layer
from kcore.program import Traced
from kcore.testing.tolerances import assert_close
from tests.random.draws import DRAWS, SHARED, unit

every_draw = pytest.mark.parametrize("draw", DRAWS, ids=lambda d: d.name)
exact_draws = pytest.mark.parametrize("draw", [d for d in DRAWS if d.exact], ids=lambda d: d.name)


def same(draw, got, wanted):
    """Equal, or close where functions as log are computed."""
    assert_close("random" if not draw.exact else "view", ops.convert_to_numpy(got), wanted, draw.name)


def traced(*calls):
    """What calls give in one trace."""
    return Traced(lambda: [call() for call in calls], "calls")


def test_every_function_has_a_row():
    assert {d.name for d in DRAWS} == set(random.__all__) - {"SeedGenerator"}


@every_draw
@pytest.mark.parametrize("seed", [0, 7, 2**64 - 1, np.int64(3)])
def test_a_whole_number_gives_the_published_numbers_at_every_call(backend, draw, seed):
    wanted = draw.reference(seed=int(seed))
    first, second = draw.call(seed), draw.call(seed)
    assert backend.owns(first)
    same(draw, first, wanted)
    np.testing.assert_array_equal(ops.convert_to_numpy(first), ops.convert_to_numpy(second))
    run = traced(lambda: draw.call(seed), lambda: draw.call(seed))
    for out in (*run(), *run()):
        same(draw, out, wanted)


@exact_draws
def test_exact_numbers_are_the_same_bits_on_all_backends(draw):
    got = {}
    for name in ("numpy", "strict"):
        with kcore.use_backend(name):
            got[name] = [ops.convert_to_numpy(a) for a in (draw.call(5), *traced(lambda: draw.call(5))())]
    first = got["numpy"][0]
    for array in (*got["numpy"], *got["strict"]):
        assert array.dtype == first.dtype and array.tobytes() == first.tobytes()


@every_draw
def test_a_generator_gives_one_draw_after_the_other_at_once_and_in_traces(backend, draw):
    generator = random.SeedGenerator(11)
    same(draw, draw.call(generator), draw.reference(seed=11, step=0))
    run = traced(lambda: draw.call(generator), lambda: draw.call(generator))
    for first in (1, 3):
        for i, out in enumerate(run()):
            same(draw, out, draw.reference(seed=11, step=first + i))
    same(draw, draw.call(generator), draw.reference(seed=11, step=5))
    assert generator.state.numpy().tolist() == [11, 6]


@pytest.mark.usefixtures("unseeded")
@every_draw
def test_without_a_seed_every_call_draws_anew_and_set_random_seed_repeats_them(backend, draw):
    def two():
        kcore.utils.set_random_seed(9)
        return [ops.convert_to_numpy(draw.call(None)) for _ in range(2)]

    for got, again, step in zip(two(), two(), (1, 2), strict=True):
        np.testing.assert_array_equal(got, again)
        same(draw, got, draw.reference(seed=9, step=step, stream=SHARED))


@pytest.mark.usefixtures("unseeded")
def test_a_process_without_a_seed_draws_from_a_fresh_one():
    config.seed, config.draws = None, 0
    first = random.uniform((4,))
    assert not np.array_equal(first, random.uniform((4,)))
    assert not np.array_equal(first, unit((4,), "float32", seed=0, step=1, stream=SHARED))


@every_draw
def test_in_a_trace_draws_without_a_seed_are_those_of_its_seed_and_step(backend, draw):
    run = traced(lambda: draw.call(None), lambda: draw.call(None))
    for step in (0, 1, 2**40):
        for call, out in enumerate(run(seed=4, step=step)):
            same(draw, out, draw.reference(seed=4, step=step, call=call, stream=SHARED))
    one, other = run(), run()  # a seed of its own, a step for each call
    assert not np.array_equal(*map(ops.convert_to_numpy, (one[0], other[0]))) or draw.name == "shuffle"


def test_draws_do_not_change_the_seeds_of_models(unseeded):
    def weights():
        return kcore.Sequential([Dense(2, input_shape=(2,))]).get_weights()[0].tolist()

    kcore.utils.set_random_seed(1)
    first = weights()
    kcore.utils.set_random_seed(1)
    random.normal((3,))
    assert weights() == first


def test_a_generator_without_a_seed(unseeded):
    def seeds():
        kcore.utils.set_random_seed(3)
        return [random.SeedGenerator().seed for _ in range(2)]

    assert seeds() == seeds()
    assert len(set(seeds())) == 2


def test_a_generator_is_made_again_from_its_configuration():
    generator = random.SeedGenerator(5, name="noise")
    random.uniform((2,), seed=generator)
    again = random.SeedGenerator.from_config(generator.get_config())
    assert repr(again) == "SeedGenerator(seed=5)" and again.name == "noise" and again.state.name == "noise_state"
    assert again.state.numpy().tolist() == [5, 0]
    again.state.assign(generator.state)
    np.testing.assert_array_equal(random.uniform((4,), seed=again), random.uniform((4,), seed=generator))


def test_a_generator_shared_by_threads_draws_nothing_twice():
    generator, drawn = random.SeedGenerator(1), []
    start = threading.Barrier(4)

    def work():
        start.wait()
        drawn.extend(float(random.uniform((), dtype="float64", seed=generator)) for _ in range(50))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(drawn)) == 200


# layers and models


class Noise(Layer):
    """Adds noise, in training or not."""

    def __init__(self, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.generator = seed if seed is None or isinstance(seed, int) else random.SeedGenerator(3)

    def call(self, x):
        return x + random.uniform(x.shape, seed=self.generator)


X = np.zeros((4, 3), "float32")


@pytest.mark.parametrize("seed", [None, "generator", 3])
def test_a_layer_draws_anew_at_every_call_unless_its_seed_is_a_number(backend, seed):
    layer = Noise(seed)
    one, other = (ops.convert_to_numpy(layer(X)) for _ in range(2))
    assert np.array_equal(one, other) == (seed == 3)


@pytest.mark.usefixtures("unseeded")
@pytest.mark.parametrize("seed", [None, "generator"])
def test_a_model_draws_anew_in_every_step_of_training_testing_and_predicting(backend, seed):
    def losses():
        kcore.utils.set_random_seed(2)
        model = kcore.Sequential([Noise(seed), Dense(2)])
        model.compile(kcore.optimizers.SGD(0.0), "mean_squared_error")
        y, seen = X[:, :2], []
        for _ in range(2):
            seen += [model.train_on_batch(X, y), model.test_on_batch(X, y), np.mean(model.predict(X) ** 2)]
        return [float(np.float32(loss)) for loss in seen]

    first = losses()
    assert len(set(first)) == 6
    assert losses() == first


def test_two_draws_of_a_step_differ(backend):
    a, b = traced(lambda: random.uniform((50,)), lambda: random.uniform((50,)))(seed=1, step=1)
    assert not np.any(ops.convert_to_numpy(a) == ops.convert_to_numpy(b))


def test_a_generator_in_a_loop_is_one_draw_further_after_each_run(backend):
    generator = random.SeedGenerator(6)

    def turn(carry, x):
        return carry + x, random.uniform((3,), seed=generator)

    run = Traced(lambda xs: ops.scan(turn, ops.zeros(()), xs), "a loop")
    for step in (0, 1):
        last, rows = map(ops.convert_to_numpy, run(ops.ones((4,))))
        assert last == 4 and rows.shape == (4, 3)
        for time, row in enumerate(rows):
            np.testing.assert_array_equal(row, unit((3,), "float32", seed=6, step=step, time=time))
    assert generator.state.numpy().tolist() == [6, 2]


def test_gradients_flow_through_what_is_drawn_for(backend):
    x = ops.convert_to_tensor(np.arange(6, dtype="float32").reshape(2, 3))
    gradient = kcore.grad(lambda x: ops.sum(random.dropout(x, 0.5, seed=1)))(x)
    np.testing.assert_array_equal(
        ops.convert_to_numpy(gradient), ops.convert_to_numpy(random.dropout(ops.ones((2, 3)), 0.5, seed=1))
    )
    weights = np.array([1, 10, 100], "float32")
    gradient = kcore.grad(lambda x: ops.sum(random.shuffle(x, 1, seed=1) * weights))(x)
    where = ops.convert_to_numpy(random.permutation(3, seed=1))
    np.testing.assert_array_equal(ops.convert_to_numpy(gradient)[0][where], [1, 10, 100])
    spread = kcore.grad(lambda s: ops.sum(random.normal((9,), seed=1) * s))(2.0)
    drawn = ops.convert_to_numpy(random.normal((9,), seed=1))
    assert_close("reduction", ops.convert_to_numpy(spread), drawn.sum())


# errors

ERRORS = [
    (lambda: random.uniform((2,), seed=-1), ValueError, "random.uniform: seed is a whole number from 0 to 2**64 - 1"),
    (lambda: random.normal((2,), seed=2**64), ValueError, "random.normal: seed is a whole number from 0 to 2**64 - 1"),
    (lambda: random.normal((2,), seed=1.5), TypeError, "is a whole number, a SeedGenerator or None; got float: 1.5"),
    (lambda: random.shuffle(X, seed=True), TypeError, "seed is a whole number, a SeedGenerator or None; got bool"),
    (lambda: random.SeedGenerator("a"), TypeError, "SeedGenerator: seed is a whole number, a SeedGenerator or None"),
    (lambda: random.SeedGenerator(random.SeedGenerator(1)), TypeError, "not another generator."),
    (lambda: random.uniform((2, -1)), ValueError, "random.uniform: lengths are at least 0; got (2, -1)."),
    (lambda: random.uniform((2.0,)), TypeError, "random.uniform: a shape is made of whole numbers; got (2.0,)."),
    (lambda: random.uniform((2,), 1, 0), ValueError, "minval is at most maxval"),
    (lambda: random.uniform((2,), -3e38, 3e38), ValueError, "their difference a float32; got minval=-3e+38"),
    (lambda: random.uniform((2,), 0, float("nan")), ValueError, "random.uniform: maxval is finite; got nan."),
    (lambda: random.uniform((2,), dtype="int32"), TypeError, "dtype is float32 or float64; got int32. Use ops.cast"),
    (lambda: random.normal((2,), X), TypeError, "random.normal: mean is a number; got ndarray"),
    (lambda: random.normal((2,), 0, -1), ValueError, "random.normal: stddev is at least 0; got -1."),
    (lambda: random.truncated_normal((2,), "a"), TypeError, "random.truncated_normal: mean is a number; got str: 'a'."),
    (lambda: random.randint((2,), 5, 5), ValueError, "must be 1 to 2**32 numbers; got minval=5 and maxval=5."),
    (lambda: random.randint((2,), 0, 2**32 + 1, "int64"), ValueError, "must be 1 to 2**32 numbers"),
    (lambda: random.randint((2,), 0, 2**32), ValueError, "random.randint: int32 does not hold all of 0 to 4294967295."),
    (lambda: random.randint((2,), -1, 3, "uint8"), ValueError, "random.randint: uint8 does not hold all of -1 to 2."),
    (lambda: random.randint((2,), 0, 2.5), TypeError, "random.randint: maxval is a whole number; got 2.5."),
    (lambda: random.randint((2,), 0, 2, "float32"), TypeError, "randint: dtype is one of integers; got float32."),
    (lambda: random.bernoulli((2,), 1.5), ValueError, "random.bernoulli: p is from 0 to 1; got 1.5."),
    (lambda: random.dropout(X, -0.5), ValueError, "random.dropout: rate is from 0 to 1; got -0.5."),
    (lambda: random.dropout(X.astype(int), 0.5), TypeError, "random.dropout takes floats; got int64. Use ops.cast."),
    (lambda: random.dropout(X, 0.5, (2, 3)), ValueError, "(2, 3) does not broadcast to the inputs' (4, 3)."),
    (lambda: random.dropout(X, 0.5, (1, 4, 3)), ValueError, "noise_shape (1, 4, 3) does not broadcast to the inputs'"),
    (lambda: random.categorical(np.ones((2, 0)), 1), ValueError, "takes logits of shape (..., classes); got (2, 0)."),
    (lambda: random.categorical(X, 1.5), TypeError, "random.categorical: num_samples is a whole number; got 1.5."),
    (lambda: random.categorical(X, -1), ValueError, "random.categorical: lengths are at least 0; got -1."),
    (lambda: random.shuffle(X, 2), ValueError, "axis 2 is out of range for an array of 2 axes."),
    (lambda: random.shuffle(np.float32(1)), ValueError, "axis 0 is out of range for an array of 0 axes."),
    (lambda: random.permutation(-1), ValueError, "random.permutation: lengths are at least 0; got -1."),
]  # fmt: skip


@pytest.mark.parametrize("call, kind, text", ERRORS, ids=lambda x: x if isinstance(x, str) else "")
def test_errors_say_where_and_what(call, kind, text):
    with pytest.raises(kind, match=r"^test_seeds\.py, line \d+: .*" + re.escape(text)):
        call()


def test_an_error_takes_no_draw_from_a_generator():
    generator = random.SeedGenerator(1)
    with pytest.raises(TypeError):
        random.uniform((2,), dtype="int32", seed=generator)
    assert generator.state.numpy().tolist() == [1, 0]


def test_a_generator_is_not_made_in_call():
    with recording(Trace()), pytest.raises(RuntimeError, match="Make it in __init__ or build, and pass it as seed="):
        random.SeedGenerator(1)
