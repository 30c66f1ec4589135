"""Steps that are no steps: no verb, two verbs, a text, keys below the verb instead of beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from runner.query.show import found
from runner.scenario.grammar import (
    Place,
    common_keys,
    is_verb,
    keys_of,
    requests,
    subject_of,
    verbs,
    verbs_with,
)
from runner.scenario.problems import Problem, did_you_mean
from runner.scenario.source import Source
from runner.scenario.written import brief

_KIND: Final = "invalid-scenario"
_WORDS: Final = {
    "request": "write the method as the verb: `get: /items`",
    "http": "write the method as the verb: `get: /items`",
    "url": "write the method as the verb: `get: /items`",
    "trace": "for a method that has no verb write `open: TRACE /items` and `send:`",
    "sleep": "write `wait: 1s`",
    "delay": "write `wait: 1s`",
    "pause": "write `wait: 1s`",
    "include": "write `use: login.yaml`",
    "import": "write `use: login.yaml`",
    "call": "write `use: login.yaml`",
    "group": "write `block:` with a list of steps",
    "steps": "write `block:` with a list of steps",
    "vars": "write `set: {page: 1}`",
    "assert": "put `expect` beside the verb of the step whose facts it checks",
}


@dataclass(frozen=True, slots=True)
class Slip:
    """What is wrong with a step as a whole. ``told`` is the part of the file that needs no further
    word; None stands for the step itself but not for what its keys hold.
    """

    problem: Problem
    told: Place | None = None


def slip(source: Source, place: Place, step: object) -> Slip | None:
    """What is wrong with the step at ``place`` as a whole, or None."""
    if not isinstance(step, Mapping):
        return Slip(_no_mapping(source, place, step), place)
    named = [key for key in step if is_verb(key)]
    if len(named) > 1:
        return Slip(_two_verbs(source, place, step, named))
    if not named:
        return Slip(_no_verb(source, place, step), place)
    return _nested(source, place, named[0], step[named[0]])


def _no_mapping(source: Source, place: Place, step: object) -> Problem:
    if step is None:
        remedy = "write a verb after the `- `, as in `- get: /items`"
        return source.problem(_KIND, "a step is empty", place, hint=remedy)
    hint = _as_step(step.strip()) if isinstance(step, str) else None
    if isinstance(step, list):
        hint = "to run steps at the same time write `parallel:`, to bracket them `block:`"
    message = f"expected a step, a mapping with one verb; found {found(step)}"
    return source.problem(_KIND, message, place, hint=hint)


def _as_step(text: str) -> str:
    """How a text that stands as a step was meant."""
    word, blank, rest = text.partition(" ")
    verb, colon, joined = word.partition(":")
    if colon and joined and is_verb(verb.lower()):
        return f"write `- {verb.lower()}: {joined}{blank}{rest}` (a blank after the colon)"
    verb = word.rstrip(":").lower()
    verb = verb if is_verb(verb) else did_you_mean(verb, verbs()) or ""
    if not verb:
        return "write a verb and a colon, as in `- get: /items`"
    return f"write `- {verb}: {rest.strip()}`" if rest.strip() else f"write `- {verb}:`"


def _two_verbs(
    source: Source, place: Place, step: Mapping[str, object], named: list[str]
) -> Problem:
    first, second, *_ = named
    listed = ", ".join(f"`{verb}`" for verb in named[:-1])
    hint = f"begin a step of its own with `- {second}:`"
    if first in requests() and second == "read" and isinstance(step["read"], str):
        hint = f"`as: {step['read']}` says how a `{first}` step reads; or {hint}"
    return source.problem(
        _KIND,
        f"a step has one verb; found {listed} and `{named[-1]}`",
        (*place, second),
        key=True,
        hint=hint,
        also=(((*place, first), "the first verb"),),
    )


def _no_verb(source: Source, place: Place, step: Mapping[str, object]) -> Problem:
    for key in step:
        if is_verb(key.lower()):
            message = f"unknown verb `{key}`: verbs are written in lower case"
            lower = f"write `{key.lower()}`"
            return source.problem(_KIND, message, (*place, key), key=True, hint=lower)
    strange = [key for key in step if not verbs_with(key)]
    for key in strange:
        near = did_you_mean(key, verbs())
        hint = _WORDS.get(key.lower()) or (f"did you mean `{near}`?" if near else None)
        if hint:
            message = f"unknown verb `{key}`"
            return source.problem(_KIND, message, (*place, key), key=True, hint=hint)
    if not step:
        remedy = "write a verb, as in `get: /items`"
        return source.problem(_KIND, "a step is empty", place, hint=remedy)
    return _only_keys(source, place, step, strange)


def _only_keys(
    source: Source, place: Place, step: Mapping[str, object], strange: list[str]
) -> Problem:
    listed = f"expected one of: {', '.join(verbs())}"
    if strange:
        message = f"this step has no verb, and `{strange[0]}` is none"
        return source.problem(_KIND, message, (*place, strange[0]), key=True, expected=listed)
    first = next(iter(step))
    hint = None
    if place[-1] and all(key in common_keys() for key in step):
        hint = f"without the `- `, `{first}` belongs to the step above"
    elif owners := [verb for verb in verbs() if all(key in keys_of(verb) for key in step)]:
        hint = f"to make it a `{owners[0]}` step write `{owners[0]}:` first"
    message = f"this step has no verb: `{first}` is a key that stands beside one"
    return source.problem(_KIND, message, (*place, first), key=True, expected=listed, hint=hint)


def _nested(source: Source, place: Place, verb: str, value: object) -> Slip | None:
    types = subject_of(verb).get("type", "string")
    if not isinstance(value, Mapping) or "object" in types or not value:
        return None
    first = next(iter(value))
    subject = next((value[key] for key in ("url", "path", "target", "file") if key in value), None)
    beside = first if first in keys_of(verb) else None
    if isinstance(subject, str) and subject_of(verb).get("type") != "null":
        hint = f"write `{verb}: {subject}`, and the other keys in line with `{verb}`"
    elif is_verb(first):
        hint = f"begin each step with `- `, as in `- {first}:`"
    elif beside:
        hint = f"write `{beside}: {brief(value[beside])}` in line with `{verb}`"
    else:
        hint = f"write `{verb}:` and what it takes; `httpsteps explain {verb}` shows it"
    message = f"keys stand beside the verb `{verb}`, not below it"
    problem = source.problem(_KIND, message, (*place, verb, first), key=True, hint=hint)
    return Slip(problem, (*place, verb))
