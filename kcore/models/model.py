"""Model: a layer that can be compiled, trained, evaluated and asked for predictions."""

from __future__ import annotations

import os
from collections.abc import Container
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np

from ..backend import Backend
from ..interfaces import Callbacks, get
from ..ops.nesting import rebuilt
from . import data, samples, saving
from .arguments import chosen_epochs, share, size_of_batch, steps_of, validation, verbosity, whole
from .compilable import Compilable
from .data import HostArray, Rows
from .feed import Feed, feeds
from .history import History, Logs
from .objective import Objective
from .samples import Samples
from .signature import Signature
from .training import Training

NEVER_CALLED = ("train_step", "test_step", "predict_step", "compute_loss", "compute_metrics", "make_train_function")
"""What Keras calls of a subclass, and kcore does not."""


class Model(Compilable):
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
    def _epochs(self) -> int:
        return 0

    def __init_subclass__(cls, **kwargs: Any) -> None:
        overridden = next((name for name in NEVER_CALLED if name in vars(cls)), None)
        if overridden is not None:
            raise TypeError(
                f"{cls.__name__}.{overridden} would never be called: a step of kcore is one traced program. Give "
                "compile() a loss of your own, or write a loop with kcore.value_and_grad and optimizer.apply_gradients."
            )
        super().__init_subclass__(**kwargs)

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:  # noqa: D102 - Model(inputs, outputs) is a Functional
        if cls is Model:
            from .functional import Functional

            return super().__new__(Functional, *args, **kwargs)
        return super().__new__(cls, *args, **kwargs)

    def _cast(self, x: Any) -> Any:
        """Inputs are left to the layers."""
        return x

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
        objective, train = self._data("fit()", x, y, sample_weight)
        held: Samples | None = None
        if validation_data is not None:
            _, held = self._data("fit()", *validation(validation_data), "validation ")
        elif validation_split:
            train, held = train.split(data.split_at(len(train), share("validation_split", validation_split)))
        train = samples.by_class(self.signature, train, class_weight)
        size = size_of_batch(batch_size)
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
            if feed_held is None or not validates(epoch):
                return {}
            return self._evaluate(objective, feed_held, checked, validation_steps, told, backend)

        with self._on_backend() as backend:
            feed, feed_held = feeds(backend, train, held, self.run_eagerly)
            training = Training(
                model=self,
                callbacks=told,
                samples=len(train),
                batch_size=size,
                steps=params["steps"],
                shuffle=bool(shuffle),
                step=lambda rows: self._steps.learn("train", objective, feed, rows, backend),
                logs=objective.logs,
                reset=objective.reset,
                validate=validate,
            )
            training.run(range(whole("initial_epoch", initial_epoch, 0), params["epochs"]))
            objective.optimizer.finalize_variable_values()
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
        objective, held = self._data("evaluate()", x, y, sample_weight)
        size = size_of_batch(batch_size)
        shown = [get("callbacks", "progress")] if verbosity(verbose) else []
        params = {
            "steps": steps_of("steps", steps, len(held), size),
            "samples": len(held),
            "verbose": verbosity(verbose),
        }
        with self._on_backend() as backend:
            told = Callbacks([callbacks, shown], self, params)
            logs = self._evaluate(objective, Feed(held), size, steps, told, backend)
        return _answer(logs, return_dict)

    def _evaluate(
        self, objective: Objective, feed: Feed, size: int, steps: int | None, told: Callbacks, backend: Backend
    ) -> dict[str, float]:
        count = steps_of("steps", steps, len(feed), size)
        objective.reset()
        told.on_test_begin()
        for batch, rows in enumerate(islice(data.batches(len(feed), size), count)):
            told.on_test_batch_begin(batch)
            self._steps.learn("test", objective, feed, rows, backend)
            with Logs(objective.logs) as so_far:
                told.on_test_batch_end(batch, so_far)
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
        self._steps.look_anew()
        given = samples.of_inputs(self._signature_for(x), x)
        size = size_of_batch(batch_size)
        count = steps_of("steps", steps, len(given), size)
        told = Callbacks([callbacks], self, {"steps": count, "samples": len(given), "verbose": verbosity(verbose)})
        parts: list[list[HostArray]] = []
        with self._on_backend() as backend:
            told.on_predict_begin()
            for batch, rows in enumerate(islice(data.batches(len(given), size), count)):
                told.on_predict_batch_begin(batch)
                parts.append(self._steps.predict(Feed(given), rows, backend))
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
        self._steps.look_anew()
        given = samples.of_inputs(self._signature_for(x), x)
        with self._on_backend() as backend:
            return rebuilt(self.signature.outputs, self._steps.predict(Feed(given), Rows(0, len(given)), backend))

    def _on_batch(self, mode: str, x: Any, y: Any, sample_weight: Any, class_weight: Any, return_dict: bool) -> Any:
        objective, given = self._data(f"{mode}_on_batch()", x, y, sample_weight)
        given = samples.by_class(self.signature, given, class_weight)
        with self._on_backend() as backend:
            objective.reset()
            self._steps.learn(mode, objective, Feed(given), Rows(0, len(given)), backend)
        return _answer(objective.logs(), return_dict)

    def save_weights(self, filepath: str | os.PathLike[str], overwrite: bool = True) -> None:
        """Write all weights to a file .safetensors or, for Keras, .weights.h5: see `kcore.models.saving`."""
        saving.save_weights(self, filepath, overwrite)

    def load_weights(self, filepath: str | os.PathLike[str], skip_mismatch: bool = False) -> None:
        """Take all weights from such a file, Keras's too; if anything in it is wrong, nothing is taken."""
        saving.load_weights(self, filepath, skip_mismatch)

    # data -------------------------------------------------------------------------------------------------

    def _data(
        self, what: str, x: Any, y: Any, sample_weight: Any = None, prefix: str = ""
    ) -> tuple[Objective, Samples]:
        """What the model is trained for, and data for that, checked."""
        self._check_compiled(what)
        self._steps.look_anew()
        signature = self._signature_for(x, f"{prefix}x")
        objective = self._objective_for(signature)
        return objective, samples.of_data(signature, objective, x, y, sample_weight, prefix)

    def _signature_for(self, x: Any, name: str = "x") -> Signature:
        """What the model takes and gives; learnt from x if it does not know."""
        known = self._known()
        if known is None:
            self.ensure_built(samples.specs(x, name))
        return known or self.signature


def _answer(logs: dict[str, float], return_dict: bool) -> Any:
    values = list(logs.values())
    return logs if return_dict else values if len(values) > 1 else values[0]
