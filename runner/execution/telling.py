"""What a step's result tells: its facts as plain data, and the source lines that show the place."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from runner.kinds import Fault, StepFault
from runner.query.values import Lazy
from runner.result import Snippet
from runner.scenario.model import Step
from runner.steps.base import Run
from runner.steps.parsing import charset_of, text_of

BODY_SHOWN = 64 * 1024
UNREAD_SECONDS = 1.0
_INTERNAL = frozenset({"raw", "json", "markup", "body", "text", "jar"})
_BEFORE = 8
_LONGEST = 200


def reported_facts(run: Run, fault: Fault | None) -> dict[str, object]:
    """The facts for the result: all that are known without more work, under the names queries use.

    A step that did not pass, for this ``fault``, has the beginning of the body too, up to 64 KiB,
    read now if need be.
    """
    facts = {
        name: value
        for name, value in run.facts.items()
        if name not in _INTERNAL and not isinstance(value, Lazy)
    }
    if fault is not None:
        headers = run.facts.get("request.header")
        if isinstance(headers, Lazy):
            facts["request.header"] = headers.get()
        body = _body(run, 0.0 if fault.kind == "interrupted" else UNREAD_SECONDS)
        if body:
            facts["body"] = body
    return facts


def _body(run: Run, patience: float) -> str | None:
    data = run.facts.get("raw")
    if not isinstance(data, bytes):
        data = _unread(run, patience)
    if not data:
        return None
    charset = None
    with suppress(StepFault):
        if run.exchange is not None:
            charset = charset_of(run.exchange)
        return text_of(data[:BODY_SHOWN], charset)
    return data[:BODY_SHOWN].decode("latin-1")


def _unread(run: Run, patience: float) -> bytes:
    """Up to 64 KiB of a body nobody read: it often says what is wrong.

    It takes ``patience`` seconds at most, and never longer than the step may last.
    """
    exchange = run.exchange
    if exchange is None or exchange.body.received:
        return b""
    left = run.seconds_left()
    return exchange.body.sample(BODY_SHOWN, patience if left is None else min(patience, left))


def snippet_of(step: Step, at: str, lines: Sequence[str]) -> Snippet | None:
    """The source lines of a step, with the place ``at`` (``file:line:column``) marked.

    A step of more than 200 lines is cut.
    """
    if not lines:
        return None
    parts = at.rsplit(":", 2)
    line, column = (
        (int(parts[1]), int(parts[2])) if len(parts) == 3 else (step.at.line, step.at.column)
    )
    if not 1 <= line <= len(lines):
        line, column = step.at.line, step.at.column
    first = min(step.at.line, line)
    last = min(max(line, step.last or line), first + _LONGEST)
    if line > last:
        first, last = line - _BEFORE, line
    shown = tuple(lines[first - 1 : last])
    return Snippet(first, shown, (line, column, _width(lines[line - 1], column)))


def _width(line: str, column: int) -> int:
    """How many characters the caret points at: the value that begins at the column."""
    rest = line[column - 1 :]
    if rest[:1] in ("'", '"'):
        end = rest.find(rest[0], 1)
        return end + 1 if end > 0 else len(rest)
    for index, character in enumerate(rest):
        if character in ",}]" or (character == ":" and rest[index + 1 : index + 2] in ("", " ")):
            return max(1, index)
        if rest[index : index + 2] == " #":
            return max(1, index)
    return max(1, len(rest.rstrip()))
