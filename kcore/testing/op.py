"""check_op: what kcore's users expect of a function of arrays, be it an op of its own or made of others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs
import numpy as np

from .. import ops
from ..backend import current_backend, use_backend
from ..graph import symbol_of
from ..program import Traced, grad
from .arrays import FLOATS, Array, Draw, cast, check_gradients, normal, rng_of, total
from .at_hand import backends_at_hand, beginning_on_numpy
from .report import NUMPY_ALONE, agree, check_finite, host, refuse, trying
from .stepping import Stepper, recorded

TURNS = 3


@beginning_on_numpy
def check_op(
    function: str | Callable[..., Any],
    shapes: Sequence[tuple[int, ...]],
    *,
    options: Mapping[str, Any] | None = None,
    data: Draw | Sequence[Draw] = normal,
    reference: Callable[..., Any] | None = None,
    fixed: Sequence[int] = (),
    dtypes: Sequence[str] = FLOATS,
    differentiable: bool = True,
    backends: Sequence[str] | None = None,
) -> None:
    """Check a function of arrays on every backend at hand, in float32 and float64.

    That it gives the numbers of its reference, if there is one; that a trace knows shape and dtype; that at once, in
    a program, in one that writes in place, and in a loop it gives the same; that it reads arrays however they lie in
    memory and writes to none; its first and second derivatives; that backends agree.

    Args:
        function: its registered name, or itself: of tensors and options, returning one or several.
        shapes: of its arrays.
        options: its other arguments, by keyword.
        data: (rng, shape) -> an array, or one such function for each.
        reference: the same function of NumPy's arrays, with the same options.
        fixed: the positions of arrays that have no gradient, as indices or conditions.
        dtypes: those of float arrays.
        differentiable: whether it has gradients.
        backends: those to compare with numpy; all that can run here if None.

    Raises:
        AssertionError: the text says where, what was expected, what came, what to do.

    >>> import numpy as np
    >>> from kcore import ops
    >>> from kcore.testing import check_op
    >>> check_op(ops.hypot, [(2, 3), (3,)], reference=np.hypot, backends=["numpy"])
    """
    draws = [data] * len(shapes) if callable(data) else list(data)
    arrays = [np.asarray(draw(rng_of(i), shape)) for i, (draw, shape) in enumerate(zip(draws, shapes, strict=True))]
    f: Callable[..., Any] = ops.get(function) if isinstance(function, str) else function
    name = function if isinstance(function, str) else getattr(function, "__name__", repr(function))
    case = _Case(lambda *x: f(*x, **options or {}), f"Op {name!r}", arrays)
    moved = [i for i, a in enumerate(arrays) if i not in fixed and a.dtype.kind == "f"]
    names = backends_at_hand(backends)
    for dtype in dtypes:
        wanted: list[Any] = []
        for backend in names:
            here = attrs.evolve(case, where=f"Op {name!r} in {dtype} on backend {backend}", arrays=cast(arrays, dtype))
            with use_backend(backend):
                once = here.check_numbers(reference, options or {})
                here.check_traced(once)
                here.check_loop(once)
                slopes = here.slopes(moved) if differentiable and moved else []
                wanted = wanted or [once, slopes]
                here.agree(once, wanted[0], "numpy's result", NUMPY_ALONE)
                here.agree(slopes, wanted[1], "numpy's gradient", NUMPY_ALONE)
    if differentiable and moved:
        case.check_derivatives(moved)


@attrs.frozen
class _Case:
    function: Callable[..., Any]
    where: str
    arrays: list[Array]

    def results(self, *arrays: Any) -> list[Any]:
        out = self.function(*arrays)
        return list(out) if isinstance(out, list | tuple) else [out]

    def agree(
        self, got: Sequence[Any], wanted: Sequence[Any], what: str, cure: str, kind: str | None = "product"
    ) -> None:
        if len(got) != len(wanted):
            refuse(self.where, f"{what}, {len(wanted)} arrays", len(got), cure)
        for i, (a, b) in enumerate(zip(got, wanted, strict=True)):
            agree(self.where, what + f" {i}" * (len(got) > 1), a, b, kind, cure)

    def check_numbers(self, reference: Callable[..., Any] | None, options: Mapping[str, Any]) -> list[Array]:
        """Those of the reference, however arrays lie in memory, and none is written to."""
        tensors = [ops.convert_to_tensor(a.copy()) for a in self.arrays]
        with trying(self.where, "a result", NUMPY_ALONE):
            once = [np.array(host(y)) for y in self.results(*tensors)]
        for tensor, array in zip(tensors, self.arrays, strict=True):
            cure = "Write to no operand: an op's text reads {0}, {1} and so on."
            agree(self.where, "arrays that are given to stay as they are", tensor, array, None, cure)
        for y in once:
            check_finite(self.where, "the result", y, "Guard divisions, logarithms and roots, or give other `data`.")
        if reference is not None:
            result = reference(*self.arrays, **options)
            wanted = list(map(np.asarray, result)) if isinstance(result, list | tuple) else [np.asarray(result)]
            self.agree(once, wanted, "the reference's result", "One of the two is wrong.")
        turned = [ops.convert_to_tensor(np.asfortranarray(a[::-1])[::-1] if a.ndim else a) for a in self.arrays]
        with trying(self.where, "a result for arrays that lie backwards in memory", "Read no array's memory."):
            again = self.results(*turned)
        self.agree(again, once, "the same for arrays that lie otherwise in memory", "Let no result depend on strides.")
        return once

    def check_traced(self, once: Sequence[Array]) -> None:
        """A program's result, of the shape and dtype that its trace knew, also of one that writes in place."""
        specs: list[tuple[Any, str]] = []

        def record(*symbols: Any) -> list[Any]:
            outs = [symbol_of(y) for y in self.results(*symbols)]
            specs[:] = [(out.shape, out.dtype) for out in outs]
            return outs

        with trying(self.where, "to be traced", "Use functions of kcore.ops on what it is given."):
            results = Traced(record, self.where)(*self.arrays)
        found = [(y.shape, y.dtype.name) for y in map(host, results)]
        if specs != found:
            cure = "Let `rule` say shape and dtype of what `text` or `lowering` gives."
            refuse(self.where, f"shapes and dtypes as its rule says, {specs}", found, cure)
        self.agree(results, once, "in a program what it gives at once", "Look at nothing but the operands.")
        cure = "Let `into` write to {out} what `text` gives, and let neither read {out} after writing."
        with trying(self.where, "to run in a program that writes in place", cure):
            graph, batch = recorded(record, self.arrays)
            written, _ = Stepper(graph, current_backend()).step({}, batch)
        self.agree(written, once, "in a program that writes in place what it gives at once", cure)

    def check_loop(self, once: Sequence[Array]) -> None:
        """In the turns of a loop, where they are computed together, what each gives alone."""
        if not self.arrays:
            return
        xs = [np.stack([np.roll(a, t, -1) if a.ndim else a for t in range(TURNS)]) for a in self.arrays]
        cure = "Let `batched` write the op for all turns at once, or leave it out."
        with trying(self.where, "to run in ops.scan", cure):
            _, stacked = ops.scan(lambda c, x: (c + 1.0, self.results(*x)), 0.0, [ops.convert_to_tensor(x) for x in xs])
            alone = [self.results(*[ops.convert_to_tensor(x[t]) for x in xs]) for t in range(TURNS)]
        for i, got in enumerate(stacked):
            wanted = np.stack([host(turn[i]) for turn in alone])
            agree(self.where, "in a loop what each turn gives alone", got, wanted, "product", cure)

    def slopes(self, moved: Sequence[int]) -> list[Array]:
        with trying(
            self.where, "gradients", "Give the op a gradient rule for each operand, or say differentiable=False."
        ):
            tensors = [ops.convert_to_tensor(a) for a in self.arrays]
            return list(map(host, grad(lambda *x: total(self.results(*x)), tuple(moved))(*tensors)))

    def check_derivatives(self, moved: Sequence[int]) -> None:
        """The first and the second are those of differences."""
        names = [f"argument {i}" for i in range(len(self.arrays))]

        def value(*x: Any) -> Any:
            return total(self.results(*x))

        check_gradients(self.where, value, self.arrays, moved, names)

        def slope(*x: Any) -> Any:
            return total(grad(value, tuple(moved))(*x))

        cure = "Write gradient rules in kcore.ops, so that they have gradients too."
        with trying(self.where, "second derivatives", cure):
            names = [f"{name}, of the first derivative" for name in names]
            check_gradients(self.where, slope, self.arrays, moved, names, "second gradient")
