"""How a check makes what it checks, from which seed, and what a configuration must do."""

from __future__ import annotations

import contextlib
import functools
import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from numbers import Integral
from typing import Any

from ..config import config
from ..interfaces import Configurable, get
from ..interfaces.configurable import serialize
from ..plugin import KINDS
from ..plugin.entry import registered
from .report import refuse, trying

Make = str | Callable[..., Any]


@contextlib.contextmanager
def seeded(seed: int) -> Iterator[None]:
    """What is drawn inside comes from this seed, but for what comes from NumPy's own generators."""
    before = config.seed, config.models, config.draws
    config.seed, config.models, config.draws = seed, 0, 0
    try:
        yield
    finally:
        config.seed, config.models, config.draws = before


def sample_shapes(given: Any) -> list[tuple[int, ...]]:
    """The shapes of all inputs of a layer.

    Raises:
        TypeError: they are something else.
    """
    shapes = given if isinstance(given, list) else [given]
    for shape in shapes:
        if not isinstance(shape, tuple) or not all(isinstance(n, Integral) for n in shape):
            numbers = given if isinstance(given, list | tuple) else [given]
            wanted = tuple(n for n in numbers if isinstance(n, Integral)) or (3,)
            raise TypeError(
                "check_layer takes input_shape as a tuple of whole numbers, the shape of one sample without the batch, "
                f"or a list of such for several inputs; got {given!r}. Write it as {wanted}."
            )
    return shapes


def maker(kind: str, make: Make, options: Mapping[str, Any] | None) -> Callable[..., Any]:
    """A function that makes what an author checks: of a registered name, a class or such a function, with options."""
    named = functools.partial(get, kind, make) if isinstance(make, str) else make
    return functools.partial(named, **options or {})


def made(kind: str, make: Callable[..., Any], **options: Any) -> Any:
    """One of what an author checks."""
    noun, named = KINDS[kind], _name_of(make)
    cure = (
        "Give a registered name, a class, or lambda **options: Class(2, **options); its arguments as options={...}; "
        "an __init__ of its own takes **kwargs and begins with super().__init__(**kwargs)."
    )
    asked = ", ".join(f"{k}={v!r}" for k, v in options.items())
    with trying(
        f"{noun.capitalize()} {named!r}",
        f"{'an' if noun[0] in 'aeio' else 'a'} {noun} made by calling it with ({asked})",
        cure,
    ):
        thing = make(**options)
    if getattr(thing, "kind", None) != kind:
        refuse(f"{noun.capitalize()} {named!r}", f"one of kcore.{kind}", repr(thing), cure)
    return thing


def _name_of(make: Any) -> str:
    while isinstance(make, functools.partial):
        make = make.args[1] if make.func is get else make.func
    return make if isinstance(make, str) else str(getattr(make, "__name__", repr(make)))


def label(kind: str, thing: Any) -> str:
    """Whose check it is, as in `Layer 'scale'`."""
    name = getattr(thing, "label", None) or getattr(thing, "__name__", type(thing).__name__)
    return f"{KINDS[kind].capitalize()} {name!r}"


def is_registered(kind: str, thing: Any) -> bool:
    """Whether a class or function has a name. No plugin is loaded to see: who has the thing has run its decorator."""
    return any(entry.thing is thing for entry in registered(kind))


def check_configuration(where: str, thing: Configurable) -> Any:
    """Refuse a `get_config` that is no plain data or does not make the same thing again; return the one made.

    The caller compares what the two do: a configuration may keep its keys and lose a value.
    """
    cure = "Let get_config return every argument of __init__ as numbers, words, lists and dictionaries, by its name."
    with trying(where, "get_config to return plain data that JSON can write", cure):
        plain = json.loads(json.dumps(thing.get_config()))
    if type(thing).from_config.__func__ is Configurable.from_config.__func__:  # type: ignore[attr-defined]
        missing = sorted(_arguments(type(thing)) - plain.keys())
        if missing:
            refuse(where, f"get_config to tell every argument, {missing[0]!r} among them", sorted(plain), cure)
    with trying(where, "from_config to make an object of what get_config returned", cure):
        again = type(thing).from_config(plain)
    if type(again) is not type(thing):
        refuse(where, f"from_config to make a {type(thing).__name__}", f"a {type(again).__name__}", cure)
    second = json.loads(json.dumps(again.get_config()))
    for key in dict.fromkeys([*plain, *second]):
        if plain.get(key) != second.get(key):
            came = f"{key}={second.get(key)!r}"
            refuse(where, f"an object made from a configuration to have {key}={plain.get(key)!r}", came, cure)
    if is_registered(thing.kind, type(thing)):
        with trying(where, "to be found again by the name that it is saved under", "Register it under one name."):
            again = get(thing.kind, json.loads(json.dumps(serialize(thing))))
        if type(again) is not type(thing):
            refuse(where, f"its saved name to find {type(thing)}", type(again), "Register it under a name of its own.")
    return again


def _arguments(cls: type) -> set[str]:
    """The names that its `__init__` takes."""
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    parameters = list(inspect.signature(cls).parameters.values())
    return {p.name for p in parameters if p.kind not in variadic}
