"""Checks for authors of plugins and backends: does a part do what users of kcore expect of any of its kind?

Each is one line of a test, and compares all backends at hand:

    def test_scale():
        check_layer(Scale, input_shape=(3,), options={"factor": 0.5})

A check that fails raises AssertionError; its text says where, what was expected, what came, what to do. `strategies`
are for tests by hypothesis; `pytest_plugins = ["kcore.testing.pytest_plugin"]` gives the option --backend and the
fixture `backend`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .activation import check_activation as check_activation
    from .backend import check_backend as check_backend
    from .callback import check_callback as check_callback
    from .compare import compare_backends as compare_backends
    from .dataset import check_dataset as check_dataset
    from .initializer import check_initializer as check_initializer
    from .kernel import check_kernel as check_kernel
    from .layer import check_layer as check_layer
    from .loss import check_loss as check_loss
    from .metric import check_metric as check_metric
    from .op import check_op as check_op
    from .optimizer import check_optimizer as check_optimizer
    from .report import CheckFailedError as CheckFailedError
    from .schedule import check_schedule as check_schedule

_HOMES = {f"check_{kind}": kind for kind in (
    "activation", "backend", "callback", "dataset", "initializer", "kernel", "layer", "loss", "metric", "op",
    "optimizer", "schedule",
)} | {"CheckFailedError": "report", "compare_backends": "compare"}  # fmt: skip

__all__ = sorted(_HOMES)  # noqa: PLE0605 - type checkers read the imports above


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}. It has: {', '.join(__all__)}.")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return [*__all__, "__doc__", "__file__", "__name__", "__path__"]
