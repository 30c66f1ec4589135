"""Values that stand in the file as they are and that no run could use: headers, URLs, bodies.

The rules are the wire's own, of those of its rooms that import neither requests nor urllib3: what
is refused here, and in which kind, is what would be refused when the step runs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from runner.kinds import Fault, StepFault
from runner.query.values import as_text, is_deferred
from runner.scenario.model import Path
from runner.wire.charsets import known_codec
from runner.wire.content import dump_json
from runner.wire.credentials import read_credentials
from runner.wire.lines import check_lines, check_method
from runner.wire.proxy import parse_proxy
from runner.wire.route import check_breaks, check_source, parse_at, split_url
from runner.wire.tls_versions import TLS_VERSIONS, check_range


class Refusal(NamedTuple):
    """What no run could do: ``place`` is the path of the value in its step, or of its key."""

    place: Path
    fault: Fault
    key: bool = False


Refusals = Iterator[Refusal]
_BODIES: Final = ("json", "form", "text", "base64", "graphql", "chunks")
_FILES: Final = ("file", "multipart")


def refusals(verb: str, subject: object, options: Mapping[str, object]) -> Refusals:
    """All that is refused in a step, its ``subject`` and ``options`` compiled.

    What holds a template is left for the run.
    """
    if verb == "connect":
        yield from _tried((verb,), split_url, subject)
    elif verb == "add-headers":
        yield from _headers(subject, (verb,))
    elif isinstance(subject, Mapping):
        yield from _target(verb, subject)
    for key, value in options.items():
        if key in _OPTIONS:
            yield from _OPTIONS[key](value, (key,))
    yield from _body(options)


def refused_base(base: object) -> Refusals:
    """What is refused in a scenario's ``base``."""
    yield from _tried(("base",), split_url, base)


def _tried(
    place: Path, rule: Callable[[str], object], value: object, *, key: bool = False
) -> Refusals:
    if value is None or isinstance(value, Mapping | list) or is_deferred(value):
        return
    try:
        rule(as_text(value))
    except StepFault as fault:
        yield Refusal(place, fault.fault, key)


def _target(verb: str, subject: Mapping[str, object]) -> Refusals:
    """A method and a target, of ``open`` and of the request verbs."""
    yield from _tried((verb,), check_method, subject.get("method"))
    target = subject.get("target")
    if isinstance(target, str):
        whole = "://" in target.split("?", 1)[0]
        yield from _tried((verb,), split_url if whole else check_breaks, target)


def _line(name: str) -> Callable[[object, Path], Refusals]:
    """The rule for a key that is a header's value."""

    def rule(value: object, place: Path) -> Refusals:
        for index, item in enumerate(value if isinstance(value, list) else [value]):
            where = (*place, index) if isinstance(value, list) else place
            yield from _value(name, item, where)

    return rule


def _value(name: str, value: object, place: Path) -> Refusals:
    yield from _tried(place, lambda text: check_lines(((name, text),)), value)


def _headers(value: object, place: Path) -> Refusals:
    """A mapping of header lines: each name once, each of its values."""
    if not isinstance(value, Mapping):
        return
    for name, item in value.items():
        if not isinstance(name, str):
            continue
        wrong = list(
            _tried((*place, name), lambda text: check_lines(((text, ""),)), name, key=True)
        )
        yield from wrong or _line(name)(item, (*place, name))


def _cookies(value: object, place: Path) -> Refusals:
    if not isinstance(value, Mapping):
        return
    for name, item in value.items():
        if isinstance(name, str) and not is_deferred(item) and item is not None:
            # Other cookies may follow on the line: only at its edge would a blank be wrong.
            yield from _value("Cookie", f"{name}={as_text(item)};", (*place, name))


def _auth(value: object, place: Path) -> Refusals:
    if not isinstance(value, Mapping) or not value or is_deferred(value):
        return
    place = (*place, next(iter(value)))
    try:
        scheme, given = read_credentials(value)
    except StepFault as fault:
        yield Refusal(place, fault.fault)
        return
    if scheme == "bearer":
        yield from _value("Authorization", f"Bearer {given['token']}", place)
    elif scheme == "oauth2":
        yield from _tried((*place, "token-url"), split_url, given["token-url"])


def _tls(value: object, place: Path) -> Refusals:
    if not isinstance(value, Mapping):
        return
    low, high = (value.get(key) for key in ("min-version", "max-version"))
    if low in TLS_VERSIONS and isinstance(high, str) and high in TLS_VERSIONS:
        yield from _tried((*place, "max-version"), lambda top: check_range(str(low), top), high)


def _proxy(value: object, place: Path) -> Refusals:
    if value not in ("env", "direct"):
        yield from _tried(place, parse_proxy, value)


def _rule(check: Callable[[str], object]) -> Callable[[object, Path], Refusals]:
    return lambda value, place: _tried(place, check, value)


def _below_output(name: str) -> None:
    depth = 0
    for part in PurePosixPath(name).parts:
        depth += -1 if part == ".." else 1
        if part == "/" or depth < 0:
            message = f'"{name}" leaves the folder of --output'
            raise StepFault(Fault("file-outside-root", "read", message))


def _multipart(value: object, place: Path) -> Refusals:
    if not isinstance(value, Mapping):
        return
    for name, item in value.items():
        for index, part in enumerate(item if isinstance(item, list) else [item]):
            where = (*place, name, index) if isinstance(item, list) else (*place, name)
            if isinstance(part, Mapping):
                yield from _headers(part.get("headers"), (*where, "headers"))
                yield from _value("Content-Type", part.get("type"), (*where, "type"))


def _body(options: Mapping[str, object]) -> Refusals:
    """A body that stands in the file as a whole; in part templates, numbers JSON has no form for.

    Files are looked for elsewhere: whether one is there changes while the scenario does not.
    """
    from runner.wire.payload import make_payload

    name = next((key for key in _BODIES if key in options), None)
    value = options.get(name) if name else None
    if name in ("json", "graphql"):
        found = list(_not_finite(value, (name,)))
        yield from found
        if found:
            return
    if any(key in options for key in _FILES) or is_deferred(value):
        return
    waiting = options.get("expect-continue") is True
    if name is None and not waiting:
        return
    given = {name: value} if name else {}
    try:
        make_payload({**given, "expect-continue": waiting}, PurePosixPath)  # type: ignore[arg-type]
    except StepFault as fault:
        yield Refusal((name or "expect-continue",), fault.fault)


def _not_finite(value: object, place: Path) -> Refusals:
    if isinstance(value, float) and not math.isfinite(value):
        try:
            dump_json(value)
        except StepFault as fault:
            yield Refusal(place, fault.fault)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _not_finite(item, (*place, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _not_finite(item, (*place, index))


_OPTIONS: Final[Mapping[str, Callable[[object, Path], Refusals]]] = {
    "headers": _headers,
    "user-agent": _line("User-Agent"),
    "referer": _line("Referer"),
    "accept": _line("Accept"),
    "content-type": _line("Content-Type"),
    "cookies": _cookies,
    "auth": _auth,
    "tls": _tls,
    "proxy": _proxy,
    "at": _rule(parse_at),
    "source-address": _rule(check_source),
    "charset": _rule(known_codec),
    "save": _rule(_below_output),
    "multipart": _multipart,
}
