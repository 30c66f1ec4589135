"""What a step's result tells: its facts as plain data, and the source lines that show the place."""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence

from runner.kinds import Fault
from runner.query.values import Lazy
from runner.result import Snippet
from runner.scenario.model import Step
from runner.steps.base import Run
from runner.steps.parsing import charset_of
from runner.wire.charsets import codec_of

BODY_SHOWN = 64 * 1024
UNREAD_SECONDS = 1.0
_INTERNAL = frozenset({"raw", "json", "markup", "body", "text", "jar", "request.body"})
_BEFORE = 8
_LONGEST = 200


def reported_facts(run: Run, fault: Fault | None, began: float) -> dict[str, object]:
    """The facts for the result: all that are known without more work, under the names queries use.

    A step that did not pass, for this ``fault``, has the beginnings of the bodies too, up to
    64 KiB: of what it sent, as ``request.body``, and of the answer, as ``body``, read now if need
    be. Moments become seconds since ``began``.
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
    cookies = run.facts.get("cookie")
    answer = facts.get("header")
    if isinstance(answer, Mapping) and "set-cookie" in answer and isinstance(cookies, Lazy):
        facts["cookie"] = cookies.get()
    bodies = fault is not None or run.surroundings.bodies
    jar = run.facts.get("jar")
    names = frozenset(jar) if isinstance(jar, Mapping) else frozenset()
    _told(facts, run.facts.get("request.body"), began, names, bodies=bodies)
    exchanges = facts.get("exchanges")
    if isinstance(exchanges, list):
        facts["exchanges"] = copies = [dict(one) for one in exchanges]
        for one in copies:
            _told(one, one.pop("request.body", None), began, names, bodies=bodies)
    if bodies:
        kept = run.facts.get("raw")
        if fault is not None and not isinstance(kept, bytes):
            kept = _unread(run, 0.0 if fault.kind == "interrupted" else UNREAD_SECONDS)
        if isinstance(kept, bytes) and kept:
            charset = None if run.exchange is None else charset_of(run.exchange)
            facts["body"] = _shown(kept, charset)
    return facts


def _told(
    facts: dict[str, object], body: object, began: float, jar: frozenset[str], *, bodies: bool
) -> None:
    """Makes the facts of a request fit to be told: its moments, its cookies, its body's beginning.

    Only cookies of the session's ``jar`` are told by name. A Cookie header set by hand may be a
    secret from end to end, and its pieces would no longer be known as such.
    """
    for name in ("request.sent", "connection.opened"):
        moment = facts.get(name)
        if isinstance(moment, float):
            facts[name] = moment - began
    header = facts.get("request.header")
    sent = str(header.get("cookie", "")) if isinstance(header, Mapping) else ""
    pairs = (pair.strip().partition("=") for pair in sent.split(";"))
    cookies = {name: value for name, _, value in pairs if name in jar}
    if cookies:
        facts["request.cookie"] = cookies
    if bodies and isinstance(body, Lazy):
        data = body.get()
        if isinstance(data, bytes) and data:
            facts["request.body"] = _shown(data, None)


def _shown(data: bytes, charset: str | None) -> str | bytes:
    """The beginning of a body: as text, or as bytes where it is none."""
    data, cut = data[:BODY_SHOWN], len(data) > BODY_SHOWN
    codec = (charset and codec_of(charset)) or "utf-8-sig"
    try:
        return codecs.getincrementaldecoder(codec)().decode(data, final=not cut)
    except UnicodeError:
        return data if b"\0" in data else data.decode("latin-1")


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

    ``lines`` are those of the step's file. A place in the file that a ``use`` step names is shown
    by its own line there. A step of more than 200 lines is cut.
    """
    if not lines:
        return None
    line, column = step.at.line, step.at.column
    file, *place = at.rsplit(":", 2)
    if len(place) == 2:
        there, used = (int(place[0]), int(place[1])), step.scenario
        if file != step.at.file:
            theirs = used.text.splitlines() if used is not None and used.file == file else ()
            if there[0] <= len(theirs):
                alone = theirs[there[0] - 1]
                return Snippet(there[0], (alone,), (*there, _width(alone, there[1])), file)
        elif 1 <= there[0] <= len(lines):
            line, column = there
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
    if rest.startswith("${") and "}" in rest:
        return rest.index("}") + 1
    for index, character in enumerate(rest):
        if character in ",}]" or (character == ":" and rest[index + 1 : index + 2] in ("", " ")):
            return max(1, index)
        if rest[index : index + 2] == " #":
            return max(1, index)
    return max(1, len(rest.rstrip()))
