"""What a failed step saw, in few lines: phases, the peer, its certificate, its answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from runner.query.show import show
from runner.reports.console_source import CHECKED
from runner.reports.style import Style
from runner.result import StepResult
from runner.units import show_bytes, show_seconds

PHASES: Final = ("dns", "tcp", "proxy", "tls", "send", "wait", "read")
_TELLING: Final = (
    "content-type", "content-encoding", "location", "retry-after", "www-authenticate", "allow",
    "server", "via", "x-request-id", "x-correlation-id", "traceparent",
)  # fmt: skip
_WIRE: Final = {"connect", "tls", "send", "read"}
_ANSWERED: Final = CHECKED | {"too-many-redirects", "insecure-redirect"}
_PAGE: Final = re.compile(r"\s*<(?:!doctype html|html)\b", re.IGNORECASE)
_UNSHOWN: Final = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_TAGS: Final = re.compile(r"<[^<>]*>")
_BODY_LINES: Final = 10
_PAGE_READ: Final = 16 * 1024


def phases(step: StepResult, before: Sequence[StepResult], style: Style) -> list[str]:
    """The phases so far, the last with a cross when it is the one that failed.

    The phases of the connection are those of the one connect step before it, where there is one
    only: with several, the record does not say which carried the request.
    """
    times = dict(step.times)
    if step.verb in ("send", "read"):
        for verb in ("connect", "send"):
            earlier = [one for one in before if one.verb == verb]
            if len(earlier) == 1 and verb != step.verb:
                times = {**earlier[0].times, **times}
    parts = [f"{name} {show_seconds(times[name])}" for name in PHASES if name in times]
    if parts and step.phase in _WIRE and step.kind not in _ANSWERED and step.times:
        parts[-1] += f" {style.glyph('✗')}"
    return parts


def peer(step: StepResult) -> str | None:
    """Where it was connected to, and over which TLS."""
    facts = step.facts
    if "address" not in facts:
        return None
    address = str(facts["address"])
    port = facts.get("port")
    if port is not None:
        address = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    tls = [str(facts[name]) for name in ("tls.version", "tls.cipher") if facts.get(name)]
    return ", ".join([address, *tls])


def certificate(step: StepResult) -> list[str]:
    """Whose the certificate is and when it holds, for a failure that is about certificates."""
    facts = step.facts
    if not (step.kind or "").startswith("certificate-"):
        return []
    parts: list[str] = []
    subject = facts.get("tls.subject")
    if isinstance(subject, Mapping) and subject:
        parts.append("of " + ", ".join(f"{name}={value}" for name, value in subject.items()))
    names = facts.get("tls.names")
    if isinstance(names, list | tuple) and names:
        parts.append(
            "for " + ", ".join(map(str, names[:6])) + (" and more" if len(names) > 6 else "")
        )
    issuer = facts.get("tls.issuer")
    if isinstance(issuer, Mapping) and issuer:
        parts.append("issued by " + ", ".join(f"{name}={value}" for name, value in issuer.items()))
    begin, end = facts.get("tls.not-before"), facts.get("tls.not-after")
    if begin and end:
        parts.append(f"valid from {_day(begin)} to {_day(end)}")
    return parts


def status_line(step: StepResult, style: Style) -> str | None:
    """The answer's status, after the request it answers where that is known."""
    facts = step.facts
    if "status" not in facts:
        return None
    status = f"{facts['status']} {facts.get('reason') or ''}".strip()
    url = facts.get("url") or facts.get("request.url")
    if url and facts.get("method"):
        status = f"{facts['method']} {url} {style.glyph('→')} {status}"
    return status


def headers(step: StepResult) -> list[str]:
    """The headers that tell most."""
    found = step.facts.get("header")
    if not isinstance(found, Mapping):
        return []
    lower = {str(name).lower(): value for name, value in found.items()}
    return [f"{name}: {_one_line(lower[name])}" for name in _TELLING if name in lower]


def hops(step: StepResult, style: Style) -> Iterator[str]:
    """The redirects that were followed, one a line."""
    found = step.facts.get("redirects")
    for hop in found if isinstance(found, list | tuple) else ():
        if isinstance(hop, Mapping):
            leads = f"{hop.get('status')} {hop.get('url')} {style.glyph('→')} {hop.get('location')}"
            yield leads


def body(step: StepResult, style: Style, room: int) -> list[str]:
    """The first lines of the body, where they help; of a page only its text."""
    if step.kind not in _ANSWERED or any(failure.paths for failure in step.failures):
        return []
    found = step.facts.get("text", step.facts.get("body"))
    if isinstance(found, Mapping):
        size = len(str(found.get("base64", ""))) * 3 // 4
        return [f"(about {show_bytes(size)}, not text)"]
    if not isinstance(found, str) or not found.strip():
        return []
    lines = _pretty(found, room)
    more = len(lines) - _BODY_LINES
    if more > 1:
        lines = [*lines[:_BODY_LINES], f"{style.glyph('…')} {more} more lines"]
    return [style.cut(line.rstrip(), room) for line in lines]


def _pretty(text: str, room: int) -> list[str]:
    if text.lstrip()[:1] in ("{", "["):
        try:
            return _json(json.loads(text), "", room)
        except (ValueError, RecursionError):
            pass
    if _PAGE.match(text):
        text = _TAGS.sub(" ", _UNSHOWN.sub(" ", text[:_PAGE_READ]))
        return [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    return [line for line in text.splitlines() if line.strip()]


def _json(tree: Any, head: str, room: int) -> list[str]:
    """JSON that opens up only what has no room on one line."""
    short = head + json.dumps(tree, ensure_ascii=False)
    if len(short) < room or not isinstance(tree, dict | list) or not tree:
        return [short]
    indent = head[: len(head) - len(head.lstrip(" "))]
    inner = indent + "  "
    if isinstance(tree, dict):
        ends = "{}"
        parts = [
            _json(value, f"{inner}{json.dumps(key, ensure_ascii=False)}: ", room)
            for key, value in tree.items()
        ]
    else:
        ends = "[]"
        parts = [_json(value, inner, room) for value in tree]
    for part in parts[:-1]:
        part[-1] += ","
    return [head + ends[0], *(line for part in parts for line in part), indent + ends[1]]


def _one_line(value: object) -> str:
    return show(value, 60) if not isinstance(value, str) else value[:60] + "…" * (len(value) > 60)


def _day(value: object) -> str:
    return str(getattr(value, "isoformat", lambda: value)())[:10]
