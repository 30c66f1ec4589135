"""The wire as it is walked, like ``curl -v``: ``*`` notes, ``>`` sent, ``<`` received."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from runner.plain import plain
from runner.query.show import show
from runner.reports.cleaning import Clean
from runner.reports.style import Ink, Style
from runner.result import StepResult
from runner.units import show_bytes, show_seconds

_NOTES: Final[Mapping[str, str]] = {
    "resolving": "resolving {host}",
    "resolved": "{host} is {addresses}",
    "connecting": "connecting to {address}",
    "connected": "connected to {address}",
    "tunnelling": "asking {proxy} for a tunnel",
    "tunnelled": "the tunnel is open",
    "securing": "TLS handshake as {name}",
    "reading": "reading the body",
    "sent": "sent",
    "waiting": "waiting for the answer",
    "first-byte": "the answer begins",
    "read": "read",
    "draining": "reading what is left of the answer from {url}",
    "closed": "closed",
}


class Verbose:
    """Turns events into lines. Steps that run at the same time are told apart by headings."""

    def __init__(self, style: Style, clean: Clean) -> None:
        self._style = style
        self._clean = clean
        self._now: tuple[object, object] | None = None

    def lines(self, event: str, detail: Mapping[str, Any]) -> Iterator[str]:
        """The lines on one event, without newlines."""
        which = detail.get("scenario") or {}
        here = (which.get("index"), detail.get("path"))
        heading = self._now is None or here[0] != self._now[0]
        if event not in ("step-started", "phase", "step-finished"):
            return
        if here != self._now and event != "step-finished":
            yield from self._headings(which if heading else None, detail)
        self._now = here
        if event == "phase":
            known = self._clean(plain(detail.get("detail") or {}))
            for mark, text in _told(str(detail.get("phase")), known):
                yield self._style.line(Ink(f"{mark} ", "dim"), text)
        elif event == "step-finished" and isinstance(detail.get("result"), StepResult):
            yield self._ended(detail["result"], str(detail.get("path", "")))

    def _headings(
        self, which: Mapping[str, Any] | None, detail: Mapping[str, Any]
    ) -> Iterator[str]:
        if which is not None:
            case = f" [{which['case']}]" if which.get("case") else ""
            yield self._bar("═", f"{which.get('name', '')}{case}  {which.get('file', '')}")
        yield self._bar("─", f"{detail.get('path', '')} {detail.get('name', '')}")

    def _bar(self, glyph: str, text: str) -> str:
        style = self._style
        text = f"{style.glyph(glyph) * 2} {self._clean(text)}"
        return style.line(Ink(style.cut(text, style.width) if style.width else text, "bold"))

    def _ended(self, result: StepResult, path: str) -> str:
        mark = self._style.mark(result.outcome)
        took = f"  {show_seconds(result.duration)}" if result.outcome != "skipped" else ""
        kind = f"  {result.kind}" if result.kind else ""
        name = f" {path} {self._clean(result.name)}"
        return self._style.line(mark, name, Ink(kind, mark.look), Ink(took, "dim"))


def _told(phase: str, detail: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Mark and text of each line on a phase."""
    if phase == "secured":
        yield from _secured(detail)
    elif phase in ("sending", "head"):
        mark = ">" if phase == "sending" else "<"
        if detail.get("line"):
            yield mark, str(detail["line"])
        for name, value in detail.get("lines") or ():
            yield mark, f"{name}: {value}"
    elif phase == "sent" and isinstance(detail.get("bytes"), int):
        yield "*", f"sent {show_bytes(detail['bytes'])}"
    elif phase == "securing" and detail.get("trust"):
        by = f" ({detail['by']})" if detail.get("by") else ""
        yield "*", f"TLS handshake as {detail.get('name')}, trusting {detail['trust']}{by}"
    elif phase:
        yield "*", _note(phase, detail)


def _note(phase: str, detail: Mapping[str, Any]) -> str:
    known = {
        key: ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
        for key, value in detail.items()
    }
    try:
        return _NOTES[phase].format(**known)
    except KeyError:
        rest = ", ".join(f"{key} {show(value, 60)}" for key, value in known.items())
        return f"{phase}: {rest}" if rest else phase


def _secured(detail: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    known = [str(detail[key]) for key in ("tls.version", "tls.cipher") if detail.get(key)]
    if detail.get("tls.alpn"):
        known.append(f"ALPN {detail['tls.alpn']}")
    yield "*", "secured: " + ", ".join(known)
    for name in ("subject", "issuer"):
        value = detail.get(f"tls.{name}")
        if isinstance(value, Mapping) and value:
            yield "*", f"  {name}: " + ", ".join(f"{key}={one}" for key, one in value.items())
    names = detail.get("tls.names")
    if isinstance(names, list | tuple) and names:
        yield "*", "  for: " + ", ".join(map(str, names))
    if detail.get("tls.not-after") is not None:
        left = detail.get("tls.days-left")
        days = f" ({left} days left)" if left is not None else ""
        yield "*", f"  valid until {_moment(detail['tls.not-after'])}{days}"


def _moment(value: object) -> str:
    return str(getattr(value, "isoformat", lambda: value)())[:10]
