"""What was meant by a path that names no fact: what other tools call the same thing, or a slip."""

# Lists of words read best as words.
# ruff: noqa: SIM905

from __future__ import annotations

from typing import Final

from runner.query.errors import suggestion
from runner.query.facts import facts_of, has_body
from runner.query.segments import Segment, written

HEADERS: Final = frozenset(
    "accept-ranges age allow cache-control connection content-disposition content-encoding "
    "content-language content-length content-location content-range content-security-policy "
    "content-type date etag expires last-modified link retry-after server set-cookie "
    "strict-transport-security transfer-encoding vary via www-authenticate x-frame-options".split()
)
"""Headers of answers, which a path alone does not name."""

_ANSWER: Final = frozenset({"response", "resp", "res", "answer", "reply"})
_BODY: Final = frozenset({"json", "body", "data", "content"})
_WORDS: Final = {
    **dict.fromkeys(
        ("duration", "elapsed", "latency", "response-time", "time", "total-time"), "time.total"
    ),
    **dict.fromkeys(("code", "status-code", "statuscode"), "status"),
    "cookies": "cookie.NAME", "content-size": "size", "length": "size", "redirect": "location",
}  # fmt: skip


def meant(segments: list[Segment], verb: str) -> str | None:
    """The hint for a path whose first name is no fact of the verb; None when there is none."""
    known = facts_of(verb)
    path, rest = written(segments), segments[1:]
    first = str(segments[0].value).lower().replace("_", "-")
    if first in _ANSWER and rest:
        inner = written(rest)
        stem = inner.partition(".")[0].partition("[")[0]
        if inner in known or any(fact.stem == stem for fact in known.values()):
            return f"write `{inner}`"
        return meant(rest, verb)
    if first in _BODY and rest and has_body(verb):
        return f"for a value of the JSON body write `${written(rest, jsonpath=True)}`"
    word = _WORDS.get(first)
    if word in known and not rest:
        return f"write `{word}`"
    if first in HEADERS and not rest and "header.NAME" in known:
        return f"write `header.{first}`"
    words = [*known, *(fact.stem for fact in known.values() if fact.stem)]
    near = suggestion(path, words) or suggestion(written(segments[:1]), words)
    if near is not None:
        return near
    if verb == "use":
        return f"for an output of the scenario write `outputs.{path}`"
    if has_body(verb):
        return f"for a value of the JSON body write `${written(segments, jsonpath=True)}`"
    return None
