"""What a regular expression can cost at worst, read from its text.

An estimate, never too low: a group repeated without bound with a choice inside is taken as
exponential; else the repeats that follow one another multiply, each by the longest run its
character class can make in the text at hand, and a search tries every place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import inf
from typing import Final, NamedTuple

_REPEAT: Final = re.compile(r"([*+?])|\{(\d*)(,?)(\d*)\}")
_CLASS: Final = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_ESCAPE: Final = re.compile(
    r"\\(?:x..|u.{4}|U.{8}|N\{[^}]*\}|0[0-7]{0,2}|[1-9][0-9]{0,2}|.)", re.DOTALL
)
_REFERENCE: Final = re.compile(r"\\[1-9]")
_GROUP: Final = re.compile(r"\((?:\?(?:P<[^>]*>|[aiLmsux-]*:|<?[=!]|>))?")
_FLAGS: Final = re.compile(r"\(\?[aiLmsux]+\)")
_ANY: Final = r"(?s:.)"
_FEW: Final = 8


class Part(NamedTuple):
    """A factor of the cost: ``most``, or less where ``run`` makes only shorter runs in the text.

    ``choice`` says that the part can match in more than one way.
    """

    most: float
    run: str | None = None
    choice: bool = True


class Cost:
    """The cost of a search: a sum over alternatives of products over their parts."""

    __slots__ = ("_alternatives", "_factors", "_flags", "_parts")

    def __init__(self, alternatives: Sequence[Sequence[Part]], flags: int = 0) -> None:
        self._alternatives = alternatives
        self._flags = flags
        self._parts = max((len(each) for each in alternatives), default=0)
        self._factors = any(part.run is None for each in alternatives for part in each)

    def of(self, text: str, enough: float) -> float:
        """An upper bound of the steps a search in the text takes, in time linear in the text.

        Where it is below ``enough`` anyway it may be too high, but still below.
        """
        size = len(text) + 2
        if not self._factors and size ** (self._parts + 1) * len(self._alternatives) <= enough:
            return float(size)
        runs: dict[str, int] = {}
        total = 0.0
        for alternative in self._alternatives:
            product = 1.0
            for part in alternative:
                times = part.most
                if part.run is not None:
                    if part.run not in runs:
                        runs[part.run] = self._longest(part.run, text)
                    times = min(times, runs[part.run])
                product *= times + 1
            total += product
        # Exponential parts are harmless only where there is next to nothing to match.
        return size * total if total < inf or size > _FEW else float(size)

    def _longest(self, run: str, text: str) -> int:
        found = re.finditer(f"(?:{run})+", text, self._flags)
        return max((each.end() - each.start() for each in found), default=0)


def read_cost(pattern: str, flags: int) -> Cost:
    """The cost of a pattern that ``re`` compiles to these flags.

    What is not understood counts as exponential.
    """
    unknown = Cost([[Part(inf)]])
    if flags & re.VERBOSE:
        return unknown
    try:
        alternatives, end = _alternatives(pattern, 0)
        if end != len(pattern):
            return unknown
        kept = flags & (re.IGNORECASE | re.DOTALL | re.ASCII)
        for part in (part for each in alternatives for part in each if part.run):
            re.compile(f"(?:{part.run})+", kept)
    except (re.error, RecursionError):
        return unknown
    return Cost(alternatives, kept)


def _alternatives(pattern: str, at: int) -> tuple[list[list[Part]], int]:
    """The alternatives from ``at`` up to the closing bracket or the end."""
    found: list[list[Part]] = [[]]
    while at < len(pattern) and pattern[at] != ")":
        if pattern[at] == "|":
            found.append([])
            at += 1
            continue
        parts, at = _item(pattern, at)
        found[-1].extend(parts)
    return found, at


def _item(pattern: str, at: int) -> tuple[list[Part], int]:
    flags = _FLAGS.match(pattern, at)
    if flags:
        return [], flags.end()
    if pattern[at] == "(":
        return _group(pattern, at)
    single = _CLASS.match(pattern, at) or _ESCAPE.match(pattern, at)
    end = single.end() if single else at + 1
    low, most, behind = _repeat(pattern, end)
    if _REFERENCE.match(pattern, at):
        # A back reference matches whatever its group took; repeated, that is beyond this sum.
        return [Part(inf, _ANY) if behind == end else Part(inf)], behind
    if behind == end:
        return [], end
    if low == most:
        return [Part(most, pattern[at:end], choice=False)], behind
    return [Part(most, pattern[at:end]) if most > 1 else Part(1)], behind


def _group(pattern: str, at: int) -> tuple[list[Part], int]:
    opening = _GROUP.match(pattern, at)
    if opening is None or pattern.startswith("?", opening.end()):
        raise re.error("a group that is not understood")
    inner, end = _alternatives(pattern, opening.end())
    if pattern[end : end + 1] != ")":
        raise re.error("a group stays open")
    if re.fullmatch(r"\(\?[aiLmsux-]+:", opening.group()):
        # Other flags let classes make longer runs than are measured.
        inner = [[Part(part.most, part.run and _ANY) for part in each] for each in inner]
    parts = [part for each in inner for part in each]
    if len(inner) > 1:
        parts.insert(0, Part(len(inner)))
    _, most, behind = _repeat(pattern, end + 1)
    if behind == end + 1:
        return parts, behind
    if not any(part.choice for part in parts):
        return [Part(most, _ANY), *parts], behind
    if most > _FEW:
        return [Part(inf)], behind
    return [Part(most), *parts * int(most)], behind


def _repeat(pattern: str, at: int) -> tuple[float, float, int]:
    """How often the repeat at this place repeats, at least and at most, and where it ends.

    Without one: once, ending where it would begin.
    """
    found = _REPEAT.match(pattern, at)
    if found is None:
        return 1, 1, at
    sign, low, comma, high = found.groups()
    if sign:
        least, most = {"?": (0, 1), "*": (0, inf), "+": (1, inf)}[sign]
    elif not (low or comma or high):
        return 1, 1, at
    else:
        least = int(low or 0)
        most = int(high) if high else inf if comma else least
    end = found.end()
    if pattern[end : end + 1] in ("?", "+"):
        end += 1
    return least, most, end
