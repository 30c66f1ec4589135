"""``run --dry-run``: every request as it would be sent, and nothing is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TextIO

from runner.cli.main import BAD_USAGE, PASSED
from runner.cli.output import counted
from runner.cli.plan import Plan
from runner.columns import clean
from runner.execution.drafts import Act
from runner.execution.rehearsal import rehearse
from runner.execution.unknowns import Unknowns, has_unknown
from runner.kinds import StepFault
from runner.redact import Redactor
from runner.scenario.model import Address
from runner.wire.payload import FilePart, Payload

_SHOWN: Final = 16 * 1024
_SILENT: Final = ("session", "open", "add-headers", "read", "close", "set")


def dry_run(plan: Plan, out: TextIO) -> int:
    """Writes the requests of every job. Exit status 0, or 2 when one of them cannot be made.

    No socket is opened, no service started. Raises ``ProblemError`` when an environment's values
    cannot be had.
    """
    unknowns = Unknowns()
    served = f"http://{unknowns.mark('serve.url')}" if plan.serve is not None else None
    settings = plan.settled(served)
    page = _Page(out, plan.redactor, unknowns)
    for job in plan.jobs:
        scenario, case = job.whole()
        label = f" [{job.label}]" if job.label else ""
        page.line(f"{scenario.name}{label}  {scenario.file}")
        if scenario.skip is not None:
            page.line(f"  skipped: {scenario.skip}")
            page.line("")
            continue
        try:
            rehearse(scenario, case, settings, unknowns, page.base, page.act)
        except StepFault as fault:
            at = f"{fault.at}: " if isinstance(fault.at, Address) else ""
            page.error("  ", f"{at}{fault.fault.message}", fault.fault.kind, fault.fault.hint)
        page.line("")
    told = f"{counted(page.requests, 'request')} of {counted(len(plan.jobs), 'scenario')}"
    page.line(f"{told}; nothing was sent")
    if page.faults:
        page.line(f"{counted(page.faults, 'step')} cannot be carried out")
    return BAD_USAGE if page.faults else PASSED


@dataclass(slots=True)
class _Page:
    """What is written, line by line, with secrets masked and marks shown."""

    out: TextIO
    redactor: Redactor
    unknowns: Unknowns
    requests: int = 0
    faults: int = 0
    teardown: bool = field(default=False)

    def line(self, text: str) -> None:
        shown = clean(self.redactor.text(self.unknowns.show(text)).rstrip())
        encoding = self.out.encoding or "utf-8"
        self.out.write(shown.encode(encoding, "backslashreplace").decode(encoding) + "\n")

    def base(self, url: str | None) -> None:
        self.teardown = False
        if url is not None:
            self.line(f"  base: {url}")

    def error(self, margin: str, message: str, kind: str, hint: str | None) -> None:
        self.faults += 1
        self.line(f"{margin}error: {message}  [{kind}]")
        if hint:
            self.line(f"{margin}  hint: {hint}")

    def act(self, act: Act) -> None:
        """One step, unless there is nothing to be said of it."""
        if act.step.verb in _SILENT and not act.words and not act.fault:
            return
        if act.path.startswith("t") and not self.teardown:
            self.teardown = True
            self.line("")
            self.line("  teardown")
        margin = "  " * (act.depth + 1)
        self.line("")
        self.line(f"{margin}{act.path.removeprefix('t')}  {act.name}  (line {act.step.at.line})")
        margin += "   "
        for words in act.words:
            self.line(f"{margin}- {words}")
        if act.fault is not None:
            self.error(margin, act.fault.message, act.fault.kind, act.fault.hint)
        elif act.request is not None:
            self.requests += 1
            for line in self._request(act):
                self.line(f"{margin}{line}".rstrip())

    def _request(self, act: Act) -> Iterator[str]:
        made = act.request
        assert made is not None
        url = made.url
        if act.unbased is not None:
            url = url[url.lower().index(act.unbased) :]
        yield f"{made.method} {url} HTTP/{made.draft.http}"
        body = list(_body(act.payload))
        for name, value in made.lines:
            shown = self.redactor.value([name, value])
            assert isinstance(shown, list)
            if name.lower() == "content-length" and has_unknown(body):
                yield f"{name}: {self.unknowns.mark('depends on the body')}"
            elif not (act.unbased is not None and name.lower() == "host"):
                yield f"{name}: {shown[1]}"
        if body:
            yield ""
        kind = act.payload.content_type if act.payload is not None else None
        for text in body:
            told = self.unknowns.show_json(text) if kind and "json" in kind else text
            yield from told.splitlines() or [""]


def _body(payload: Payload | None) -> Iterator[str]:
    """The body as text; what is a file or no text is named."""
    if payload is None:
        return
    if payload.every:
        yield f"({len(payload.parts)} chunks, {payload.every:g} s apart)"
    text = ""
    for part in payload.parts:
        if isinstance(part, FilePart):
            text += f"({part.size} bytes of {part.path.name})"
            continue
        try:
            text += part.decode()
        except UnicodeDecodeError:
            text += f"({len(part)} bytes that are no text)"
        if payload.every:
            text += "\n"
    if len(text) > _SHOWN:
        text = f"{text[:_SHOWN]}\n({len(text) - _SHOWN} more characters)"
    if text:
        yield text
