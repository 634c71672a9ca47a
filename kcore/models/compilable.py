"""Compilable: a layer that knows what it takes and gives, what compile() says of it, and the programs of its steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, ClassVar

from ..backend import Backend, current_backend, use_backend
from ..interfaces import Layer, Loss, Metric, Optimizer, Seeds, get
from ..interfaces.arguments import map_shapes
from ..program import Explanation, Program
from .arguments import whole
from .names import give_name
from .objective import Objective, Settings
from .signature import Fed, Signature, names_of
from .steps import MODES, Steps
from .summary import summary


class Compilable(Layer):
    """What a model is before it trains: layers, and an optimizer, losses and metrics for its outputs."""

    programs: ClassVar[frozenset[str]] = Layer.programs | {"_steps"}

    # Its state beside the configuration: each begins as below.

    @cached_property
    def seeds(self) -> Seeds:
        """Its seed, from which its layers, dropout masks and shuffles draw."""
        return Seeds()

    @cached_property
    def run_eagerly(self) -> bool:
        """Whether steps compute op by op, as compile() was told."""
        return False

    @cached_property
    def _settings(self) -> tuple[Optimizer, Settings] | None:
        """What compile() was given."""
        return None

    @cached_property
    def _objective(self) -> Objective | None:
        """What was made of it, once the outputs are known."""
        return None

    @cached_property
    def _steps(self) -> Steps:
        return Steps(self)

    @cached_property
    def _backend(self) -> str | None:
        return None

    @cached_property
    def _specs(self) -> tuple[Any, Any] | None:
        """Of inputs and outputs, once a model of one's own has been called on data."""
        return None

    # what a kind of model says ----------------------------------------------------------------------------

    def ensure_built(self, inputs: Any = None) -> None:
        """Make the weights; a model that does not know what it takes learns it from these inputs' specs.

        Raises:
            ValueError: it knows neither.
        """
        if inputs is not None and self._specs is None:
            for layer in self.sublayers:
                if layer.name is None:
                    give_name(layer, {other.name for other in self.sublayers})
            self.__dict__["built"] = True  # what follows calls the layers, which builds them
            with self.seeds.used():
                self._specs = inputs, self.compute_output_spec(inputs)
        if self._specs is None:
            raise ValueError(
                f"The model '{self.label}' does not know the shape of its input yet: fit it first, or say it by "
                "build((None, 784))."
            )

    def build(self, input_shape: Any) -> None:
        """Make the weights, for inputs of this shape, or of these nested shapes."""
        self.ensure_built(map_shapes(self._fed, input_shape))

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
        given.check()
        known, settings = self._known(), (get("optimizers", optimizer), given)
        objective = Objective.of(*settings, known) if known else None
        if objective and known:
            objective.check_outputs(known)
        self._settings, self._objective = settings, objective
        self._backend, self.run_eagerly = backend, run_eagerly
        self._steps.forget()

    def _known(self) -> Signature | None:
        try:
            return self.signature
        except ValueError:
            return None

    def _check_compiled(self, what: str) -> None:
        """Raise RuntimeError if it was not compiled with a loss."""
        if self._settings is None or not self._settings[1].trains:
            cause = "it was not compiled" if self._settings is None else "compile() was given no loss"
            raise RuntimeError(
                f"{what} needs a model with an optimizer and a loss, but {cause}. Call for instance "
                'model.compile(optimizer="rmsprop", loss="mean_squared_error") first.'
            )

    def _objective_for(self, signature: Signature) -> Objective:
        """What it is trained for, now that its outputs are known."""
        assert self._settings
        objective = self._objective
        if objective is None or [target.name for target in objective.targets] != signature.output_names:
            objective = self._objective = Objective.of(*self._settings, signature)
        objective.check_outputs(signature)  # layers may have been added or taken away
        return objective

    @property
    def optimizer(self) -> Optimizer | None:
        """The Optimizer, None before compile()."""
        return self._settings[0] if self._settings else None

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
        if mode != "predict":
            self._check_compiled(f"program({mode!r})")
        objective = None if mode == "predict" else self._objective_for(self.signature)
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
        targets = objective.targets if objective else []
        for name, target, spec in zip(signature.y, targets, signature.gives, strict=False):
            shape: Any = spec.shape
            if target.loss is not None:
                each.append((name, *target.loss.target_spec(shape, spec.dtype)))
            elif target.needs_y:
                each.append((name, shape, spec.dtype))
        return tuple((name, tuple(n or 0 for n in shape), dtype) for name, shape, dtype in each)

    def explain(self, mode: str, batch_size: int = 32) -> Explanation:
        """What each stage made of the step that `program` gives, its memory and its cost; of the same arguments."""
        return Explanation(self.program(mode, batch_size))

    @contextmanager
    def _on_backend(self) -> Iterator[Backend]:
        with use_backend(self._backend or current_backend()) as backend:
            yield backend
