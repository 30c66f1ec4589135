"""The sink every byte leaves through: it masks secrets, by their value and by their place."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Final

from runner.secret_guises import MASK, SHORTEST, guises

if TYPE_CHECKING:
    from runner.secret_masks import Masks

__all__ = ["MASK", "SHORTEST", "Redactor", "shows_credential", "texts_in"]

_NAME: Final = r"(?:proxy-)?authorization|(?:set-)?cookie|(?:[a-z0-9_-]*-)?api-key"
_SENSITIVE_QUERY: Final = (
    rf"\s*(?:[\w.]*\bheaders?\b\s*[.\[]\s*['\"]?(?:{_NAME})\b|cookie\s*[.\[]|jar\s*[.\[])"
)
_ATTRIBUTE: Final = (
    r"""\s*cookie(?:\.[\w-]+|\[(?:'[^']*'|"[^"]*")\])"""
    r"\.(?:domain|path|expires|secure|http-only|same-site|max-age)\s*(?:\||$)"
)
_HEADER_LINE: Final = rf"(?<![\w-])({_NAME})(:[ \t]*)[^\r\n'\"]+"


class Redactor:
    """Masks secrets in texts and in trees, in all the forms in which they may leave.

    Threads may share it.

    >>> redactor = Redactor()
    >>> redactor.add("hunter2")
    >>> redactor.text("https://me:hunter2@example.org/?again=hunter2")
    'https://me:***@example.org/?again=***'
    """

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._whole: set[str] = set()
        self._waiting: list[str] = []
        self._compiled: Masks | None = None
        self._lock = threading.Lock()

    def add(self, secret: str) -> None:
        """Masks this text from now on. One of fewer than 6 characters, or of blanks alone, is
        masked only where it is a whole value.

        So are the texts it becomes where blanks around a header's value, blanks in a row or
        control characters are taken out, where a URL or a cookie ends within it, where it stands
        in a URL's host, and where it is a URL shown without user and password.
        """
        if not secret or secret in self._secrets:
            return
        with self._lock:
            self._secrets = self._secrets | {secret}
            self._whole = self._whole | {secret} | guises(secret)
            self._waiting.append(secret)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What was added, in the order of the alphabet."""
        return tuple(sorted(self._secrets))

    def text(self, text: str) -> str:
        """The text with every form of every secret as ``***``; masking it again changes nothing."""
        return self._masks().mask(text) if self._secrets else text

    @property
    def active(self) -> bool:
        """Whether there is any secret to mask."""
        return bool(self._secrets)

    def exact(self, text: str) -> str:
        """The text with every whole form masked, and not what may be a part of one that was cut."""
        return self._masks().exact(text) if self._secrets else text

    def hides(self, text: str) -> bool:
        """Whether the text as a whole is a secret, however short."""
        return text in self._whole

    def value(self, tree: object) -> object:
        """A copy of a tree of mappings, lists and scalars, with secrets masked in keys and values.

        Values of headers that carry credentials are masked by the header's name: as a mapping's
        key (also with a path before it, as ``header.cookie``), as ``[name, value]``, as
        ``{name, value}``, in header lines under ``curl``, and what a check of one found.
        """
        if isinstance(tree, str):
            return MASK if tree in self._whole else self.text(tree)
        if isinstance(tree, bool) or tree is None:
            return tree
        if isinstance(tree, int | float):
            shown = str(tree)
            return MASK if shown in self._whole or self.text(shown) != shown else tree
        if isinstance(tree, Mapping):
            return dict(self._entries(tree))
        if isinstance(tree, list | tuple):
            if len(tree) == 2 and _is_header(tree[0]) and isinstance(tree[1], str):
                return [tree[0], MASK]
            return [self.value(item) for item in tree]
        return tree

    def headers(self, text: str) -> str:
        """The text of a command or transcript with the values of such headers' lines masked."""
        return re.sub(_HEADER_LINE, rf"\1\2{MASK}", self.text(text), flags=re.IGNORECASE)

    def _entries(self, tree: Mapping[object, object]) -> Iterator[tuple[object, object]]:
        by_name = _is_header(tree.get("name")) and "value" in tree
        query = tree.get("query")
        checks = isinstance(query, str) and shows_credential(query)
        for key, value in tree.items():
            shown = self.text(key) if isinstance(key, str) else key
            if (
                _is_header(key)
                or (by_name and key == "value")
                or (key == "jar" and isinstance(value, Mapping))
            ):
                yield shown, self._hidden(value)
            elif checks and key in ("expected", "found", "message"):
                yield shown, f"{query}: {MASK}" if key == "message" else self._hidden(value)
            elif key == "curl" and isinstance(value, str):
                yield shown, self.headers(value)
            else:
                yield shown, self.value(value)

    def _hidden(self, value: object) -> object:
        """A header's value masked, however it is told: a text, a list of lines, cookies by name."""
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, Mapping):
            only = ("value",) if "value" in value else tuple(value)
            return {
                self.value(key): self._hidden(item) if key in only else self.value(item)
                for key, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [self._hidden(item) for item in value]
        return MASK

    def _masks(self) -> Masks:
        compiled = self._compiled
        if compiled is None or self._waiting:
            from runner.secret_masks import Masks

            with self._lock:
                compiled = self._compiled = self._compiled or Masks()
                # A secret waits until it is found: what sees none waiting finds them all.
                while self._waiting:
                    compiled.add(self._waiting[0])
                    del self._waiting[0]
        return compiled

    def safe_length(self, text: str) -> int:
        """How much of the text can be masked and let go, whatever comes after it."""
        return self._masks().safe_length(text) if self._secrets else len(text)


def shows_credential(query: str) -> bool:
    """Whether what the query finds is masked by its name: a header with credentials, a cookie.

    Of a cookie that an answer sets only the value is; not its path, its expiry and the like.
    """
    if re.match(_SENSITIVE_QUERY, query, re.IGNORECASE) is None:
        return False
    return query.lstrip()[:6] != "cookie" or re.match(_ATTRIBUTE, query) is None


def texts_in(value: object) -> Iterator[str]:
    """The texts and numbers in a value, as texts: what is secret of a secret list or mapping."""
    if isinstance(value, Mapping):
        for item in value.values():
            yield from texts_in(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts_in(item)
    elif isinstance(value, str) or (isinstance(value, int | float) and not isinstance(value, bool)):
        yield str(value)


def _is_header(name: object) -> bool:
    return isinstance(name, str) and _sensitive().fullmatch(name) is not None


@cache
def _sensitive() -> re.Pattern[str]:
    return re.compile(rf"(?:.*\.)?(?:{_NAME})", re.IGNORECASE | re.DOTALL)
