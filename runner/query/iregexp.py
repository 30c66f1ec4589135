"""The JSONPath environment with `search` and `match` bounded in time (imported late)."""

from __future__ import annotations

import regex  # type: ignore[import-untyped]
from iregexp_check import check
from jsonpath_rfc9535 import JSONPathEnvironment
from jsonpath_rfc9535.function_extensions import ExpressionType, FilterFunction

from runner.query.errors import FilterError
from runner.query.patterns import SECONDS


class _Test(FilterFunction):
    """A test of a text with an I-Regexp (RFC 9485), anywhere in it or as a whole.

    The pattern may come from the document itself, so a search that takes longer than a second is
    broken off. What is no text or no I-Regexp tests false (RFC 9535 2.4.6 and 2.4.7).
    """

    arg_types = [ExpressionType.VALUE, ExpressionType.VALUE]
    return_type = ExpressionType.LOGICAL

    def __init__(self, whole: bool) -> None:
        self._whole = whole

    def __call__(self, text: object, pattern: object) -> bool:
        """Whether the text passes. Raises FilterError when the search was broken off."""
        if not isinstance(text, str) or not isinstance(pattern, str) or not check(pattern):
            return False
        try:
            # Concurrent: the interpreter is not held, so that a deadline can pass meanwhile.
            made = regex.compile(_translated(pattern), regex.VERSION1)
            test = made.fullmatch if self._whole else made.search
            return bool(test(text, concurrent=True, timeout=SECONDS))
        except TimeoutError:
            raise FilterError(
                f'the search for "{pattern}" took longer than {SECONDS} s and was broken off'
            ) from None
        except regex.error:
            return False


def _translated(pattern: str) -> str:
    """The pattern with `.` as I-Regexp has it: anything but line ends (RFC 9485 5.3)."""
    parts: list[str] = []
    escaped = in_class = False
    for char in pattern:
        plain = not escaped and not in_class
        parts.append("[^\\r\\n]" if char == "." and plain else char)
        if not escaped and char in "[]":
            in_class = char == "["
        escaped = char == "\\" and not escaped
    return "".join(parts)


def environment() -> JSONPathEnvironment:
    """The library's environment with these functions in place of its own."""
    made = JSONPathEnvironment()
    made.function_extensions["search"] = _Test(whole=False)
    made.function_extensions["match"] = _Test(whole=True)
    return made
