"""``read``: takes the body of the answer: all of it, or as much as the step asks for."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from runner.kinds import StepFault
from runner.query.values import Lazy
from runner.steps.base import Run, fail, nearest
from runner.steps.handles import RequestHandle
from runner.steps.parsing import charset_of, must_be_markup, parse_json, text_of
from runner.units import size
from runner.wire.exchange import Exchange

if TYPE_CHECKING:
    from runner.masked_file import Save

_PART: Final = frozenset({"lines", "until", "events"})
PARSED: Final = ("json", "text", "xml", "html")


def run(run: Run) -> None:
    """Reads from the newest answer. Leaves ``body``, ``text``, ``size`` and the like."""
    handle = run.handles.request(run.step.on)
    read(run, handle, run.subject)
    if handle.graphql:
        from runner.steps.graphql import check_errors

        check_errors(run, run.step.expect)


def read(run: Run, handle: RequestHandle, subject: object) -> None:
    """Reads from the answer to this request, and parses it where the step says what it must be.

    Raises ``StepFault``: truncated-body, bad-encoding, invalid-json, invalid-xml, body-too-large.
    """
    exchange = handle.answered()
    run.exchange = exchange
    run.facts["request.sent"] = handle.sent_at
    run.route = exchange.connection.route
    session = handle.connection.session.session()
    body = exchange.body
    if "max" in run.options:
        body.max_body = size(run.options["max"])
    body.decode = bool(run.options.get("decode", True))
    run.deadline = nearest(run.deadline, handle.deadline)
    limits = run.limits(session.settings.read_timeout)
    try:
        with exchange.reading(limits, run.phases):
            if "save" in run.options and subject is None and not _PART & run.options.keys():
                _save(run, exchange, str(run.options["save"]))
            else:
                _take(run, exchange, subject)
    finally:
        run.facts["received"] = run.facts["size"] = body.received
        run.facts["wire-size"] = body.wire_size
        run.facts["eof"] = body.eof
        run.remember_jar(session)
    if subject in PARSED:
        _must_parse(run, str(subject))


def _take(run: Run, exchange: Exchange, subject: object) -> None:
    body, options = exchange.body, run.options
    if "events" in options:
        try:
            body.events(cast(int, options["events"]))
        finally:
            run.facts["events"] = list(body.got)
        return
    if "lines" in options:
        data = b"".join(body.lines(cast(int, options["lines"])))
    elif "until" in options:
        data = body.until(str(options["until"]).encode())
    elif subject is not None and subject not in PARSED:
        data = body.read(size(subject))
    else:
        try:
            data = body.rest()
        except BaseException:
            leave_body(run, exchange, body.partial)
            raise
    leave_body(run, exchange, data)


def leave_body(run: Run, exchange: Exchange, data: bytes) -> None:
    """Leaves the facts of bytes that were read: text and parsed forms only on demand."""
    charset = cast("str | None", run.options.get("charset"))
    media = exchange.header("content-type") or ""
    text = Lazy(lambda: text_of(data, charset or charset_of(exchange)))
    parsed = Lazy(lambda: parse_json(data, media))
    if "save" in run.options:
        save = _begun(run, str(run.options["save"]))
        with save.writing() as file:
            file.write(data)
        run.facts["saved"] = str(save.path)
    run.facts["raw"] = data
    run.facts["bytes"] = len(data)
    run.facts["text"] = text
    run.facts["json"] = parsed
    run.facts["body"] = (
        parsed if run.subject == "json" else Lazy(lambda: _text_or_bytes(text, data))
    )
    run.facts["sha256"] = Lazy(lambda: hashlib.sha256(data).hexdigest())
    run.facts["markup"] = Lazy(
        lambda: _document(data, "xml" if "xml" in media and "html" not in media else "html")
    )


def _document(data: bytes, kind: str) -> object:
    from runner.query.markup import Document

    return Document(data, kind)


def _text_or_bytes(text: Lazy, data: bytes) -> object:
    try:
        return text.get()
    except StepFault:
        return data


def _place(run: Run, name: str) -> Path:
    """Where a file of ``save`` goes, its folder made. Raises ``StepFault``."""
    folder = run.surroundings.output
    if folder is None:
        fail("file-not-found", "`save` needs a folder to save in", "give the command --output DIR")
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        fail("file-outside-root", f'"{name}" leaves the folder of --output')
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        fail("file-not-found", f"{path} cannot be saved: {error.strerror}")
    return path


def _begun(run: Run, name: str) -> Save:
    """A file of ``save``, which is put in place when the step is over. Raises ``StepFault``."""
    from runner.masked_file import Save

    save = Save(_place(run, name), run.surroundings.redactor)
    run.saves.append(save)
    return save


def _save(run: Run, exchange: Exchange, name: str) -> None:
    save = _begun(run, name)
    digest, count = hashlib.sha256(), 0
    with save.writing() as file:

        def write(view: memoryview) -> None:
            nonlocal count
            digest.update(view)
            count += len(view)
            file.write(view)

        exchange.body.rest_into(write)
    run.facts["bytes"] = count
    run.facts["sha256"] = digest.hexdigest()
    run.facts["saved"] = str(save.path)


def _must_parse(run: Run, kind: str) -> None:
    data = cast(bytes, run.facts.get("raw", b""))
    if kind in ("xml", "html"):
        run.facts["markup"] = _document(data, kind)
        must_be_markup(data, kind)
        return
    value = run.facts[kind]
    if isinstance(value, Lazy):
        value.get()
