"""The sink every byte leaves through: it masks secrets and takes terminal controls out."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TextIO

from runner.secret_cuts import INDEXED, LONG, Start, cut_spans, starts
from runner.secret_forms import Form, beginnings, by_first, forms, longest, may_go_on, pattern

MASK: Final = "***"
SHORTEST: Final = 6

_BASE64: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_")
_NAME: Final = r"(?:proxy-)?authorization|(?:set-)?cookie|(?:[a-z0-9_-]*-)?api-key"
_SENSITIVE: Final = re.compile(rf"(?:.*\.)?(?:{_NAME})", re.IGNORECASE | re.DOTALL)
_SENSITIVE_QUERY: Final = re.compile(
    rf"\s*(?:[\w.]*\bheaders?\b\s*[.\[]\s*['\"]?(?:{_NAME})\b|cookie\s*[.\[]|jar\s*[.\[])",
    re.IGNORECASE,
)
_ATTRIBUTE: Final = re.compile(
    r"""\s*cookie(?:\.[\w-]+|\[(?:'[^']*'|"[^"]*")\])"""
    r"\.(?:domain|path|expires|secure|http-only|same-site|max-age)\s*(?:\||$)"
)
_HEADER_LINE: Final = re.compile(rf"(?<![\w-])({_NAME})(:[ \t]*)[^\r\n'\"]+", re.IGNORECASE)
_HOST: Final = re.compile(r"[A-Za-z0-9.-]+")
_ENDS: Final = (re.compile(r"[?#]"), re.compile(r";"))
_CONTROLS: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]*[0-~]"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


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
        self._compiled: _Compiled | None = None
        self._lock = threading.Lock()

    def add(self, secret: str) -> None:
        """Masks this text from now on. One of fewer than 6 characters, or of blanks alone, is
        masked only where it is a whole value.

        So are the texts it becomes where blanks around a header's value, blanks in a row or
        control characters are taken out, where a URL or a cookie ends within it, where it stands
        in a URL's host, and where it is a URL shown without user and password.
        """
        made = {secret, secret.strip(), " ".join(secret.split()), strip_controls(secret)}
        parts = (part for ends in _ENDS for part in ends.split(secret))
        made |= {bare for part in parts if len(bare := part.strip()) >= SHORTEST}
        if len(hosted := secret.rpartition("@")[2]) >= SHORTEST:
            made.add(hosted)
        if _HOST.fullmatch(secret):
            made.add(secret.lower())
        if not secret.isascii():
            # Header bytes read as Latin-1 have control characters where UTF-8 has none.
            read = secret.encode("utf-8", "surrogatepass").decode("latin-1")
            made.add(strip_controls(read))
        made.discard("")
        with self._lock:
            if not made <= self._secrets:
                self._secrets = self._secrets | made
                self._compiled = None

    def text(self, text: str) -> str:
        """The text with every form of every secret as ``***``; masking it again changes nothing."""
        return self._masks().mask(text) if self._secrets else text

    def value(self, tree: object) -> object:
        """A copy of a tree of mappings, lists and scalars, with secrets masked in keys and values.

        Values of headers that carry credentials are masked by the header's name: as a mapping's
        key (also with a path before it, as ``header.cookie``), as ``[name, value]``, as
        ``{name, value}``, in header lines under ``curl``, and what a check of one found.
        """
        if isinstance(tree, str):
            return MASK if tree in self._secrets else self.text(tree)
        if isinstance(tree, bool) or tree is None:
            return tree
        if isinstance(tree, int | float):
            shown = str(tree)
            return MASK if shown in self._secrets or self.text(shown) != shown else tree
        if isinstance(tree, Mapping):
            return dict(self._entries(tree))
        if isinstance(tree, list | tuple):
            if len(tree) == 2 and _is_header(tree[0]) and isinstance(tree[1], str):
                return [tree[0], MASK]
            return [self.value(item) for item in tree]
        return tree

    def headers(self, text: str) -> str:
        """The text of a command or transcript with the values of such headers' lines masked."""
        return _HEADER_LINE.sub(rf"\1\2{MASK}", self.text(text))

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
                yield shown, _mask_all(value)
            elif checks and key in ("expected", "found", "message"):
                yield shown, f"{query}: {MASK}" if key == "message" else _mask_all(value)
            elif key == "curl" and isinstance(value, str):
                yield shown, self.headers(value)
            else:
                yield shown, self.value(value)

    def _masks(self) -> _Compiled:
        compiled = self._compiled
        if compiled is None:
            # What is added meanwhile would be missing from the one that is kept.
            with self._lock:
                compiled = self._compiled
                if compiled is None:
                    compiled = self._compiled = _Compiled(self._secrets)
        return compiled

    def safe_length(self, text: str) -> int:
        """How much of the text can be masked and let go, whatever comes after it."""
        return self._masks().safe_length(text) if self._secrets else len(text)


class _Compiled:
    """One regular expression for all forms of a set of secrets."""

    def __init__(self, secrets: set[str]) -> None:
        self.starting: dict[str, list[Form]] = {}
        self.forms: list[Form] = []
        self._inside: dict[str, list[Start]] | None = None
        self.longest = 0
        self.again = any("*" in secret for secret in secrets)
        branches: dict[str, list[str]] = {}
        for secret in sorted(secrets, key=lambda secret: (-len(secret), secret)):
            if len(secret) < SHORTEST or secret.isspace():
                continue
            for form in forms(secret):
                self.longest = max(self.longest, longest(form))
                self.forms.append(form)
                for beginning in beginnings(form, INDEXED):
                    self.starting.setdefault(beginning, []).append(form)
                # The empty group tells `spans` to take in the character before.
                mark = "()" if form.shared else ""
                for first, rest in by_first(form.slots[form.shared :]):
                    branches.setdefault(first, []).append(pattern(rest) + mark)
        self.regex = re.compile(
            "|".join(
                f"{re.escape(first)}(?:{'|'.join(dict.fromkeys(rest))})"
                for first, rest in branches.items()
            )
            or r"(?!)"
        )

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """The stretches that secrets take up; secrets that overlap make one stretch."""
        search = self.regex.search
        found = search(text)
        while found:
            start, end = found.span()
            if found.lastindex and start and text[start - 1] in _BASE64:
                start -= 1
            found = search(text, found.start() + 1)
            while found and found.start() < end:
                end = max(end, found.end())
                found = search(text, found.start() + 1)
            yield start, end

    def mask(self, text: str) -> str:
        while True:
            masked = _without(text, self.spans(text))
            if masked == text or not self.again:
                break
            text = masked
        if "…" not in masked and len(masked) < LONG:
            return masked
        if self._inside is None:
            self._inside = starts(self.forms)
        return _without(masked, cut_spans(masked, self.starting, self.longest, self._inside))

    def safe_length(self, text: str) -> int:
        safe = len(text)
        for place in range(max(0, len(text) - self.longest), len(text)):
            beginning = text[place : place + INDEXED]
            if any(may_go_on(form, text, place) for form in self.starting.get(beginning, ())):
                safe = place
                break
        if safe < len(text):
            for start, end in self.spans(text):
                if start < safe < end:
                    return start
        return safe


class RedactedStream(io.TextIOBase):
    """A text stream that masks what is written to it on its way to another.

    It keeps back what may be the beginning of a secret, until more is written or it is closed.
    Closing it closes the other stream. Threads may share it.
    """

    def __init__(self, stream: TextIO, redactor: Redactor) -> None:
        super().__init__()
        self._stream = stream
        self._redactor = redactor
        self._kept = ""
        self._lock = threading.RLock()

    def write(self, text: str, /) -> int:
        """Writes the text masked; gives its length, as streams do."""
        with self._lock:
            waiting = self._kept + text
            safe = self._redactor.safe_length(waiting)
            self._kept = waiting[safe:]
            self._stream.write(self._redactor.text(waiting[:safe]))
        return len(text)

    def flush(self) -> None:
        """Flushes what can be let go."""
        if not self._stream.closed:
            self._stream.flush()

    def release(self) -> None:
        """Writes what was kept back; to be called where the text is known to end."""
        with self._lock:
            kept, self._kept = self._kept, ""
            if kept:
                self._stream.write(self._redactor.text(kept))
            self._stream.flush()

    def close(self) -> None:
        """Writes what was kept back and closes the stream below."""
        if not self.closed and not self._stream.closed:
            self.release()
            self._stream.close()
        super().close()

    def writable(self) -> bool:
        """True: it is for writing."""
        return True

    def isatty(self) -> bool:
        """Whether the stream below is a terminal."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """The descriptor of the stream below. What is written to it directly is not masked."""
        return self._stream.fileno()


def shows_credential(query: str) -> bool:
    """Whether what the query finds is masked by its name: a header with credentials, a cookie.

    Of a cookie that an answer sets only the value is; not its path, its expiry and the like.
    """
    if _SENSITIVE_QUERY.match(query) is None:
        return False
    return query.lstrip()[:6] != "cookie" or _ATTRIBUTE.match(query) is None


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


def strip_controls(text: str) -> str:
    """The text without what would control a terminal: escape sequences, control characters other
    than newline and tab, and the marks that turn the direction of text around.
    """
    return _CONTROLS.sub("", text)


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text with the mask in place of each stretch."""
    parts, done = [], 0
    for start, end in spans:
        if start >= done:
            parts += [text[done:start], MASK]
            done = end
    return "".join(parts) + text[done:] if done else text


def _is_header(name: object) -> bool:
    return isinstance(name, str) and _SENSITIVE.fullmatch(name) is not None


def _mask_all(value: object) -> object:
    """A header's value masked, however it is told: a text, a list of lines, cookies by name."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, Mapping):
        only = ("value",) if "value" in value else tuple(value)
        return {key: _mask_all(item) if key in only else item for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_mask_all(item) for item in value]
    return MASK
