"""What there is in place of what a query did not find: the hint below `$.nmae is missing`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from runner.kinds import StepFault
from runner.query.values import MISSING, Lazy, type_name
from runner.spelling import did_you_mean

_SHOWN: Final = 8
_LOOKED_AT: Final = 500
_PLAIN: Final = r"[A-Za-z_][A-Za-z0-9_-]*"
_PART: Final = re.compile(rf"\.({_PLAIN})|\[(-?[0-9]+)\]|\['([^'\\]*)'\]|\[\"([^\"\\]*)\"\]")
_MEMBER: Final = re.compile(r"(headers?|cookie|jar)(?:\.([^\s.\[|]+)|\['([^']*)'\])")


def nearby(query: str, facts: Mapping[str, object]) -> str | None:
    """The hint for a query that found nothing among these facts; None where none can be given."""
    text = query.partition(" | ")[0].strip()
    if "${" in text:
        return None
    try:
        if text.startswith("$"):
            return _of_json(text, _made(facts.get("json", MISSING)))
        member = _MEMBER.match(text)
        if member is not None:
            found = _made(facts.get(member[1], MISSING))
            return _of_family(member[1], member[2] or member[3], found)
    except StepFault:
        return None  # the body cannot be read, which is told already
    return None


def _made(value: object) -> object:
    return value.get() if isinstance(value, Lazy) else value


def _of_json(text: str, value: object) -> str | None:
    at = 1
    while value is not MISSING and (part := _PART.match(text, at)):
        step: str | int = next(each for each in part.groups() if each is not None)
        here, rest = text[:at], text[part.end() :]
        if part[2] is not None:
            step = int(part[2])
            if not isinstance(value, list):
                return f"`{here}` is a {type_name(value)}, not a list"
            if not -len(value) <= step < len(value):
                return f"the list `{here}` has {len(value)} element{'s' * (len(value) != 1)}"
            value = value[step]
        elif isinstance(value, list):
            return f"`{here}` is a list: `{here}[0]{text[at:]}` takes its first element"
        elif not isinstance(value, Mapping):
            return f"`{here}` is {_named(value)} and has no parts"
        elif step not in value:
            names = _texts(value)
            near = did_you_mean(str(step), names)
            if near is not None:
                return f"did you mean `{here}{_written(near)}{rest}`?"
            return f"there is: {_listed(names)}" if names else f"`{here}` is empty"
        else:
            value = value[step]
        at = part.end()
    return None


def _of_family(stem: str, name: str, found: object) -> str | None:
    if not isinstance(found, Mapping):
        return None
    names = _texts(found)
    near = did_you_mean(name, names)
    if near is not None:
        plain = re.fullmatch(r"[A-Za-z0-9_-]+", near)
        return f"did you mean `{stem}{'.' + near if plain else f'[{near!r}]'}`?"
    what = "cookies" if stem in ("cookie", "jar") else "headers"
    return f"the {what} there are: {_listed(names)}" if names else f"there are no {what}"


def _texts(members: Mapping[object, object]) -> list[str]:
    def texts() -> Iterator[str]:
        for number, name in enumerate(members):
            if number == _LOOKED_AT:
                return
            if isinstance(name, str):
                yield name

    return list(texts())


def _written(name: str) -> str:
    if re.fullmatch(_PLAIN, name):
        return f".{name}"
    return f"[{name!r}]"


def _listed(names: Iterable[str]) -> str:
    listed = list(names)
    more = ["…"] if len(listed) > _SHOWN else []
    return ", ".join([*listed[:_SHOWN], *more])


def _named(value: object) -> str:
    name = type_name(value)
    return name if name in ("null", "text") else f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
