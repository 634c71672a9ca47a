"""The kinds of things that plugins bring, each with its pluggy hook: a new kind is one line here."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pluggy

hookspec = pluggy.HookspecMarker("kcore")
hookimpl = pluggy.HookimplMarker("kcore")

KINDS = {
    "layers": "layer",
    "losses": "loss",
    "optimizers": "optimizer",
    "schedules": "schedule",
    "metrics": "metric",
    "activations": "activation",
    "initializers": "initializer",
    "callbacks": "callback",
    "datasets": "dataset",
    "ops": "op",
    "kernels": "kernel",
    "backends": "backend",
}
"""Every kind, and the word for one thing of it. The hook of `layers` is `kcore_layers()`, and so on."""


def _hook(kind: str) -> Callable[[], Iterable[object]]:
    def hook() -> Iterable[object]:
        return ()

    hook.__name__ = f"kcore_{kind}"
    hook.__doc__ = f"""Return the plugin's {kind}, all registered: `return defined_in("acme.{kind}")`.

    Called when {kind} are first asked for in the plugin's namespace.
    """
    return hookspec(hook)


HOOKS = {f"kcore_{kind}": _hook(kind) for kind in KINDS}
globals().update(HOOKS)  # where pluggy looks for them
