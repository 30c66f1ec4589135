"""Debian's Chromium, driven by Playwright, with no network."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
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
    # No process that waits for a page that may come; the rest is Playwright's own list, which
    # this replaces.
    "--disable-features=SpareRendererForSitePerProcess,AcceptCHFrame,AutoExpandDetailsElement,"
    "CertificateTransparencyComponentUpdater,DialMediaRouteProvider,GlobalMediaControls,"
    "LazyFrameLoading,MediaRouter,PaintHolding,Translate",
)  # fmt: skip
_SIZE: Final[Any] = {"width": 1280, "height": 900}


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
        browser.new_context(viewport=_SIZE).new_page()
        yield browser
        browser.close()


@contextmanager
def visit(browser: Browser, path: Path, address: str = "", **options: Any) -> Iterator[Page]:
    """The report in a page. At the end, nothing may have been logged, thrown or asked for.

    With ``options`` the page is one of a context made with them; without any it is the browser's
    first page, emptied, as a new one takes far longer than the report in it.
    """
    if options:
        page = browser.new_context(**{"viewport": _SIZE, **options}).new_page()
    else:
        page = browser.contexts[0].pages[0]
    page.set_default_timeout(10_000)
    wrong: list[str] = []
    listeners: dict[Any, Callable[[Any], None]] = {
        "console": lambda message: wrong.append(f"console: {message.text}"),
        "pageerror": lambda error: wrong.append(f"error: {error}"),
        "dialog": lambda dialog: wrong.append(f"dialog: {dialog.message}"),
        "request": lambda request: (
            None
            if request.url.startswith(("data:", path.as_uri()))
            else wrong.append(f"request: {request.url}")
        ),
    }
    for event, listener in listeners.items():
        page.on(event, listener)
    try:
        page.goto(path.as_uri() + address)
        yield page
        assert not wrong, wrong
    finally:
        for event, listener in listeners.items():
            page.remove_listener(event, listener)
        if options:
            page.context.close()
        else:
            page.evaluate("localStorage.clear()")
            page.set_viewport_size(_SIZE)
            page.goto("about:blank")


def _cannot(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
