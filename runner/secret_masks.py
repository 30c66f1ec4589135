"""All forms of some secrets, found in texts and masked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from heapq import merge
from typing import Final

from runner.secret_cuts import INDEXED, LONG, Start, cut_spans, starts
from runner.secret_forms import Form, beginnings, by_first, forms, longest, may_go_on, pattern
from runner.secret_guises import SHORTEST, guises

MASK: Final = "***"

_BASE64: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_")


class Masks:
    """What finds all forms of a set of secrets, and the plain texts they become; see ``guises``."""

    def __init__(self, secrets: set[str]) -> None:
        self.starting: dict[str, list[Form]] = {}
        self.forms: list[Form] = []
        self._inside: dict[str, list[Start]] | None = None
        self.longest = 0
        self.again = any("*" in secret for secret in secrets)
        become = {text for secret in secrets for text in guises(secret)} - secrets
        # Apart, for where a secret and what it becomes begin alike, either may be the longer one.
        self.regexes = [self._regex(secrets, plain=False)]
        if any(map(_is_masked, become)):
            self.regexes.append(self._regex(become, plain=True))

    def _regex(self, secrets: set[str], *, plain: bool) -> re.Pattern[str]:
        branches: dict[str, list[str]] = {}
        for secret in sorted(secrets, key=lambda secret: (-len(secret), secret)):
            for form in forms(secret, plain=plain) if _is_masked(secret) else ():
                self.longest = max(self.longest, longest(form))
                self.forms.append(form)
                for beginning in beginnings(form, INDEXED):
                    self.starting.setdefault(beginning, []).append(form)
                # The empty group tells `spans` to take in the character before.
                mark = "()" if form.shared else ""
                for first, rest in by_first(form.slots[form.shared :]):
                    branches.setdefault(first, []).append(pattern(rest) + mark)
        return re.compile(
            "|".join(
                f"{re.escape(first)}(?:{'|'.join(dict.fromkeys(rest))})"
                for first, rest in branches.items()
            )
            or r"(?!)"
        )

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """The stretches that secrets take up; secrets that overlap make one stretch."""
        if len(self.regexes) == 1:
            yield from _spans(self.regexes[0], text)
            return
        last: tuple[int, int] | None = None
        for start, end in merge(*(_spans(regex, text) for regex in self.regexes)):
            if last is not None and start < last[1]:
                last = last[0], max(last[1], end)
                continue
            if last is not None:
                yield last
            last = start, end
        if last is not None:
            yield last

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


def _is_masked(secret: str) -> bool:
    """Whether it is masked within other texts too."""
    return len(secret) >= SHORTEST and not secret.isspace()


def _spans(regex: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    search = regex.search
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


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text with the mask in place of each stretch."""
    parts, done = [], 0
    for start, end in spans:
        if start >= done:
            parts += [text[done:start], MASK]
            done = end
    return "".join(parts) + text[done:] if done else text
