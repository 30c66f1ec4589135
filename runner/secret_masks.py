"""All forms of some secrets, found in texts and masked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from runner.secret_cuts import INDEXED, LONG, Start, cut_spans, starts
from runner.secret_forms import Form, beginnings, forms, landmark, longest, may_go_on, pattern
from runner.secret_guises import MASK, SHORTEST, guises

_BASE64: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_")


class Masks:
    """What finds all forms of some secrets, and of the plain texts they become; see ``guises``.

    A secret costs what it takes to list its forms when it is added; a form's regular expression is
    compiled when a text first holds what no text of that form is without.
    """

    def __init__(self) -> None:
        self.starting: dict[str, list[Form]] = {}
        self.forms: list[Form] = []
        self.longest = 0
        self.again = False
        self._inside: tuple[int, dict[str, list[Start]]] = (0, {})
        self._sought: list[tuple[str, int]] = []
        self._regexes: list[re.Pattern[str] | None] = []
        self._known: set[str] = set()

    def add(self, secret: str) -> None:
        """Finds this one too from now on. One thread may add while others look for secrets."""
        self.again = self.again or "*" in secret
        self._add(secret, plain=False)
        for text in guises(secret):
            self._add(text, plain=True)

    def _add(self, secret: str, *, plain: bool) -> None:
        if not _is_masked(secret) or (plain and secret in self._known):
            return
        self._known.add(secret)
        for form in forms(secret, plain=plain):
            self.longest = max(self.longest, longest(form))
            for beginning in beginnings(form, INDEXED):
                self.starting.setdefault(beginning, []).append(form)
            number = len(self.forms)
            self.forms.append(form)
            self._regexes.append(None)
            self._sought += [(text, number) for text in landmark(form.slots[form.shared :])]

    def _regex(self, number: int) -> re.Pattern[str]:
        regex = self._regexes[number]
        if regex is None:
            form = self.forms[number]
            # The empty group tells `_spans` to take in the character before.
            mark = "()" if form.shared else ""
            regex = re.compile(pattern(form.slots[form.shared :]) + mark)
            self._regexes[number] = regex
        return regex

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """The stretches that secrets take up; secrets that overlap make one stretch."""
        there = [number for sought, number in self._sought if sought in text]
        if not there:
            return iter(())
        regexes = map(self._regex, dict.fromkeys(there))
        return _merged([span for regex in regexes for span in _spans(regex, text)])

    def exact(self, text: str) -> str:
        """The text with every form in it masked."""
        while True:
            masked = _without(text, self.spans(text))
            if masked == text or not self.again:
                return masked
            text = masked

    def mask(self, text: str) -> str:
        """The same, and what is a part of a form right beside a cut."""
        if "…" not in text and len(text) < LONG:
            return self.exact(text)
        # Together first: a part beside a cut may itself end in a form.
        found = [*self.spans(text), *self._cuts(text)]
        if not found:
            return text
        masked = self.exact(_without(text, _merged(found)))
        return _without(masked, self._cuts(masked))

    def _cuts(self, text: str) -> Iterator[tuple[int, int]]:
        count, inside = self._inside
        if count < len(self.forms):
            forms = self.forms[:]
            inside = starts(forms)
            self._inside = len(forms), inside
        return cut_spans(text, self.starting, self.longest, inside)

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


def _merged(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The stretches in order, those that overlap as one."""
    start = end = -1
    for first, last in sorted(spans):
        if first < end:
            end = max(end, last)
            continue
        if end > start:
            yield start, end
        start, end = first, last
    if end > start:
        yield start, end


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text with the mask in place of each stretch."""
    parts, done = [], 0
    for start, end in spans:
        if start >= done:
            parts += [text[done:start], MASK]
            done = end
    return "".join(parts) + text[done:] if done else text
