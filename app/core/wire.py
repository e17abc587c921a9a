"""Our dataclasses as JSON and back, for the pipes and the archive.

JSON instead of pickle: the reader decodes strangers' files, and a child that
such a file has taken over must not be able to run code in the window by what
it sends. Every object carries its class name, only classes named here are
made, and every field is checked against its type.
"""

from __future__ import annotations

import json
import types
import typing
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, TypeVar, cast

from app.core import (
    conversation,
    document,
    errors,
    events,
    geometry,
    model,
    reading,
    requests,
    walls,
)

T = TypeVar("T")

_CLASSES: frozenset[type] = frozenset(
    cls
    for module in (
        conversation,
        document,
        errors,
        events,
        geometry,
        model,
        reading,
        requests,
        walls,
    )
    for cls in vars(module).values()
    if isinstance(cls, type) and is_dataclass(cls)
)


class WireError(ValueError):
    """What arrived is not one of our messages."""


def encode(value: object) -> bytes:
    """One of our dataclasses as UTF-8 JSON."""
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )


def decode(data: bytes, expected: type[T]) -> T:
    """The object that `encode` wrote. Raises WireError for anything else."""
    try:
        value = _conform(json.loads(data.decode("utf-8", "surrogatepass")), expected)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise WireError(f"not a {expected.__name__}: {error}") from error
    return cast("T", value)


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        plain: dict[str, object] = {"@": type(value).__name__}
        for field in fields(value):
            plain[field.name] = _plain(getattr(value, field.name))
        return plain
    if isinstance(value, tuple):
        return [_plain(item) for item in cast("tuple[object, ...]", value)]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"{type(value).__name__} does not go over the wire")


@cache
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _conform(value: Any, hint: Any) -> object:
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return _conform_union(value, typing.get_args(hint))
    if origin is tuple:
        return _conform_tuple(value, typing.get_args(hint))
    if isinstance(hint, type):
        if issubclass(hint, Enum):
            return hint(value)
        if hint in _CLASSES:
            return _conform_object(value, cast("type[object]", hint))
        if hint is float and isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        if type(value) is hint:
            return value
    raise WireError(f"{value!r:.80} is not {hint}")


def _conform_union(value: Any, options: tuple[Any, ...]) -> object:
    if value is None and type(None) in options:
        return None
    for option in options:
        if isinstance(value, dict):
            if cast("dict[str, Any]", value).get("@") == getattr(option, "__name__", None):
                return _conform(value, option)
            continue
        try:
            return _conform(value, option)
        except WireError:
            continue
    raise WireError(f"{value!r:.80} fits none of {options}")


def _conform_tuple(value: Any, arguments: tuple[Any, ...]) -> tuple[object, ...]:
    if not isinstance(value, list):
        raise WireError(f"{value!r:.80} is not a list")
    items = cast("list[Any]", value)
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return tuple(_conform(item, arguments[0]) for item in items)
    if len(items) != len(arguments):
        raise WireError(f"{len(items)} items where {len(arguments)} belong")
    return tuple(_conform(item, hint) for item, hint in zip(items, arguments, strict=True))


def _conform_object(value: Any, cls: type) -> object:
    plain = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    if plain.get("@") != cls.__name__:
        raise WireError(f"{value!r:.80} is not a {cls.__name__}")
    hints = _hints(cls)
    unknown = plain.keys() - hints.keys() - {"@"}
    if unknown:
        raise WireError(f"{cls.__name__} has no {sorted(unknown)}")
    return cls(**{name: _conform(plain[name], hints[name]) for name in plain if name != "@"})
