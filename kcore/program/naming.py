"""Naming: one readable, unique Python name for each value of a program."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata

from ..graph import Node
from ..graph.loop import loop_of
from .place import Placement


class Names:
    """Hands out names, and remembers them."""

    def __init__(self, reserved: set[str]) -> None:
        self._used = set(reserved)
        self.of: dict[object, str] = {}

    def give(self, thing: object, hint: str) -> str:
        """A new name for `thing`: the hint, with a number if it is taken."""
        base = re.sub(r"\W+", "_", unicodedata.normalize("NFKC", hint)).strip("_") or "value"  # as Python reads it
        base = base if base.isidentifier() else f"_{base}"
        name, number = base, 1
        while name in self._used or keyword.iskeyword(name) or hasattr(builtins, name):
            number += 1
            name = f"{base}_{number}"
        self._used.add(name)
        self.of[thing] = name
        return name


def hint(node: Node) -> str:
    """What a value would like to be called: its own name, else what it is within its layer; a cast is its dtype."""
    return node.name or f"{node.scope} {node.op.noun or node.dtype}".replace("gradient of ", "grad_")


def carry_hint(scan: Node, carry: Node) -> str:
    """What a carry would like to be called."""
    return carry.name or f"{scan.scope} carry".replace("gradient of ", "grad_")


def item_hint(item: Node) -> str:
    """What an item of a scan would like to be called."""
    scan, of = item.inputs[0], item.option("of")
    if item.name:
        return item.name
    if item.option("what") == "stack":
        return f"{hint(loop_of(scan).value(of))}s"
    carry = carry_hint(scan, loop_of(scan).carries[of])
    return f"{carry} history" if item.option("what") == "history" else carry


def chains(placement: Placement) -> dict[Node, Node]:
    """Values that take over each other's memory within one phase are one name to the reader: for each, the first.

    The name is that of the one that has a name, or the first one's.
    """
    first: dict[Node, Node] = {}
    for node, heir in placement.heirs.items():
        same = _phase(node) == _phase(heir) and node.shape == heir.shape
        start = first.get(heir, heir)
        if same and not (node.name and start.name and node.name != start.name):
            first[node] = start
            start.name = start.name or node.name
    return first


def _phase(node: Node) -> str:
    """The layer that computes a value; the way back through all layers is one phase."""
    return node.scope.partition(" of ")[0]
