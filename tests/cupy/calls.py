"""Which names of CuPy a text of Python uses, and with which arguments."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping

import attrs

ROOTS = {"cupy", "cupyx", "cp", "xp", "_cupy", "_xp"}  # what the namespace is called, by itself or as an attribute
OBJECTS = {
    # what other variables of kcore_cupy and kcore hold
    "event": "cuda.Event",
    "get_current_stream()": "cuda.Stream",
    "get_default_memory_pool()": "cuda.MemoryPool",
    "into": "ndarray",
    "module": "RawModule",
    "pool": "cuda.MemoryPool",
}


@attrs.frozen
class Use:
    """One name, and how it is called.

    Attributes:
        name: dotted, as "cuda.Event.record"; "ndarray.*" where it is not known which class's it is.
        positional: how many arguments have no name; None if it is not called, or more may come by a star.
        keywords: the names of the others.
        line: of the text.
    """

    name: str
    positional: int | None
    keywords: tuple[str, ...]
    line: int

    def wrong(self, names: Mapping[str, str | None]) -> str | None:
        """Why CuPy would refuse it; None if it would not.

        Args:
            names: what CuPy has, with parameters, as `signatures.read` gives it.
        """
        if self.name not in names:
            return f"CuPy has no {self.name}"
        told = names[self.name]
        if self.positional is None or told in (None, "..."):
            return None
        try:
            signature_of(told or "").bind(*[0] * self.positional, **dict.fromkeys(self.keywords))
        except TypeError as error:
            return f"cupy.{self.name}({told}): {error}"
        return None


def signature_of(told: str) -> inspect.Signature:
    """The signature of parameters as `signatures.parameters` writes them."""
    text = told.replace("=", "=None")
    space: dict[str, object] = {}
    exec(f"def function({text}): pass", space)
    return inspect.signature(space["function"])  # type: ignore[arg-type]


def uses(text: str, functions: Mapping[str, str] | None = None) -> Iterator[Use]:
    """What a text uses.

    Args:
        functions: the bare names that are CuPy's: what they stand for.
    """
    tree = ast.parse(text)
    calls = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        name = _name(node, functions or {})
        if name and id(node) not in inner:
            yield _use(name, calls.get(id(node)), node)


def _use(name: str, call: ast.Call | None, node: ast.AST) -> Use:
    line = getattr(node, "lineno", 0)
    if call is None:
        return Use(name, None, (), line)
    starred = any(isinstance(a, ast.Starred) for a in call.args) or any(k.arg is None for k in call.keywords)
    return Use(name, None if starred else len(call.args), tuple(k.arg for k in call.keywords if k.arg), line)


def _name(node: ast.AST, functions: Mapping[str, str]) -> str | None:
    """The dotted name in CuPy that an expression is; None if it is another thing."""
    if isinstance(node, ast.Name):
        return functions.get(node.id)
    if not isinstance(node, ast.Attribute):
        return None
    owner = node.value
    if _word(owner) in ROOTS:
        return f"cupyx.{node.attr}" if _word(owner) == "cupyx" else node.attr
    if _word(owner) in OBJECTS:
        return f"{OBJECTS[_word(owner)]}.{node.attr}"
    above = _name(owner, {})
    return f"{above}.{node.attr}" if above and not above[0].isupper() else None


def _word(node: ast.AST) -> str:
    """The last word of an expression, as `xp` of `self.xp`."""
    if isinstance(node, ast.Call):
        return _word(node.func) + "()"
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
