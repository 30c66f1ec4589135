"""``add-headers``: changes the header lines of a request that is open and not yet sent."""

from __future__ import annotations

from runner.query.values import Lazy
from runner.steps.base import Run, fail, lines_of
from runner.steps.open import joined
from runner.wire.request import prepare

Lines = tuple[tuple[str, str], ...]


def run(run: Run) -> None:
    """Adds, replaces, joins or removes header lines. Raises ``StepFault`` (header-exists, …)."""
    handle = run.handles.request(run.step.on)
    draft = handle.open_draft()
    if handle.sent:
        fail("wrong-state", "the request has been sent: its headers can no longer change")
    prepared = handle.prepared
    there = tuple(prepared.lines) if prepared is not None else draft.headers
    headers, without = merge(
        draft.headers,
        there,
        lines_of(run.subject),
        str(run.options.get("if-exists", "replace")),
    )
    draft = draft._replace(headers=headers, without=(draft.without | without) - _names(headers))
    session = handle.connection.session.session()
    made = prepare(session, draft, handle.connection.connection().route)
    handle.draft, handle.prepared = draft, made
    run.facts["request.header"] = Lazy(lambda: joined(made.lines))
    run.remember_jar(session)


def merge(
    headers: Lines, there: Lines, new: tuple[tuple[str, str | None], ...], if_exists: str
) -> tuple[Lines, frozenset[str]]:
    """Header lines after adding ``new`` to them under an ``if-exists`` rule, and names removed.

    ``there`` are the lines as they would be sent now, defaults included; None removes a name.
    Raises ``StepFault``: header-exists under ``fail``, wrong-state when what is to go is not there.
    """
    present = _names(there)
    result = list(headers)
    added: set[str] = set()
    removed: set[str] = set()
    for name, value in new:
        key = name.lower()
        if value is None:
            if key not in present:
                fail("wrong-state", f"there is no header {name} to remove")
            removed.add(key)
            result = [line for line in result if line[0].lower() != key]
            continue
        if key in present and key not in added and if_exists == "fail":
            fail("header-exists", f"the request already has a header {name}")
        old = [line for line in (result if key in added else there) if line[0].lower() == key]
        if if_exists == "coalesce" and old:
            result = [line for line in result if line[0].lower() != key]
            result.append((name, ", ".join([*(text for _, text in old), value])))
        else:
            if key not in added:
                result = [line for line in result if line[0].lower() != key]
                if if_exists == "add":
                    result += old
            result.append((name, value))
        added.add(key)
    return tuple(result), frozenset(removed)


def _names(lines: Lines) -> frozenset[str]:
    return frozenset(name.lower() for name, _ in lines)
