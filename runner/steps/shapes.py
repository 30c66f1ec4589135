"""What the keys of a step must hold once their templates are filled in.

The schema has judged what stands in the file; a template's value is known only here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from runner.kinds import Fault, Phase, StepFault
from runner.query.show import show
from runner.query.values import as_text, type_name
from runner.scenario.model import Step
from runner.units import duration, size

Shape = Callable[[object], object]
"""Gives the value as the verb takes it. Raises ValueError with what was expected."""


def fit(
    step: Step, subject: object, options: Mapping[str, object], phase: Phase
) -> tuple[object, Mapping[str, object]]:
    """The settled subject and options of a step, as its verb takes them.

    Raises ``StepFault`` (invalid-scenario) at the template whose value is none the key can hold.
    """
    made = {
        key: _fitted(_OPTIONS[key], key, value, step.options.get(key), phase)
        if key in _OPTIONS
        else value
        for key, value in options.items()
    }
    shape = _SUBJECTS.get(step.verb)
    if shape is not None and subject is not None:
        subject = _fitted(shape, step.verb, subject, step.subject, phase)
    return subject, made


def _fitted(shape: Shape, key: str, value: object, written: object, phase: Phase) -> object:
    try:
        return shape(value)
    except ValueError as error:
        message = f"`{key}` needs {error}; found {_shown(value)}"
        raise StepFault(
            Fault("invalid-scenario", phase, message), getattr(written, "at", None)
        ) from None


def _shown(value: object) -> str:
    if isinstance(value, str):
        return f"the text {show(value, 60)}"
    return f"{type_name(value)} {show(value)}"


def _text(value: object) -> object:
    try:
        return as_text(value)
    except ValueError:
        raise ValueError("a text") from None


def _texts(value: object) -> object:
    return [_text(item) for item in value] if isinstance(value, list) else _text(value)


def _mapping(value: object) -> object:
    if not isinstance(value, Mapping):
        raise ValueError("a mapping")  # noqa: TRY004
    return value


def _mapping_of(*names: str) -> Shape:
    def shape(value: object) -> object:
        if not isinstance(value, Mapping) or not value.keys() <= set(names):
            raise ValueError(f"a mapping of {', '.join(names)}")
        return value

    return shape


def _mapping_of_texts(value: object) -> object:
    if not isinstance(value, Mapping):
        raise ValueError("a mapping of names and texts")  # noqa: TRY004
    return {key: _text(item) for key, item in value.items()}


def _whole(least: int) -> Shape:
    def shape(value: object) -> object:
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise ValueError(f"a whole number from {least}; text becomes one with `| int`")
        return value

    return shape


def _flag(value: object) -> object:
    if not isinstance(value, bool):
        raise ValueError("true or false")  # noqa: TRY004
    return value


def _size(value: object) -> object:
    try:
        return size(value)
    except ValueError:
        raise ValueError("a size like 512, 10kB or 4MiB") from None


def _duration(value: object) -> object:
    try:
        duration(value)
    except ValueError:
        raise ValueError("a duration like 250ms or 2s") from None
    return value


def _timeout(value: object) -> object:
    return _mapping_of("connect", "read")(value) if isinstance(value, Mapping) else _duration(value)


def _version(value: object) -> object:
    if _text(value) not in ("1.0", "1.1"):
        raise ValueError("1.0 or 1.1")
    return value


def _to_read(value: object) -> object:
    if isinstance(value, str) and value in ("json", "text", "xml", "html"):
        return value
    try:
        return size(value)
    except ValueError:
        raise ValueError("json, text, xml, html or a number of bytes") from None


_OPTIONS: Final[Mapping[str, Shape]] = {
    **dict.fromkeys(
        ("user-agent", "proxy", "at", "source-address", "referer", "charset", "until", "save"),
        _text,
    ),
    **dict.fromkeys(("accept", "no-proxy"), _texts),
    **dict.fromkeys(("headers", "params", "form", "multipart", "auth", "chunks", "with"), _mapping),
    **dict.fromkeys(("redirects", "connect-retries"), _whole(0)),
    **dict.fromkeys(("lines", "events"), _whole(1)),
    **dict.fromkeys(("path-as-is", "reconnect", "decode", "expect-continue"), _flag),
    **dict.fromkeys(("max", "max-body"), _size),
    "cookies": _mapping_of_texts,
    "tls": _mapping_of("verify", "ca", "client-cert", "client-key", "min-version", "max-version"),
    "deadline-per-request": _duration,
    "timeout": _timeout,
    "http": _version,
    "as": _to_read,
}
_SUBJECTS: Final[Mapping[str, Shape]] = {
    "connect": _text,
    "add-headers": _mapping,
    "read": _to_read,
    "close": _text,
    **dict.fromkeys(
        ("open", "get", "post", "put", "patch", "delete", "head", "options"), _mapping_of_texts
    ),
}
