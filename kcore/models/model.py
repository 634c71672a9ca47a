"""Model: a layer that can be compiled, trained, evaluated and asked for predictions."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import numpy as np

from ..backend import Backend, current_backend, use_backend
from ..interfaces import Callbacks, Layer, Loss, Metric, Optimizer, Seeds, get
from ..ops.nesting import rebuilt
from ..program import Explanation, Program
from . import data, samples, saving
from .arguments import chosen_epochs, share, size_of_batch, steps_of, validation, verbosity, whole
from .data import HostArray
from .history import History, Logs
from .objective import Objective, Settings
from .samples import Samples
from .signature import Fed, Signature, names_of
from .steps import MODES, Steps
from .summary import summary
from .training import Training


class Model(Layer):
    """Layers that are trained together: `Model(inputs, outputs)`, a Sequential, or a subclass with a `call` of its own.

    Model(inputs, outputs) takes what `Input` made and what layers gave for it, each alone, in a list or a dictionary.

    >>> from kcore import Input, Model
    >>> from kcore.layers import Concatenate, Dense
    >>> text, picture = Input((8,)), Input((4,))
    >>> model = Model([text, picture], Dense(1)(Concatenate()([text, picture])))
    >>> model.count_params()
    13
    """

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
    def run_eagerly(self) -> bool:
        """Whether steps compute op by op, as compile() was told."""
        return False

    @cached_property
    def _settings(self) -> tuple[Any, Settings] | None:
        return None

    @cached_property
    def _objective(self) -> Objective | None:
        return None

    @cached_property
    def _steps(self) -> Steps:
        return Steps(self)

    @cached_property
    def _backend(self) -> str | None:
        return None

    @cached_property
    def _epochs(self) -> int:
        return 0

    @cached_property
    def _specs(self) -> tuple[Any, Any] | None:
        """Of inputs and outputs, once a model of one's own has been called on data."""
        return None

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:  # noqa: D102 - Model(inputs, outputs) is a Functional
        if cls is Model:
            from .functional import Functional

            return super().__new__(Functional, *args, **kwargs)
        return super().__new__(cls, *args, **kwargs)

    # what a kind of model says ----------------------------------------------------------------------------

    def ensure_built(self, inputs: Any = None) -> None:
        """Make the weights; a model that does not know what it takes learns it from these inputs' specs.

        Raises:
            ValueError: it knows neither.
        """
        if inputs is not None and self._specs is None:
            with self.seeds.used():
                self._specs = inputs, self.compute_output_spec(inputs)
        if self._specs is None:
            raise ValueError(
                f"The model '{self.label}' does not know the shape of its input yet: fit it, or call it on data, first."
            )

    @property
    def signature(self) -> Signature:
        """What it takes and gives."""
        self.ensure_built()
        assert self._specs
        inputs, outputs = self._specs
        return Signature(inputs, outputs, names_of(inputs, "input"), names_of(outputs, "output"))

    @property
    def layers(self) -> list[Layer]:
        """Its layers, in order."""
        return self.sublayers

    @property
    def batch_shape(self) -> Any:
        """The shape of the input, its batch None; of several a list or dictionary."""
        return self.signature.input_shape

    @property
    def output_shape(self) -> Any:
        """The shape of the output, its batch None; of several a list or dictionary."""
        return self.signature.output_shape

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """The layer of this name, or at this place.

        Raises:
            ValueError: there is none.
        """
        layers = self.layers
        named = [layer for layer in layers if layer.name == name]
        if name is not None and named:
            return named[0]
        if index is not None and -len(layers) <= index < len(layers):
            return layers[index]
        raise ValueError(
            f"No layer has name {name!r}, index {index!r}. The layers are: {', '.join(x.label for x in layers)}."
        )

    def summary(self, print_fn: Callable[[str], object] | None = None) -> None:
        """Print the layers, their output shapes and how many numbers they hold.

        Args:
            print_fn: called with the text; print if None.
        """
        summary(self, self._rows(), print_fn)

    def _rows(self) -> list[tuple[Layer, Any]]:
        """Each layer and the shape of its output."""
        return [(layer, "?") for layer in self.layers]

    def _cast(self, x: Any) -> Any:
        """Inputs are left to the layers."""
        return x

    # compile ----------------------------------------------------------------------------------------------

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        metrics: Any = None,
        loss_weights: Any = None,
        sample_weight_mode: Any = None,
        weighted_metrics: Any = None,
        target_tensors: Any = None,
        *,
        backend: str | None = None,
        run_eagerly: bool = False,
    ) -> None:
        """Say how the model is trained.

        What is for outputs is given alone, as a list in their order, or as a dictionary by their names.

        Args:
            optimizer: a name or an Optimizer.
            loss: a name, a Loss, or a function of (y_true, y_pred). Without one the model only predicts.
            metrics: names, Metrics, losses, or functions of (y_true, y_pred).
            loss_weights: how much the loss of each output counts in their sum.
            sample_weight_mode: "temporal" if weights are for each step of a sample, of shape (samples, steps).
            weighted_metrics: metrics in which samples count as their weights say.
            target_tensors: arrays that stand for y, which is then not given to `fit` and `evaluate`.
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
        given = Settings(loss, metrics, loss_weights, sample_weight_mode, weighted_metrics, target_tensors)
        known = self._known()
        objective = Objective.of(optimizer, given, known.output_names if known else _names_in(given))
        self._settings, self._objective = (objective.optimizer, given), objective
        self._backend, self.run_eagerly = backend, run_eagerly
        if known:
            self._check_losses(objective, known)
        self._steps.forget()

    def _known(self) -> Signature | None:
        try:
            return self.signature
        except ValueError:
            return None

    def _check_losses(self, objective: Objective, signature: Signature) -> None:
        for target, spec in zip(objective.targets, signature.gives, strict=True):
            if target.loss is not None:
                target.loss.check_output(spec.shape)

    def _compiled(self, what: str) -> Objective:
        """What it is trained for, now that its outputs are known."""
        if self._objective is None or self._settings is None or not self._objective.losses:
            cause = "it was not compiled" if self._objective is None else "compile() was given no loss"
            raise RuntimeError(
                f"{what} needs a model with an optimizer and a loss, but {cause}. Call for instance "
                'model.compile(optimizer="rmsprop", loss="mean_squared_error") first.'
            )
        known = self._known()
        if known and [target.name for target in self._objective.targets] != known.output_names:
            self._objective = Objective.of(*self._settings, known.output_names)
        if known:
            self._check_losses(self._objective, known)
        return self._objective

    @property
    def optimizer(self) -> Optimizer | None:
        """The Optimizer, None before compile()."""
        return self._objective.optimizer if self._objective else None

    @property
    def loss(self) -> Loss | list[Loss] | None:
        """The Loss, a list of them for several outputs, None before compile(), or if that was given none."""
        losses = self._objective.losses if self._objective else []
        return losses if len(losses) > 1 else losses[0] if losses else None

    @property
    def metrics(self) -> list[Metric]:
        """The metrics of compile(), without the mean of the loss."""
        return self._objective.metrics if self._objective else []

    @property
    def metrics_names(self) -> list[str]:
        """What `evaluate` returns, in its order."""
        return list(self._objective.measures) if self._objective else []

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
        objective = None if mode == "predict" else self._compiled(f"program({mode!r})")
        size = whole("batch_size", batch_size)
        with self._on_backend() as backend:
            fed = self._steps.fed.get(mode) or self._usual(objective)
            fed = tuple((name, (size, *shape[1:]), dtype) for name, shape, dtype in fed)
            program: Program = self._steps.program(mode, fed, backend, objective)
            return program

    def _usual(self, objective: Objective | None) -> Fed:
        """What a program is given if no data have been seen."""
        signature = self.signature
        each = [(name, spec.shape, spec.dtype) for name, spec in zip(signature.x, signature.takes, strict=True)]
        for name, target, spec in zip(signature.y, objective.targets if objective else [], signature.gives, strict=False):
            if target.needs_y:
                shape: Any = spec.shape
                each.append((name, *(target.loss.target_spec(shape, spec.dtype) if target.loss else (shape, spec.dtype))))
        return tuple((name, tuple(n or 0 for n in shape), dtype) for name, shape, dtype in each)

    def explain(self, mode: str, batch_size: int = 32) -> Explanation:
        """What each stage made of the step that `program` gives, its memory and its cost; of the same arguments."""
        return Explanation(self.program(mode, batch_size))

    @contextmanager
    def _on_backend(self) -> Iterator[Backend]:
        with use_backend(self._backend or current_backend()) as backend:
            yield backend

    def next_order(self, samples: int) -> HostArray:
        """The order of the samples in the next epoch."""
        self._epochs += 1
        return data.shuffled(self.seeds.seed, self._epochs, samples)

    # for users --------------------------------------------------------------------------------------------

    def fit(
        self,
        x: Any,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: int | str = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int | Container[int] = 1,
    ) -> History:
        """Train.

        Several inputs, outputs and weights are given as a list in their order, or as a dictionary by their names.

        Args:
            x: the samples, shape (samples, ...).
            y: the targets, one for each sample.
            batch_size: samples a step, 32 if None; the last step of an epoch may have fewer.
            epochs: how many times all samples are seen, counting from `initial_epoch`.
            verbose: 0 silent, 1 or "auto" a bar for each epoch (a line where it is no terminal), 2 a line.
            callbacks: a list of those to tell.
            validation_split: the share of the samples, the last ones, that is not trained on but validated with.
            validation_data: (x, y) or (x, y, sample_weight) to evaluate after each epoch.
            shuffle: whether each epoch has an order of its own.
            class_weight: by class, how much samples of it count in the loss.
            sample_weight: how much each sample counts, shape (samples,), or each step of each, (samples, steps).
            initial_epoch: the number of the first epoch.
            steps_per_epoch: how many steps an epoch has; the next goes on in the samples where it ended.
            validation_steps: how many steps a validation has at most.
            validation_batch_size: samples a step of it; as `batch_size` if None.
            validation_freq: after how many epochs to validate, or the numbers of the epochs, from 1.

        Returns:
            The History, which tells each epoch's logs.

        Raises:
            RuntimeError: the model was not compiled.
            ValueError, TypeError: the data do not fit the model; the message says how to mend it.
        """
        train = self._data("fit()", x, y, sample_weight, class_weight)
        held: Samples | None = None
        if validation_data is not None:
            held = self._data("fit()", *validation(validation_data), None, "validation ")
        elif validation_split:
            train, held = train.split(data.split_at(len(train), share("validation_split", validation_split)))
        objective = self._compiled("fit()")
        size = size_of_batch(batch_size, len(train), steps_per_epoch)
        validates = chosen_epochs(validation_freq)
        params = {
            "epochs": whole("epochs", epochs, 0),
            "steps": steps_of("steps_per_epoch", steps_per_epoch, len(train), size),
            "samples": len(train),
            "validation_samples": len(held) if held else 0,
            "batch_size": size,
            "verbose": verbosity(verbose),
        }
        self.history, self.stop_training = History(), False
        shown = [get("callbacks", "progress")] if params["verbose"] else []
        told = Callbacks([callbacks, self.history, shown], self, params)
        checked = size if validation_batch_size is None else whole("validation_batch_size", validation_batch_size)

        def validate(epoch: int) -> dict[str, float]:
            if held is None or not validates(epoch):
                return {}
            return self._evaluate(held, checked, validation_steps, told, backend)

        with self._on_backend() as backend:
            training = Training(
                model=self,
                callbacks=told,
                samples=len(train),
                batch_size=size,
                steps=params["steps"],
                shuffle=bool(shuffle),
                step=lambda rows: self._steps.learn("train", objective, train, rows, backend),
                logs=objective.logs,
                validate=validate,
            )
            training.run(range(whole("initial_epoch", initial_epoch, 0), params["epochs"]))
        return self.history

    def evaluate(
        self,
        x: Any,
        y: Any = None,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """The loss and the metrics on data, without training.

        Args:
            x: the samples, shape (samples, ...).
            y: the targets, one for each sample.
            batch_size: samples a step, 32 if None.
            verbose: 0 silent, else a line with the result.
            sample_weight: how much each sample counts.
            steps: how many steps at most.
            callbacks: a list of those to tell.
            return_dict: whether to return them by name.

        Returns:
            A list of the loss and the metrics, or the loss alone if there is no metric; a dictionary if wanted.
        """
        held = self._data("evaluate()", x, y, sample_weight)
        size = size_of_batch(batch_size, len(held), steps)
        shown = [get("callbacks", "progress")] if verbosity(verbose) else []
        params = {"steps": steps_of("steps", steps, len(held), size), "samples": len(held), "verbose": verbosity(verbose)}
        with self._on_backend() as backend:
            logs = self._evaluate(held, size, steps, Callbacks([callbacks, shown], self, params), backend)
        return _answer(logs, return_dict)

    def _evaluate(
        self, held: Samples, size: int, steps: int | None, told: Callbacks, backend: Backend
    ) -> dict[str, float]:
        objective = self._compiled("evaluate()")
        count = steps_of("steps", steps, len(held), size)
        objective.reset()
        told.on_test_begin()
        for batch, rows in enumerate(data.batches(len(held), size)):
            if batch == count:
                break
            told.on_test_batch_begin(batch)
            self._steps.learn("test", objective, held, rows, backend)
            told.on_test_batch_end(batch, Logs(objective.logs))
        logs = objective.logs()
        told.on_test_end(logs)
        return logs

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: int | str = 0,
        steps: int | None = None,
        callbacks: Any = None,
    ) -> Any:
        """The output for each sample, as a NumPy array on every backend; several are nested as the model's are.

        Args:
            x: the samples, shape (samples, ...).
            batch_size: samples a step, 32 if None.
            verbose: taken for Keras's sake; nothing is shown.
            steps: how many steps at most.
            callbacks: a list of those to tell.
        """
        given = samples.of_inputs(self._signature_for(x), x)
        size = size_of_batch(batch_size, len(given), steps)
        count = steps_of("steps", steps, len(given), size)
        told = Callbacks([callbacks], self, {"steps": count, "samples": len(given), "verbose": verbosity(verbose)})
        padded = data.padded_size(len(given), size)
        parts: list[list[HostArray]] = []
        with self._on_backend() as backend:
            told.on_predict_begin()
            for batch, start in enumerate(range(0, min(len(given), count * size), size)):
                told.on_predict_batch_begin(batch)
                rows = slice(start, min(start + size, len(given)))
                parts.append(self._steps.predict(given, rows, padded, backend))
                told.on_predict_batch_end(batch, {"outputs": parts[-1]})
            told.on_predict_end()
        whole_outputs = [np.concatenate(each) if len(each) > 1 else each[0] for each in zip(*parts, strict=True)]
        return rebuilt(self.signature.outputs, whole_outputs)

    def train_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """One step of training on these samples; returns the loss and metrics before it, as `evaluate` does."""
        return self._on_batch("train", x, y, sample_weight, class_weight, return_dict)

    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """The loss and metrics on these samples, in one step."""
        return self._on_batch("test", x, y, sample_weight, None, return_dict)

    def predict_on_batch(self, x: Any) -> Any:
        """The output for these samples, in one step."""
        return self.predict(x, batch_size=len(samples.of_inputs(self._signature_for(x), x)))

    def _on_batch(self, mode: str, x: Any, y: Any, sample_weight: Any, class_weight: Any, return_dict: bool) -> Any:
        given = self._data(f"{mode}_on_batch()", x, y, sample_weight, class_weight)
        objective = self._compiled(f"{mode}_on_batch()")
        with self._on_backend() as backend:
            objective.reset()
            self._steps.learn(mode, objective, given, slice(0, len(given)), backend)
        return _answer(objective.logs(), return_dict)

    def save_weights(self, path: str | os.PathLike[str], overwrite: bool = True) -> None:
        """Write all weights to a file .safetensors or, for Keras, .weights.h5: see `kcore.models.saving`."""
        saving.save_weights(self, path, overwrite)

    def load_weights(self, path: str | os.PathLike[str], skip_mismatch: bool = False) -> None:
        """Take all weights from such a file, Keras's too; if anything in it is wrong, nothing is taken."""
        saving.load_weights(self, path, skip_mismatch)

    # data -------------------------------------------------------------------------------------------------

    def _data(
        self, what: str, x: Any, y: Any, sample_weight: Any = None, class_weight: Any = None, prefix: str = ""
    ) -> Samples:
        self._compiled(what)
        signature = self._signature_for(x, f"{prefix}x")
        return samples.of_data(signature, self._compiled(what), x, y, sample_weight, class_weight, prefix)

    def _signature_for(self, x: Any, name: str = "x") -> Signature:
        """What the model takes and gives; learnt from x if it does not know."""
        if self._known() is None:
            self.ensure_built(samples.specs(x, name))
        return self.signature


def _names_in(given: Settings) -> list[str]:
    """The outputs that compile() speaks of, before a model knows its own."""
    for each in (given.loss, given.loss_weights, given.metrics):
        if isinstance(each, dict) and "class_name" not in each:
            return list(each)
    count = len(given.loss) if isinstance(given.loss, list | tuple) else 1
    return names_of([0] * count if count > 1 else 0, "output")


def _answer(logs: dict[str, float], return_dict: bool) -> Any:
    values = list(logs.values())
    return logs if return_dict else values if len(values) > 1 else values[0]
