"""What stands in one ``${…}``: a name with a path, or a quoted text; behind ``env.NAME`` a default
after ``:-``; then filters, each after `` | ``.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple, NoReturn

from runner.scenario.template_holes import TemplateError, end_of_default, quoted, skip
from runner.scenario.variable_names import RESERVED

_FLAT: Final = ("env", "new", "serve")

_SIMPLE: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_-]*)((?:\.[A-Za-z_][A-Za-z0-9_-]*)*)\Z")
_HEAD: Final = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_-]*)")
_STEP: Final = re.compile(
    r"\.([A-Za-z_][A-Za-z0-9_-]*)|\[(-?\d+)\]|\[(?:'((?:[^']|'')*)'|\"((?:[^\"]|\"\")*)\")\]"
)
_SHELL: Final = re.compile(r"([A-Za-z0-9_]*)(?::?[-=+?]|:)(.*)", re.DOTALL)
_LONGEST: Final = 60


class Reference(NamedTuple):
    """The first name of an expression and the path behind it, as in ``user.roles[0]``.

    ``rest`` is the path as written.
    """

    name: str
    path: tuple[str | int, ...]
    rest: str
    has_default: bool = False


class Parts(NamedTuple):
    """What stands in one ``${…}``; offsets count in the text between the braces.

    ``literal`` is its quoted text, or else ``reference`` its name. ``default`` is where the text of
    the default stands, or, for a quoted one, the text itself; ``filters`` is where the first ``|``
    stands, or the end.
    """

    literal: str | None
    reference: Reference | None
    default: tuple[int, int] | str | None
    filters: int


def read(text: str) -> Parts:
    """What the text between ``${`` and ``}`` says. Raises ``TemplateError``."""
    simple = _SIMPLE.match(text)
    if simple is not None:
        name, rest = simple.groups()
        path = tuple(rest[1:].split(".")) if rest else ()
        if name not in _FLAT or (len(path) < 2 and not (name == "env" and "-" in rest)):
            return Parts(None, Reference(name, path, rest), None, len(text))
    first = skip(text, 0)
    if text[first : first + 1] in ("'", '"'):
        literal, end = quoted(text, first)
        return Parts(literal, None, None, _filters(text, end))
    return _reference(text)


def _reference(text: str) -> Parts:
    head = _HEAD.match(text)
    if not head:
        _no_name(text)
    name, end, path = head[1], head.end(), list[str | int]()
    while part := _STEP.match(text, end):
        if name in _FLAT:
            _check_flat(name, part, text[head.end() : end])
        path.append(_path_part(part))
        end = part.end()
    rest = text[head.end() : end]
    if not text.startswith(":-", end):
        return Parts(None, Reference(name, tuple(path), rest), None, _filters(text, end, name))
    if name != "env" or not path:
        raise TemplateError(
            f"`:-` gives a default to `env.NAME` only, not to `{name}`",
            end,
            f"give `{name}` a value in `vars`"
            if name not in RESERVED
            else "write `${env.NAME:-default}`",
        )
    start = end + 2
    stop = end_of_default(f"{text}}}", start, 0, 0)
    first = skip(text, start)
    default: tuple[int, int] | str
    if text[first : first + 1] in ("'", '"'):
        default = quoted(text, first)[0]
        behind = skip(text, stop)
        if behind < len(text) and text[behind] != "|":
            told = _short(text[behind:].strip())
            message = f"`{told}` stands behind a default in quotes"
            hint = "put all of the default in quotes; a doubled quote is the quote itself"
            raise TemplateError(message, behind, hint)
        stop = _filters(text, stop)
    else:
        default = (first, max(first, start + len(text[start:stop].rstrip())))
    return Parts(None, Reference(name, tuple(path), rest, has_default=True), default, stop)


def _check_flat(name: str, part: re.Match[str], before: str) -> None:
    """Raises ``TemplateError`` for a path that leads deeper than ``env``, ``new`` and ``serve`` do.

    ``before`` is the part of it that stands in front of ``part``.
    """
    if before:
        what = (
            "an environment variable is text" if name == "env" else f"`{name}{before}` is one value"
        )
        hint = "an odd name stands in brackets: ${env['a.b']}" if name == "env" else None
        raise TemplateError(f"{what}: `{part[0]}` leads nowhere", part.start(), hint)
    if name == "env" and part[1] is not None and "-" in part[1]:
        first, _, rest = part[1].partition("-")
        raise TemplateError(
            f"`-` in the name of an environment variable: `{part[1]}`",
            part.start() + 1 + len(first),
            f"a default stands after `:-`: `${{env.{first}:-{rest}}}`; "
            f"a name with `-` in brackets: `${{env['{part[1]}']}}`",
        )


def _filters(text: str, end: int, name: str = "") -> int:
    """Where the first ``|`` stands behind what ends at ``end``, or else the end of the text."""
    at = skip(text, end)
    if at == len(text) or text[at] == "|":
        return at
    told = _short(text[at:].strip())
    if text[end] == "[":
        hint = "write [0] or ['a name']"
        raise TemplateError("brackets hold an index or a quoted name", end, hint)
    if text[end] == "." and text[end + 1 : end + 2].isdigit():
        raise TemplateError(f"`{told}` is no name", end, "an element of a list is written [0]")
    if text[end] == ".":
        raise TemplateError(f"a name is missing behind `.` in `${{{_short(text)}}}`", end)
    hint = "write a name, then filters after ` | `"
    shell = _SHELL.match(text, end)
    if shell and name == "env":
        hint = "a default stands after `:-`: `${env.NAME:-default}`"
    elif name and (text[end] == "(" or text[at] in "+-*/?=<>&"):
        hint = "templates do not calculate: filters after ` | ` change a value"
    raise TemplateError(f"cannot read `{told}` in `${{{_short(text)}}}`", at, hint)


def _no_name(text: str) -> NoReturn:
    bare = text.strip()
    hint = "write `${name}`; a literal `${` is written `$${`"
    if not bare:
        raise TemplateError("`${}` names no variable", 0, hint)
    inner = bare.strip("{} ")
    if bare.startswith("{") and _HEAD.match(inner):
        hint = f"one pair of braces is enough: `${{{_short(inner)}}}`"
    elif bare[0].isdigit():
        hint = "a name begins with a letter or `_`; a literal `${` is written `$${`"
    raise TemplateError(f"`${{{_short(text)}}}` names no variable", skip(text, 0), hint)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _path_part(found: re.Match[str]) -> str | int:
    name, index, single, double = found.groups()
    if name is not None:
        return name
    if index is not None:
        return int(index)
    return single.replace("''", "'") if single is not None else double.replace('""', '"')
