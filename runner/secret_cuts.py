"""Secrets of which a part was cut off: messages shorten long values, and mark it with ``…``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from runner.secret_forms import Form, may_go_on

LEAST: Final = 4
"""The characters of a secret beside a cut that are masked; fewer may be anything."""

INDEXED: Final = 3
"""How many of the first characters of a form's texts find the form."""

LONG: Final = 16 * 1024
"""A text of as many characters may be the beginning of a longer one, cut without a mark."""

_CUT: Final = re.compile(r"""(?P<before>[\s"'\\]*)…(?P<after>[\s"'\\]*)""")

_MOST: Final = 100

Start = tuple[Form, int, int]
"""A form, one of its slots, and how many characters of that slot's text were cut off."""


def starts(forms: Sequence[Form]) -> dict[str, list[Start]]:
    """All places within the forms where a part of one may begin, by its first character."""
    made: dict[str, list[Start]] = {}
    for form in forms:
        for number, slot in enumerate(form.slots):
            texts = slot[:1] if len(slot) == 1 else ()
            for text in texts or slot:
                for skipped in range(len(text)) if texts else range(min(1, len(text))):
                    made.setdefault(text[skipped], []).append((form, number, skipped))
    return made


def cut_spans(
    text: str,
    beginning: Mapping[str, Sequence[Form]],
    longest: int,
    inside: Mapping[str, Sequence[Start]],
) -> Iterator[tuple[int, int]]:
    """The stretches of a text that hold a part of a form right beside a cut, in order.

    ``beginning``: the forms by the first characters of their texts; ``longest`` the length of the
    longest of those; ``inside`` is what ``starts`` gives.
    """
    last = 0
    cuts = list(_CUT.finditer(text))
    if len(cuts) > 2 * _MOST:
        # More than a message has: they came with what a server sent.
        cuts = cuts[:_MOST] + cuts[-_MOST:]
    for cut in cuts:
        for end in dict.fromkeys((cut.start(), cut.end("before"))):
            begin = _beginning(text, max(last, end - longest), end, beginning)
            if begin is not None:
                yield begin, end
                break
        last = cut.end("before") + 1
        for begin in dict.fromkeys((last, cut.end())):
            length = max(
                (
                    _reach(form, slot, skipped, text, begin)
                    for form, slot, skipped in inside.get(text[begin : begin + 1], ())
                ),
                default=0,
            )
            if length >= LEAST:
                yield begin, begin + length
                break
    if len(text) >= LONG:
        begin = _beginning(text, max(last, len(text) - longest), len(text), beginning)
        if begin is not None:
            yield begin, len(text)


def _beginning(
    text: str, first: int, end: int, beginning: Mapping[str, Sequence[Form]]
) -> int | None:
    """Where the beginning of a form begins that goes up to ``end``, None when none does."""
    part = text[first:end]
    for place in range(len(part) - LEAST + 1):
        forms = beginning.get(part[place : place + INDEXED], ())
        if any(may_go_on(form, part, place) for form in forms):
            return first + place
    return None


def _reach(form: Form, slot: int, skipped: int, text: str, begin: int) -> int:
    """How many characters from ``begin`` on are those of the form from this place on."""
    place = begin
    first = form.slots[slot][0][skipped:] if skipped else None
    for choices in form.slots[slot:]:
        options = (first,) if first is not None else choices
        first = None
        fitting = next((each for each in options if text.startswith(each, place)), None)
        if fitting is None:
            if len(options) == 1:
                place += _common(options[0], text[place : place + len(options[0])])
            break
        place += len(fitting)
    return place - begin


def _common(one: str, other: str) -> int:
    size = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        size += 1
    return size
