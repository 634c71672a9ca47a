"""check_kernel: what programs expect of a kernel, which computes one op on one backend in a way of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import attrs
import numpy as np

from .. import ops
from ..backend import Backend, OpKernel, available_backends, use_backend
from ..backend.op_kernel import Operand, Use
from ..graph import Node, Symbol, symbol_of
from ..graph.node import OPS
from ..ops.nesting import leaves
from ..plugin import find
from ..plugin.errors import hint
from ..program import Traced
from .arrays import FLOATS, Array, Draw, cast, normal, rng_of
from .at_hand import COMPARED
from .report import agree, host, refuse, told, trying

SHARING = ("elementwise", "reduction")
"""The kinds of ops that share loops, and have no kernels."""
STALE = 7
"""What an array holds before a kernel writes its result there."""


def check_kernel(
    kernel: str | type[OpKernel],
    function: Callable[..., Any],
    shapes: Sequence[tuple[int, ...]],
    *,
    options: Mapping[str, Any] | None = None,
    data: Draw = normal,
    dtypes: Sequence[str] = FLOATS,
) -> None:
    """Check a kernel on the backend that it is for.

    That its op and its backend are there; that it takes at least one of these uses; that it gives what kcore gives
    without it, also for arrays that lie otherwise in memory, and when they hold other numbers in the next step; that it
    leaves its inputs as they are, and what it was bound to before.

    Args:
        kernel: its registered name, or its class.
        function: of tensors and options, in kcore.ops, that records its op.
        shapes: of its arrays.
        options: its other arguments, by keyword.
        data: (rng, shape) -> an array.
        dtypes: those of float arrays.

    Raises:
        AssertionError: the text says where, what was expected, what came, what to do.
    """
    of_class = find("kernels", kernel) if isinstance(kernel, str) else kernel
    where = f"Kernel {kernel if isinstance(kernel, str) else getattr(kernel, '__name__', kernel)!r}"
    if not (isinstance(of_class, type) and issubclass(of_class, OpKernel)):
        refuse(
            where, "a subclass of kcore.backend.OpKernel", repr(of_class), "Register the class, not an object of it."
        )
    made = _made(where, of_class)
    uses: list[Use] = []
    taken = 0
    with use_backend(of_class.backend) as backend:
        COMPARED.add(backend.name)
        for dtype in dtypes:
            here = f"{where} in {dtype} on backend {backend.name}"
            arrays = [np.asarray(data(rng_of(i), shape)) for i, shape in enumerate(shapes)]
            case = _Case(here, made, backend, lambda *x: function(*x, **options or {}), cast(arrays, dtype))
            taken += case.check(uses)
    if not taken:
        cure = "Give a function and shapes that it is for, or let `takes` say True for them."
        refuse(where, "to take one of the uses", "it took none of " + "; ".join(map(_told, uses)), cure)


def _refuse_op(where: str, named: Any) -> NoReturn:
    """Say which ops there are kernels for, and why this is none."""
    expected = "`op` to be the name of an op that is neither elementwise nor a reduction"
    if named in OPS:
        refuse(where, expected, repr(named), "Those share loops: leave them.")
    made = f"kcore.ops.{named} is made of other ops. " if hasattr(ops, str(named)) else ""
    able = sorted(name for name, op in OPS.items() if op.kind not in SHARING)
    guess = "" if made else hint(str(named), able)
    refuse(where, expected, repr(named), f"{made}There are: {', '.join(able)}.{guess}")


def _made(where: str, of_class: type[OpKernel]) -> OpKernel:
    named = getattr(of_class, "op", None)
    if named not in OPS or OPS[named].kind in SHARING:
        _refuse_op(where, named)
    states, asked = available_backends(), str(getattr(of_class, "backend", None))
    if asked not in states:
        cure = f"The backends are: {', '.join(states)}.{hint(asked, states)}"
        refuse(where, "`backend` to be the name of a backend", repr(asked), cure)
    trouble = states[asked] or of_class.probe()
    if trouble:
        refuse(where, "to run here", trouble, "Skip this test where it cannot.")
    with trying(where, "to be made by calling its class", "It takes no arguments."):
        return of_class()


@attrs.frozen
class _Case:
    where: str
    kernel: OpKernel
    backend: Backend
    function: Callable[..., Any]
    arrays: list[Array]

    def check(self, uses: list[Use]) -> int:
        """Look at each use of the op in the function; return how many of them it takes."""
        count = 0
        for i, (use, inputs, wanted) in enumerate(self._uses(self.arrays)):
            uses.append(use)
            with trying(self.where, "takes to answer", "It is asked about every use of its op."):
                takes = self.kernel.takes(use)
            if not isinstance(takes, bool | np.bool_):
                refuse(self.where, "takes to return True or False", repr(takes), "Return bool(...).")
            if takes:
                count += 1
                later = self._uses([np.flip(a).copy() for a in self.arrays])[i]
                for lies in (_straight, _turned):
                    self._check_launches(use, inputs, wanted, *later[1:], lies)
        return count

    def _uses(self, arrays: Sequence[Array]) -> list[tuple[Use, list[Array], Array]]:
        """Each use of the op, with what goes in and what comes out without the kernel, as NumPy arrays."""
        nodes: list[Node] = []

        def record(*symbols: Any) -> list[Any]:
            outs = [symbol_of(y) for y in leaves(self.function(*symbols))]
            every, seen = [y.node for y in outs], set[int]()
            while every:
                node = every.pop()
                if id(node) not in seen:
                    seen.add(id(node))
                    every += node.inputs
                    nodes.extend([node] if node.op.name == self.kernel.op else [])
            return [Symbol(each) for node in nodes for each in (*node.inputs, node)]

        with trying(self.where, "the function to be traced", "Use functions of kcore.ops on what it is given."):
            values = [host(y) for y in Traced(record, self.where)(*map(ops.convert_to_tensor, arrays))]
        found = []
        for node in nodes:
            operands = tuple(Operand(i.shape, i.dtype) for i in node.inputs)
            inputs, wanted = values[: len(operands)], values[len(operands)]
            values = values[len(operands) + 1 :]
            found.append((Use(node.op.name, operands, node.shape, node.dtype, node.options), inputs, wanted))
        if not found:
            cure = "Give a function of kcore.ops that is computed by this op."
            refuse(self.where, f"the function to use the op {self.kernel.op!r}", "it uses none", cure)
        return found

    def _check_launches(
        self,
        use: Use,
        inputs: list[Array],
        wanted: Array,
        later: list[Array],
        later_wanted: Array,
        lies: Callable[..., Any],
    ) -> None:
        where = f"{self.where}, of {_told(use)}{' whose inputs lie otherwise in memory' * (lies is _turned)}"
        given = [lies(self.backend, a) for a in inputs]
        out, other = (self.backend.from_host(np.full(wanted.shape, STALE, wanted.dtype)) for _ in range(2))
        cure = "Let bind return a function of nothing, for any arrays of this use."
        with trying(where, "to be bound and run", cure):
            launch = self.kernel.bind(use, given, out)
            if not callable(launch):
                refuse(where, "bind to return a function", told(launch) if hasattr(launch, "shape") else launch, cure)
            self.kernel.bind(use, [lies(self.backend, a) for a in later], other)
            launch()
        cure = (
            "Write to `out` what kcore computes without it, whatever the strides of its inputs; or let `takes` refuse."
        )
        agree(where, "the result without it", self.backend.to_host(out), wanted, "product", cure)
        cure = "Let what bind returns keep the arrays that it was bound to, and write to none but `out`."
        agree(
            where,
            "what is bound for others to stay as it is",
            self.backend.to_host(other),
            np.full_like(wanted, STALE),
            None,
            cure,
        )
        for i, (array, value) in enumerate(zip(given, inputs, strict=True)):
            agree(where, f"input {i} to stay as it is", self.backend.to_host(array), value, None, cure)
        for array, value in zip(given, later, strict=True):
            array[...] = self.backend.from_host(value)
        with trying(where, "to run again", cure):
            launch()
        cure = "Read the inputs each time: bind is called once, and their numbers change from step to step."
        agree(where, "in a later step the result without it", self.backend.to_host(out), later_wanted, "product", cure)


def _straight(backend: Backend, array: Array) -> Any:
    return backend.from_host(np.array(array, order="C"))


def _turned(backend: Backend, array: Array) -> Any:
    """The same, as a view whose last two axes lie the other way in memory."""
    if array.ndim < 2:
        return _straight(backend, array)
    return backend.xp.swapaxes(backend.from_host(np.array(np.swapaxes(array, -1, -2), order="C")), -1, -2)


def _told(use: Use) -> str:
    operands = ", ".join(told(np.empty(i.shape, i.dtype)) for i in use.inputs)
    return f"{use.op}({operands})"
