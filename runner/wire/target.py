"""A URL as a request needs it: prepared by requests, or as it was written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlencode, urlsplit

from requests import PreparedRequest
from requests.exceptions import RequestException

from runner.kinds import Fault, StepFault
from runner.query.values import as_text
from runner.wire.route import check_breaks, split_userinfo

if TYPE_CHECKING:
    from runner.wire.session import Session

_MOST_PLACES: Final = 1000
_CONTROLS: Final = re.compile(r"[\x00-\x20\x7f]")
_PARTS: Final = r"([A-Za-z][A-Za-z0-9+.-]*://[^/?#\\]*)([^#]*)"
_PORTS: Final = {"http": 80, "https": 443}


class Place(NamedTuple):
    """Where a request goes: the whole URL, the ``Host`` line's value, and the request target.

    ``absolute`` is the target for a forward proxy (RFC 9112, section 3.2.2): without fragment, user
    and password.
    """

    url: str
    host: str
    target: str
    absolute: str


def place_of(session: Session, url: str, *, as_is: bool = False) -> Place:
    """The place of an absolute http or https URL; remembered, as equal URLs give equal places.

    By default requests prepares it: IDNA, dot segments, percent-encoding. ``as_is``: path and query
    stay as they are, but for blanks and control characters, which are percent-encoded. Raises
    StepFault ``invalid-url`` or ``unsupported-scheme``.
    """
    known = session.memo.get((url, as_is))
    if known is None:
        if len(session.memo) >= _MOST_PLACES:
            session.memo.clear()
        known = session.memo[url, as_is] = _find(url, as_is)
    found: Place = known
    return found


def join_params(url: str, params: Mapping[str, object]) -> str:
    """``url`` with ``params`` after its query: lists repeat the name, null adds nothing.

    Encoded as a form, as requests does it. Raises StepFault ``invalid-url`` for a mapping as value.
    """
    pairs: list[tuple[str, str]] = []
    for name, value in params.items():
        for item in _items(value):
            try:
                pairs.append((as_text(name), as_text(item)))
            except ValueError as error:
                raise _fault(f"`params.{name}`: {error}") from error
    if not pairs:
        return url
    rest, mark, fragment = url.partition("#")
    joint = "" if rest.endswith(("?", "&")) else "&" if "?" in rest else "?"
    return f"{rest}{joint}{urlencode(pairs)}{mark}{fragment}"


def _items(value: object) -> Iterable[object]:
    if value is None:
        return ()
    if isinstance(value, list | tuple):
        return [item for item in value if item is not None]
    return (value,)


def _find(url: str, as_is: bool) -> Place:
    check_breaks(url)
    raw: str | None = None
    if as_is and (parts := re.match(_PARTS, url.lstrip())):
        url = f"{parts[1]}/"
        raw = _CONTROLS.sub(lambda sign: f"%{ord(sign[0]):02X}", parts[2])
    request = PreparedRequest()
    try:
        request.prepare_url(url, None)
        made = request.url or ""
        split = urlsplit(made)
        port = split.port
    except (RequestException, ValueError) as error:
        raise _fault(f"the URL cannot be read: {error}", causes=(str(error),)) from error
    if split.scheme not in _PORTS:
        raise StepFault(
            Fault("unsupported-scheme", "open", f"the scheme {split.scheme!r} is not http or https")
        )
    if not split.hostname:
        raise _fault("the URL has no host")
    target = request.path_url
    if raw is not None:
        target = raw if raw.startswith("/") else f"/{raw}"
        made = f"{split.scheme}://{split.netloc}{target}"
    host = split.netloc.rpartition("@")[2]
    if port is None or port == _PORTS[split.scheme]:
        host = host.removesuffix(":" if port is None else f":{port}")
    return Place(made, host, target, f"{split.scheme}://{host}{target}")


def hide_secrets(url: str) -> str:
    """The URL without user and password."""
    return split_userinfo(url)[0]


def _fault(message: str, causes: tuple[str, ...] = ()) -> StepFault:
    return StepFault(Fault("invalid-url", "open", message, causes=causes))
