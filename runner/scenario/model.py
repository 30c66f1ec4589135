"""What is to run: records a loader makes from a file and the interpreter carries out.

Named tuples, for the reason ``runner.result`` gives.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from runner.query.matchers import Matcher
    from runner.query.path import Query
    from runner.query.values import Deferred

Path = tuple[str | int, ...]
_NONE: Mapping[str, object] = {}


class Address(NamedTuple):
    """A place in a source file; line and column count from 1, ``width`` is the caret's."""

    file: str
    line: int
    column: int
    width: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Check(NamedTuple):
    """One line of ``expect``, ``if`` or ``stop-if``. ``at`` is where the expected value stands,
    ``key`` where the query does.
    """

    text: str
    query: Query | Deferred
    matcher: Matcher
    at: Address
    key: Address | None = None


class Condition(NamedTuple):
    """One line of ``if``: a value that may stand in ``${…}``, and what must hold for it."""

    text: str
    value: Deferred
    matcher: Matcher
    at: Address


class Capture(NamedTuple):
    """One line of ``capture``."""

    variable: str
    text: str
    query: Query | Deferred
    at: Address
    secret: bool = False
    append: bool = False


class Retry(NamedTuple):
    """``retry``: ``settings`` holds ``attempts``, ``every``, ``backoff`` and ``within``."""

    settings: Mapping[str, object]
    stop_if: tuple[Check, ...] = ()


class Repeat(NamedTuple):
    """``repeat``: a number of ``times``, or as long as all of ``conditions`` hold, ``at_most``."""

    times: object = None
    at_most: object = None
    conditions: tuple[Condition, ...] = ()


class Step(NamedTuple):
    """One step. ``subject`` and ``options`` are plain values, ``Deferred`` where a template was.

    ``constant``: there is no template in them. ``on`` is the id in ``in``. ``steps`` are the
    primitive steps a composite was expanded into, or the steps of a block; ``branches`` those of
    ``parallel``, ``scenario`` what ``use`` names. ``each`` is the variable and the list of
    ``for-each``. ``gap`` is None but in a step that is wrong, so that its scenario never runs: the
    names it may define besides; ``verb`` is empty where there is none. ``uses`` are the expressions
    in it, ``late`` those of its ``expect``, which see what the step itself captures. ``last`` is
    the step's last source line.
    """

    verb: str
    name: str | Deferred
    at: Address
    subject: object = None
    options: Mapping[str, object] = _NONE
    constant: bool = False
    id: str | None = None
    on: str | None = None
    condition: tuple[Condition, ...] = ()
    expect: tuple[Check, ...] = ()
    capture: tuple[Capture, ...] = ()
    expected_error: Check | None = None
    status_named: bool = False
    on_failure: Literal["stop", "continue"] = "stop"
    deadline: object = None
    retry: Retry | None = None
    repeat: Repeat | None = None
    each: tuple[str, object] | None = None
    steps: tuple[Step, ...] = ()
    branches: tuple[tuple[Step, ...], ...] = ()
    scenario: Scenario | None = None
    uses: tuple[Deferred, ...] = ()
    late: tuple[Deferred, ...] = ()
    last: int = 0
    gap: frozenset[str] | None = None


class ExpectedFailure(NamedTuple):
    """``expect-failure``: why the scenario must fail, and in which kind if that matters."""

    because: str
    kind: str | None = None


class Case(NamedTuple):
    """One row of ``cases``: its label and its variables. The plain run has label None."""

    label: str | None
    variables: Mapping[str, object]


class Scenario(NamedTuple):
    """One file, ready to run.

    ``file`` is the name messages call it by; ``root`` and ``folder``, in which it stands, are
    absolute, so that where the program is now has no say in what it reads.
    """

    name: str
    file: str
    root: str
    steps: tuple[Step, ...]
    teardown: tuple[Step, ...] = ()
    description: str | None = None
    tags: tuple[str, ...] = ()
    base: object = None
    variables: Mapping[str, object] = _NONE
    secrets: Mapping[str, object] = _NONE
    cases: tuple[Case, ...] = (Case(None, {}),)
    deadline: float = 300.0
    skip: str | None = None
    expected_failure: ExpectedFailure | None = None
    outputs: Mapping[str, object] = _NONE
    text: str = ""
    folder: str = ""

    @property
    def path(self) -> str:
        """The file, wherever the program is now."""
        return f"{self.folder}{os.sep}{os.path.split(self.file)[1]}" if self.folder else self.file
