"""Matchers: what a value is checked with, from the mapping or literal a scenario writes."""

from __future__ import annotations

from typing import Final

from runner.query.errors import FilterError, MatcherError
from runner.query.matchers.core import (
    Files,
    MatcherEntry,
    Mismatch,
    Node,
    Place,
    Verdict,
)
from runner.query.matchers.parse import build_node, is_quick
from runner.query.values import MISSING, Scope

__all__ = [
    "Files", "Matcher", "MatcherEntry", "MatcherError", "Mismatch", "parse_matcher",
]  # fmt: skip


class Matcher:
    """A compiled matcher; ``text`` is its rendering in one short line.

    ``quick`` says that checking a small value takes no time to speak of.
    """

    __slots__ = ("_check", "_node", "quick", "text")

    def __init__(self, node: Node, quick: bool) -> None:
        self._node = node
        self._check = node.check
        self.text: Final = node.text
        self.quick: Final = quick

    def check(self, value: object, scope: Scope | None = None) -> Verdict:
        """What does not hold for the value (or MISSING); nothing when the matcher holds.

        ``scope`` is needed where the matcher holds templates. Raises what rendering them raises.
        """
        try:
            if value is MISSING:
                return self._node.missing(value, scope)
            return self._check(value, scope)
        except RecursionError:
            message = "could not be compared: it is nested too deeply"
        except FilterError as error:
            message = f"could not be compared: {error}"
        return (Mismatch(self._node.name, None, value, message, judged=False),)

    def __repr__(self) -> str:
        return f"Matcher({self.text})"


def parse_matcher(
    spec: object,
    type: str = "any",  # noqa: A002
    files: Files | None = None,
    subject: str | None = None,
) -> Matcher:
    """The matcher of a literal or of a mapping of matcher names.

    ``type`` is the static type of the query it is for, ``subject`` the query's text for messages.
    A ``Deferred`` in the spec is data, read at each check. Raises MatcherError for a spec that is
    wrong, and for one that no value of the type can satisfy.
    """
    place = Place(type, files, f"`{subject}`" if subject else "the value")
    try:
        return Matcher(build_node(spec, place), is_quick(spec))
    except RecursionError:
        raise MatcherError("the matcher is nested too deeply") from None
    except FilterError as error:
        raise MatcherError(str(error)) from None
