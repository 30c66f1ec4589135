r"""``NAME=VALUE`` lines, as ``.env`` files have them.

Blank lines and those that begin with ``#`` are passed over, ``export`` in front of a name too. A
value ends before `` #``, unless it stands in quotes: in single ones all is text, in double ones
there are the escapes ``\n``, ``\r``, ``\t``, ``\"``, ``\\`` and ``\$``. ``$NAME`` is text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple, NoReturn

from runner.scenario.json_source import decoded
from runner.scenario.model import Address
from runner.scenario.problems import Problem, ProblemError

_BREAK: Final = re.compile(r"\r\n|\n|\r")
_LINE: Final = re.compile(r"[ \t]*(?:export[ \t]+)?(?P<name>[^=]*?)[ \t]*=[ \t]*(?P<value>.*)")
_START: Final = re.compile(r"[ \t]*(?:export[ \t]+)?")
_QUOTED: Final = re.compile(r"""'(?P<single>[^']*)'|"(?P<double>(?:[^"\\]|\\.)*)\"""")
_COMMENT: Final = re.compile(r"(?:^|[ \t])#.*")
_ESCAPE: Final = re.compile(r'\\([nrt"\\$])')
_MEANT: Final = {"n": "\n", "r": "\r", "t": "\t"}
_KIND: Final = "invalid-scenario"


class Line(NamedTuple):
    """One value; ``at`` is where its name stands, ``line`` the whole line."""

    name: str
    value: str
    at: Address
    line: str


def read_lines(content: bytes, file: str, *, secret: bool = False) -> Iterator[Line]:
    """The values of a file's bytes. ``secret``: no message shows anything of a line.

    Raises ``ProblemError`` (invalid-scenario).
    """
    seen: dict[str, Address] = {}
    for number, line in enumerate(_BREAK.split(decoded(content, file).text), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _LINE.fullmatch(line)
        if found is None or not found["name"]:
            start = _START.match(line)
            column = (start.end() if start else 0) + 1
            width = 1 if secret else max(1, len(line.rstrip()) - column + 1)
            at = Address(file, number, column, width)
            _wrong("expected NAME=VALUE", at, line, secret, "a YAML file's name ends in .yaml")
        name = found["name"]
        at = Address(file, number, found.start("name") + 1, len(name))
        if name in seen:
            hint = f"line {seen[name].line} has it first"
            _wrong(f"`{name}` stands twice", at, line, secret, hint)
        seen[name] = at
        text = found["value"].rstrip()
        place = at._replace(column=found.start("value") + 1, width=1)
        yield Line(name, _value(text, place, line, secret), at, line)


def _value(text: str, at: Address, line: str, secret: bool) -> str:
    if text[:1] not in ("'", '"'):
        return _COMMENT.sub("", text).rstrip()
    found = _QUOTED.match(text)
    if found is None:
        hint = "a value that begins with a quote ends with it, on the same line"
        _wrong("the quote of this value is never closed", at, line, secret, hint)
    rest = text[found.end() :]
    if rest.strip() and not _COMMENT.match(rest):
        hint = 'a quote inside single quotes cannot be written; in double quotes it is \\"'
        at = at._replace(column=at.column + found.end())
        _wrong("text stands behind the closing quote of this value", at, line, secret, hint)
    if found["single"] is not None:
        return found["single"]
    return _ESCAPE.sub(lambda each: _MEANT.get(each[1], each[1]), found["double"])


def _wrong(message: str, at: Address, line: str, secret: bool, hint: str) -> NoReturn:
    raise ProblemError(Problem(_KIND, message, at, hint=hint, line=None if secret else line))
