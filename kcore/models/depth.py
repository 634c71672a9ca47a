"""The order in which Keras lists the layers of a functional model, and numbers them in files of weights."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..interfaces import Call, Layer, Placeholder


def by_depth(calls: Sequence[Call], outputs: Iterable[Placeholder]) -> list[Layer]:
    """The layers, farthest from the outputs first; of those equally far, whichever a walk from the outputs meets first.

    Args:
        calls: those of the model, each after those that it needs.
        outputs: where the walk begins.
    """
    known = {id(call) for call in calls}
    met: dict[int, Layer] = {}
    walked: set[int] = set()
    waiting = list(outputs)[::-1]
    while waiting:
        call = waiting.pop().call
        if call is not None and id(call) in known - walked:
            walked.add(id(call))
            met.setdefault(id(call.layer), call.layer)
            waiting += call.reads[::-1]
    of_call: dict[int, int] = {}
    of_layer: dict[int, int] = {}
    for call in reversed(calls):  # a shared layer lies as far as the farthest of its calls
        depth = max(of_call.get(id(call), 0), of_layer.get(id(call.layer), 0))
        of_call[id(call)] = of_layer[id(call.layer)] = depth
        for place in call.reads:
            if place.call is not None:
                of_call[id(place.call)] = max(of_call.get(id(place.call), 0), depth + 1)
    return sorted(met.values(), key=lambda layer: -of_layer[id(layer)])
