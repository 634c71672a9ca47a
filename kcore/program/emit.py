"""Emit: placed kernels become straight-line Python for the backend's namespace.

`setup` makes buffers and views once; the step's function then only calls functions with `out=`. For a backend without
`out=` the same lines assign instead, and there is no setup.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterable

import attrs

from ..backend import Backend
from ..graph import CAST, CONSTANT, PACK, PART, Graph, Node
from ..graph.node import Template
from ..graph.types import changes_kind, literal
from ..ops.indexing import JOIN
from . import helpers
from .fuse import Kernel, fuse
from .naming import Names, chains, hint
from .place import Placement, place

COMMENT_COLUMN = 64


@attrs.define
class Text:
    """A program's text, and what names in it must be given.

    Attributes:
        setup: lines run once; they make buffers and views.
        step: the function that runs each step.
        functions: the names in them that are the namespace's.
        names: what each array, storage and output is called.
        arguments: the inputs that are passed at each call.
    """

    setup: str
    step: str
    functions: set[str]
    names: dict[Node, str]
    arguments: list[Node]


class _Writer:
    """What both forms share: names, the spelling of a call, and comments."""

    def __init__(self, graph: Graph, backend: Backend) -> None:
        self.graph, self.backend = graph, backend
        self.functions: set[str] = set()
        self.names = Names({*helpers.NAMES, graph.name, backend.xp_name} | _words(graph))
        for node in (*graph.inputs.values(), *graph.storages):
            self.names.give(node, node.name)
        self.body: list[str] = []
        self._scope = ""

    def spell(self, name: str) -> str:
        """A name of the namespace, prefixed where it would hide one of Python's."""
        if name in helpers.NAMES:
            return name
        if hasattr(builtins, name):
            return f"{self.backend.xp_name}.{name}"
        self.functions.add(name)
        return name

    def call(self, node: Node, inputs: list[str], out: str | None) -> str:
        """The statement that computes a node: into `out`, or as an expression."""
        options = {k: self._option(k, v) for k, v in node.options.items()}
        if "dtype" not in options and node.op is JOIN:
            options["dtype"] = self.spell(node.dtype)
        if node.op is PART:
            options["stop"] = str(int(options["start"]) + node.size)
        operands = ", ".join(f"{{{i}}}" for i in range(len(inputs)))
        template = _template(node.op.text, node) or f"{node.op.name}({operands})"
        if out is not None:
            template = _template(node.op.into, node) or f"{template[:-1]}, out={{out}})"
            if node.op is CAST and changes_kind(node.inputs[0].dtype, node.dtype):
                template = f"{template[:-1]}, casting='unsafe')"
        template = re.sub(r"(?<![\w.])([a-z]\w+)(?=\()", lambda m: self.spell(m[1]), template)
        return template.format(*inputs, out=out, **options)

    def _option(self, name: str, value: object) -> str:
        if name == "dtype":
            return self.spell(str(value))
        if name == "axis" and isinstance(value, tuple) and len(value) == 1:
            return str(value[0])
        if name == "value":
            self.functions |= {word for word in ("inf", "nan") if word in str(value)}
        return str(value)

    def constant(self, node: Node) -> str:
        """A number, as short as its dtype allows."""
        text = literal(node.option("value"), node.dtype)
        self.functions |= {word for word in ("inf", "nan") if word in text}
        return text

    def write(self, line: str, scope: str, comment: str = "") -> None:
        """One more line, under a heading where another layer or phase begins."""
        if scope != self._scope:
            self._scope = scope
            self.body.append(f"# {' '.join(scope.split())}")
        self.body.append(f"{line:<{COMMENT_COLUMN}}  # {comment}" if comment else line)

    def text(self, setup: Iterable[str], result: str = "") -> Text:
        """The finished text."""
        arguments = [n for n in (*self.graph.inputs.values(), *self.graph.storages) if self.is_argument(n)]
        lines = [*self.body, *([f"return {result}"] if result else [])] or ["pass"]
        head = f"def {self.graph.name}({', '.join(self.names.of[n] for n in arguments)}):"
        names = {n: name for n, name in self.names.of.items() if isinstance(n, Node)}
        step = "\n".join([head, *("    " + line for line in lines)]) + "\n"
        return Text("\n".join(setup) + "\n", step, self.functions, names, arguments)

    def is_argument(self, node: Node) -> bool:
        """Whether an input is passed at each call."""
        return True


def _template(template: Template, node: Node) -> str:
    return template(node) if callable(template) else template


def _words(graph: Graph) -> set[str]:
    """The names that calls will use, which no value may take."""
    texts = (f"{n.op.name} {_template(n.op.text, n)} {_template(n.op.into, n)} {n.dtype}" for n in graph.nodes)
    written = {"inf", "nan", "zeros", "uint8", "copyto", "concat", "reshape"}  # by emit itself
    return set(re.findall(r"\w+", " ".join(texts))) | written


def emit_pure(graph: Graph, backend: Backend) -> Text:
    """Lines that assign: for arrays that cannot be written to, and for single ops, whose result is a new array."""
    writer = _Writer(graph, backend)
    names = writer.names

    def ref(node: Node) -> str:
        return writer.constant(node) if node.op is CONSTANT else names.of[node]

    for node in graph.nodes:
        if node.op.kind == "source":
            continue
        inputs = [ref(i) for i in node.inputs]
        if node.op is PACK:
            flat = ", ".join(f"{writer.spell('reshape')}({i}, (-1,))" for i in inputs)
            call = f"{writer.spell('concat')}([{flat}])"
        else:
            call = writer.call(node, inputs, None)
        writer.write(
            f"{names.give(node, hint(node))} = {call}", node.scope, str(node.shape) * (node.op.kind == "product")
        )
    return writer.text([], "[" + ", ".join(ref(n) for n in graph.roots) + "]")


def emit(graph: Graph, backend: Backend) -> Text:
    """Lines that write into buffers made once."""
    block = backend.block

    def worth(node: Node) -> bool:
        return block is not None and len(node.shape) == 1 and node.size > block

    kernels = fuse(graph, worth)
    return _InPlace(graph, backend, kernels, place(graph, kernels)).write_all()


class _InPlace(_Writer):
    def __init__(self, graph: Graph, backend: Backend, kernels: list[Kernel], placement: Placement) -> None:
        super().__init__(graph, backend)
        self.kernels, self.placement = kernels, placement
        self.first = chains(placement)
        self.setup: list[str] = []
        for buffer in placement.buffers:
            uint8 = self.spell("uint8")
            self.setup.append(
                f"{self.names.give(buffer, buffer.name)} = {self.spell('zeros')}({buffer.nbytes}, {uint8})"
            )
        self.outside = {p.buffer: n for n, p in placement.of.items() if p.buffer.outside and n.op.kind == "source"}
        self.scratch: dict[str, list[str]] = {}  # by dtype, the names of block-sized arrays

    def is_argument(self, node: Node) -> bool:
        return node not in self.placement.of

    def write_all(self) -> Text:
        for kernel in self.kernels:
            if kernel.root.op is PACK:
                self._pack(kernel.root)
            elif kernel.fused:
                self._blocks(kernel)
            else:
                self._single(kernel.root)
        for target, node in self.placement.copies:
            self.write(self._copy(self.ref(target), self.ref(node)), "end of the step")
        return self.text(self.setup)

    def ref(self, node: Node) -> str:
        """The name of a value; its view or buffer is set up when it is first named."""
        if node.op is CONSTANT:
            return self.constant(node)
        if node not in self.names.of:
            self.names.of[node] = self._view(node) if node.op.kind == "view" else self._owner(node)
        return self.names.of[node]

    def _view(self, node: Node) -> str:
        base = self.ref(node.inputs[0])
        text = self.call(node, [base], None)
        column = node.op.in_order and node.shape[1:] == (1,)
        name = self.names.give(node, node.name or f"{base}_{'column' if column else node.op.noun}")
        self.setup.append(f"{name} = {text}")
        return name

    def _owner(self, node: Node) -> str:
        place = self.placement.of[node]
        if place.buffer.outside:
            return self.ref(self.outside[place.buffer])
        if node in self.first:
            return self.ref(self.first[node])
        name = self.names.give(node, hint(node))
        where = f"{self.names.of[place.buffer]}, {place.start}, {node.shape}, {self.spell(node.dtype)}"
        self.setup.append(f"{name} = at({where})")
        return name

    def _single(self, node: Node) -> None:
        heir = self.placement.heirs.get(node)
        *lines, line = self.call(node, [self.ref(i) for i in node.inputs], self.ref(node)).split("; ")
        for first in lines:
            self.write(first, node.scope)
        comment = str(node.shape) if node.op.kind == "product" else ""
        if heir is not None and self.ref(heir) != self.ref(node):
            comment = f"in the memory of {self.ref(heir)}"
        self.write(line, node.scope, comment)

    def _pack(self, node: Node) -> None:
        pack, start = self.ref(node), 0
        for part in node.inputs:
            lies = self.placement.of.get(part.owner)  # none: a number that is passed at each call
            if lies is None or (lies.buffer, lies.start) != (self.placement.of[node].buffer, start):
                flat = self._copy(f"{pack}[{start}:{start + part.size}].reshape({part.shape})", self.ref(part))
                self.write(flat, node.scope)
            start += part.size

    def _copy(self, target: str, source: str) -> str:
        return f"{self.spell('copyto')}({target}, {source})"

    def _blocks(self, kernel: Kernel) -> None:
        """A loop over blocks that stay in cache; what only the loop reads lies in block-sized scratch, reused."""
        outer = [n for n in (*kernel.inputs, *kernel.outputs) if n.shape]
        arrays = dict.fromkeys(self.ref(n) for n in outer)
        last = {i: n for n in kernel.body for i in n.inputs}
        local: dict[Node, str] = {}
        free: dict[str, list[str]] = {}
        scratch: list[str] = []
        lines = []
        for node in kernel.body:
            inputs = [local.get(i) or (f"{self.ref(i)}_" if i.shape else self.ref(i)) for i in node.inputs]
            spare = free.setdefault(node.dtype, [])
            dead = {i: local[i] for i in node.inputs if i in local and last[i] is node and i not in kernel.outputs}
            apart = [node.inputs[k] for k in node.op.apart]
            same = [name for i, name in dead.items() if i.dtype == node.dtype and i not in apart]
            if node in kernel.outputs:
                local[node] = f"{self.ref(node)}_"
            else:
                local[node] = same[0] if same else spare.pop() if spare else self._scratch(node.dtype, scratch)
            for i, name in dead.items():
                if name != local[node]:
                    free.setdefault(i.dtype, []).append(name)
            lines.append(self.call(node, inputs, local[node]))
        title = self.names.give(kernel, f"{kernel.root.scope} blocks")
        self.setup.append(f"{title} = blocks({self.backend.block}, {', '.join([*arrays, *scratch])})")
        self.write(f"for {', '.join([*(f'{a}_' for a in arrays), *scratch])} in {title}:", kernel.root.scope)
        self.body += ["    " + line for line in lines]

    def _scratch(self, dtype: str, used: list[str]) -> str:
        """One more block-sized array, which the program's loops share."""
        names = self.scratch.setdefault(dtype, [])
        fresh = next((n for n in names if n not in used), None)
        if fresh is None:
            fresh = self.names.give((dtype, len(names)), f"scratch_{len(names)}")
            self.setup.append(f"{fresh} = {self.spell('zeros')}({self.backend.block}, {self.spell(dtype)})")
            names.append(fresh)
        used.append(fresh)
        return fresh
