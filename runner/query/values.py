"""What checks work on: values, the value that is not there, and values known only at run time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import date, datetime

from runner.kinds import Fault, StepFault
from runner.values import MISSING, Missing, Written, WrittenFloat, WrittenInt

__all__ = [
    "MISSING",
    "Deferred",
    "Facts",
    "Lazy",
    "Missing",
    "NoNodes",
    "Scope",
    "Written",
    "WrittenFloat",
    "WrittenInt",
    "as_text",
    "is_deferred",
    "key_text",
    "same",
    "same_key",
    "settle",
    "type_name",
]


class NoNodes(list[object]):
    """The empty list of a query for many values that found not one: of ``$..id``, of ``css-all:``.

    Filters take it as the empty list it is; where it is all that a query gives, that is missing.
    """

    __slots__ = ()


class Lazy:
    """A value made by a function when it is first asked for, then kept.

    The function may raise ``StepFault``, say when a body is not JSON; it is then asked again.
    """

    __slots__ = ("_make", "_value")

    def __init__(self, make: Callable[[], object]) -> None:
        self._make: Callable[[], object] | None = make
        self._value: object = None

    def get(self) -> object:
        """The value. Raises what the function raises."""
        if self._make is not None:
            self._value = self._make()
            self._make = None
        return self._value


class Facts(dict[str, object]):
    """The facts of one step as a value in a template: ``${id.time.total}``, ``${id.header.ETag}``.

    Keys are the dotted names of fixed facts and the stems of families, as queries see them.
    """

    __slots__ = ()


class Scope(ABC):
    """Where a template finds the value of a reference while a scenario runs."""

    @abstractmethod
    def lookup(self, name: str) -> object:
        """The value of a first name: a variable, a step's id, ``env``, ``new``, ``serve``.

        Raises KeyError when nothing has that name.
        """

    def hidden(self, value: object, query: str) -> object:  # noqa: ARG002
        """What ``query`` found, as plain data, with what must not be shown masked; so it may be
        kept in a file.
        """
        return value


class Deferred(ABC):
    """A value that a scenario writes as a template and that only a scope can settle."""

    __slots__ = ()

    @abstractmethod
    def render(self, scope: Scope) -> object:
        """The value in this scope. Raises ``StepFault`` when it cannot be had."""


def is_deferred(tree: object) -> bool:
    """Whether the tree of mappings, lists and scalars holds a ``Deferred`` anywhere."""
    kind = type(tree)
    if kind is str or kind is int or tree is None:
        return False
    if kind is dict and not tree:
        return False
    if isinstance(tree, Deferred):
        return True
    if isinstance(tree, (dict, Mapping)):
        return any(is_deferred(key) or is_deferred(value) for key, value in tree.items())
    if isinstance(tree, list | tuple):
        return any(is_deferred(item) for item in tree)
    return False


def settle(tree: object, scope: Scope) -> object:
    """The tree with every ``Deferred`` in it rendered; keys become text.

    Raises ``StepFault``, also (invalid-scenario) for two keys of a mapping that become the same.
    """
    kind = type(tree)
    if kind is str or kind is int or tree is None:
        return tree
    if isinstance(tree, Deferred):
        return tree.render(scope)
    if isinstance(tree, (dict, Mapping)):
        made: dict[object, object] = {}
        for key, value in tree.items():
            name = key_text(key, key.render(scope)) if isinstance(key, Deferred) else key
            if name in made:
                raise same_key(name, key)
            made[name] = settle(value, scope)
        return made
    if isinstance(tree, list | tuple):
        return [settle(item, scope) for item in tree]
    return tree


def key_text(key: Deferred, value: object) -> str:
    """A rendered key as text. Raises ``StepFault`` (invalid-scenario) where it is none."""
    try:
        return as_text(value)
    except ValueError:
        message = f"the key `{key!r}` is {type_name(value)}, and a key is a text"
        raise StepFault(Fault("invalid-scenario", "load", message), _place(key)) from None


def same_key(name: object, key: object) -> StepFault:
    """The fault of a mapping in which another key has become ``name`` too."""
    message = f"two keys of this mapping are `{name}` once their templates are filled in"
    hint = "a key can stand once: the other value would be lost"
    return StepFault(Fault("invalid-scenario", "load", message, hint), _place(key))


def _place(key: object) -> object:
    parts = (key, *getattr(key, "parts", ()))
    return next((part.at for part in parts if hasattr(part, "at")), None)


def as_text(value: object) -> str:
    """The value where text is wanted: a header, a path, a form field, inside a longer text.

    Raises ValueError for null, lists and mappings, which have no one spelling.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Written):
        return value.written
    if isinstance(value, int | float):
        if isinstance(value, int) and value.bit_length() > 14_000:
            raise ValueError("an integer of more than 4,000 digits cannot be written")
        return repr(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise ValueError(f"{type_name(value)} cannot stand inside a text")


def type_name(value: object) -> str:
    """The name users know a value's type by: null, boolean, integer, number, text, list, …"""
    if value is MISSING:
        return "missing"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, bytes | bytearray | memoryview):
        return "bytes"
    if isinstance(value, datetime | date):
        return "date"
    if isinstance(value, Mapping):
        return "mapping"
    if isinstance(value, list | tuple):
        return "list"
    return type(value).__name__


def same(left: object, right: object) -> bool:
    """Deep, type-strict equality: ``true`` is not ``1``, ``"1"`` is not ``1``, ``1`` is ``1.0``."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, int | float) and isinstance(right, int | float):
        return left == right
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    return type_name(left) == type_name(right) and left == right
