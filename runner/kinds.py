"""The closed list of failure kinds, and the record of one failure.

A *kind* is a stable name a scenario, a report or a script may rely on. Each has a home phase and
says whether the step was carried out and found wrong (``failed``) or could not be carried out
(``error``).
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

Outcome = Literal["passed", "failed", "error", "skipped"]
Phase = Literal["load", "connect", "tls", "open", "send", "read", "checks", "run"]


class Kind(NamedTuple):
    """One failure kind: its home phase, the outcome it gives a step, and what it means."""

    name: str
    phase: Phase
    outcome: Literal["failed", "error"]
    meaning: str


class Fault(NamedTuple):
    """Why a step did not pass.

    ``message`` is one line; ``causes`` are the messages of the exceptions below it, outermost
    first; ``hint`` says what to look at next, where that helps.
    """

    kind: str
    phase: Phase
    message: str
    hint: str | None = None
    causes: tuple[str, ...] = ()

    @property
    def outcome(self) -> Literal["failed", "error"]:
        """``failed`` or ``error``, as the kind says."""
        return KINDS[self.kind].outcome


class StepFault(Exception):  # noqa: N818 - it carries a Fault; the name says what it is
    """Raised inside a step to end it with a known ``Fault``.

    ``at`` is the place in the scenario to point at (``file:line:column``), where one is to blame.
    """

    def __init__(self, fault: Fault, at: object = None) -> None:
        super().__init__(fault.message)
        self.fault = fault
        self.at = at


def _kinds() -> dict[str, Kind]:
    table: tuple[tuple[Phase, Literal["failed", "error"], tuple[tuple[str, str], ...]], ...] = (
        ("load", "error", (
            ("invalid-yaml", "the file is not YAML the runner can read"),
            ("alias-bomb", "aliases expand to more than 10,000 nodes"),
            ("invalid-scenario", "the file is YAML, but not a scenario"),
            ("wrong-order", "a step needs what no step before it makes"),
            ("undefined-variable", "a template names a variable nothing defines"),
            ("file-not-found", "a file named in the scenario does not exist"),
            ("file-outside-root", "a path leaves the folder scenarios may read"),
        )),
        ("connect", "error", (
            ("invalid-url", "the URL cannot be parsed or has no host"),
            ("unsupported-scheme", "the URL is neither http nor https"),
            ("name-not-resolved", "the name has no address"),
            ("connection-refused", "nothing listens at the address"),
            ("host-unreachable", "no route leads to the address"),
            ("connect-timeout", "no connection within the connect timeout"),
            ("proxy-failed", "the proxy could not be reached or would not open the way"),
            ("proxy-auth-required", "the proxy wants a user and a password"),
        )),
        ("tls", "error", (
            ("tls-handshake-failed", "the TLS handshake broke off"),
            ("tls-version", "the peer refused the TLS versions offered"),
            ("tls-not-offered", "the local TLS library cannot do what was asked for"),
            ("certificate-expired", "the certificate's validity has ended"),
            ("certificate-not-yet-valid", "the certificate's validity has not begun"),
            ("certificate-name-mismatch", "the certificate is for another name"),
            ("certificate-untrusted", "no trusted authority signed the certificate"),
            ("certificate-self-signed", "the certificate signed itself and is not trusted"),
            ("client-certificate-required", "the server wants a client certificate"),
        )),
        ("open", "error", (
            ("invalid-method", "the method is not a token"),
            ("invalid-header", "a header's name or value cannot be sent"),
            ("header-exists", "the header is there and `if-exists: fail` forbids that"),
            ("wrong-state", "the handle is not in the state the step needs"),
        )),
        ("send", "error", (
            ("connection-reset", "the peer reset the connection"),
            ("connection-aborted",
             "the connection broke while sending, or there was no file descriptor left for it"),
            ("connection-closed", "the connection was closed before the request was sent"),
            ("empty-response", "the server closed without sending a byte"),
            ("read-timeout", "the server was silent for the read timeout"),
        )),
        ("send", "failed", (
            ("invalid-response", "what came is not an HTTP response"),
            ("deadline-exceeded", "the step's deadline passed"),
            ("too-many-redirects", "more redirects than the step allows"),
            ("insecure-redirect", "a redirect leads from https to http"),
            ("authentication-failed", "the server refused the credentials"),
            ("unexpected-status", "the status is not 2xx and no check allows it"),
            ("graphql-errors", "the GraphQL answer carries errors"),
        )),
        ("read", "failed", (
            ("truncated-body", "the body ended before its end"),
            ("bad-encoding", "the body's content coding is broken or unknown"),
            ("invalid-json", "the body is not JSON"),
            ("invalid-xml", "the body is not XML"),
            ("body-too-large", "the body is larger than the limit"),
        )),
        ("checks", "failed", (
            ("expectation-failed", "a check does not hold"),
            ("capture-failed", "a capture found nothing"),
            ("schema-mismatch", "a value does not fit its JSON Schema"),
            ("retry-stopped", "`stop-if` ended the retries"),
        )),
        ("run", "error", (
            ("interrupted", "the run was interrupted"),
            ("internal-error", "a bug of httpsteps: please report it"),
        )),
    )  # fmt: skip
    return {
        name: Kind(name, phase, outcome, meaning)
        for phase, outcome, rows in table
        for name, meaning in rows
    }


KINDS: Final = _kinds()
