"""Configurable: a class whose declared fields, or the arguments of its `__init__`, are its configuration."""

from __future__ import annotations

import functools
import inspect
import itertools
from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any, ClassVar, Self, TypeVar, cast, dataclass_transform

import attrs

from ..graph import current_trace
from ..plugin import KINDS, find, name_of
from ..plugin.entry import snake_case as snake_case
from ..plugin.errors import hint

T = TypeVar("T", bound="Configurable")

PLAIN_FUNCTIONS = frozenset({"activations", "initializers", "losses", "metrics"})
"""The kinds of which a plain function may be one."""

_versions = itertools.count(1)


@dataclass_transform(field_specifiers=(attrs.field,))
class Configurable:
    """The base of layers, losses, optimizers, metrics and initializers.

    A subclass declares fields as an attrs class does, without the decorator:

        class Scale(Layer):
            factor: float = 2.0

    or has an `__init__` of its own, as in Keras, whose arguments are recorded. Setting an attribute later converts and
    validates it, and lets programs that were traced with the old value be traced again. What a class declares as a
    `cached_property` is state, not configuration: it is only set.
    """

    kind: ClassVar[str]
    traced_as_input: ClassVar[frozenset[str]] = frozenset()
    """Attributes that programs take as inputs: setting one traces nothing again."""

    programs: ClassVar[frozenset[str]] = frozenset()
    """State that holds programs: a copy or a pickle goes without, and traces anew."""

    changes: ClassVar[int] = 0
    """Another number after each change of anything configurable: who has seen it need not look at versions again."""

    _arguments: dict[str, Any]
    _version: int
    _own_init: ClassVar[bool] = False
    __attrs_attrs__: ClassVar[tuple[attrs.Attribute[Any], ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._own_init = "__init__" in cls.__dict__ or cls._own_init
        attrs.define(cls, slots=False, eq=False, repr=False, init=not cls._own_init, on_setattr=attrs.setters.NO_OP)
        if "__init__" in cls.__dict__:
            checked = _calling_super if cls._own_init else _knowing_its_arguments
            cls.__init__ = checked(cls.__init__)  # type: ignore[method-assign]

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:  # noqa: D102 - the class says what it takes
        new = super().__new__(cls)
        new.__dict__.update(_version=_next_version(), _arguments={})
        if cls._own_init:
            new._arguments.update(_bound(_inits(cls), args, kwargs))
        return new

    def __setattr__(self, name: str, value: Any) -> None:
        field = getattr(attrs.fields(type(self)), name, None)
        if field is not None and name in self.__dict__:
            value = field.converter(value) if callable(field.converter) else value
            if field.validator is not None:
                field.validator(self, field, value)
        object.__setattr__(self, name, value)
        is_state = isinstance(getattr(type(self), name, None), functools.cached_property)
        if not is_state and name not in self.traced_as_input and current_trace() is None:
            self._changed()

    @property
    def version(self) -> Hashable:
        """Changes whenever a setting does that programs are traced with."""
        return self._version

    def _changed(self) -> None:
        """Let programs be traced again. No two changes in a process give one version."""
        self.__dict__["_version"] = _next_version()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in self.programs}

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
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self._told().items())})"

    def _told(self) -> dict[str, Any]:
        """The arguments that are not what they would be anyway."""
        if self._own_init:
            defaults = {p.name: p.default for p in inspect.signature(type(self).__init__).parameters.values()}
            given = self._arguments
        else:
            fields = [f for f in attrs.fields(type(self)) if f.init]
            defaults = {f.alias: f.default for f in fields}
            given = {f.alias: getattr(self, f.name) for f in fields}
        return {k: v for k, v in given.items() if repr(v) != repr(defaults.get(k))}


def _next_version() -> int:
    Configurable.changes = version = next(_versions)
    return version


def _inits(cls: type) -> Iterator[inspect.Signature]:
    """How each `__init__` of a class and its bases is called, from the class down."""
    for base in cls.__mro__:
        if "__init__" in vars(base):
            yield inspect.signature(vars(base)["__init__"])


def _bound(inits: Iterator[inspect.Signature], args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a call by name, also those that `*args` hands to the base; none if they do not fit."""
    signature = next(inits)
    try:
        bound = signature.bind(None, *args, **kwargs)
    except TypeError:
        return {}
    bound.apply_defaults()
    own, handed, named = {}, (), {}
    for parameter, value in zip(
        list(signature.parameters.values())[1:], list(bound.arguments.values())[1:], strict=True
    ):
        if parameter.kind is parameter.VAR_POSITIONAL:
            handed = value
        elif parameter.kind is parameter.VAR_KEYWORD:
            named = value
        else:
            own[parameter.name] = value
    return own | (_bound(inits, handed, named) if handed else named)


def _knowing_its_arguments(init: Callable[..., None]) -> Callable[..., None]:
    """An `__init__` that refuses an argument it does not know with the names of those that the class takes."""
    known = set(inspect.signature(init).parameters)

    @functools.wraps(init)
    def checked(self: object, *args: Any, **kwargs: Any) -> None:
        unknown = next((name for name in kwargs if name not in known), None)
        if unknown is not None:
            every = [p for signature in _inits(type(self)) for p in list(signature.parameters.values())[1:]]
            takes = list(dict.fromkeys(p.name for p in every if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)))
            who = type(self).__name__
            raise TypeError(f"{who} has no argument {unknown!r}. It takes: {', '.join(takes)}.{hint(unknown, takes)}")
        init(self, *args, **kwargs)

    return checked


def _calling_super(init: Callable[..., None]) -> Callable[..., None]:
    """A user's `__init__`, with an error if it has not called that of its base."""

    @functools.wraps(init)
    def checked(self: object, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **kwargs)
        fields = {field.name for field in attrs.fields(cast(Any, type(self)))}
        if fields and not vars(self).keys() & fields:
            raise RuntimeError(f"{type(self).__name__}.__init__ must begin with super().__init__(**kwargs).")

    return checked


def serialize(value: Any) -> Any:
    """Plain data for a configurable object or a named function; anything else as it is."""
    if isinstance(value, Configurable):
        return {"class_name": name_of(value.kind, type(value)), "config": value.get_config(), "kind": value.kind}
    if inspect.isfunction(value):
        names = (name_of(kind, value) for kind in sorted(PLAIN_FUNCTIONS))
        return next((name for name in names if "/" in name), value.__name__)  # an outsider's by its full name
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
    refused = getattr(identifier, "refused", None)
    if isinstance(refused, str):  # a function beside those of a kind, as clone_metric
        raise TypeError(refused)
    plain = callable(identifier) and kind in PLAIN_FUNCTIONS
    given = getattr(identifier, "kind", kind if plain else None)
    if given == kind or (kind, given) == ("activations", "layers"):  # as Dense(10, activation=LeakyReLU())
        return identifier(**arguments) if isinstance(identifier, type) else identifier
    raise TypeError(
        f"The {KINDS[kind]} must be a name, an object, a class or a configuration of one; "
        f"got {type(identifier).__name__}: {identifier!r}."
    )
