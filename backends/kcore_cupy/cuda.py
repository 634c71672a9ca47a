"""The CUDA C++ of a kernel: right for every launch geometry, ignorant of sizes and constants."""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Iterator

import attrs

from kcore.backend.kernel import Body, Literal

from .layout import Axes, Layout
from .words import REDUCTIONS, TYPES, expression, literal

ACCUMULATOR = 16  # bytes at most that a thread accumulates in
ROOM = 1024 * ACCUMULATOR // 8  # words of 64 bits in shared memory, for as many threads as a block may have

BOUNDS = "__launch_bounds__(1024) "  # or the compiler may give a thread more registers than so many threads find

ELEMENTS = """
unsigned threads = blockDim.x * blockDim.y;
for (I i = (I)block.x * threads + threadIdx.y * blockDim.x + threadIdx.x; i < n; i += (I)grid.x * threads) {{
{work}
}}
"""

REDUCE = """
A* room = (A*)room_;
unsigned slot = threadIdx.y * blockDim.x + threadIdx.x;
unsigned rank = threadIdx.{along}, width = blockDim.{along}, apart = {apart};
unsigned lane = threadIdx.{across}, lanes = blockDim.{across};
for (I first = (I)block.x * lanes; first < results; first += (I)grid.x * lanes) {{
    I o = first + lane;
{outer}
    A all = A::none();
    if (o < results) {{
        for (I r = (I)block.y * width + rank; r < n; r += (I)grid.y * width) {{
{work}
            all.take({value}, r);
        }}
    }}
    all = gather(all, room, slot, rank, width, apart);
    if (grid.y > 1) {{                       // each block its part; the last to come merges them in their order
        A* parts = (A*)parts_;
        if (o < results && rank == 0) parts[(i64)o * grid.y + block.y] = all;
        __threadfence();
        __syncthreads();
        unsigned* last = (unsigned*)(room_ + {room});
        if (slot == 0) *last = atomicAdd(&tickets_[first / lanes], 1u) == grid.y - 1;
        __syncthreads();
        if (!*last) continue;
        __threadfence();                     // before and behind the ticket, so that the parts of others are seen
        all = A::none();
        if (o < results) for (unsigned p = rank; p < grid.y; p += width) all.merge(parts[(i64)o * grid.y + p]);
        all = gather(all, room, slot, rank, width, apart);
        if (slot == 0) tickets_[first / lanes] = 0;
    }}
    if (o < results && rank == 0) {out} = all.result();
}}
"""


@attrs.frozen
class Function:
    """A kernel's function.

    Attributes:
        parameters: their declarations: arrays, numbers, sizes and steps; of a reduction also its room for parts.
        body: its lines.
    """

    parameters: tuple[str, ...]
    body: str

    @property
    def names(self) -> list[str]:
        """Those of the parameters."""
        return [p.replace("*", " ").split()[-1] for p in self.parameters]

    def function(self, name: str) -> str:
        """What a kernel by itself and a chain of them call."""
        plain = (p.replace(" __restrict__", "") for p in self.parameters)  # in a chain another kernel may write there
        declared = ", ".join(("Pair block", "Pair grid", "u64* room_", *plain))
        return f"__device__ inline void {name}_({declared}) {{\n{textwrap.indent(self.body, '    ')}\n}}\n"

    def kernel(self, name: str) -> str:
        """The kernel by itself."""
        room = f"    __shared__ u64 room_[{ROOM + 1}];\n" if "room_" in self.body else ""
        given = ", ".join(("Pair{blockIdx.x, blockIdx.y}", "Pair{gridDim.x, gridDim.y}", "room_" if room else "0"))
        call = f"    {name}_({given}, {', '.join(self.names)});\n"
        bounds = BOUNDS if room else ""
        return f'extern "C" __global__ void {bounds}{name}({", ".join(self.parameters)}) {{\n{room}{call}}}\n'


@functools.lru_cache(maxsize=4096)
def write(body: Body, layout: Layout) -> tuple[Function, tuple[int, ...]]:
    """The text of a kernel, and the sizes and steps that it is to be given, which follow the numbers."""
    return _Kernel(body, layout).text()


class _Kernel:
    def __init__(self, body: Body, layout: Layout) -> None:
        self.body, self.layout = body, layout
        self.given: dict[str, int] = {}  # sizes and steps by the names of their parameters
        self.kinds: dict[str, list[tuple[int, ...]]] = {}  # by what counts places, the steps of arrays, each kind once
        self.index = "long long" if layout.wide else "unsigned"

    def text(self) -> tuple[Function, tuple[int, ...]]:
        reduction = self.body.reduction
        if reduction is None:
            self.given["n"] = self.layout.kept.size
            lines = ELEMENTS.format(work=_indented([*self._places("i", self.layout.kept), *self._work("")], 1))
        else:
            self.given |= {"results": self.layout.kept.size, "n": self.layout.reduced.size}
            along, across = "xy" if self.layout.rows else "yx"
            outer = [*self._places("o", self.layout.kept)]
            work = [*self._places("r", self.layout.reduced), *self._work("o")]
            result = self.layout.writes[-1]
            accumulator = f"{REDUCTIONS[reduction.name]}<{TYPES[self.body.dtype(reduction.operand)]}>"
            fits = f'static_assert(sizeof(A) <= {ACCUMULATOR}, "");'
            lines = f"typedef {accumulator} A;\n{fits}" + REDUCE.format(
                along=along,
                across=across,
                apart="1" if along == "x" else "blockDim.x",
                outer=_indented(outer, 1),
                work=_indented(work, 3),
                value=self._operand(reduction.operand),
                out=f"a{result}[{self._at(result, 'o', self.layout.kept)}]",
                room=ROOM,
            )
        function = Function(tuple(self._parameters()), f"typedef {self.index} I;\n{lines.strip()}")
        return function, tuple(self.given.values())

    def _parameters(self) -> Iterator[str]:
        for i, (dtype, shared) in enumerate(zip(self.layout.dtypes, self.layout.shared, strict=True)):
            kind = TYPES[dtype]
            yield f"{kind}* a{i}" if shared else f"const {kind}* __restrict__ a{i}"
        for i, dtype in enumerate(self.body.numbers):
            yield f"{TYPES[dtype]} k{i}"
        for name in self.given:
            yield f"{self.index} {name}"
        if self.body.reduction is not None:
            yield from ("void* parts_", "unsigned* tickets_")

    def _places(self, count: str, axes: Axes) -> Iterator[str]:
        """The position along each axis, if there are several."""
        rest = count
        for axis in reversed(range(1, len(axes.sizes))):
            size = self._size(f"{count}_size{axis}", axes.sizes[axis])
            yield f"I {count}{axis} = {rest} % {size}, {count}_{axis} = {rest} / {size};"
            rest = f"{count}_{axis}"
        if len(axes.sizes) > 1:
            yield f"I {count}0 = {rest};"

    def _size(self, name: str, value: int) -> str:
        self.given.setdefault(name, value)
        return name

    def _at(self, array: int, count: str, axes: Axes) -> str:
        """Where the element of an array lies, from its places along axes."""
        several, terms = len(axes.sizes) > 1, []
        for axis, step in enumerate(axes.steps[array]):
            place = f"{count}{axis}" if several else count
            if step == 1:
                terms.append(place)
            elif step:
                terms.append(f"{place} * {self._step(count, axes.steps[array], axis)}")
        return " + ".join(terms) or "0"

    def _step(self, count: str, steps: tuple[int, ...], axis: int) -> str:
        """The parameter of a step: arrays that lie alike share theirs."""
        kinds = self.kinds.setdefault(count, [])
        if steps not in kinds:
            kinds.append(steps)
        return self._size(f"{count}_step{axis}_{kinds.index(steps)}", steps[axis])

    def _element(self, array: int, outer: str) -> str:
        kept, reduced = self.layout.kept, self.layout.reduced
        if not outer:
            return f"a{array}[{self._at(array, 'i', kept)}]"
        terms = [t for t in (self._at(array, "o", kept), self._at(array, "r", reduced)) if t != "0"]
        return f"a{array}[{' + '.join(terms) or '0'}]"

    def _work(self, outer: str) -> Iterator[str]:
        """All reads, then the words, then the writes: what is written over an operand has been read by then."""
        body, layout = self.body, self.layout
        for i, array in enumerate(layout.reads):
            yield f"{TYPES[body.reads[i]]} x{i} = {self._element(array, outer)};"
        first = len(body.reads) + len(body.numbers)
        for i, word in enumerate(body.words, first):
            text = expression(word.name, word.dtype, [self._operand(o) for o in word.operands])
            yield f"{TYPES[word.dtype]} x{i} = {text};"
        for value, array in zip(body.writes, layout.writes, strict=False):
            yield f"{self._element(array, outer)} = {self._operand(value)};"

    def _operand(self, operand: int | Literal) -> str:
        if isinstance(operand, Literal):
            return literal(operand.value, operand.dtype)
        number = operand - len(self.body.reads)
        return f"k{number}" if 0 <= number < len(self.body.numbers) else f"x{operand}"


def _indented(lines: list[str], depth: int) -> str:
    return "\n".join("    " * depth + line for line in lines)
