"""Model: a layer that can be compiled, trained, evaluated and asked for predictions."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import numpy as np

from ..backend import Backend, current_backend, use_backend
from ..graph import Graph, Trace, Variable
from ..graph.types import DType, is_float
from ..interfaces import Callback, Callbacks, Layer, Loss, Metric, Optimizer, Seeds, get
from ..program import Cache, EagerProgram, Explanation, Program
from . import data, steps
from .arguments import pair, verbosity, whole
from .data import HostArray
from .history import History
from .objective import Objective
from .training import Rows, Training

MODES = ("train", "test", "predict")


class Model(Layer):
    """What `compile`, `fit`, `evaluate` and `predict` need beside `call`: see Sequential."""

    # Its state beside the configuration: each begins as below.

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
    def _objective(self) -> Objective | None:
        return None

    @cached_property
    def _cache(self) -> Cache:
        parts = "mode", "shape of the batch", "dtype of x", "backend", "attributes and trainable flags", "run_eagerly"
        return Cache(f"A step of model '{self.label}'", parts)

    @cached_property
    def _backend(self) -> str | None:
        return None

    @cached_property
    def _run_eagerly(self) -> bool:
        return False

    @cached_property
    def _epochs(self) -> int:
        return 0

    @cached_property
    def _untrained(self) -> Iterator[int]:
        return itertools.count(1 << 63)  # the optimizer counts steps from 0

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
        run_eagerly: bool = False,
    ) -> None:
        """Say how the model is trained.

        Args:
            optimizer: a name or an Optimizer.
            loss: a name, a Loss, or a function of (y_true, y_pred). Without one the model only predicts.
            metrics: names, Metrics, losses, or functions of (y_true, y_pred).
            backend: the name of the backend to train on; the current one if None.
            run_eagerly: whether `fit`, `evaluate` and `predict` compute each op as the layers call it, so that `print`,
                `x.numpy()` and a debugger see numbers inside of `call`. The results are the same, many times slower.
                A model is built before that, by calls without numbers, or on ones if a layer calls `x.numpy()`: so a
                layer whose `call` needs `float(x)` or `if x > 0` says its output's shape in `compute_output_shape`.

        Raises:
            ValueError: a name that is not known, or a loss that does not fit the model's output.
            ImportError: the backend cannot run here.
        """
        if backend is not None:
            with use_backend(backend):
                pass  # it is there
        objective = Objective.of(optimizer, loss, metrics or ())
        if loss is not None and self._knows_shape():
            objective.loss.check_output(self.output_shape)
        self._objective, self._backend, self._run_eagerly = objective, backend, run_eagerly
        self._cache.clear()

    def _knows_shape(self) -> bool:
        try:
            self.ensure_built()
        except ValueError:
            return False
        return True

    def _compiled(self, what: str) -> Objective:
        if self._objective is None or self._objective.loss is None:
            cause = "it was not compiled" if self._objective is None else "compile() was given no loss"
            raise RuntimeError(
                f"{what} needs a model with an optimizer and a loss, but {cause}. Call for instance "
                'model.compile(optimizer="rmsprop", loss="mean_squared_error") first.'
            )
        return self._objective

    @property
    def optimizer(self) -> Optimizer | None:
        """The Optimizer, None before compile()."""
        return self._objective.optimizer if self._objective else None

    @property
    def loss(self) -> Loss | None:
        """The Loss, None before compile(), or if that was given none."""
        return self._objective.loss if self._objective else None

    @property
    def metrics(self) -> list[Metric]:
        """The metrics of compile(), without the mean of the loss."""
        return self._objective.metrics if self._objective else []

    def reset_metrics(self) -> None:
        """Begin the loss's mean and all metrics anew."""
        if self._objective is not None:
            self._objective.reset()

    # steps ------------------------------------------------------------------------------------------------

    def program(self, mode: str, batch_size: int = 32) -> Program:
        """The step that runs: "train", "test" or "predict". Print it to read it.

        Args:
            mode: which step.
            batch_size: for how many samples.

        Raises:
            ValueError: an unknown mode, or a model that does not know its input's shape yet.
            RuntimeError: the model was not compiled.
        """
        if mode not in MODES:
            raise ValueError(f"Unknown mode {mode!r}: a model has the programs {', '.join(map(repr, MODES))}.")
        if mode != "predict":
            self._compiled(f"program({mode!r})")
        with self._on_backend() as backend:
            self.ensure_built()
            program: Program = self._program(mode, whole("batch_size", batch_size), self.input_dtype, backend)
            return program

    def explain(self, mode: str, batch_size: int = 32) -> Explanation:
        """What each stage made of the step that `program` gives, its memory and its cost; of the same arguments."""
        return Explanation(self.program(mode, batch_size))

    @contextmanager
    def _on_backend(self) -> Iterator[Backend]:
        with use_backend(self._backend or current_backend()) as backend:
            yield backend

    def _program(self, mode: str, batch: int, dtype: DType, backend: Backend, eagerly: bool = False) -> Any:
        """The program of a step, or what computes it op by op."""
        shape = (batch, *(n or 0 for n in self.batch_shape[1:]))

        def record(trace: Trace) -> Graph:
            if mode == "predict":
                return steps.predict_step(trace, self, shape, dtype)
            step = steps.train_step if mode == "train" else steps.test_step
            return step(trace, self, shape, dtype, self._compiled(mode))

        def make() -> Program | EagerProgram:
            return EagerProgram(record, backend) if eagerly else Program(record(Trace()), backend)

        objective = self._objective.version if self._objective and mode != "predict" else None
        version = self.version, objective, Variable.changes
        return self._cache.get((mode, shape, dtype, backend.name, version, eagerly), make)

    def _step(self, mode: str, x: HostArray, y: HostArray, rows: Rows, backend: Backend) -> None:
        """Train or test on some rows of x and y."""
        count = rows.stop - rows.start if isinstance(rows, slice) else len(rows)
        program = self._program(mode, count, self._fed_dtype(x), backend, self._run_eagerly)
        with program:
            given = {"x": x[rows], "y": y[rows]} if self._run_eagerly else {}
            if not given:
                data.gather(x, rows, program.arrays["x"])
                data.gather(y, rows, program.arrays["y"])
            if mode == "test":
                program(**given, **self._untrained_step())
            else:
                optimizer = self._compiled(mode).optimizer
                rate, step = optimizer.learning_rate, optimizer.iterations
                program(**given, learning_rate=rate, seed=self.seeds.seed, step=step)
                optimizer.iterations = step + 1

    def _untrained_step(self) -> dict[str, int]:
        """Seed and step of random numbers in a step without training: one that no other has."""
        return {"seed": self.seeds.seed, "step": next(self._untrained)}

    def next_order(self, samples: int) -> HostArray:
        """The order of the samples in the next epoch."""
        self._epochs += 1
        return data.shuffled(self.seeds.seed, self._epochs, samples)

    # for users --------------------------------------------------------------------------------------------

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
        objective = self._compiled("fit()")
        x, y = self._checked(x, y, objective)
        held_out = None
        if validation_data is not None:
            held_out = self._checked(*pair(validation_data), objective, prefix="validation ")
        size = whole("batch_size", batch_size)
        params = {
            "epochs": whole("epochs", epochs, 0),
            "steps": -(-len(x) // size),
            "samples": len(x),
            "validation_samples": len(held_out[0]) if held_out else 0,
            "batch_size": size,
            "verbose": verbosity(verbose),
        }
        self.history, self.stop_training = History(), False
        shown = [get("callbacks", "progress")] if params["verbose"] else []
        told = Callbacks([self.history, *(callbacks or ()), *shown], self, params)
        with self._on_backend() as backend:
            training = Training(
                model=self,
                callbacks=told,
                samples=len(x),
                batch_size=size,
                step=lambda rows: self._step("train", x, y, rows, backend),
                logs=objective.logs,
                validate=(lambda: self._evaluate(*held_out, size, backend)) if held_out else None,
            )
            training.run(range(whole("initial_epoch", initial_epoch, 0), params["epochs"]), shuffle)
        return self.history

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
        x, y = self._checked(x, y, self._compiled("evaluate()"))
        with self._on_backend() as backend:
            logs = self._evaluate(x, y, whole("batch_size", batch_size), backend)
        if verbosity(verbose):
            Callbacks([get("callbacks", "progress")], self, {}).on_test_end(logs)
        return _answer(logs, return_dict)

    def _evaluate(self, x: HostArray, y: HostArray, batch_size: int, backend: Backend) -> dict[str, float]:
        self.reset_metrics()
        for rows in data.batches(len(x), batch_size):
            self._step("test", x, y, rows, backend)
        return self._compiled("evaluate()").logs()

    def predict(self, x: Any, batch_size: int = 32, verbose: int | str = 0) -> HostArray:
        """The output for each sample, as a NumPy array on every backend.

        Args:
            x: the samples, shape (samples, ...).
            batch_size: samples a step.
            verbose: taken for Keras's sake; nothing is shown.
        """
        x = self._inputs(x, "x")
        size = data.padded_size(len(x), whole("batch_size", batch_size))
        parts = []
        with self._on_backend() as backend:
            for start in range(0, len(x), size):
                rows = x[start : start + size]
                count = len(rows) if self._run_eagerly else size
                program = self._program("predict", count, self._fed_dtype(x), backend, self._run_eagerly)
                with program:
                    given = {"x": rows} if self._run_eagerly else {}
                    if not given:
                        data.gather(rows, slice(None), program.arrays["x"][: len(rows)])
                    out = program(**given, **self._untrained_step())[0]
                    parts.append(backend.to_host(out)[: len(rows)])
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
        objective = self._compiled(f"{mode}_on_batch()")
        x, y = self._checked(x, y, objective)
        with self._on_backend() as backend:
            objective.reset()
            self._step(mode, x, y, slice(0, len(x)), backend)
        return _answer(objective.logs(), return_dict)

    # data -------------------------------------------------------------------------------------------------

    def _checked(self, x: Any, y: Any, objective: Objective, prefix: str = "") -> tuple[HostArray, HostArray]:
        x, y = self._inputs(x, f"{prefix}x"), data.checked(y, f"{prefix}y")
        data.check_samples(x, y, prefix)
        objective.loss.check_output(self.output_shape)
        shape, _ = objective.loss.target_spec(self.output_shape, self.dtype)
        y = data.as_column(y, shape)
        data.check_shape(y, shape, f"{prefix}y", "gives outputs")
        return x, y

    def _inputs(self, x: Any, name: str) -> HostArray:
        array = data.checked(x, name)
        self.ensure_built(array.shape[1:])
        data.check_shape(array, self.batch_shape, name, "takes samples")
        return array

    def _fed_dtype(self, x: HostArray) -> DType:
        """Floats are fed in the dtype that the model takes; integers as they are, since some layers want them so."""
        return self.input_dtype if is_float(x.dtype.name) else x.dtype.name


def _answer(logs: dict[str, float], return_dict: bool) -> Any:
    values = list(logs.values())
    return logs if return_dict else values if len(values) > 1 else values[0]
