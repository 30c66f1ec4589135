"""A run put together from Python objects: for programs, and for pytest with its fixtures."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from runner.cli.environments import find_environment
from runner.cli.given import Value, fit_environment, settled, slips
from runner.cli.plan import Plan, hide
from runner.execution.finding import Found
from runner.execution.jobs import jobs_of
from runner.execution.scenario_run import Settings
from runner.redact import Redactor
from runner.scenario.model import Scenario
from runner.scenario.variable_names import wrong_name

_URL = re.compile(r"https?://[^/?#\s]", re.IGNORECASE)


def from_mapping(
    values: Mapping[str, object], origin: str, *, secret: bool = False, loose: bool = False
) -> Iterator[Value]:
    """Values that a program gives; ``origin`` is what messages call the mapping.

    ``loose``: names that no scenario declares are passed over, as those in a file are. Raises
    ``ValueError`` for what is no mapping, a name no variable has, and a value that is no data.
    """
    if not isinstance(values, Mapping):
        raise ValueError(  # noqa: TRY004 - one sort of exception for all that can be wrong
            f"{origin}: expected a mapping of variable to value, found {_kind(values)}"
        )
    for name, value in values.items():
        if wrong := wrong_name(str(name)):
            raise ValueError(f"{origin}: {wrong[0]}: {wrong[1]}")
        try:
            made = _data(value)
        except ValueError as error:
            hint = "give texts, numbers, booleans, None, lists and mappings"
            raise ValueError(f"{origin}: the value of `{name}` holds {error}: {hint}") from None
        yield Value(str(name), made, origin, secret, file=origin if loose else None)


def url_of(given: object, origin: str) -> str | None:
    """The base URL in what a program gives: a text, or what has a ``url`` as live servers do.

    None and an empty text are no base. Raises ``ValueError`` for what is no http URL.
    """
    url = given if given is None or isinstance(given, str) else getattr(given, "url", given)
    text = "" if url is None else str(url() if callable(url) else url)
    if text and not _URL.match(text):
        raise ValueError(f"{origin}: {text!r} is no URL: write http://HOST:PORT")
    return text or None


def assemble(
    found: Sequence[Found],
    scenarios: Sequence[Scenario],
    values: Sequence[Value],
    redactor: Redactor,
    settings: Settings,
    *,
    environment: str | None = None,
    default_base: str | None = None,
) -> Plan:
    """The plan for all cases of these scenarios, which were loaded from ``found``.

    ``settings`` are those that stand already; ``variables``, ``seed`` and ``secret`` are filled in
    here, and ``default_base`` where neither they nor the environment have a base. The values of
    ``values`` that are secret are masked from now on. Raises ``UsageError`` and ``ProblemError``.
    """
    for value in values:
        if value.secret:
            hide(value.value, redactor)
    place = find_environment(environment, found, by_word=False) if environment else None
    if place is not None:
        fit_environment(place, scenarios)
    base = settings.base
    if base is None and (place is None or place.base is None):
        base = default_base
    jobs = jobs_of(scenarios)
    seed = settings.seed
    if seed is None and (
        any(job.sheet.random for job in jobs)
        or (place is not None and "${new." in place.source.text)
    ):
        seed = random.SystemRandom().randrange(2**31)
    return Plan(
        jobs,
        settings._replace(
            base=base, variables=settled(values, scenarios), seed=seed, secret=redactor.add
        ),
        redactor,
        place,
        warnings=tuple(slips(values, place, scenarios)),
    )


def found_as(scenario: Scenario) -> Found:
    """Where a scenario that is loaded already stands."""
    return Found(Path(scenario.path), Path(scenario.root), scenario.file)


def _data(value: object) -> object:
    """The value in the types a scenario's own values have. Raises ``ValueError`` for what is none:
    the text is what it holds.
    """
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Mapping):
        if odd := [key for key in value if not isinstance(key, str)]:
            raise ValueError(f"a key that is {_kind(odd[0])}")
        return {key: _data(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_data(item) for item in value]
    raise ValueError(_kind(value))


def _kind(value: object) -> str:
    name = type(value).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
