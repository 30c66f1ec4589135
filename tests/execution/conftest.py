"""A fixture that sees whether a test's run left a socket open."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab import descriptors, settled_descriptors


@pytest.fixture
def nothing_left_open() -> Iterator[None]:
    """Once the test's servers are gone, as many sockets are open as before it began."""
    before = descriptors()
    yield
    assert settled_descriptors(before) == before
