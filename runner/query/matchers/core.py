"""What matchers are made of: verdicts, the registry, and the place a matcher stands in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, Protocol

from runner.query.errors import MatcherError
from runner.query.show import found
from runner.query.types import phrases
from runner.query.values import MISSING, Scope


class Files(Protocol):
    """Where matchers read files a scenario names, and write snapshots."""

    @property
    def update(self) -> bool:
        """Whether ``same-as`` writes its snapshot instead of comparing with it."""

    def read_bytes(self, name: str) -> bytes:
        """The content of a file. Raises OSError, or ``StepFault`` when it lies outside the root."""

    def write_bytes(self, name: str, content: bytes) -> None:
        """Write a file and the folders it needs. Raises as ``read_bytes`` does."""

    def exists(self, name: str) -> bool:
        """Whether there is such a file."""


class Mismatch(NamedTuple):
    """One matcher that does not hold.

    ``message`` is a sentence without its subject: ``is 404, expected 200``. ``found`` is MISSING
    when the query found nothing. ``paths`` are JSONPaths of the places that differ, ``kind`` the
    failure kind. ``judged`` is false when the matcher could not be applied to such a value at all;
    `not` and `none-of` then do not hold either.
    """

    matcher: str
    expected: object
    found: object
    message: str
    paths: tuple[str, ...] = ()
    kind: str = "expectation-failed"
    judged: bool = True


Verdict = tuple[Mismatch, ...]
Check = Callable[[object, Scope | None], Verdict]
Prune = Callable[[object], object]

HOLDS: Final[Verdict] = ()


class Node(NamedTuple):
    """A compiled matcher: ``check`` for what was found, ``missing`` for when nothing was."""

    name: str
    text: str
    check: Check
    missing: Check

    def run(self, value: object, scope: Scope | None) -> Verdict:
        """The verdict on a value or on MISSING."""
        if value is MISSING:
            return self.missing(value, scope)
        return self.check(value, scope)


class Place(NamedTuple):
    """Where a matcher stands: the static type it is for, the files, the path inside the spec."""

    type: str = "any"
    files: Files | None = None
    subject: str = "the value"
    path: tuple[str | int, ...] = ()
    prune: Prune | None = None

    def at(self, *steps: str | int) -> Place:
        """The place that many steps deeper."""
        return self._replace(path=(*self.path, *steps))

    def error(self, message: str, hint: str | None = None) -> MatcherError:
        """The error of a specification that is wrong here."""
        return MatcherError(message, self.path, hint)


Build = Callable[[object, Place], Node]


class MatcherEntry(NamedTuple):
    """A matcher as ``explain`` shows it: its operand, what it holds for, what it says of itself.

    ``nested`` says that the operand holds matchers, so that a template in it is only data of
    those.
    """

    name: str
    build: Build
    doc: str
    operand: str
    takes: tuple[str, ...]
    nested: bool


MATCHERS: Final[dict[str, MatcherEntry]] = {}


def matcher(
    name: str, operand: str, takes: Sequence[str] = ("any",), nested: bool = False
) -> Callable[[Build], Build]:
    """Enter a function that builds a matcher; its docstring is what ``explain`` prints.

    The function gets the operand and the place and raises MatcherError for a wrong operand.
    """

    def enter(build: Build) -> Build:
        MATCHERS[name] = MatcherEntry(
            name, build, build.__doc__ or "", operand, tuple(takes), nested
        )
        return build

    return enter


def node(name: str, expected: object, text: str, check: Check) -> Node:
    """A matcher that does not hold for what is missing."""

    nothing = expected == [] or (name == "empty" and expected is True)
    remedy = ": that nothing is found is {exists: false}" if nothing else ""

    def missing(_value: object, _scope: Scope | None) -> Verdict:
        return (Mismatch(name, expected, MISSING, f"is missing, expected {text}{remedy}"),)

    return Node(name, text, check, missing)


def wrong_type(name: str, takes: Sequence[str], expected: object, value: object) -> Verdict:
    """The verdict on a value of a type that the matcher is not for."""
    remedy = ": add ` | text`" if isinstance(value, bytes) else ""
    return (
        Mismatch(
            name,
            expected,
            value,
            f"`{name}` needs {phrases(tuple(takes))}; found {found(value)}{remedy}",
            judged=False,
        ),
    )
