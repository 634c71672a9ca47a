"""Kernels: those of one program, bound to their arrays and compiled as one module."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import attrs
import numpy as np

from kcore.backend.kernel import Body, Description, KernelWriter, Launch

from .cuda import ACCUMULATOR, BOUNDS, ROOM, Function, write
from .geometry import of_elements, of_reduction
from .layout import lay
from .words import ACCUMULATORS, FUNCTIONS, REDUCTIONS, TYPES, WORDS

OPTIONS = ("-std=c++17", "--fmad=false")  # a product and a sum are rounded each, as NumPy's are


@attrs.define(eq=False)
class Bound:
    """A kernel on its arrays, or several in one launch.

    Attributes:
        name: of its function.
        parameters: of its function, declared; of several in one launch none are told.
        grid, block: how it is launched.
        before, after: the arguments before and after the numbers that each launch gives.
        parts, tickets: the bytes and the counters that blocks need to merge what they have reduced.
        reduces: whether it takes them.
        chained: whether it is only launched with others.
        function: what launches it, once it is compiled.
    """

    name: str
    parameters: tuple[str, ...]
    grid: tuple[int, ...]
    block: tuple[int, ...]
    before: tuple[Any, ...]
    after: tuple[Any, ...] = ()
    parts: int = 0
    tickets: int = 0
    reduces: bool = False
    chained: bool = False
    function: Callable[..., Any] | None = None

    def __call__(self, *numbers: Any) -> None:
        """Launch it; a program has compiled its kernels before it runs."""
        self.function(self.grid, self.block, self.before + numbers + self.after)  # type: ignore[misc] # so not None


class CudaKernels(KernelWriter):
    """Those of one program.

    Args:
        cupy: the module.
    """

    phase = 16_384

    def __init__(self, cupy: Any) -> None:
        self._cupy = cupy
        self._names: dict[Function, str] = {}
        self._chains: dict[str, str] = {}  # the names of chains, by what follows them in the source
        self._bound: list[Bound] = []

    def takes(self, word: str, dtypes: Sequence[str]) -> bool:
        """Whether there is a word in C++ for it, and a type for each dtype."""
        return (word in WORDS or word in REDUCTIONS) and all(dtype in TYPES for dtype in dtypes)

    def bind(self, what: Description, reads: Sequence[Any], writes: Sequence[Any]) -> Launch:
        """A kernel on these arrays."""
        if what.body.reduction is None and 0 in what.shape:
            return _nothing
        reduces = what.body.reduction is not None
        arrays, layout = lay(what, reads, writes)
        code, sizes = write(what.body, layout)
        name = self._names.setdefault(code, f"{_title(what.body)}_{len(self._names)}")
        geometry = of_reduction(layout) if reduces else of_elements(layout)
        constants = (np.dtype(d).type(c) for d, c in zip(what.body.numbers, what.constants, strict=False))
        index = np.int64 if layout.wide else np.uint32
        bound = Bound(
            name,
            code.parameters,
            geometry.grid,
            geometry.block,
            before=(*arrays, *constants),
            after=tuple(map(index, sizes)),
            reduces=reduces,
            parts=ACCUMULATOR * geometry.parts,
            tickets=geometry.tickets,
        )
        self._bound.append(bound)
        return bound

    def chain(self, *launches: tuple[Launch, int]) -> Launch:
        """One block that computes one after the other, with a barrier between two."""
        parts, needed, start = [], list[int](), 0
        for bound, count in launches:
            if isinstance(bound, Bound):  # else it goes over no elements
                parts.append((bound, count))
                needed += range(start, start + count)
            start += count
        together = self._chained(parts) if len(parts) > 1 else parts[0][0] if parts else _nothing
        return together if len(needed) == start else lambda *numbers: together(*[numbers[i] for i in needed])

    def _chained(self, parts: Sequence[tuple[Bound, int]]) -> Bound:
        """Several kernels in one block."""
        given = _Given()
        calls = []
        for bound, count in parts:
            numbers = [given.number(p) for p in bound.parameters[len(bound.before) :][:count]]
            before = map(given.argument, bound.parameters, bound.before)
            after = map(given.argument, bound.parameters[len(bound.before) + count :], bound.after)
            room = ["0", "0"] if bound.reduces else []
            names = ", ".join([*before, *numbers, *after, *room])
            calls.append(f"    {bound.name}_(Pair{{0, 0}}, Pair{{1, 1}}, room_, {names});\n")
            bound.chained = True
        source = f"({given.declared}) {{\n    __shared__ u64 room_[{ROOM + 1}];\n"
        source += "    if (blockIdx.x + blockIdx.y) return;\n" + "    __syncthreads();\n".join(calls) + "}\n"
        name = self._chains.setdefault(source, f"chain_{len(self._chains)}")
        together = Bound(name, (), (1,), (32, 32), tuple(given.arguments))
        self._bound.append(together)
        return together

    def compile(self) -> None:
        """Compile one module of all, and give them the room in which blocks merge what they have reduced."""
        launched = [bound for bound in self._bound if not bound.chained]
        if not launched:
            return
        module = self._cupy.RawModule(code=self.source, options=OPTIONS)
        parts = self._cupy.zeros(max(1, *(b.parts for b in launched)), "uint8")
        tickets = self._cupy.zeros(max(1, *(b.tickets for b in launched)), "uint32")
        for bound in launched:
            bound.function = module.get_function(bound.name)
            if bound.reduces:
                bound.after += parts, tickets

    @property
    def source(self) -> str:
        """The module in CUDA C++."""
        alone = {bound.name for bound in self._bound if not bound.chained}
        kernels = [code.kernel(name) for code, name in self._names.items() if name in alone]
        chains = [f'extern "C" __global__ void {BOUNDS}{name}{source}' for source, name in self._chains.items()]
        functions = [code.function(name) for code, name in self._names.items()]
        return "\n".join([FUNCTIONS, ACCUMULATORS, *functions, *kernels, *chains])


class _Given:
    """The parameters of a chain: each argument of its kernels once, then the numbers that each launch gives."""

    def __init__(self) -> None:
        self.arguments: list[Any] = []
        self._names: dict[object, str] = {}
        self._declared: list[str] = []
        self._numbers: list[str] = []

    def argument(self, parameter: str, value: Any) -> str:
        """The name of an argument."""
        kind = _kind(parameter)
        key = kind, value.data.ptr if kind.endswith("*") else value.item()
        if key not in self._names:
            self._names[key] = f"p{len(self.arguments)}"
            self._declared.append(f"{kind} {self._names[key]}")
            self.arguments.append(value)
        return self._names[key]

    def number(self, parameter: str) -> str:
        """The name of a number."""
        self._numbers.append(f"{_kind(parameter)} q{len(self._numbers)}")
        return f"q{len(self._numbers) - 1}"

    @property
    def declared(self) -> str:
        """All of them, declared."""
        return ", ".join(self._declared + self._numbers)


def _kind(parameter: str) -> str:
    """The type in a declaration."""
    return parameter.replace("const ", "").replace(" __restrict__", "").rpartition(" ")[0]


def _title(body: Body) -> str:
    words = [w.name for w in body.words] + ([body.reduction.name] if body.reduction else [])
    return "_".join(dict.fromkeys(words)) if len(set(words)) < 5 else f"{words[0]}_to_{words[-1]}"


def _nothing(*numbers: Any) -> None:
    """A kernel over no elements."""
