"""What the three parsers of this room raise; each message is a sentence for the user."""

from __future__ import annotations

from collections.abc import Iterable


class QueryError(ValueError):
    """A query, or a chain of filters, that cannot be understood.

    ``offset`` counts characters from 0 in the text that was parsed.
    """

    def __init__(self, message: str, offset: int = 0, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.hint = hint


class FilterError(ValueError):
    """A filter that cannot be applied to the value it was given."""


class MatcherError(ValueError):
    """A matcher that cannot be understood, or that can never hold.

    ``path`` leads to the place inside the specification: keys and indices.
    """

    def __init__(
        self, message: str, path: tuple[str | int, ...] = (), hint: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.hint = hint


def suggestion(word: str, known: Iterable[str]) -> str | None:
    """``did you mean `status`?`` for a misspelt word, or None when nothing is near."""
    import difflib

    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.7)
    return f"did you mean `{near[0]}`?" if near else None


def listing(words: Iterable[str], last: str = "or") -> str:
    """``a, b or c``."""
    items = list(words)
    return f"{', '.join(items[:-1])} {last} {items[-1]}" if len(items) > 1 else "".join(items)
