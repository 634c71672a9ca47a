"""Configurable: a class whose declared fields, or the arguments of its `__init__`, are its configuration."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Any, ClassVar, Self, TypeVar, dataclass_transform

import attrs

from ..graph import current_trace
from ..plugin import KINDS, find

T = TypeVar("T", bound="Configurable")


@dataclass_transform(field_specifiers=(attrs.field,))
class Configurable:
    """The base of layers, losses, optimizers, metrics and initializers.

    A subclass declares fields as an attrs class does, without the decorator:

        class Scale(Layer):
            factor: float = 2.0

    or has an `__init__` of its own, as in Keras, whose arguments are recorded. Setting an attribute later converts and
    validates it, and lets programs that were traced with the old value be traced again.
    """

    kind: ClassVar[str]
    traced_as_input: ClassVar[frozenset[str]] = frozenset()
    """Attributes that programs take as inputs: setting one traces nothing again."""

    _arguments: dict[str, Any]
    _version: int
    _own_init: ClassVar[bool] = False
    __attrs_attrs__: ClassVar[tuple[attrs.Attribute[Any], ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._own_init = "__init__" in cls.__dict__ or cls._own_init
        attrs.define(cls, slots=False, eq=False, repr=False, init=not cls._own_init, on_setattr=attrs.setters.NO_OP)

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        new = super().__new__(cls)
        new.__dict__.update(_version=0, _arguments={})
        if cls._own_init:
            new._arguments.update(_bound(cls, new, args, kwargs))
        return new

    def __setattr__(self, name: str, value: Any) -> None:
        field = getattr(attrs.fields(type(self)), name, None)
        if field is not None and name in self.__dict__:
            value = field.converter(value) if callable(field.converter) else value
            if field.validator is not None:
                field.validator(self, field, value)
        object.__setattr__(self, name, value)
        if not name.startswith("_") and name not in self.traced_as_input and current_trace() is None:
            self.__dict__["_version"] += 1

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this object again, as plain data."""
        if self._own_init:
            return {k: serialize(v) for k, v in self._arguments.items()}
        return {f.name: serialize(getattr(self, f.name)) for f in attrs.fields(type(self)) if f.init}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """An object made from what `get_config` gave."""
        return cls(**{k: deserialize(v) for k, v in config.items()})

    def __repr__(self) -> str:
        arguments = ", ".join(f"{k}={v!r}" for k, v in self.get_config().items() if v is not None)
        return f"{type(self).__name__}({arguments})"


def _bound(cls: type, new: object, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a call by name; a call that does not fit is left to `__init__` to refuse."""
    try:
        bound = inspect.signature(cls.__init__).bind(new, *args, **kwargs)  # type: ignore[misc]
    except TypeError:
        return {}
    bound.apply_defaults()
    given = dict(list(bound.arguments.items())[1:])
    return {**{k: v for k, v in given.items() if k != "kwargs"}, **given.get("kwargs", {})}


def serialize(value: Any) -> Any:
    """Plain data for a configurable object or a named function; anything else as it is."""
    if isinstance(value, Configurable):
        return {"class_name": type(value).__name__, "config": value.get_config(), "kind": value.kind}
    if inspect.isfunction(value):
        return value.__name__
    return [serialize(v) for v in value] if isinstance(value, list | tuple) else value


def deserialize(value: Any) -> Any:
    """What `serialize` was given; functions stay names, which every argument takes."""
    if isinstance(value, Mapping) and {"class_name", "config", "kind"} <= set(value):
        return get(value["kind"], value)
    return tuple(map(deserialize, value)) if isinstance(value, list) else value


def get(kind: str, identifier: Any, **arguments: Any) -> Any:
    """The object that a user means: a registered name, a class, a configuration, or the object itself.

    Args:
        kind: one of `kcore.plugin.KINDS`.
        identifier: what the user gave.
        arguments: for the class, where the identifier is a name or a class.

    Raises:
        ValueError: no such thing is registered.
        TypeError: the identifier is none of these.
    """
    if isinstance(identifier, str):
        identifier = find(kind, identifier)
    if isinstance(identifier, Mapping):
        return find(kind, identifier["class_name"]).from_config(identifier["config"])
    if isinstance(identifier, type):
        return identifier(**arguments)
    if callable(identifier) or (isinstance(identifier, Configurable) and identifier.kind == kind):
        return identifier
    raise TypeError(
        f"Expected {KINDS[kind]} as a name, an object, a class or a configuration; got {type(identifier).__name__}: "
        f"{identifier!r}."
    )


def snake_case(name: str) -> str:
    """`MaxPooling2D` as `max_pooling2d`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[^_])(?=[A-Z][a-z])", "_", name).lower()
