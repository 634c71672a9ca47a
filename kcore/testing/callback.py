"""check_callback: what Keras's and kcore's users expect of any callback."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs
import numpy as np

from ..backend import use_backend
from ..interfaces import MOMENTS, Callback, Layer
from ..models import Sequential
from ..plugin.errors import hint
from .arrays import Array, normal, rng_of
from .at_hand import backends_at_hand, beginning_on_numpy
from .making import Make, made, maker, seeded
from .report import ITSELF, NUMPY_ALONE, agree, check_finite, refuse, trying

X = normal(rng_of(0), (10, 3)).astype("float32")
Y = (X @ np.array([[1.0], [-2.0], [0.5]], "float32")).astype("float32")
BATCH = 4


class _Line(Layer):
    """A weighted sum, what a small model needs to learn anything."""

    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_weight((input_shape[-1], 1), "ones", name="kernel")

    def call(self, x: Any) -> Any:
        return x @ self.kernel


@beginning_on_numpy
def check_callback(
    make: Make,
    *,
    options: Mapping[str, Any] | None = None,
    epochs: int = 4,
    passive: bool = True,
    backends: Sequence[str] | None = None,
) -> None:
    """Check a callback on every backend at hand.

    That its methods are moments, and take what they are told; that it knows its model and parameters; that it stands
    training with validation data and without, with metrics and without, evaluation and prediction; that it begins
    anew with each training; that it leaves training as it is, unless it is there to change it; that backends agree.

    Args:
        make: its registered name, its class, or a function that makes one.
        options: its arguments.
        epochs: how many a training has.
        passive: whether training goes as without it.
        backends: those to compare with numpy; all that can run here if None.

    Raises:
        AssertionError: the text says where, what was expected, what came, what to do.

    >>> from kcore.testing import check_callback
    >>> check_callback("terminate_on_nan", backends=["numpy"])
    """
    make = maker("callbacks", make, options)
    callback = made("callbacks", make)
    case = _Case(make, f"Callback {type(callback).__name__!r}", epochs)
    case.check_methods(callback)
    case.check_knows(callback)
    wanted: dict[bool, Any] = {}
    for name in backends_at_hand(backends):
        here = attrs.evolve(case, where=f"{case.where} on backend {name}")
        with use_backend(name):
            for validated in (True, False):
                weights = here.check_trainings(validated, passive)
                agree(
                    here.where,
                    "numpy's weights",
                    weights,
                    wanted.setdefault(validated, weights),
                    "product",
                    NUMPY_ALONE,
                )
            here.check_elsewhere()


@attrs.frozen
class _Case:
    make: Callable[..., Any]
    where: str
    epochs: int

    def check_methods(self, callback: Callback) -> None:
        """Those that are called on_... are moments, and take a number, if they are counted, and logs."""
        for name in sorted(n for n in dir(callback) if n.startswith("on_")):
            method = getattr(callback, name)
            if name not in MOMENTS:
                cure = f"It would never be called.{hint(name, MOMENTS)} The moments are: {', '.join(MOMENTS)}."
                refuse(self.where, "methods on_... to be moments", f"{name}", cure)
            counted = "epoch" in name or "batch" in name
            try:
                inspect.signature(method).bind(*[0] * counted, {})
            except TypeError as error:
                cure = f"Write {name}(self, {'epoch, ' if 'epoch' in name else 'batch, ' if counted else ''}logs=None)."
                refuse(self.where, f"{name} to take {'a number and ' if counted else ''}logs", str(error), cure)
            except ValueError:  # of a builtin, as list.append is
                continue

    def check_knows(self, callback: Callback) -> None:
        """It has the model and the parameters that it was told of."""
        model, params = self.model(), {"epochs": 1, "steps": 1, "samples": 1, "validation_samples": 0, "verbose": 0}
        with trying(self.where, "set_model and set_params", "Call super().set_model(model), or leave it out."):
            callback.set_params(params)
            callback.set_model(model)
        if callback.model is not model or callback.params != params:
            what = "model" if callback.model is not model else "params"
            came, cure = repr(getattr(callback, what)), f"Call super().set_{what}({what}), or leave set_{what} out."
            refuse(self.where, f"its {what} to be what set_{what} was given", came, cure)

    def model(self, metrics: bool = True) -> Sequential:
        with seeded(5):
            model = Sequential([_Line(input_shape=(3,))])
            model.compile("sgd", "mean_squared_error", metrics=["mean_absolute_error"] if metrics else None)
        return model

    def trained(self, callbacks: Sequence[Callback], validated: bool) -> tuple[Array, list[float]]:
        """The weights that a training ends with, and its losses."""
        model = self.model(metrics=validated)
        data: dict[str, Any] = {"validation_data": (X[:4], Y[:4])} if validated else {}
        what = f"a training {'with' if validated else 'without'} validation data to end"
        with warnings.catch_warnings(), trying(self.where, what, _cure):
            warnings.simplefilter("ignore", UserWarning)  # as of logs that are not there
            told = model.fit(X, Y, epochs=self.epochs, batch_size=BATCH, verbose=0, callbacks=list(callbacks), **data)
        return model.get_weights()[0], told.history["loss"]

    def check_trainings(self, validated: bool, passive: bool) -> Array:
        callback = made("callbacks", self.make)
        weights, losses = self.trained([callback], validated)
        if passive:
            cure = "Change nothing that is trained; or say passive=False if that is what it is there for."
            agree(
                self.where, "the weights of a training without it", weights, self.trained([], validated)[0], None, cure
            )
        check_finite(self.where, "the weights after training", weights, "Look at what it sets.")
        again, later = self.trained([callback], validated)
        cure = "Begin anew in on_train_begin, not in __init__: one object may see several trainings."
        if len(later) != len(losses):
            refuse(self.where, f"a second training of {len(losses)} epochs as the first", len(later), cure)
        agree(self.where, "after a second training the weights of the first", again, weights, None, cure)
        return weights

    def check_elsewhere(self) -> None:
        """Evaluation, prediction and a training by steps."""
        callback, model = made("callbacks", self.make), self.model()
        with trying(self.where, "an evaluation and a prediction", _cure_elsewhere):
            model.evaluate(X, Y, batch_size=BATCH, verbose=0, callbacks=[callback])
            model.predict(X, batch_size=BATCH, verbose=0, callbacks=[callback])


def _cure(error: Exception) -> str:
    """Logs are what a callback may miss."""
    if isinstance(error, AttributeError) and isinstance(error.obj, Callback):
        return "Make in on_train_begin what is read later."
    missing = isinstance(error, KeyError) and error.args
    return f"Where it is missing from logs, logs.get({error.args[0]!r}) is None." if missing else ITSELF


def _cure_elsewhere(error: Exception) -> str:
    """What on_train_begin makes may be missing too."""
    if isinstance(error, AttributeError) and isinstance(error.obj, Callback):
        return "Make in __init__ what on_test_... and on_predict_... read: there may have been no training before."
    return _cure(error)
