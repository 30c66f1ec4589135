"""Regular expressions that cannot hang a run, whatever a server sends.

Python's ``re`` backtracks, cannot be interrupted, and holds the interpreter's lock, so neither a
thread nor a deadline helps. Linear-time engines know a smaller language, and one that is there on
some machines only would give other verdicts elsewhere. So the text of the pattern is read once for
what a search can cost at worst (``cost.py``); a search that stays below a bound is done in place,
which nearly all are, and the others in a child process that the system kills after a second.
"""

from __future__ import annotations

import json
import re
import sys
from typing import Final

from runner.query.cost import Cost, read_cost

STEPS: Final = 1e7
"""Backtracking steps worth taking in place: a few tenths of a second at worst."""

SECONDS: Final = 1
"""How long a child may search."""

LONGEST: Final = 100_000
"""Characters of the longest regular expression: a longer one takes seconds to compile."""

# The child gets its own time limit from the system: SIGALRM kills it even inside a match.
_CHILD: Final = f"""
import json, re, signal, sys
pattern, text = json.load(sys.stdin)
signal.setitimer(signal.ITIMER_REAL, {SECONDS})
found = re.search(pattern, text)
json.dump(found and [found.span(), [found.group(), *found.groups()], found.groupdict()], sys.stdout)
"""


class PatternError(ValueError):
    """Text that is no regular expression, with ``re``'s reason."""


class TooCostly(ValueError):  # noqa: N818 - the name says what happened
    """A search that was broken off after ``SECONDS``."""


class Found:
    """A match: its groups by number (0 is the whole) or name, and its span."""

    __slots__ = ("groups", "names", "span")

    def __init__(
        self, span: tuple[int, int], groups: tuple[str | None, ...], names: dict[str, str | None]
    ) -> None:
        self.span: Final = span
        self.groups: Final = groups
        self.names: Final = names


class Pattern:
    """A compiled regular expression whose searches are bounded in time."""

    __slots__ = ("_compiled", "_cost", "text")

    def __init__(self, text: str) -> None:
        """Raises PatternError when the text is no regular expression, or too long a one."""
        self.text: Final = text
        if len(text) > LONGEST:
            raise PatternError(f"it may have {LONGEST:,} characters; this one has {len(text):,}")
        try:
            self._compiled = re.compile(text)
        except (re.error, RecursionError, OverflowError) as error:
            raise PatternError(str(error)) from None
        self._cost: Cost = read_cost(text, self._compiled.flags)

    def is_cheap(self, text: str) -> bool:
        """Whether a search in the text takes no more than ``STEPS``."""
        return self._cost.of(text, STEPS) <= STEPS

    def search(self, text: str) -> Found | None:
        """The first match anywhere in the text. Raises TooCostly when it takes over a second."""
        if not self.is_cheap(text):
            return self._search_in_child(text)
        match = self._compiled.search(text)
        if match is None:
            return None
        return Found(match.span(), (match.group(), *match.groups()), match.groupdict())

    def _search_in_child(self, text: str) -> Found | None:
        import subprocess

        try:
            done = subprocess.run(
                [sys.executable, "-I", "-S", "-c", _CHILD],
                input=json.dumps([self.text, text]).encode(),
                capture_output=True,
                timeout=SECONDS + 9,
                check=True,
            )
        except (subprocess.SubprocessError, OSError) as error:
            if isinstance(error, OSError):
                raise TooCostly(f"the search needs a process of its own: {error}") from None
            raise TooCostly(f"the search took longer than {SECONDS} s and was broken off") from None
        answer = json.loads(done.stdout)
        if answer is None:
            return None
        span, groups, names = answer
        return Found((span[0], span[1]), tuple(groups), names)
