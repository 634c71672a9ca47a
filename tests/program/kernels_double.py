"""A backend whose kernels are interpreted: it stands for any that writes its own, and shows what it is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kcore.backend.kernel import Description, KernelWriter, Launch, Literal
from kcore.backend.selection import backend_named

Array = np.ndarray[Any, Any]


class Interpreted(KernelWriter):
    """Reads all, computes all, then writes all, as threads may."""

    phase = 64

    def __init__(self) -> None:
        self.bound: list[Description] = []
        self.chained: list[int] = []
        self.ready = False

    def takes(self, word: str, dtypes: Sequence[str]) -> bool:
        return word == "cast" or hasattr(np, word)

    def bind(self, what: Description, reads: Sequence[Array], writes: Sequence[Array]) -> Launch:
        body = what.body
        assert [a.dtype.name for a in reads] == list(body.reads)
        assert all(np.broadcast_shapes(a.shape, what.shape) == what.shape for a in reads)
        assert all(a.shape == what.shape for a in writes[: len(body.writes)])
        self.bound.append(what)

        def launch(*numbers: Any) -> None:
            assert self.ready, "launched before it was compiled"
            given = (*what.constants, *numbers)
            assert len(given) == len(body.numbers)
            values: list[Any] = [np.broadcast_to(a, what.shape).copy() for a in reads]
            values += [np.array(n, d) for n, d in zip(given, body.numbers, strict=True)]

            def value(operand: int | Literal) -> Any:
                if isinstance(operand, Literal):
                    return np.array(operand.value, operand.dtype)
                return values[operand]

            for word in body.words:
                operands = list(map(value, word.operands))
                with np.errstate(all="ignore"):
                    result = operands[0] if word.name == "cast" else getattr(np, word.name)(*operands)
                    values.append(np.broadcast_to(result, what.shape).astype(word.dtype))
            results = [values[i] for i in body.writes]
            if body.reduction:
                end = body.reduction
                of = np.broadcast_to(value(end.operand), what.shape)
                results.append(np.asarray(getattr(np, end.name)(of, axis=axis(end.axes))))
            for array, result in zip(writes, results, strict=True):
                assert array.shape == result.shape and array.dtype == result.dtype
                array[...] = result

        return launch

    def chain(self, *launches: tuple[Launch, int]) -> Launch:
        self.chained.append(len(launches))

        def launch(*numbers: Any) -> None:
            start = 0
            for each, count in launches:
                each(*numbers[start : start + count])
                start += count
            assert start == len(numbers)

        return launch

    def compile(self) -> None:
        self.ready = True


def axis(axes: tuple[int, ...]) -> Any:
    """As argmax takes it, too."""
    return axes[0] if len(axes) == 1 else axes


def interpreted_backend() -> Any:
    """The NumPy backend with such kernels; `made` has those of every program."""
    kind = type(backend_named("numpy"))
    made: list[Interpreted] = []

    def kernels(self: Any) -> Interpreted:
        made.append(Interpreted())
        return made[-1]

    return type("WritesKernels", (kind,), {"kernels": kernels, "made": made})()
