"""Metric: the three ways of writing one, its weights, and Keras's doors, at once and inside a traced step."""

from __future__ import annotations

import numpy as np
import pytest

import kcore
from kcore import metrics, ops
from kcore.metrics import BinaryAccuracy, Mean, Metric

Y, P, W = np.array([[0.0], [1.0], [1.0]]), np.array([[0.2], [0.7], [0.4]]), np.array([1.0, 2.0, 3.0])


class Pure(Metric):
    """The largest error."""

    def init(self):
        return {"most": np.zeros(())}

    def update(self, state, y_true, y_pred):
        return {"most": ops.maximum(state["most"], ops.max(ops.abs(y_true - y_pred)))}

    def result(self, state):
        return state["most"]


class OnlyCall(Metric):
    """The mean error."""

    def call(self, y_true, y_pred):
        return ops.abs(y_true - y_pred)


class KerasStyle(Metric):
    """The weighted number of ones that were seen as such."""

    def __init__(self, name="true_ones", **kwargs):
        super().__init__(name=name, **kwargs)
        self.ones = self.add_variable(shape=(), initializer="zeros", name="ones")
        self.batches = self.add_weight(shape=(2,), initializer="ones", dtype="int32", name="batches")

    def update_state(self, y_true, y_pred, sample_weight=None):
        hits = ops.cast(ops.logical_and(ops.cast(y_true, "bool"), y_pred > 0.5), self.dtype)
        if sample_weight is not None:
            hits = hits * ops.reshape(ops.cast(sample_weight, self.dtype), (-1, 1))
        self.ones.assign(self.ones + ops.sum(hits))
        self.batches.assign_add(1)

    def result(self):
        return self.ones


ALL = [(Pure, 0.6), (OnlyCall, (0.2 + 0.3 + 0.6) / 3), (KerasStyle, 1.0)]


@pytest.mark.parametrize(("made", "expected"), ALL)
def test_it_gathers_at_once(backend, made, expected):
    metric = made()
    for _ in range(2):
        metric.update_state(Y, ops.convert_to_tensor(P))
    assert metric.numbers() == {metric.label: pytest.approx(2 * expected if made is KerasStyle else expected)}
    metric.reset_state()
    assert metric.numbers() == {metric.label: 0}
    assert metric(Y, ops.convert_to_tensor(P)) == pytest.approx(expected)
    metric.reset_states()
    assert metric.numbers() == {metric.label: 0}


@pytest.mark.parametrize(("made", "expected"), ALL)
def test_it_gathers_in_a_traced_step_what_it_gathers_at_once(backend, made, expected):
    model = kcore.Sequential([kcore.layers.Dense(1, input_shape=(1,))])
    model.set_weights([np.ones((1, 1)), np.zeros(1)])
    metric = made(name="m")
    model.compile("sgd", "mse", metrics=[metric])
    found = model.evaluate(P, Y, batch_size=2, return_dict=True, verbose=0)
    assert found["m"] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(("made", "expected"), ALL)
def test_the_stateless_doors_change_nothing(backend, made, expected):
    metric = made()
    metric.update_state(Y, ops.convert_to_tensor(P))
    before = [v.numpy() for v in metric.variables]
    fresh = metric.stateless_reset_state()
    after = metric.stateless_update_state(fresh, Y, ops.convert_to_tensor(P))
    assert all(backend.owns(a) for a in (*fresh, *after))
    for held, now, again in zip(before, metric.variables, after, strict=True):
        assert np.array_equal(held, now.numpy()) and np.array_equal(held, ops.convert_to_numpy(again))
    assert ops.convert_to_numpy(metric.stateless_result(after)) == pytest.approx(expected)
    assert ops.convert_to_numpy(metric.stateless_result(fresh)) == 0


@pytest.mark.parametrize("made", [OnlyCall, KerasStyle])
def test_the_stateless_doors_are_recorded_too(backend, made):
    """d/dp of a mean of |y - p| is that of its sign; nothing of it reaches the metric."""
    metric = made()

    def result(p):
        state = metric.stateless_update_state(metric.stateless_reset_state(), Y, p)
        return ops.cast(metric.stateless_result(state), "float64") + ops.sum(p) * 0.5

    slope = ops.convert_to_numpy(kcore.grad(result)(ops.convert_to_tensor(P)))
    own = np.sign(P - Y) / 3 if made is OnlyCall else 0
    np.testing.assert_allclose(slope, own + 0.5)
    assert metric.numbers() == {metric.label: 0}


def test_the_number_of_variables_is_checked():
    message = r"^Metric 'binary_accuracy' has 2 variables; metric_variables has 1 values\.$"
    with pytest.raises(ValueError, match=message):
        BinaryAccuracy().stateless_result([1.0])


# weights --------------------------------------------------------------------------------------------------

VALUES = np.arange(6.0).reshape(2, 3)
WEIGHTED = [  # values, weights, what Keras 3.15 gives as total and count
    ([1.0, 3.0, 5.0, 7.0], [1.0, 1.0, 0.0, 0.0], (4.0, 2.0)),
    ([1.0, 3.0], [[1.0], [0.5]], (2.5, 1.5)),
    ([1.0, 3.0], 0.5, (1.0, 0.5)),
    (VALUES, None, (5.0, 2.0)),
    (VALUES, [1.0, 0.5], (3.0, 1.5)),
    (VALUES, [[1.0], [0.5]], (3.0, 1.5)),
    (VALUES, [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]], (5 / 3, 2 / 3)),
    (VALUES, 0.5, (1.25, 0.5)),
    (7.0, None, (7.0, 1.0)),
]


@pytest.mark.parametrize(("values", "weights", "expected"), WEIGHTED)
def test_weights_count_as_in_keras(backend, values, weights, expected):
    mean = Mean()
    mean.update_state(values, sample_weight=weights)
    assert [float(v) for v in (mean.total, mean.count)] == pytest.approx(expected, rel=1e-14)
    assert mean.result() == pytest.approx(expected[0] / expected[1])


def test_weights_by_position_and_by_name_are_the_same(backend):
    assert BinaryAccuracy()(Y, P, W) == BinaryAccuracy()(Y, P, sample_weight=W) == 0.5
    assert BinaryAccuracy()(y_pred=P, y_true=Y, sample_weight=None) == pytest.approx(2 / 3)
    assert Mean()([1.0, 3.0], [1.0, 0.0]) == 1


def test_weights_of_another_shape_are_refused(backend):
    message = (
        r"^sample_weight of shape \(2,\) does not fit values of shape \(3,\): "
        r"give one weight for each sample, or one for each position\.$"
    )
    with pytest.raises(ValueError, match=message):
        Mean()([1.0, 2.0, 3.0], [1.0, 2.0])


def test_an_update_without_weights_works_until_there_are_some(backend):
    assert Pure()(Y, P, sample_weight=None) == pytest.approx(0.6)
    message = (
        r"^Metric 'pure': got an unexpected keyword argument 'sample_weight'; its update is \(y_true, y_pred\), "
        r"beside the state: give it an argument sample_weight=None, or no weights\.$"
    )
    with pytest.raises(TypeError, match=message):
        Pure()(Y, P, sample_weight=W)
    with pytest.raises(TypeError, match=r"^Metric 'pure': too many positional arguments; its update is"):
        Pure()(Y, P, W)


def test_counts_are_exact_where_float32_has_ended(backend):
    mean = Mean()
    mean.update_state(np.float64(2.0**24))
    for _ in range(4):
        mean.update_state([1.0, 1.0])
    assert mean.variables[0].numpy() == 2**24 + 8
    assert mean.variables[1].numpy() == 9


# the state ------------------------------------------------------------------------------------------------


class Begun(Metric):
    """Total and count, begun from whatever the test says."""

    def __init__(self, begin, **kwargs):
        super().__init__(**kwargs)
        self.begin = begin

    def init(self):
        return self.begin()

    def update(self, state, y_true, y_pred):
        return {"total": state["total"] + ops.sum(y_pred), "count": state["count"] + 2}

    def result(self, state):
        return ops.divide(state["total"], state["count"])


@pytest.mark.parametrize(
    ("begin", "dtypes"),
    [
        (lambda: {"total": 0.0, "count": 0}, ["float64", "int64"]),
        (lambda: {"total": np.zeros(()), "count": np.zeros((), "int32")}, ["float64", "int32"]),
        (lambda: {"total": ops.zeros((), dtype="float64"), "count": ops.zeros(())}, ["float64", "float32"]),
        (lambda: {"total": ops.zeros(()) + 0.0, "count": kcore.Variable(0)}, ["float32", "int64"]),
    ],
)
def test_a_state_may_begin_as_numbers_arrays_or_tensors(backend, begin, dtypes):
    metric = Begun(begin, name="m")
    metric.update_state([1.0, 2.0], [3.0, 5.0])
    assert [v.dtype for v in metric.variables] == dtypes and metric.numbers() == {"m": 4.0}
    assert len(metric.stateless_reset_state()) == 2
    metric.reset_state()
    assert metric([1.0, 2.0], [3.0, 6.0]) == 4.5
    model = kcore.Sequential([kcore.layers.Dense(1, kernel_initializer="ones", input_shape=(1,))])
    model.compile("sgd", "mse", metrics=[Begun(begin, name="m")])
    assert model.evaluate(np.array([[3.0], [6.0]]), Y[:2], return_dict=True, verbose=0)["m"] == 4.5


def test_numbers_of_init_are_exact():
    metric = Begun(lambda: {"total": 2.0**53 - 1, "count": 0})
    assert metric.variables[0].numpy() == 2**53 - 1


@pytest.mark.parametrize(
    ("begin", "says"),
    [
        (
            lambda: np.zeros(()),
            "Begun.init must return the state's arrays by name; got ndarray: array(0.). Write it as "
            '{"total": np.zeros(()), "count": np.zeros(())}.',
        ),
        (
            lambda: None,
            "Begun.init must return the state's arrays by name; got NoneType: None. Write it as "
            '{"total": np.zeros(()), "count": np.zeros(())}.',
        ),
        (
            lambda: {"total": "none"},
            "Begun.init: 'total' must be an array of numbers or a number; got str: 'none'.",
        ),
    ],
)
def test_what_is_no_state_is_refused(begin, says):
    with pytest.raises(TypeError) as error:
        Begun(begin).update_state([1.0], [1.0])
    assert str(error.value) == says


@pytest.mark.parametrize(
    ("returned", "came"),
    [
        (None, "NoneType: None"),
        ({"total": 0.0}, "'total', where 'total', 'count' is expected"),
        ({"total": 0.0, "count": 0, "n": 0}, "'total', 'count', 'n', where 'total', 'count' is expected"),
        ({}, "none, where 'total', 'count' is expected"),
    ],
)
def test_what_is_no_new_state_is_refused(returned, came):
    class Wrong(Metric):
        def update(self, state, y_true, y_pred):
            return returned

    with pytest.raises(TypeError) as error:
        Wrong()([1.0], [1.0])
    assert str(error.value) == (
        f"Wrong.update must return the new state by name; got {came}. Return what init gave, after this batch, under "
        "the same names."
    )


# names, configuration, subclasses -------------------------------------------------------------------------


def test_a_metric_has_a_name_and_variables(backend):
    metric = BinaryAccuracy("hits")
    assert metric.result() == 0
    assert (metric.name, BinaryAccuracy().name, KerasStyle().name) == ("hits", "binary_accuracy", "true_ones")
    assert [(v.name, v.dtype, v.trainable) for v in metric.variables] == [
        ("hits_total", "float64", False), ("hits_count", "float64", False),
    ]  # fmt: skip
    assert [(v.name, v.dtype) for v in KerasStyle().variables] == [
        ("true_ones_ones", "float64"), ("true_ones_batches", "int32"),
    ]  # fmt: skip


def test_metrics_held_as_attributes_are_part_of_it(backend):
    class Both(Metric):
        def __init__(self, name="both"):
            super().__init__(name=name)
            self.first, self.second = Mean(), KerasStyle()

        def update_state(self, y_true, y_pred, sample_weight=None):
            self.first.update_state(y_pred, sample_weight=sample_weight)
            self.second.update_state(y_true, y_pred, sample_weight=sample_weight)

        def result(self):
            return {"mean": self.first.result(), "ones": self.second.result()}

    both = Both()
    assert both(Y, ops.convert_to_tensor(P)) == {"mean": pytest.approx(1.3 / 3), "ones": 1}
    assert both.numbers() == {"mean": pytest.approx(1.3 / 3), "ones": 1}
    assert len(both.variables) == 4
    both.reset_state()
    assert [v.numpy().tolist() for v in both.variables] == [0, 0, 0, [1, 1]]


def test_a_mean_may_be_extended_in_keras_style(backend):
    class SquaredMean(Mean):
        def update_state(self, values, sample_weight=None):
            return super().update_state(ops.square(values), sample_weight)

        def result(self):
            return super().result() + 1

    assert SquaredMean("m")([1.0, 3.0]) == 6


def test_super_comes_first():
    class Late(Metric):
        def __init__(self):
            self.total = self.add_variable((), "zeros")

    with pytest.raises(RuntimeError, match=r"^Late\.__init__ must begin with super\(\)\.__init__\(name=name\)\.$"):
        Late()


def test_nothing_written_is_said():
    class Empty(Metric):
        pass

    message = r"^Empty has neither `call\(self, y_true, y_pred\)` nor `update` nor `update_state`\.$"
    with pytest.raises(NotImplementedError, match=message):
        Empty()(Y, P)


def test_clones_are_fresh_and_alike(backend):
    one = BinaryAccuracy(threshold=0.3)
    one.update_state(Y, P)
    clone, function, style = metrics.clone_metrics([one, metrics.binary_accuracy, KerasStyle("n")])
    assert (clone.threshold, clone.name, clone.result()) == (0.3, "binary_accuracy", 0)
    assert repr(clone) == "BinaryAccuracy(threshold=0.3)"
    assert function is metrics.binary_accuracy and style.name == "n"
    wrapped = metrics.clone_metric(metrics.MeanMetricWrapper(metrics.binary_accuracy, "w", threshold=0.3))
    assert (wrapped.name, wrapped(Y, P)) == ("w", pytest.approx(2 / 3 + 1 / 3))


@pytest.mark.parametrize("given", ["clone_metric", metrics.clone_metric, "clone_metrics", metrics.clone_metrics])
def test_cloning_is_no_metric(given):
    model = kcore.Sequential([kcore.layers.Dense(1, input_shape=(1,))])
    with pytest.raises(TypeError, match=r"^clone_metrics? is no metric: clone_metrics?\(metrics?\) gives a "):
        model.compile("sgd", "mse", metrics=[given])
    with pytest.raises(TypeError, match=r"^clone_metrics? is no metric"):
        metrics.get(given)


def test_arguments_that_are_missing_are_named():
    message = (
        r"^Metric 'binary_accuracy': missing a required argument: 'y_pred'; its update is "
        r"\(y_true, y_pred, sample_weight=None\), beside the state\.$"
    )
    with pytest.raises(TypeError, match=message):
        BinaryAccuracy()([1.0])
