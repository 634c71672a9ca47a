"""Writer: how one line of a program is spelled, whichever way its results are kept."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterable

import attrs

from ..backend import Backend
from ..backend.kernel import Description, KernelWriter
from ..graph import CAST, PART, Graph, Node
from ..graph.loop import SCAN, Loop, loop_of
from ..graph.node import Template
from ..graph.types import changes_kind, literal
from ..ops.indexing import JOIN
from . import helpers
from .choice import Chosen
from .fuse import Kernel
from .naming import Names
from .place import Placement

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
        kernels: what each call of the step computes, if it writes in place.
        placement: where its values lie, if it writes in place.
        scratch: the bytes that loops over blocks work in beside that.
        writer: what writes kernels for the backend, if anything does.
        described: the kernels, by the number under which the setup binds them.
    """

    setup: str
    step: str
    functions: set[str]
    names: dict[Node, str]
    arguments: list[Node]
    kernels: list[Kernel] = attrs.field(factory=list)
    placement: Placement | None = None
    scratch: int = 0
    writer: KernelWriter | None = None
    described: list[Description | Chosen] = attrs.field(factory=list)

    @property
    def calls(self) -> frozenset[str]:
        """What the step calls beside kernels that are bound: functions, by their names, and packages' kernels."""
        bound = re.findall(r"(\w+) = (?:bind|chain)\(", self.setup)
        called = re.findall(r"(?<![\w.\])])(?:\w+\.)?(\w+)\(", self.step.partition("\n")[2])
        brought = (what.name for what in self.described if isinstance(what, Chosen) and not what.kernel.recordable)
        return frozenset(called).difference(bound).union(brought)


class Writer:
    """Names, the spelling of a call, and comments; the writer of a loop's turn shares those of the one around it."""

    def __init__(self, graph: Graph, backend: Backend, around: Writer | None = None) -> None:
        self.graph, self.backend = graph, backend
        self.depth: int = 0 if around is None else around.depth + 1  # of loops around this
        self.body: list[str] = []
        self.functions: set[str] = set() if around is None else around.functions
        self.names: Names = self._named(graph) if around is None else around.names
        self._scope: str = "" if around is None else around._scope

    def _named(self, graph: Graph) -> Names:
        names = Names({*helpers.NAMES, "bind", "chain", graph.name, self.backend.xp_name} | _words(graph))
        for node in (*graph.inputs.values(), *graph.storages):
            names.give(node, node.name)
        return names

    def turn_name(self) -> str:
        """What the turns of a loop here are counted by: loops that follow each other share it, nested ones do not."""
        return self.names.of.get(self.depth) or self.names.give(self.depth, "t")

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
            options |= {"dtype": self.spell(node.dtype), "value": literal(node.option("value"), node.dtype)}
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

    def statements(self, node: Node, inputs: list[str], out: str) -> list[str]:
        """Those that compute a node into `out`, but for a copy of what lies there already."""
        lines = self.call(node, inputs, out).split("; ")
        return [line for line in lines if not re.fullmatch(r"copyto\((\w+), \1\)", line)]

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
        """One more line."""
        self.append(line, scope, comment)

    def append(self, line: str, scope: str, comment: str = "") -> None:
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
    written = {"inf", "nan", "zeros", "uint8", "copyto", "concat", "reshape", "stack"}  # by emit itself
    turns = [_words(loop_of(n).graph) for n in graph.nodes if n.op is SCAN]
    return set(re.findall(r"\w+", " ".join(texts))).union(written, *turns)


def parameters(scan: Node) -> list[tuple[str, Node, Node]]:
    """For each input of a loop its name, its node inside and what it stands for outside."""
    loop = loop_of(scan)
    return [(name, loop.graph.inputs[name], source) for name, source in loop.inputs(scan).items()]


def turns(loop: Loop) -> str:
    """The numbers of a loop's turns, in the order in which they run."""
    return f"reversed(range({loop.length}))" if loop.reverse else f"range({loop.length})"
