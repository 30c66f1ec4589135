"""JSON text -> plain values that remember where they stand (RFC 8259, strictly).

The tree is built in a loop: no file, however deep, can overflow the stack.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn

from runner.query.values import WrittenFloat, WrittenInt
from runner.scenario.problems import Problem, ProblemError
from runner.scenario.source import Source
from runner.scenario.source_text import SourceText
from runner.scenario.yaml_nodes import Branch, Span

DEEPEST: Final = 100
_MOST_DIGITS: Final = 4000
_BLANKS: Final = re.compile(r"[ \t\n\r]*")
_SCALAR: Final = re.compile(
    r"(?P<number>-?(?:0|[1-9][0-9]*)(?P<real>(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?))(?![\w.+-])"
    r"|(?P<word>true|false|null)(?!\w)"
)
_DECODER: Final = json.JSONDecoder()
_WORDS: Final = {"true": True, "false": False, "null": None}


class JsonError(ValueError):
    """A text that is not JSON, in a sentence. ``offset`` is where; ``first`` where a key that
    stands twice stands first.
    """

    def __init__(self, message: str, offset: int, end: int = 0, first: Span | None = None) -> None:
        super().__init__(message)
        self.offset = offset
        self.end = max(end, offset + 1)
        self.first = first


def read_json(content: bytes, file: str) -> Source:
    """Reads a JSON file's bytes; ``file`` is the name it has in messages.

    Raises ``ProblemError`` (invalid-scenario) with its address.
    """
    source = decoded(content, file)
    try:
        return Source(source, *parse_json(source.text), quoting="json")
    except JsonError as error:
        also = [] if error.first is None else [(*error.first, "first here")]
        raise ProblemError(
            source.problem("invalid-scenario", str(error), error.offset, error.end, also=also)
        ) from None


def decoded(content: bytes, file: str) -> SourceText:
    """The text of a file in UTF-8, with or without a byte order mark.

    Raises ``ProblemError`` (invalid-scenario) with the line of the first byte that is no UTF-8.
    """
    try:
        return SourceText(file, content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        before = SourceText(file, error.object[: error.start].decode("utf-8", "replace"))
        at = before.address(len(before.text), len(before.text))
        message = f"byte {error.object[error.start]:#04x} here is no UTF-8"
        raise ProblemError(
            Problem("invalid-scenario", message, at, hint="save the file as UTF-8")
        ) from None


def parse_json(text: str) -> tuple[object, Span | Branch]:
    """The value of a JSON text, and where everything in it stands.

    A number not spelt as Python would spell it keeps its spelling. Raises ``JsonError`` for what is
    not JSON, for a key that stands twice in one object, and below a depth of 100.
    """
    return _Parser(text).document()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.stack: list[tuple[Branch, str | int, Span]] = []

    def document(self) -> tuple[object, Span | Branch]:
        value, node = self._value()
        while self.stack:
            value, node = self._go_on(value, node)
        self._blanks()
        if self.at < len(self.text):
            self._wrong("the text goes on behind its one value")
        return value, node

    def _go_on(self, value: object, node: Span | Branch) -> tuple[object, Span | Branch]:
        """Takes a value into the mapping or list it stands in, and gives what comes next."""
        branch, key, span = self.stack.pop()
        branch.items[key] = node
        close = "]"
        if isinstance(branch.value, list):
            branch.value.append(value)
        else:
            close = "}"
            branch.value[str(key)] = value
            branch.keys[key] = span
        self._blanks()
        if self.text.startswith(close, self.at):
            return self._closed(branch)
        if not self.text.startswith(",", self.at):
            self._wrong(f"`,` or `{close}` is expected here")
        self.at += 1
        self._key(branch)
        return self._value()

    def _value(self) -> tuple[object, Span | Branch]:
        """A scalar or what is empty; otherwise the first value inside, with its branch waiting."""
        while True:
            self._blanks()
            start, character = self.at, self.text[self.at : self.at + 1]
            if not character or character not in "[{":
                return self._scalar(), (start, self.at)
            if len(self.stack) >= DEEPEST:
                self._wrong(f"more than {DEEPEST} objects and lists stand in one another here")
            value: list[Any] | dict[str, Any] = [] if character == "[" else {}
            branch = Branch(start, True, value)
            self.at += 1
            self._blanks()
            if self.text.startswith("]" if character == "[" else "}", self.at):
                return self._closed(branch)
            self._key(branch)

    def _closed(self, branch: Branch) -> tuple[object, Span | Branch]:
        self.at += 1
        branch.end = self.at
        return branch.value, branch

    def _key(self, branch: Branch) -> None:
        """Reads the key of the next value, if it has one, and has the branch wait for the value."""
        if isinstance(branch.value, list):
            self.stack.append((branch, len(branch.value), (0, 0)))
            return
        self._blanks()
        start = self.at
        if not self.text.startswith('"', start):
            self._wrong("a key in double quotes is expected here")
        key = self._string()
        if key in branch.value:
            told = f"the key `{key}` stands twice in one object"
            raise JsonError(told, start, self.at, branch.keys[key])
        span = (start, self.at)
        self._blanks()
        if not self.text.startswith(":", self.at):
            self._wrong("`:` is expected here")
        self.at += 1
        self.stack.append((branch, key, span))

    def _scalar(self) -> object:
        if self.text.startswith('"', self.at):
            return self._string()
        found = _SCALAR.match(self.text, self.at)
        if found is None:
            self._wrong("a JSON value is expected here")
        written = found[0]
        if found["word"]:
            self.at = found.end()
            return _WORDS[written]
        if found["real"]:
            real = float(written)
            if real in (float("inf"), float("-inf")):
                self._wrong("this number is too large")
            self.at = found.end()
            return real if repr(real) == written else WrittenFloat(real, written)
        if len(written) > _MOST_DIGITS:
            self._wrong("a whole number may have 4,000 digits")
        self.at = found.end()
        whole = int(written)
        return whole if repr(whole) == written else WrittenInt(whole, written)

    def _string(self) -> str:
        try:
            value, self.at = _DECODER.raw_decode(self.text, self.at)
        except json.JSONDecodeError as error:
            raise JsonError(f"this is not JSON: {error.msg}", error.pos) from None
        return str(value)

    def _blanks(self) -> None:
        found = _BLANKS.match(self.text, self.at)
        assert found is not None
        self.at = found.end()

    def _wrong(self, message: str) -> NoReturn:
        if self.at >= len(self.text):
            message = "the text ends too early" if self.text.strip() else "the text is empty"
        raise JsonError(f"this is not JSON: {message}", self.at)
