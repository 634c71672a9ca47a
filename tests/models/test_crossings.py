"""What crosses between host and device while a model trains, is evaluated and predicts: counted to the last array."""

from __future__ import annotations

import gc
import itertools
import sys
import weakref
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kcore
from kcore import ops
from kcore.callbacks import LambdaCallback
from kcore.config import config
from kcore.layers import Concatenate, Dense
from kcore.metrics import Metric
from kcore.models import Model, feed
from kcore.program.inputs import Inputs

from .device_double import DEVICE, crossed, on_device

BATCHES = 3  # of 32 of the 70 samples
ARRAYS = 2  # x and y
ROOM = 1 << 20


class Hits(Metric):
    """A metric in Keras's style whose result is a variable."""

    def __init__(self, name: str = "hits") -> None:
        super().__init__(name=name)
        self.count = self.add_variable()

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self.count.assign_add(ops.sum(ops.cast(y_pred > 0.5, "float64")))

    def result(self) -> Any:
        return self.count


METRICS = ["accuracy", "mse", "auc", "precision", "root_mean_squared_error", Hits]


@pytest.fixture
def trained(make, x, y):
    """A function that gives a model whose programs are made, and whose weights are on the device."""

    def made(**compiled: Any) -> Any:
        model = make(**compiled)
        model.fit(x, y, validation_data=(x, y), verbose=0)
        model.predict(x)
        crossed()
        return model

    return made


def made_metrics() -> list[Any]:
    return [metric() if isinstance(metric, type) else metric for metric in METRICS]


# an epoch -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("metrics", [[], ["accuracy"], None])
@pytest.mark.parametrize("shuffle", [True, False])
def test_a_batch_is_uploaded_and_an_epoch_s_logs_are_downloaded_at_once(trained, x, y, metrics, shuffle):
    with on_device():
        model = trained(metrics=made_metrics() if metrics is None else metrics)
        model.fit(x, y, epochs=4, shuffle=shuffle, verbose=0)
        assert crossed() == (4 * BATCHES * ARRAYS, 4)


def test_weights_of_samples_are_one_more_array_of_the_batch(make, x, y):
    with on_device():
        model = make()
        for options in ({"sample_weight": np.arange(70.0)}, {"class_weight": {0: 2.0}}):
            model.fit(x, y, verbose=0, **options)
            crossed()
            model.fit(x, y, epochs=2, verbose=0, **options)
            assert crossed() == (2 * BATCHES * (ARRAYS + 1), 2)


def test_validation_crosses_as_training_does(trained, x, y):
    with on_device():
        model = trained()
        model.fit(x, y, epochs=2, validation_data=(x, y), verbose=0)
        assert crossed() == (2 * 2 * BATCHES * ARRAYS, 2 * 2)


def test_a_loss_that_becomes_nan_is_told_from_the_epoch_s_logs(trained, x, y):
    with on_device():
        model = trained()
        model.set_weights([np.full_like(w, np.nan) for w in model.get_weights()])
        crossed()
        with pytest.warns(RuntimeWarning, match="The loss is NaN in epoch"):
            model.fit(x, y, epochs=3, verbose=0)
        assert crossed() == (3 * BATCHES * ARRAYS, 3)


def test_schedules_clipping_and_averages_cross_no_more(make, x, y):
    schedule = kcore.optimizers.schedules.ExponentialDecay(0.01, 10, 0.9)
    optimizer = kcore.optimizers.Adam(schedule, global_clipnorm=1.0, use_ema=True)
    with on_device():
        model = make(optimizer=optimizer)
        model.fit(x, y, verbose=0)
        crossed()
        model.fit(x, y, epochs=2, verbose=0)
        averages = (1, 1)  # taken into the weights when the fit ends
        assert crossed() == (2 * BATCHES * ARRAYS + averages[0], 2 + averages[1])


# callbacks ------------------------------------------------------------------------------------------------


def test_logs_that_are_read_each_batch_are_fetched_once_for_all_who_read(trained, x, y):
    read = LambdaCallback(on_train_batch_end=lambda batch, logs: (logs["loss"], logs["accuracy"], dict(logs)))
    passed = LambdaCallback(on_train_batch_end=lambda batch, logs: None)
    with on_device():
        model = trained()
        model.fit(x, y, verbose=0, callbacks=[passed])
        assert crossed() == (BATCHES * ARRAYS, 1)
        model.fit(x, y, verbose=0, callbacks=[read, passed, read])
        assert crossed() == (BATCHES * ARRAYS, BATCHES + 1)


def test_a_line_for_each_epoch_crosses_no_more(trained, x, y, capsys):
    with on_device():
        model = trained()
        model.fit(x, y, epochs=2, verbose=1)
        assert "Epoch 2/2" in capsys.readouterr().out
        assert crossed() == (2 * BATCHES * ARRAYS, 2)


def test_the_bar_reads_logs_at_most_ten_times_a_second(trained, monkeypatch, capsys):
    """500 steps, each of which takes a hundredth of a second on the bar's clock: five seconds."""
    now = itertools.count()
    monkeypatch.setattr("kcore_callbacks.progress.time.perf_counter", lambda: next(now) / 100)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("kcore_callbacks.progress._bar", lambda *_: _NoBar())
    x, y = np.zeros((500, 6)), np.zeros((500, 3))
    with on_device():
        model = trained()
        model.fit(x, y, batch_size=1, verbose=0)
        crossed()
        model.fit(x, y, batch_size=1, verbose=1)
        uploads, downloads = crossed()
    assert uploads == 500 * ARRAYS
    assert 40 <= downloads <= 5 * 10 + 1


class _NoBar:
    task_ids = (0,)

    def start(self) -> None:
        pass

    stop = start

    def update(self, *_: Any, logs: str, **__: Any) -> None:
        assert "loss: " in logs


# without training -----------------------------------------------------------------------------------------


def test_evaluate_downloads_at_its_end_alone(trained, x, y):
    with on_device():
        model = trained(metrics=made_metrics())
        model.evaluate(x, y, verbose=0)
        assert crossed() == (BATCHES * ARRAYS, 1)
        model.evaluate(x, y, verbose=0, callbacks=[LambdaCallback(on_test_batch_end=lambda b, logs: dict(logs))])
        assert crossed() == (BATCHES * ARRAYS, BATCHES + 1)


def test_predict_downloads_what_a_batch_gives_at_once(trained, x):
    with on_device():
        model = trained()
        model.predict(x)
        assert crossed() == (BATCHES, BATCHES)
        a = kcore.Input((6,))
        pair = Model(a, [Dense(2)(a), Dense(3)(a), Dense(4, dtype="float64")(a)])
        pair.predict(x)
        crossed()
        given = pair.predict(x)
        assert crossed() == (BATCHES, BATCHES * 2)  # for each dtype
    assert [(each.shape, each.dtype.name) for each in given] == [
        ((70, 2), "float32"),
        ((70, 3), "float32"),
        ((70, 4), "float64"),
    ]
    for mine, same in zip(given, pair.predict(x), strict=True):
        assert np.array_equal(mine, same)


def test_a_batch_alone(trained, x, y):
    with on_device():
        model = trained(metrics=made_metrics())
        model.train_on_batch(x[:32], y[:32])
        assert crossed() == (ARRAYS, 1)
        model.test_on_batch(x[:32], y[:32])
        assert crossed() == (ARRAYS, 1)
        model.predict_on_batch(x[:32])
        assert crossed() == (1, 1)


def test_weights_cross_by_themselves_not_with_all_others(trained):
    with on_device():
        model = trained()
        weights = model.get_weights()
        assert DEVICE.count["bytes"] == sum(w.nbytes for w in weights)
        assert crossed() == (0, 4)
        model.set_weights(weights)
        assert crossed() == (4, 0)


# samples that stay on the device --------------------------------------------------------------------------


def test_samples_that_fit_are_uploaded_once_and_each_order_once(trained, x, y):
    with on_device(ROOM):
        model = trained()
        model.fit(x, y, epochs=4, verbose=0)
        assert crossed() == (ARRAYS + 4, 4)
        model.fit(x, y, epochs=4, shuffle=False, verbose=0)
        assert crossed() == (ARRAYS, 4)
        model.fit(x, y, epochs=4, validation_data=(x, y), verbose=0)
        assert crossed() == (2 * ARRAYS + 4, 2 * 4)
        model.fit(x, y, epochs=4, steps_per_epoch=2, verbose=0)  # 8 of the 3 + 3 + 3 steps of three passes
        assert crossed() == (ARRAYS + 3, 4)


def test_samples_stay_where_they_are_if_they_would_fill_more_than_a_quarter(trained, x, y):
    size = 70 * (6 + 3) * 4  # in float32
    for room, uploads in ((4 * size, ARRAYS + 1), (4 * size - 1, BATCHES * ARRAYS)):
        with on_device(room):
            model = trained()
            model.fit(x, y, verbose=0)
            assert crossed() == (uploads, 1)
    with on_device(4 * size):
        model = trained()
        model.fit(x, y, validation_data=(x, y), verbose=0)  # twice as many
        assert crossed() == (2 * BATCHES * ARRAYS, 2)


def test_they_are_let_go_when_the_fit_ends(make, x, y, monkeypatch):
    kept: list[Any] = []
    made = feed.Resident.__init__

    def noted(self: Any, *args: Any) -> None:
        made(self, *args)
        kept.append(weakref.ref(self))

    monkeypatch.setattr(feed.Resident, "__init__", noted)
    gc.disable()  # nothing that refers to itself holds them
    try:
        with on_device(ROOM):
            make().fit(x, y, validation_split=0.5, verbose=0)
    finally:
        gc.enable()
    assert [each() for each in kept] == [None, None]


def test_one_run_over_samples_keeps_none(trained, x, y):
    with on_device(ROOM):
        model = trained()
        model.evaluate(x, y, verbose=0)
        assert crossed() == (BATCHES * ARRAYS, 1)


def test_a_step_run_eagerly_takes_samples_from_the_host(make, x, y):
    with on_device(ROOM):
        eager, traced = make(seed=3, run_eagerly=True), make(seed=3)
        eager.fit(x, y, verbose=0)
        traced.fit(x, y, verbose=0)
        for mine, same in zip(eager.get_weights(), traced.get_weights(), strict=True):
            np.testing.assert_allclose(mine, same, rtol=1e-5)


RUNS = st.fixed_dictionaries(
    {
        "batch_size": st.integers(1, 80),
        "epochs": st.integers(1, 3),
        "shuffle": st.booleans(),
        "class_weight": st.sampled_from([None, {0: 2.0, 2: 0.5}]),
        "sample_weight": st.sampled_from([None, np.linspace(0, 2, 70)]),
        "steps_per_epoch": st.sampled_from([None, 1, 2]),
        "validation_split": st.sampled_from([0.0, 0.3]),
        "validation_batch_size": st.sampled_from([None, 7]),
    }
)


@given(RUNS, st.sampled_from(["float32", "float64"]))
@settings(max_examples=15)
def test_where_samples_lie_changes_no_bit(run, dtype):
    """On the host, uploaded by the batch, kept on the device, the double or strict: the same history and weights."""
    x = np.random.default_rng(5).normal(size=(70, 6)).astype(dtype)
    y = np.eye(3, dtype="int32")[x[:, :3].argmax(1)]

    def ended() -> list[Any]:
        config.seed, config.models = 3, 0
        model = kcore.Sequential([Dense(4, activation="relu", input_shape=(6,)), Dense(3, activation="softmax")])
        model.compile("adam", "categorical_crossentropy", metrics=["accuracy"], weighted_metrics=["mse"])
        history = model.fit(x, y, verbose=0, **run).history
        return [*history.values(), *model.get_weights()]

    wanted = ended()
    for room in (None, ROOM):
        with on_device(room):
            assert all(np.array_equal(mine, same) for mine, same in zip(ended(), wanted, strict=True))


def test_several_inputs_of_different_dtypes_may_lie_on_the_device(y):
    rng = np.random.default_rng(2)
    x = {"words": rng.integers(0, 9, (70, 4)), "picture": rng.normal(size=(70, 2, 3)), "size": rng.normal(size=70)}

    def ended() -> list[Any]:
        config.seed, config.models = 3, 0
        inputs = {
            "words": kcore.Input((4,), dtype="int64"),
            "picture": kcore.Input((2, 3)),
            "size": kcore.Input((1,)),
        }
        parts = [Dense(3)(kcore.layers.Lambda(lambda a: ops.cast(a, "float32"))(inputs["words"]))]
        parts += [kcore.layers.Flatten()(inputs["picture"]), inputs["size"]]
        model = Model(inputs, Dense(3, activation="softmax")(Concatenate()(parts)))
        model.compile("sgd", "categorical_crossentropy")
        return [model.fit(x, y, epochs=2, verbose=0).history["loss"], *model.get_weights()]

    wanted = ended()
    for room in (None, ROOM):
        with on_device(room):
            assert all(np.array_equal(mine, same) for mine, same in zip(ended(), wanted, strict=True))


class Assigning(type(DEVICE)):  # type: ignore[misc]
    """The double as a backend whose arrays are not written to."""

    name = "assigning_double"
    in_place = False


@pytest.mark.parametrize("room", [None, ROOM])
@pytest.mark.parametrize("shuffle", [True, False])
def test_a_backend_that_assigns_may_keep_samples_too(make, x, y, room, shuffle):
    def ended() -> list[Any]:
        model = make(seed=3)
        return [*model.fit(x, y, epochs=2, shuffle=shuffle, verbose=0).history.values(), *model.get_weights()]

    wanted, backend = ended(), Assigning()
    backend.room = room
    with kcore.use_backend(backend):
        for mine, same in zip(ended(), wanted, strict=True):
            np.testing.assert_allclose(mine, same, rtol=1e-5)


# uploads beside computation -------------------------------------------------------------------------------


def test_host_memory_is_filled_again_only_when_its_upload_is_done():
    happened: list[str] = []

    class Watched(type(DEVICE)):  # type: ignore[misc]
        def host_array(self, shape: Any, dtype: Any) -> np.ndarray:
            happened.append("host memory")
            return super().host_array(shape, dtype)

        def from_host(self, array: Any, into: Any = None) -> Any:
            happened.append(f"upload {array[0]:.0f}")
            return super().from_host(array, into)

        def marked(self) -> Any:
            mark = f"mark {sum(each.startswith('mark') for each in happened)}"
            happened.append(mark)
            return lambda: happened.append(f"wait for {mark}")

    inputs = Inputs({"x": ((2,), "float32")}, Watched(), bound=True, on_host=False)
    for turn in range(4):

        def write(name: str, out: np.ndarray, turn: int = turn) -> None:
            happened.append(f"write {turn}")
            out[...] = turn

        given = inputs.filled(write)
        assert given["x"] is inputs.places["x"] and np.array_equal(given["x"], [turn, turn])
    assert happened == [
        *["host memory"] * 2,
        *["write 0", "upload 0", "mark 0"],
        *["write 1", "upload 1", "mark 1"],
        *["wait for mark 0", "write 2", "upload 2", "mark 2"],
        *["wait for mark 1", "write 3", "upload 3", "mark 3"],
    ]


def test_arrays_that_are_filled_by_hand_are_uploaded_at_each_call(make, x, y):
    def ended() -> list[Any]:
        model = make(seed=3)
        model.build((None, 6))
        program = model.program("train", batch_size=8)
        program.arrays["x"][...], program.arrays["y"][...] = x[:8], y[:8]
        for step in range(3):
            program(learning_rate=0.1, seed=1, step=step)
        return model.get_weights()

    wanted = ended()
    with on_device():
        assert all(np.array_equal(mine, same) for mine, same in zip(ended(), wanted, strict=True))


def test_arrays_of_the_backend_may_be_given_as_data(backend):
    def losses(x, y):
        kcore.utils.set_random_seed(1)
        model = kcore.models.Sequential([Dense(2, input_shape=(3,))])
        model.compile("sgd", "mse")
        given = model.fit(x, y, epochs=2, verbose=0).history["loss"]
        return [*given, model.evaluate(x, y, verbose=0), *model.predict(x, verbose=0).ravel()]

    x, y = np.random.default_rng(0).normal(size=(2, 8, 3)).astype("float32")
    assert losses(*map(kcore.ops.convert_to_tensor, (x, y[:, :2]))) == losses(x, y[:, :2])
