"""Recurrent: what LSTM, GRU and SimpleRNN share, all but their equations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import attrs
import numpy as np

from kcore import Variable, ops, random
from kcore.interfaces import Layer, get, number


class Recurrent(Layer):
    """A loop over the steps of sequences, from states to states.

    A subclass says `gates`, how many times `units` its kernels are wide, `state_count`, how many arrays a step
    hands to the next, and `turn`. Its fields `units`, `use_bias`, `kernel_initializer`, `recurrent_initializer` and
    `bias_initializer` are read here.

    Args:
        dropout: the share of the inputs that is left out in training, the same in every step of a sequence.
        recurrent_dropout: that of the state, for each gate a share of its own, and so of the inputs then too.
        seed: what is left out, whatever the model's seed.
        return_sequences: give the output of every step, not only of the last.
        return_state: give [output, *states] with the states after the last step.
        go_backwards: start with the last step; outputs come in the order in which they are computed.
        stateful: start where the last call left off, sample by sample, until `reset_state()`. Each size of a batch
            has states of its own.
        unroll: write every step out instead of looping; for few and very short steps.

    Call arguments:
        x: shape (batch, steps, inputs).
        initial_state: the states before the first step, each of shape (batch, units); zeros if None.
        training: whether anything is left out.

    Returns:
        Shape (batch, units), or (batch, steps, units) for all steps.

    Raises:
        ValueError: x has not three axes, or not as many inputs as the kernel was built for; there are more or fewer
            initial states than the layer has, or one is of another shape.
    """

    gates: ClassVar[int] = 1
    state_count: ClassVar[int] = 1
    h5_group: ClassVar[str] = "cell/"

    if TYPE_CHECKING:  # fields of each subclass, in Keras's order
        units: int
        use_bias: bool
        kernel_initializer: Any
        recurrent_initializer: Any
        bias_initializer: Any

    dropout: float = attrs.field(default=0.0, kw_only=True, validator=number(0, 1))
    recurrent_dropout: float = attrs.field(default=0.0, kw_only=True, validator=number(0, 1))
    seed: int | None = attrs.field(default=None, kw_only=True)
    return_sequences: bool = attrs.field(default=False, kw_only=True)
    return_state: bool = attrs.field(default=False, kw_only=True)
    go_backwards: bool = attrs.field(default=False, kw_only=True)
    stateful: bool = attrs.field(default=False, kw_only=True)
    unroll: bool = attrs.field(default=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        for name in ("activation", "recurrent_activation"):
            get("activations", getattr(self, name, None) or "linear")
        for name in ("kernel_initializer", "recurrent_initializer", "bias_initializer"):
            get("initializers", getattr(self, name))

    # what a subclass says ---------------------------------------------------------------------------------

    def turn(self, x: Any, states: tuple[Any, ...], masks: tuple[Masks, Masks]) -> tuple[Any, ...]:
        """The states after a step with the inputs x (batch, inputs); the first of them is the output."""
        raise NotImplementedError

    def first_bias(self, shape: tuple[int, ...], dtype: str, rng: np.random.Generator) -> Any:
        """The values that the bias begins with."""
        return get("initializers", self.bias_initializer)(shape, dtype, rng)

    @property
    def bias_shape(self) -> tuple[int, ...]:
        """The shape of the bias."""
        return (self.gates * self.units,)

    # what it does with that -------------------------------------------------------------------------------

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make `kernel` (inputs, gates * units), `recurrent_kernel` (units, gates * units) and `bias`."""
        if isinstance(input_shape, list) or len(input_shape) != 3 or input_shape[-1] is None:
            raise ValueError(f"{self._takes('inputs')} with a known number of inputs; {_got(input_shape)}")
        inputs, width, recurrent = input_shape[-1], self.gates * self.units, self.recurrent_initializer
        self.kernel = self.add_weight((inputs, width), self.kernel_initializer, name="kernel")
        self.recurrent_kernel = self.add_weight((self.units, width), recurrent, name="recurrent_kernel")
        self._generator = None if self.seed is None else random.SeedGenerator(self.seed)
        if self.use_bias:
            self.bias = self.add_weight(self.bias_shape, self.first_bias, name="bias")

    def check_input(self, shape: tuple[int, ...]) -> None:
        """Three axes, the last as long as the kernel."""
        if len(shape) != 3 or shape[-1] != self.kernel.shape[0]:
            raise ValueError(f"{self._takes(self.kernel.shape[0])}, as it was built for; {_got(shape)}")

    def call(self, x: Any, initial_state: Any = None, training: bool = False) -> Any:
        """The loop over the steps."""
        masks = self._masks(x, training)

        def turn(states: tuple[Any, ...], x: Any) -> tuple[tuple[Any, ...], Any]:
            new = self.turn(x, states, masks)
            return new, new[0] if self.return_sequences else None

        steps = ops.swapaxes(x, 0, 1)
        start = self._start(x.shape[0], initial_state)
        last, outputs = ops.scan(turn, start, steps, reverse=self.go_backwards, unroll=self.unroll)
        if self.stateful:
            for variable, state in zip(self._kept(x.shape[0]), last, strict=True):
                variable.assign(state)
        y = last[0]
        if self.return_sequences:
            y = ops.swapaxes(ops.flip(outputs, 0) if self.go_backwards else outputs, 0, 1)
        return [y, *last] if self.return_state else y

    def reset_state(self) -> None:
        """Let the next batch start with zeros."""
        for variable in (v for kept in self._variables.values() for v in kept):
            variable.assign(np.zeros(variable.shape))

    reset_states = reset_state

    @cached_property
    def _variables(self) -> dict[int, list[Variable]]:
        """The states that a stateful layer keeps, by the size of the batch."""
        return {}

    def _kept(self, batch: int) -> list[Variable]:
        if batch not in self._variables:
            zeros = np.zeros((batch, self.units), self.dtype)
            self._variables[batch] = [
                Variable(zeros, False, name=f"{self.label}_state") for _ in range(self.state_count)
            ]
        return self._variables[batch]

    def _start(self, batch: int, given: Any) -> tuple[Any, ...]:
        shape = (batch, self.units)
        if given is None:
            return tuple(self._kept(batch)) if self.stateful else (ops.zeros(shape, self.dtype),) * self.state_count
        given = list(given) if isinstance(given, list | tuple) else [given]
        shapes = [tuple(each.shape) for each in given]
        if shapes != [shape] * self.state_count:
            raise ValueError(
                f"Layer '{self.label}': initial_state takes {self.state_count} of shape {shape}; got shapes {shapes}."
            )
        return tuple(ops.cast(each, self.dtype) for each in given)

    def _masks(self, x: Any, training: bool) -> tuple[Masks, Masks]:
        """Masks for the inputs and the state of a step: none, one, or one for each gate."""
        if not training:
            return (), ()
        count = self.gates if self.recurrent_dropout else 1
        widths = (x.shape[-1], self.dropout), (self.units, self.recurrent_dropout)
        inputs, state = (
            tuple(self._mask((x.shape[0], width), rate) for _ in range(count if rate else 0)) for width, rate in widths
        )
        return inputs, state

    def _mask(self, shape: tuple[int, ...], rate: float) -> Any:
        if self._generator is None:
            return ops.dropout_mask(shape, rate, self.stream, self.dtype)
        return random.dropout(ops.ones(shape, self.dtype), rate, seed=self._generator)

    def _takes(self, inputs: Any) -> str:
        return f"Layer '{self.label}' takes sequences of shape (batch, steps, {inputs})"


Masks = Sequence[Any]


def product(x: Any, kernel: Any, masks: Masks) -> Any:
    """x @ kernel, for each gate with its own mask on x if there are several."""
    if len(masks) < 2:
        return (x * masks[0] if masks else x) @ kernel
    parts = zip(masks, ops.split(kernel, len(masks), -1), strict=True)
    return ops.concatenate([(x * mask) @ part for mask, part in parts], -1)


def activation(given: str | Callable[[Any], Any] | None) -> Callable[[Any], Any]:
    """The function that an argument means; None means none."""
    found: Callable[[Any], Any] = get("activations", given or "linear")
    return found


def _got(shape: tuple[int | None, ...]) -> str:
    cure = ""
    if isinstance(shape, list):
        cure = " Call it with one array; states go into initial_state=."
    elif len(shape) == 2:
        cure = " For sequences of single numbers add an axis: x[:, :, None]. If x comes from a recurrent layer, give "
        cure += "that return_sequences=True."
    return f"got shape {shape}.{cure}"
