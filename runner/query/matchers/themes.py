"""Every matcher: importing a theme enters its matchers into ``MATCHERS``.

A run that only compares with literals never imports this.
"""

from __future__ import annotations

from runner.query.matchers import (
    contents,
    documents,
    equality,
    ignoring,
    kinds,
    nested,
    order,
    texts,
)
from runner.query.matchers.core import MATCHERS

__all__ = ["MATCHERS", "THEMES"]

THEMES = (equality, ignoring, order, texts, contents, nested, kinds, documents)
