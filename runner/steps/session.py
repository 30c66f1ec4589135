"""``session``: what requests share: headers, cookies, timeouts, proxy, TLS, credentials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from runner.query.values import as_text
from runner.steps.base import Run, auth_of, fail, lines_of
from runner.steps.handles import SessionHandle
from runner.units import duration, size
from runner.wire.request import default_lines
from runner.wire.session import Session
from runner.wire.settings import SessionSettings, TlsSettings

DEFAULTS: Final = SessionSettings()


def run(run: Run) -> None:
    """Makes a session; nothing is sent. Leaves the facts ``user-agent`` and ``proxy``."""
    make(run, implicit=False)


def make(run: Run, *, implicit: bool) -> SessionHandle:
    """Makes a session from the step's options and registers it."""
    handle = SessionHandle(implicit=implicit)
    run.handles.add(run.step.id, handle)
    made = Session(settings_of(run))
    default_lines(made)  # what no request of the session could send is found now
    run.handles.kept.at_end(made.close)
    handle.wire = made
    handle.redirects = cast(int, run.options.get("redirects", 0))
    handle.cookies = cookies_of(run)
    run.facts["user-agent"] = made.settings.user_agent
    run.facts["proxy"] = made.proxy_shown()
    run.remember_jar(made)
    run.facts["jar"] = {**handle.cookies, **cast(Mapping[str, str], run.facts["jar"])}
    return handle


def cookies_of(run: Run) -> dict[str, str]:
    """The cookies a session step names."""
    cookies = cast(Mapping[str, object], run.options.get("cookies") or {})
    return {str(name): as_text(value) for name, value in cookies.items()}


def settings_of(run: Run) -> SessionSettings:
    """The wire's settings from a session step's options. Raises ``StepFault``."""
    options = run.options
    timeout = options.get("timeout")
    parts = timeout if isinstance(timeout, Mapping) else {"connect": timeout, "read": timeout}
    per_request = options.get("deadline-per-request")
    no_proxy = options.get("no-proxy") or ()
    return SessionSettings(
        user_agent=str(options.get("user-agent") or DEFAULTS.user_agent),
        headers=tuple(
            (name, value) for name, value in lines_of(options.get("headers")) if value is not None
        ),
        connect_timeout=DEFAULTS.connect_timeout
        if parts.get("connect") is None
        else seconds(parts["connect"]),
        read_timeout=DEFAULTS.read_timeout if parts.get("read") is None else seconds(parts["read"]),
        deadline_per_request=None if per_request is None else seconds(per_request),
        connect_retries=cast(int, options.get("connect-retries", 0)),
        proxy=str(options.get("proxy") or "env"),
        no_proxy=tuple(
            no_proxy.split(",") if isinstance(no_proxy, str) else map(str, cast(Any, no_proxy))
        ),
        auth=auth_of(options.get("auth"), run.surroundings.secret),
        tls=tls_of(run, options.get("tls"), TlsSettings()),
        redirects=cast(int, options.get("redirects", 0)),
        max_body=size(options["max-body"]) if "max-body" in options else DEFAULTS.max_body,
        environ=run.surroundings.environ,
    )


def tls_of(run: Run, spec: object, default: TlsSettings) -> TlsSettings:
    """TLS settings from a ``tls`` mapping; what it does not name is as in ``default``."""
    if not isinstance(spec, Mapping):
        return default

    def file(key: str, old: str | None) -> str | None:
        name = spec.get(key)
        if name is None:
            return old
        return str(run.surroundings.files.of_tls(key, str(name)))

    verify = bool(spec.get("verify", default.verify))
    if "verify" in spec and not verify:
        run.surroundings.warn(f"TLS certificates are not verified ({run.step.at})")
    return TlsSettings(
        verify=verify,
        ca=file("ca", default.ca),
        client_cert=file("client-cert", default.client_cert),
        client_key=file("client-key", default.client_key),
        min_version=cast("str | None", spec.get("min-version", default.min_version)),
        max_version=cast("str | None", spec.get("max-version", default.max_version)),
    )


def seconds(value: object) -> float:
    """Seconds of a duration that may have come from a template. Raises ``StepFault``."""
    try:
        return duration(value)
    except ValueError as error:
        fail("invalid-scenario", str(error))
