"""OAuth 2.0 client credentials (RFC 6749, section 4.4): a token is had, then sent as bearer.

oauthlib writes the request and reads the answer; the way there is the session's own, so that its
TLS, its proxy and the deadline of the step hold.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from threading import Lock
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote_plus

from oauthlib.oauth2 import BackendApplicationClient, OAuth2Error  # type: ignore[import-untyped]
from requests import PreparedRequest, Request, Response

from runner.kinds import Fault, StepFault
from runner.wire.auth.late import LateAuth
from runner.wire.limits import Limits
from runner.wire.phases import Phases
from runner.wire.target import hide_secrets

if TYPE_CHECKING:
    from runner.wire.adapter import Adapter
    from runner.wire.session import Session

_SENDABLE: Final = re.compile(r"[\x21-\x7e]+")
_EARLY: Final = 10.0
_EARLY_PART: Final = 0.1
_SHOWN: Final = 200
_LARGEST: Final = 1024 * 1024


class OAuth2Auth(LateAuth):
    """A token of the client's own: had once, and again when it expires or is refused.

    ``token_url`` is absolute; ``scope`` is empty or names separated by blanks. ``secret`` is told
    the client's secret and every token. Threads may share it.

    The client proves itself by basic authentication; where that is refused, once more in the body
    of the request (RFC 6749, section 2.3.1), which some servers want instead.
    """

    proof = "the token"

    def __init__(
        self,
        token_url: str,
        client_id: str,
        client_secret: str,
        scope: str,
        secret: Callable[[str], None],
    ) -> None:
        self._url = token_url
        self._client_id = client_id
        self._client_secret = client_secret
        self._scope = scope
        self._secret = secret
        self._lock = Lock()
        self._token = ""
        self._until: float | None = None
        self._in_body = False
        self._fresh = False
        self._way: Session | None = None
        secret(client_secret)
        secret(quote_plus(client_secret))

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        if self._token:
            r.headers["Authorization"] = f"Bearer {self._token}"
        r.register_hook("response", self._refused)  # type: ignore[no-untyped-call]
        return r

    def get_ready(self, session: Session, limits: Limits, phases: Phases) -> None:
        """Has a token that holds. Raises StepFault ``authentication-failed``, or of the wire."""
        self._renew(session, limits, phases, self._expired)

    def _expired(self) -> bool:
        return not self._token or (self._until is not None and perf_counter() >= self._until)

    def _refused(self, response: Response, **_: object) -> Response:
        """Sends the request once more with a new token when an older one was refused."""
        sent = (response.request.headers.get("Authorization") or "").removeprefix("Bearer ")
        if response.status_code != 401:
            self._fresh = False
            return response
        if self._fresh or not sent:
            self._token = ""
            return response
        rounds: Any = response.connection
        self._renew(rounds.session, rounds.limits, rounds.phases, lambda: self._token == sent)
        request = response.request.copy()
        request.headers["Authorization"] = f"Bearer {self._token}"
        answer: Response = rounds.send(request)
        return answer

    def _renew(
        self, session: Session, limits: Limits, phases: Phases, wanted: Callable[[], bool]
    ) -> None:
        """Fetches a token if it is wanted still once no other thread is fetching one."""
        while not self._lock.acquire(timeout=limits.left() or -1):
            limits.left()
        try:
            if wanted():
                self._keep(self._fetch(session, limits, phases))
        finally:
            self._lock.release()

    def _keep(self, answer: dict[str, Any]) -> None:
        token = str(answer["access_token"])
        self._secret(token)
        kind = str(answer.get("token_type") or "bearer")
        if kind.lower() != "bearer":
            raise self._fault(
                f"gave a token of the type {kind[:_SHOWN]}, and only bearer can be sent"
            )
        if not _SENDABLE.fullmatch(token):
            raise self._fault("gave a token that no header can carry")
        lifetime = self._lifetime(answer.get("expires_in"))
        self._until = None
        if lifetime:
            early = min(_EARLY, lifetime * _EARLY_PART)
            self._until = perf_counter() + lifetime - early
        self._token = token
        self._fresh = True

    def _lifetime(self, given: Any) -> float:
        try:
            return float(given or 0)
        except (TypeError, ValueError, OverflowError):
            raise self._fault("gave a token whose `expires_in` is no number of seconds") from None

    def _fetch(self, session: Session, limits: Limits, phases: Phases) -> dict[str, Any]:
        response = self._ask(session, limits, phases)
        if response.status_code in (400, 401) and not self._in_body:
            first = _said(response)
            self._in_body = True
            response = self._ask(session, limits, phases)
            if response.status_code != 200:
                self._in_body = False
                causes = (f"with the client's secret in the body: {_said(response)}",)
                raise self._fault(f"refused: {first}", causes)
        if response.status_code != 200:
            raise self._fault(f"refused: {_said(response)}")
        client = BackendApplicationClient(self._client_id)
        try:
            return dict(client.parse_request_body_response(_legible(response)))
        except OAuth2Error as error:
            said = _line(str(error.description or error.error))
            raise self._fault(f"gave no token: {said}") from None
        except OverflowError:
            raise self._fault("gave a token whose `expires_in` is no number of seconds") from None
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            told = "gave no token: its answer is neither JSON nor a form"
            raise self._fault(told, (_line(str(error)),)) from None

    def _ask(self, session: Session, limits: Limits, phases: Phases) -> Response:
        from runner.wire.failures import explain

        client = BackendApplicationClient(self._client_id)
        headers = {
            "User-Agent": session.settings.user_agent,
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        more = {"client_secret": self._client_secret} if self._in_body else {}
        body = client.prepare_request_body(
            scope=self._scope.split() or None, include_client_id=self._in_body, **more
        )
        if not self._in_body:
            pair = f"{quote_plus(self._client_id)}:{quote_plus(self._client_secret)}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        route = session.route(self._url)
        own = Phases(phases.listen)
        try:
            adapter = self._adapter(session)
            request = Request("POST", self._url, data=body, headers=headers)
            bounds = Limits(limits.silence, limits.until, limits.seconds)
            return adapter.carry(adapter.session.http.prepare_request(request), bounds, own)
        except Exception as error:
            fault = explain(error, own, route)
            message = f"no token from {hide_secrets(self._url)}: {fault.message}"
            raise StepFault(fault._replace(message=message)) from error

    def _adapter(self, session: Session) -> Adapter:
        """The session's way to other servers, without its cookies and headers: they are not for
        the token's endpoint.
        """
        from runner.wire.adapter import Adapter
        from runner.wire.session import Session

        if self._way is None:
            settings = session.settings._replace(auth=None, headers=(), max_body=_LARGEST)
            self._way = Session(settings)
        return Adapter(self._way)

    def _fault(self, message: str, causes: tuple[str, ...] = ()) -> StepFault:
        hint = "check `token-url`, `client-id`, `client-secret` and `scope`"
        told = f"the token endpoint {hide_secrets(self._url)} {message}"
        return StepFault(Fault("authentication-failed", "send", told, hint, causes))


def _said(response: Response) -> str:
    """The status, and the error of RFC 6749, section 5.2, or else the beginning of the body."""
    status = f"{response.status_code} {response.reason or ''}".strip()
    text = _legible(response)
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        answer = None
    if isinstance(answer, dict) and isinstance(answer.get("error"), str):
        more = answer.get("error_description")
        return f"{status}, {_line(answer['error'])}" + (f": {_line(str(more))}" if more else "")
    return f"{status}, {_line(text)}" if text.strip() else status


def _legible(response: Response) -> str:
    return response.content.decode("utf-8", "replace")


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"
