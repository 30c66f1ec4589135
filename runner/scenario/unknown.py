"""A key that is not known where it stands: where it belongs, or what it was meant to be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from runner.query.facts import FACTS, FAMILIES
from runner.scenario.grammar import Place, common_keys, is_verb, requests, subject_of, verbs_with
from runner.scenario.problems import did_you_mean
from runner.scenario.written import brief

_SUBJECTS: Final = ("url", "path", "target", "file")
_FEW: Final = 4
_PLAIN: Final = re.compile(r"[A-Za-z0-9_-]+")

# What other tools call it: our key, or a sentence where it is no key.
_STEP_WORDS: Final = {
    "assert": "expect", "asserts": "expect", "assertions": "expect", "check": "expect",
    "checks": "expect", "validate": "expect", "test": "expect", "response": "expect",
    "extract": "capture", "captures": "capture", "register": "capture", "save-as": "capture",
    "query": "params", "query-params": "params", "querystring": "params",
    "when": "if", "loop": "for-each", "foreach": "for-each", "with-items": "for-each",
    "retries": "retry", "continue-on-error": "on-failure", "ignore-errors": "on-failure",
    "description": "name", "title": "name", "follow": "redirects",
    "follow-redirects": "redirects", "allow-redirects": "redirects", "max-redirects": "redirects",
    "multipart-form": "multipart", "files": "multipart", "compressed": "compress",
    "variables": "with", "vars": "with",
}  # fmt: skip
_STEP_ADVICE: Final = {
    "timeout": "a step is bounded by `deadline`; `timeout` is a key of `session`",
    "body": "name what the body is: `json`, `form`, `text`, `file` or `multipart`",
    "data": "name what the body is: `json`, `form`, `text`, `file` or `multipart`",
    "url": "the verb's value is the URL: `get: /items`",
    "path": "the verb's value is the path: `get: /items`",
    "method": "the verb is the method; for any other write `open: METHOD target` and `send:`",
    "verify": "write `tls: {verify: false}` on a `session` or `connect` step",
    "insecure": "write `tls: {verify: false}` on a `session` or `connect` step",
    "cookies": "`cookies` is a key of `session`",
    "delay": "make it a step of its own: `- wait: 1s`",
}
_TOP_WORDS: Final = {
    "variables": "vars", "env": "vars", "url": "base", "base-url": "base", "host": "base",
    "timeout": "deadline", "tests": "steps", "stages": "steps", "requests": "steps",
    "cleanup": "teardown", "after": "teardown", "finally": "teardown", "title": "name",
    "matrix": "cases", "examples": "cases", "xfail": "expect-failure", "labels": "tags",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """What to say of an unknown key; without a ``message`` the plain one."""

    message: str | None = None
    expected: str | None = None
    hint: str | None = None


def unknown_key(
    key: str, value: object, known: tuple[str, ...], step: object, place: Place, *, noun: str
) -> Told:
    """What to say of ``key``, which is none of the ``known`` keys.

    ``step`` is the step it stands in, None when it stands deeper or at the top; ``place`` is that
    of the mapping, ``noun`` is what the keys are: key, matcher.
    """
    told = None
    if isinstance(step, Mapping):
        known = tuple(each for each in known if not is_verb(each))
        told = _in_step(key, value, known, next(each for each in step if is_verb(each)))
    elif not place:
        told = _at_top(key, value)
    elif noun == "matcher":
        told = _in_matcher(key, value, known, place[-1])
    if told:
        return told
    near = did_you_mean(key, known)
    if near is None:
        return Told(None, _one_of(known))
    return Told(None, _one_of(known, few=True), f"did you mean `{near}`?")


def _in_step(key: str, value: object, known: tuple[str, ...], verb: str) -> Told | None:
    plain = key.lower().replace("_", "-")
    if (word := _STEP_WORDS.get(plain)) in known:
        return Told(None, _one_of(known, few=True), f"write `{word}`")
    if plain in _STEP_ADVICE and plain not in known:
        return Told(hint=_STEP_ADVICE[plain])
    if _is_query(key) and "expect" in known and not verbs_with(key):
        return Told(
            f"`{key}` is no key of a `{verb}` step: it belongs in `expect`",
            hint=f"write `expect: {brief({key: value})}`",
        )
    if key.startswith("x-"):
        return Told(hint="keys that begin with `x-` stand at the top of the file only")
    if key == "in":
        return Told(f"`in` has no meaning in a `{verb}` step: it works on no handle")
    if key in common_keys() and (owners := verbs_with(key)):
        where = f"`{key}` is no key of a `{verb}` step, only of {_named(owners)}"
        return Told(where, hint=f"put `{key}` beside a `block` of the steps")
    if owners := verbs_with(key):
        return Told(f"`{key}` is a key of {_named(owners)}, not of `{verb}`")
    return None


def _at_top(key: str, value: object) -> Told | None:
    plain = key.lower().replace("_", "-")
    if is_verb(key):
        return Told(f"`{key}` is a verb and belongs in `steps`", hint=_as_step(key, value))
    if plain in _TOP_WORDS:
        return Told(hint=f"write `{_TOP_WORDS[plain]}`")
    if key in common_keys():
        return Told(f"`{key}` belongs in a step, beside its verb")
    if owners := verbs_with(key):
        return Told(f"`{key}` belongs in a step, beside {_named(owners)}")
    return None


def _as_step(verb: str, value: object) -> str:
    """How a verb that stands at the top is written as a step, its keys beside it."""
    beside: Mapping[str, object] = {}
    if isinstance(value, Mapping) and "object" not in subject_of(verb).get("type", "string"):
        told = next((name for name in _SUBJECTS if name in value), None)
        takes = told is not None and subject_of(verb).get("type") != "null"
        beside = {name: item for name, item in value.items() if not takes or name != told}
        value = value[told] if told is not None and takes else None
    shown = "" if value is None else f" {brief(value)}"
    hint = f"under `steps` write `- {verb}:{shown}`"
    if not beside:
        return hint
    listed = ", ".join(f"`{brief({name: item})[1:-1]}`" for name, item in beside.items())
    return f"{hint}, and in line with `{verb}` {listed}"


def _in_matcher(key: str, value: object, known: tuple[str, ...], query: object) -> Told:
    if query in FAMILIES:
        written = key if _PLAIN.fullmatch(key) else f"['{key}']"
        path = f"{query}{'' if written[0] == '[' else '.'}{written}"
        return Told(
            f"`{query}` has many values, each read by its name, and `{key}` is no matcher",
            hint=f"write `{brief({path: value})[1:-1]}`",
        )
    near = did_you_mean(key, known) or _MATCHER_WORDS.get(key)
    if near:
        return Told(hint=f"did you mean `{near}`?")
    hint = f"to compare with a mapping that has `{key}`, write `equals:` or `includes:` around it"
    return Told(None, _one_of(known), hint)


_MATCHER_WORDS: Final = {
    "==": "equals", "eq": "equals", "!=": "not", "ne": "not", "<": "below", "lt": "below",
    "<=": "at-most", "lte": "at-most", "le": "at-most", ">": "above", "gt": "above",
    ">=": "at-least", "gte": "at-least", "ge": "at-least", "in": "one-of", "regex": "matches",
    "type": "is", "min": "at-least", "max": "at-most", "less-than": "below",
    "greater-than": "above", "present": "exists",
}  # fmt: skip


def _one_of(known: tuple[str, ...], *, few: bool = False) -> str:
    """The keys that are known; ``few`` of them where the hint names the one that is meant."""
    shown = [*known[:_FEW], "…"] if few and len(known) > _FEW + 1 else known
    return f"expected one of: {', '.join(shown)}"


def _is_query(key: str) -> bool:
    """Whether a key reads as a query: a path into the answer or a fact."""
    if key.startswith(("$", "css:", "xpath:", "css-all:", "xpath-all:")):
        return True
    name = key.partition("|")[0].strip()
    return name in FACTS or any(name.startswith((f"{stem}.", f"{stem}[")) for stem in FAMILIES)


def _named(owners: tuple[str, ...]) -> str:
    """The verbs in a sentence, the request verbs under one name."""
    named = [f"`{verb}`" for verb in owners if verb not in requests()]
    if any(verb in requests() for verb in owners):
        named.append("requests (`get`, `post`, …)")
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
