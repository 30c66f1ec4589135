"""Debian's Chromium, driven by Playwright, with no network."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_FLAGS: Final = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser. Without one the test is skipped, or fails under ``CI=true``."""
    path = shutil.which("chromium")
    if path is None:
        _cannot("Chromium is not installed: apt-get install chromium")
    if not (find_spec("playwright") and find_spec("axe_playwright_python")):
        _cannot("Playwright is not installed: pip install 'httpsteps[test]'")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*_FLAGS])
        yield browser
        browser.close()


@contextmanager
def visit(browser: Browser, path: Path, address: str = "", **options: Any) -> Iterator[Page]:
    """The report in a page. At the end, nothing may have been logged, thrown or asked for."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
    context.set_default_timeout(10_000)
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    page.on("dialog", lambda dialog: wrong.append(f"dialog: {dialog.message}"))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith(("data:", path.as_uri()))
            else wrong.append(f"request: {request.url}")
        ),
    )
    page.goto(path.as_uri() + address)
    yield page
    assert not wrong, wrong
    context.close()


def _cannot(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
