"""What a step works with while it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple, NoReturn, Protocol, cast

from runner.kinds import KINDS, Fault, Phase, StepFault
from runner.query.values import Facts, Scope, as_text
from runner.redact import Redactor
from runner.scenario.files import Files
from runner.scenario.model import Scenario, Step
from runner.wire.limits import Limits
from runner.wire.phases import Phases

if TYPE_CHECKING:
    from requests.auth import AuthBase

    from runner.masked_file import Save
    from runner.steps.handles import Handles
    from runner.wire.exchange import Exchange
    from runner.wire.route import Route
    from runner.wire.session import Session


class Surroundings(NamedTuple):
    """What a whole scenario runs in: its base URL, the environment, where files may go.

    ``base_given``: the base comes from outside, in place of what scenarios say. ``output`` is the
    folder of ``--output``; ``secret`` is told every value that must not be shown, ``redactor`` has
    those of this scenario. ``bodies``: results keep the beginning of bodies of steps that passed
    too, ``facts`` those steps' facts. ``warn`` is told what is a risk, in a sentence.
    """

    base: str | None
    environ: Mapping[str, str]
    files: Files
    redactor: Redactor
    output: Path | None = None
    secret: Callable[[str], None] = lambda _value: None
    bodies: bool = False
    facts: bool = True
    base_given: bool = False
    warn: Callable[[str], None] = lambda _sentence: None


class Inner(Protocol):
    """How a step runs a part of itself as a step of its own, seen in the report.

    ``action`` does the work in place of the verb. Raises the ``StepFault`` the part ended with.
    """

    def __call__(
        self, part: Step, action: Callable[[Run], object] | None = None, *, verb: str | None = None
    ) -> None: ...


class Nested(Protocol):
    """How a composite runs the steps in it. Each raises the ``StepFault`` of the worst of them."""

    def steps(self, steps: tuple[Step, ...]) -> None:
        """Runs steps in order."""

    def branches(self, branches: tuple[tuple[Step, ...], ...]) -> None:
        """Runs lists of steps at the same time."""

    def scenario(self, scenario: Scenario, given: Mapping[str, object]) -> Mapping[str, object]:
        """Runs a scenario's steps in a scope of its own and gives its outputs."""


class Deadline(NamedTuple):
    """A moment on ``time.perf_counter``'s clock, and the seconds that were allowed until then."""

    moment: float
    seconds: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """The deadline this many seconds from now."""
        return cls(perf_counter() + seconds, seconds)


def nearest(*deadlines: Deadline | None) -> Deadline | None:
    """The deadline that comes first; None when there is none."""
    return min((each for each in deadlines if each), key=lambda each: each.moment, default=None)


class Run:
    """One step while it runs: what it was given, and what it leaves.

    Facts are left in ``facts`` as they become known, so that a failure keeps those before it.
    ``saves`` are files that are put in place when the step is over: where it captures what may be
    a secret, and so ``holds`` them, also those of its parts.
    """

    __slots__ = (
        "curl", "deadline", "define", "exchange", "facts", "handles", "holds", "inner", "name",
        "nested", "options", "phases", "route", "saves", "scope", "step", "subject", "surroundings",
    )  # fmt: skip

    def __init__(
        self,
        step: Step,
        scope: Scope,
        handles: Handles,
        phases: Phases,
        surroundings: Surroundings,
        deadline: Deadline | None,
        inner: Inner,
        nested: Nested,
        define: Callable[[str, object], None],
        name: str = "",
    ) -> None:
        self.step = step
        self.scope = scope
        self.handles = handles
        self.phases = phases
        self.surroundings = surroundings
        self.deadline = deadline
        self.inner = inner
        self.nested = nested
        self.define = define
        self.name = name
        self.subject: object = None
        self.options: Mapping[str, object] = {}
        self.facts = Facts()
        self.route: Route | None = None
        self.exchange: Exchange | None = None
        self.curl: Callable[[], str] | None = None
        self.saves: list[Save] = []
        self.holds = False

    def part(self, step: Step, options: Mapping[str, object]) -> Run:
        """The same run for another step with these options; facts left are left in both."""
        made = Run(
            step, self.scope, self.handles, self.phases, self.surroundings, self.deadline,
            self.inner, self.nested, self.define, self.name,
        )  # fmt: skip
        made.subject, made.options, made.facts = self.subject, options, self.facts
        made.route, made.exchange, made.curl = self.route, self.exchange, self.curl
        made.saves, made.holds = self.saves, self.holds
        return made

    def limits(self, silence: float | None = None) -> Limits:
        """Limits for work on the wire: seconds of silence allowed, and the step's deadline."""
        end = self.deadline
        return Limits(silence, end.moment, end.seconds) if end else Limits(silence)

    def seconds_left(self) -> float | None:
        """Seconds until the step must be over, None without a deadline; never below 0."""
        return None if self.deadline is None else max(0.0, self.deadline.moment - perf_counter())

    def remember_jar(self, session: Session) -> None:
        """Leaves the fact ``jar``: the cookies the session holds when it is asked for."""
        self.facts["jar"] = {cookie.name: cookie.value for cookie in session.http.cookies}


def auth_of(spec: object, secret: Callable[[str], None] = lambda _text: None) -> AuthBase | None:
    """The credentials an ``auth`` key describes, None where there is none; see ``make_auth``."""
    if not spec:
        return None
    from runner.wire.auth import make_auth

    return make_auth(cast(Mapping[str, object], spec), secret)


def fail(
    kind: str, message: str, hint: str | None = None, *, phase: Phase | None = None
) -> NoReturn:
    """Ends the step with this kind, in its home phase unless another is given."""
    raise StepFault(Fault(kind, phase or KINDS[kind].phase, message, hint))


def lines_of(headers: object) -> tuple[tuple[str, str | None], ...]:
    """Header lines of a mapping: a list gives one line each, null stays None.

    Raises ``StepFault`` (invalid-header) for a value that is no text.
    """
    made: list[tuple[str, str | None]] = []
    if not isinstance(headers, Mapping):
        return ()
    for name, value in headers.items():
        for item in value if isinstance(value, list) else [value]:
            if item is None:
                made.append((str(name), None))
                continue
            try:
                made.append((str(name), as_text(item)))
            except ValueError as error:
                fail("invalid-header", f"header {name}: {error}")
    return tuple(made)
