"""Filters: what stands after `` | `` in a query or a template."""

from __future__ import annotations

from runner.query.errors import FilterError
from runner.query.filters import dates, encodings, lists, numbers, text, web
from runner.query.filters.arguments import Argument
from runner.query.filters.registry import (
    FILTERS,
    Files,
    Filter,
    Pipeline,
    compile_calls,
    usage,
)
from runner.query.scan import calls

__all__ = [
    "FILTERS", "Argument", "Files", "Filter", "FilterError", "Pipeline", "compile_calls",
    "parse_filters", "usage",
]  # fmt: skip

# Importing a theme enters its filters.
THEMES = (text, numbers, lists, encodings, dates, web)


def parse_filters(text: str, type_: str = "any", files: Files | None = None) -> Pipeline:
    """The pipeline of a chain such as `` | upper | nth 2``, for a value of the static type.

    Raises QueryError, whose offset counts in ``text``.
    """
    start = len(text) - len(text.lstrip())
    return compile_calls(calls(text, start), type_, files)
