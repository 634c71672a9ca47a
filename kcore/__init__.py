"""kcore: Keras-style deep learning on plain arrays.

`import kcore` loads nothing: each name is imported when it is first used.
"""

from importlib import import_module

_NAMES = {
    "backend": ("Array", "available_backends", "current_backend", "set_backend", "use_backend"),
    "graph": ("Variable",),
    "layers": ("Input",),
    "models": ("Model", "Sequential"),
    "plugin": ("register",),
    "program": ("explain", "grad", "jvp", "value_and_grad", "vjp"),
}
"""What stands here, by the module that it comes from."""

_MODULES = (
    "activations", "backend", "callbacks", "datasets", "initializers", "interfaces", "layers", "losses",
    "metrics", "models", "ops", "optimizers", "plot", "plugin", "random", "schedules", "testing", "utils",
)  # fmt: skip

_HOMES = {name: module for module, names in _NAMES.items() for name in names}

__all__ = sorted([*_HOMES, *_MODULES])  # noqa: PLE0605 - type checkers read __init__.pyi


def __getattr__(name: str) -> object:
    if name in _HOMES:
        value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    elif name in _MODULES:
        value = import_module(f".{name}", __name__)
    elif name == "__version__":
        value = import_module(".plugin.manager", __name__).own()[0].version
    elif name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    else:
        unknown = import_module(".door", __name__).unknown
        raise unknown(__name__, name, __all__)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__doc__", "__file__", "__name__", "__path__", "__version__"]
