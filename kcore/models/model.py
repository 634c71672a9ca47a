"""Model: a layer that can be compiled, trained, evaluated and asked for predictions."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from ..backend import Backend, current_backend, use_backend
from ..graph.types import DType, is_float
from ..graph.where import users_level
from ..interfaces import Callback, Callbacks, FunctionLoss, FunctionMetric, Layer, Loss, Metric, Optimizer, Seeds, get
from ..program import Cache, Program
from . import data, steps
from .data import HostArray
from .history import History, Logs
from .interrupt import held_interrupt

MODES = ("train", "test", "predict")


class Model(Layer):
    """What `compile`, `fit`, `evaluate` and `predict` need beside `call`: see Sequential."""

    # Its state beside the configuration: each begins as below.

    @cached_property
    def optimizer(self) -> Any:
        """The Optimizer, None before compile()."""
        return None

    @cached_property
    def loss(self) -> Any:
        """The Loss, None if compile() was given none."""
        return None

    @cached_property
    def metrics(self) -> list[Metric]:
        """The Metrics, without the mean of the loss."""
        return []

    @cached_property
    def history(self) -> History:
        """That of the last fit()."""
        return History()

    @cached_property
    def stop_training(self) -> bool:
        """Set it in a callback to end fit() after the step."""
        return False

    @cached_property
    def seeds(self) -> Seeds:
        """Its seed, from which its layers, dropout masks and shuffles draw."""
        return Seeds()

    @cached_property
    def _cache(self) -> Cache:
        return Cache(f"A step of model '{self.label}'")

    @cached_property
    def _mean(self) -> Metric:
        mean: Metric = get("metrics", "mean", name="loss")
        return mean

    @cached_property
    def _backend(self) -> str | None:
        return None

    @cached_property
    def _epochs(self) -> int:
        return 0

    # what a kind of model says ----------------------------------------------------------------------------

    @property
    def layers(self) -> list[Layer]:
        """Its layers, in order."""
        return self.sublayers

    def ensure_built(self, sample: tuple[int, ...] | None = None) -> None:
        """Make the weights, for samples of this shape if the model does not know its own."""
        raise NotImplementedError

    @property
    def batch_shape(self) -> tuple[int | None, ...]:
        """The shape of the input, its batch None."""
        raise NotImplementedError

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        """The shape of the output, its batch None."""
        raise NotImplementedError

    # compile ----------------------------------------------------------------------------------------------

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        metrics: Sequence[Any] | None = None,
        *,
        backend: str | None = None,
    ) -> None:
        """Say how the model is trained.

        Args:
            optimizer: a name or an Optimizer.
            loss: a name, a Loss, or a function of (y_true, y_pred).
            metrics: names, Metrics, or functions of (y_true, y_pred).
            backend: the name of the backend to train on; the current one if None.

        Raises:
            ValueError: a name that is not known, or a loss that does not fit the model's output.
        """
        if isinstance(metrics, str):
            raise TypeError(f'metrics is a list of metrics, as metrics=["{metrics}"]; got the string {metrics!r}.')
        self.optimizer = get("optimizers", optimizer)
        self.loss = None if loss is None else _loss(loss)
        self.metrics = _apart([_metric(m) for m in metrics or ()])
        self._backend = backend
        self._cache.clear()
        if backend is not None:
            with use_backend(backend):
                pass
        if self._knows_shape():
            self._fit_loss()

    def _knows_shape(self) -> bool:
        try:
            self.ensure_built()
        except ValueError:
            return False
        return True

    def _fit_loss(self) -> None:
        if self.loss is not None:
            self.loss.check_output(self.output_shape)

    def _compiled(self, what: str) -> None:
        if self.optimizer is None or self.loss is None:
            cause = "it was not compiled" if self.optimizer is None else "compile() was given no loss"
            raise RuntimeError(
                f"{what} needs a model with an optimizer and a loss, but {cause}. Call for instance "
                'model.compile(optimizer="rmsprop", loss="mean_squared_error") first.'
            )

    # programs ---------------------------------------------------------------------------------------------

    def program(self, mode: str, batch_size: int = 32) -> Program:
        """The step that runs: "train", "test" or "predict". Print it to read it.

        Args:
            mode: which step.
            batch_size: for how many samples.

        Raises:
            ValueError: an unknown mode, or a model that does not know its input's shape yet.
        """
        if mode not in MODES:
            raise ValueError(f"Unknown mode {mode!r}: a model has the programs {', '.join(map(repr, MODES))}.")
        if mode != "predict":
            self._compiled(f"program({mode!r})")
        with use_backend(self._chosen_backend()) as backend:
            self.ensure_built()
            return self._program(mode, _whole("batch_size", batch_size), self.input_dtype, backend)

    def _chosen_backend(self) -> Backend | str:
        return self._backend or current_backend()

    def _program(self, mode: str, batch: int, dtype: DType, backend: Backend) -> Program:
        shape = (batch, *(n or 0 for n in self.batch_shape[1:]))

        def make() -> Program:
            measured = (self.loss, self._mean, self.metrics)
            if mode == "predict":
                graph = steps.predict_step(self, shape, dtype)
            elif mode == "test":
                graph = steps.test_step(self, shape, dtype, *measured)
            else:
                if not self.optimizer.fits(self.trainable_weights):
                    self.optimizer.build(self.trainable_weights)
                graph = steps.train_step(self, shape, dtype, *measured, self.optimizer)
            return Program(graph, backend)

        versions = self.version, *(c._version for c in (self.optimizer, self.loss, *self.metrics) if mode != "predict")
        return self._cache.get((mode, shape, dtype, backend.name, versions), make)

    # training ---------------------------------------------------------------------------------------------

    def fit(
        self,
        x: Any,
        y: Any,
        batch_size: int = 32,
        epochs: int = 1,
        verbose: int | str = "auto",
        callbacks: Iterable[Callback] | None = None,
        validation_data: tuple[Any, Any] | None = None,
        shuffle: bool = True,
        initial_epoch: int = 0,
    ) -> History:
        """Train.

        Args:
            x: the samples, shape (samples, ...).
            y: the targets, one for each sample.
            batch_size: samples a step; the last step of an epoch may have fewer.
            epochs: how many times all samples are seen, counting from `initial_epoch`.
            verbose: 0 silent, 1 or "auto" a bar for each epoch (a line where it is no terminal), 2 a line.
            callbacks: whom to tell.
            validation_data: (x, y) to evaluate after each epoch.
            shuffle: whether each epoch has an order of its own.
            initial_epoch: the number of the first epoch.

        Returns:
            The History, which tells each epoch's logs.

        Raises:
            RuntimeError: the model was not compiled.
            ValueError, TypeError: the data do not fit the model; the message says how to mend it.
        """
        self._compiled("fit()")
        x, y = self._data(x, y)
        held_out = self._data(*_pair(validation_data), prefix="validation ") if validation_data is not None else None
        history, size = History(), _whole("batch_size", batch_size)
        epochs, initial_epoch = _whole("epochs", epochs, 0), _whole("initial_epoch", initial_epoch, 0)
        params = {
            "epochs": epochs, "steps": -(-len(x) // size), "samples": len(x), "verbose": _verbosity(verbose),
            "validation_samples": len(held_out[0]) if held_out else 0, "batch_size": size,
        }  # fmt: skip
        shown = [get("callbacks", "progress")] if _verbosity(verbose) else []
        callback = Callbacks([history, *(callbacks or ()), *shown], self, params)
        self.history, self.stop_training = history, False
        with use_backend(self._chosen_backend()) as backend, held_interrupt() as interrupt:
            callback.on_train_begin()
            try:
                for epoch in range(initial_epoch, epochs):
                    callback.on_epoch_begin(epoch)
                    self.reset_metrics()
                    order = data.shuffled(self.seeds.seed, self._epochs, len(x)) if shuffle else None
                    for batch, rows in enumerate(data.batches(len(x), size, order)):
                        callback.on_train_batch_begin(batch)
                        self._step("train", x, y, rows, backend)
                        callback.on_train_batch_end(batch, Logs(self._logs))
                        interrupt.raise_if_pressed()
                        if self.stop_training:
                            break
                    self._epochs += 1
                    logs = self._logs()
                    if not np.isnan(history.history.get("loss", [0.0])[-1]):
                        _warn_of_nan(logs, epoch)
                    if held_out:
                        measured = self._evaluate(*held_out, size, backend)
                        logs |= {f"val_{name}": value for name, value in measured.items()}
                    callback.on_epoch_end(epoch, logs)
                    interrupt.raise_if_pressed()
                    if self.stop_training:
                        break
            finally:
                callback.on_train_end(self._logs())
        return history

    def _step(self, mode: str, x: HostArray, y: HostArray, rows: HostArray | slice, backend: Backend) -> None:
        count = rows.stop - rows.start if isinstance(rows, slice) else len(rows)
        program = self._program(mode, count, self._input_dtype(x), backend)
        with program:
            data.gather(x, rows, program.arrays["x"])
            data.gather(y, rows, program.arrays["y"])
            if mode == "train":
                optimizer: Optimizer = self.optimizer
                rate, step = optimizer.learning_rate, optimizer.iterations
                program(learning_rate=rate, seed=self.seeds.seed, step=step)
                optimizer.iterations = step + 1
            else:
                program()

    def evaluate(
        self, x: Any, y: Any, batch_size: int = 32, verbose: int | str = "auto", return_dict: bool = False
    ) -> Any:
        """The loss and the metrics on data, without training.

        Args:
            x: the samples, shape (samples, ...).
            y: the targets, one for each sample.
            batch_size: samples a step.
            verbose: 0 silent, else a line with the result.
            return_dict: whether to return them by name.

        Returns:
            A list of the loss and the metrics, or the loss alone if there is no metric; a dictionary if wanted.
        """
        self._compiled("evaluate()")
        x, y = self._data(x, y)
        with use_backend(self._chosen_backend()) as backend:
            logs = self._evaluate(x, y, _whole("batch_size", batch_size), backend)
        if _verbosity(verbose):
            callback = get("callbacks", "progress")
            callback.set_model(self)
            callback.on_test_end(logs)
        return _answer(logs, return_dict)

    def _evaluate(self, x: HostArray, y: HostArray, batch_size: int, backend: Backend) -> dict[str, float]:
        self.reset_metrics()
        for rows in data.batches(len(x), batch_size):
            self._step("test", x, y, rows, backend)
        return self._logs()

    def predict(self, x: Any, batch_size: int = 32, verbose: int | str = 0) -> HostArray:
        """The output for each sample, as a NumPy array on every backend.

        Args:
            x: the samples, shape (samples, ...).
            batch_size: samples a step.
            verbose: taken for Keras's sake; nothing is shown.
        """
        x = self._inputs(x, "x")
        size = data.padded_size(len(x), _whole("batch_size", batch_size))
        with use_backend(self._chosen_backend()) as backend:
            program = self._program("predict", size, self._input_dtype(x), backend)
            parts = []
            for rows in data.batches(len(x), size):
                assert isinstance(rows, slice)
                count = rows.stop - rows.start
                with program:
                    data.gather(x, rows, program.arrays["x"][:count])
                    parts.append(backend.to_host(program()[0])[:count])
        return np.concatenate(parts) if len(parts) > 1 else parts[0]

    def train_on_batch(self, x: Any, y: Any, return_dict: bool = False) -> Any:
        """One step of training on these samples; returns the loss and metrics before it, as `evaluate` does."""
        return self._on_batch("train", x, y, return_dict)

    def test_on_batch(self, x: Any, y: Any, return_dict: bool = False) -> Any:
        """The loss and metrics on these samples, in one step."""
        return self._on_batch("test", x, y, return_dict)

    def predict_on_batch(self, x: Any) -> HostArray:
        """The output for these samples, in one step."""
        return self.predict(x, batch_size=max(len(x), 1))

    def _on_batch(self, mode: str, x: Any, y: Any, return_dict: bool) -> Any:
        self._compiled(f"{mode}_on_batch()")
        x, y = self._data(x, y)
        with use_backend(self._chosen_backend()) as backend:
            self.reset_metrics()
            self._step(mode, x, y, slice(0, len(x)), backend)
            return _answer(self._logs(), return_dict)

    def reset_metrics(self) -> None:
        """Begin the loss's mean and all metrics anew."""
        for metric in (self._mean, *self.metrics):
            metric.reset_state()

    def _logs(self) -> dict[str, float]:
        return {m.label: m.result() for m in (self._mean, *self.metrics)}

    # data -------------------------------------------------------------------------------------------------

    def _data(self, x: Any, y: Any, prefix: str = "") -> tuple[HostArray, HostArray]:
        x, y = self._inputs(x, f"{prefix}x"), data.checked(y, f"{prefix}y")
        data.check_samples(x, y, prefix)
        self._fit_loss()
        shape, _ = self.loss.target_spec(self.output_shape, self.dtype)
        data.check_shape(y, shape, f"{prefix}y", "gives outputs")
        return x, y

    def _inputs(self, x: Any, name: str) -> HostArray:
        array = data.checked(x, name)
        self.ensure_built(array.shape[1:])
        data.check_shape(array, self.batch_shape, name, "takes samples")
        return array

    def _input_dtype(self, x: HostArray) -> DType:
        """Floats are fed in the dtype that the model takes; integers as they are, since some layers want them so."""
        name = x.dtype.name
        return self.input_dtype if is_float(name) else name


def _loss(given: Any) -> Loss:
    found = get("losses", getattr(given, "of_class", given))
    return found if isinstance(found, Loss) else FunctionLoss(found)


def _metric(given: Any) -> Metric:
    arguments = {"name": given} if isinstance(given, str) else {}
    found = get("metrics", getattr(given, "of_class", given), **arguments)
    return found if isinstance(found, Metric) else FunctionMetric(found)


def _apart(metrics: list[Metric]) -> list[Metric]:
    labels = ["loss", *(m.label for m in metrics)]
    for label in labels:
        if labels.count(label) > 1:
            raise ValueError(
                f"Two of the loss and the metrics are called {label!r}: give one another name, as Accuracy(name=...)."
            )
    return metrics


def _pair(validation_data: Any) -> tuple[Any, Any]:
    if not isinstance(validation_data, Sequence) or len(validation_data) != 2:
        raise ValueError("validation_data takes a pair, as validation_data=(x_test, y_test).")
    return validation_data[0], validation_data[1]


def _whole(name: str, value: int, least: int = 1) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise ValueError(f"{name} must be a whole number of at least {least}; got {value!r}.")
    return int(value)


def _verbosity(verbose: int | str) -> int:
    if verbose not in (0, 1, 2, "auto", True, False):
        raise ValueError(f'verbose is 0, 1, 2 or "auto"; got {verbose!r}.')
    return 1 if verbose == "auto" else int(verbose)


def _answer(logs: dict[str, float], return_dict: bool) -> Any:
    values = list(logs.values())
    return logs if return_dict else values if len(values) > 1 else values[0]


def _warn_of_nan(logs: dict[str, float], epoch: int) -> None:
    if np.isnan(logs["loss"]):
        warnings.warn(
            f"The loss is NaN in epoch {epoch + 1}, and the weights with it. Common causes: a learning rate that is too "
            "high (try a tenth of it), inputs that are not scaled, NaN in the data.",
            RuntimeWarning,
            stacklevel=users_level(),
        )
