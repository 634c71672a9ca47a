"""Nested tuples, lists and dicts of arrays, taken apart and put together again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any


def leaves(tree: Any) -> list[Any]:
    """What lies in nested tuples, lists and dicts, in order; None holds nothing."""
    if tree is None:
        return []
    if isinstance(tree, dict):
        return [leaf for key in sorted(tree, key=repr) for leaf in leaves(tree[key])]
    if isinstance(tree, list | tuple):
        return [leaf for part in tree for leaf in leaves(part)]
    return [tree]


def rebuilt(tree: Any, values: Iterable[Any]) -> Any:
    """The same nesting with other leaves, as many as there are."""
    rest = iter(values)
    return _rebuilt(tree, lambda: next(rest))


def _rebuilt(tree: Any, leaf: Callable[[], Any]) -> Any:
    if tree is None:
        return None
    if isinstance(tree, dict):
        new = {key: _rebuilt(tree[key], leaf) for key in sorted(tree, key=repr)}
        return {key: new[key] for key in tree}
    if isinstance(tree, list | tuple):
        parts: Iterator[Any] = (_rebuilt(part, leaf) for part in tree)
        return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)
    return leaf()


def structure(tree: Any) -> str:
    """The nesting as text, each leaf a dot: for messages, and to compare two."""
    return repr(rebuilt(tree, [_Dot()] * len(leaves(tree))))


class _Dot:
    def __repr__(self) -> str:
        return "."
