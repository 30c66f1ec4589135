"""The HTML report in a real browser: what a reader does with it, by mouse, by key and by ear."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from runner.reports.html import write_html
from runner.result import SuiteResult
from tests.reports.browser import chromium, visit
from tests.reports.html_results import BREAKOUT, hostile, long, request, showcase, suite
from tests.reports.results import scenario

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

Reports = dict[str, Path]
CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}
# Opens everything there is to open, level by level.
OPEN_ALL = """() => {
  for (let round = 0; round < 5; round++) {
    for (const one of document.querySelectorAll("#scenarios [aria-expanded=false]")) one.click();
    document.querySelectorAll("details").forEach((one) => { one.open = true; });
  }
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as made:
        yield made


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Reports:
    folder = tmp_path_factory.mktemp("reports")
    made: dict[str, SuiteResult] = {"shown": showcase(), "hostile": hostile(), "empty": suite()}
    for name, result in made.items():
        write_html(result, folder / f"{name}.html")
    return {name: folder / f"{name}.html" for name in made}


@pytest.fixture
def page(browser: Browser, reports: Reports) -> Iterator[Page]:
    with visit(browser, reports["shown"]) as made:
        yield made


def row(page: Page, name: str) -> Locator:
    return page.locator("#scenarios > li", has=page.locator(".row .name", has_text=name)).first


def names(page: Page) -> list[str]:
    return page.locator("#scenarios > li:visible .row .name").all_inner_texts()


def focused(page: Page) -> str:
    found = page.evaluate("document.activeElement.closest('li')?.id ?? document.activeElement.id")
    return str(found)


def opened(page: Page) -> list[str]:
    """The lines that stand open: ``s1``, ``s1.2``…"""
    found = page.locator("#scenarios [aria-expanded=true]")
    return [str(one) for one in found.evaluate_all("all => all.map(one => one.closest('li').id)")]


def wide(page: Page) -> int:
    """Pixels by which the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def test_what_went_wrong_comes_first_and_what_was_skipped_last(page: Page) -> None:
    assert names(page)[:3] == ["The price has changed", "Nested", "Never began"]
    assert names(page)[-1] == "Gift cards"
    assert opened(page) == []
    page.select_option("#order", "run")
    assert names(page) == [one.name for one in showcase().scenarios]
    page.select_option("#order", "slow")
    assert names(page)[0] == "The price has changed"


def test_a_click_opens_the_waterfall_and_the_step_that_failed(page: Page) -> None:
    found = row(page, "The price has changed")
    found.locator(".row").click()
    assert opened(page) == ["s1", "s1.1"]
    assert found.locator(".axis").inner_text().split("\n")[0] == "0"
    lane = page.locator("[id='s1.1'] > .step .lane")
    assert lane.locator(".phase").evaluate_all("all => all.map(one => one.dataset.phase)") == [
        "dns", "tcp", "tls", "send", "wait", "read",
    ]  # fmt: skip
    assert lane.locator(".try.failed").count() == 2
    boxes = [one.bounding_box() for one in lane.locator(".phase").all()]
    starts = [box["x"] for box in boxes if box]
    assert starts == sorted(starts)
    inner = [one.inner_text() for one in found.locator(".steps .steps .step .name").all()]
    assert inner == ["connect", "send", "read"]
    found.locator(".row").click()
    assert opened(page) == ["s1.1"]
    assert not found.locator(".panel").is_visible()


def test_the_failing_step_tells_everything(page: Page) -> None:
    row(page, "The price has changed").locator(".row").click()
    step = page.locator("[id='s1.1'] > .detail")
    verdict = step.locator(".verdict").inner_text()
    for text in ("$.price is 20.0, expected 24.9, and 1 more check failed", "expectation-failed",
                 "a cause below", "has the catalogue changed?"):  # fmt: skip
        assert text in verdict
    lines = step.locator(".source .code").all_inner_texts()
    assert lines[3].rstrip() == " " * lines[2].index("24.9") + "^^^^ expected 24.9, found 20.0"
    told = " $.a: expected 1, found nothing; $.b[3]: expected 4, found 3"
    assert lines[5].strip() == "^" * len("{includes: {a: 1}}") + told
    cells = step.locator(".checks tbody tr").first.locator("th, td").all_inner_texts()
    assert cells == ["$.price", "24.9", "20.0"]
    assert step.locator(".paths").inner_text().split("\n") == [
        "$.a: expected 1, found nothing", "$.b[3]: expected 4, found 3",
    ]  # fmt: skip
    assert step.locator(".attempts li").count() == 2
    assert "HTTP/1.1 200 OK" in step.locator(".wire").all_inner_texts()
    assert "content-type" in step.locator(".pairs", has_text="content-type").inner_text()
    assert "item" in step.locator("section", has_text="Captured").first.inner_text()
    assert row(page, "The price has changed").locator(".panel > h3").inner_text() == "Teardown"


def test_json_folds_and_keeps_its_numbers(page: Page) -> None:
    row(page, "The price has changed").locator(".row").click()
    body = page.locator("[id='s1.1'] .tree").last
    assert "12345678901234567890" in body.inner_text()
    assert '"price": 20.0' in body.inner_text()
    assert '["light", "desk"]' in body.inner_text()
    folded = body.locator("details:not([open])")
    assert folded.count() == 1
    for key in ("c", "d"):
        folded.locator("summary").click()
        body.get_by_text(f'"{key}":').wait_for()
    folded.locator("summary").click()
    body.get_by_text("x" * 70).wait_for()
    body.locator("summary").first.click()
    assert "price" not in body.inner_text()
    page.get_by_role("button", name="As it came").click()
    assert (
        '{"id": 12345678901234567890, "price": 20.0'
        in page.locator("[id='s1.1'] pre:visible").nth(1).inner_text()
    )


def test_a_picture_is_shown(page: Page) -> None:
    row(page, "Pictures").locator(".row").click()
    page.locator("[id='s2.1'] > .step").click()
    image = page.locator("[id='s2.1'] img")
    image.scroll_into_view_if_needed()
    assert image.evaluate("one => one.decode().then(() => one.naturalWidth)") > 0
    assert image.get_attribute("alt") == "The body: image/png, 1.0 kB"


def test_a_failure_deep_inside_is_opened_to_and_told_once(page: Page) -> None:
    row(page, "Nested").locator(".row").click()
    assert opened(page) == ["s4", "s4.1", "s4.1.1"]
    assert row(page, "Nested").locator(".verdict").count() == 1


def test_scenarios_without_steps_say_why(page: Page) -> None:
    assert "waits for the gift cards" in row(page, "Gift cards").inner_text()
    row(page, "Never began").locator(".row").click()
    assert "the run's deadline passed" in row(page, "Never began").locator(".panel").inner_text()
    row(page, "Known bug").locator(".row").click()
    told = row(page, "Known bug").locator(".panel > .note").inner_text()
    assert told == "Failed as expected: the shop promises too much"


def test_a_lone_failure_stands_open(browser: Browser, tmp_path: Path) -> None:
    write_html(suite(scenario(), showcase().scenarios[0]), tmp_path / "r.html")
    with visit(browser, tmp_path / "r.html") as page:
        assert opened(page) == ["s2", "s2.1"]
        assert page.evaluate("location.hash") == ""


def test_the_filter(page: Page) -> None:
    page.fill("#filter", "PRICE smoke")
    assert names(page) == ["The price has changed"]
    assert page.locator("#shown").inner_text() == "1 of 10 scenarios"
    page.fill("#filter", "connection-refused nowhere")
    assert names(page) == []
    assert page.locator("#shown").inner_text() == "No scenario fits"
    page.fill("#filter", "")
    page.get_by_role("button", name="Skipped 1").click()
    assert names(page) == ["Gift cards"]
    assert page.locator(".outcomes [aria-pressed=true]").all_inner_texts() == ["Skipped 1"]
    page.get_by_role("button", name="All 10").click()
    page.select_option("#tag", "shop")
    assert names(page) == ["The price has changed"]


def test_by_key_alone(page: Page) -> None:
    page.keyboard.press("/")
    assert focused(page) == "filter"
    page.keyboard.type("price j/k")
    assert names(page) == []
    page.keyboard.press("Escape")
    assert len(names(page)) == 10
    page.keyboard.press("j")
    assert focused(page) == "s1"
    page.keyboard.press("Enter")
    assert opened(page) == ["s1", "s1.1"]
    page.keyboard.press("j")
    assert focused(page) == "s1.1"
    page.keyboard.press("ArrowDown")
    assert focused(page) == "s1.1.1"
    page.keyboard.press("k")
    page.keyboard.press("ArrowUp")
    assert focused(page) == "s1"
    page.keyboard.press("ArrowLeft")
    assert opened(page) == ["s1.1"]
    page.keyboard.press("j")
    assert focused(page) == "s4"
    page.keyboard.press("ArrowRight")
    assert "s4" in opened(page)


def test_the_tab_key_walks_in_reading_order(page: Page) -> None:
    reached = []
    for _ in range(10):
        page.keyboard.press("Tab")
        reached.append(focused(page))
    assert reached == ["theme", "filter", *[""] * 5, "tag", "order", "s1"]


def test_addresses_open_what_they_name(browser: Browser, reports: Reports) -> None:
    with visit(browser, reports["shown"], "#s2.1") as page:
        assert opened(page) == ["s2", "s2.1"]
        assert focused(page) == "s2.1"
        page.evaluate("location.hash = '#s1.t1'")
        page.wait_for_function("document.activeElement.closest('li')?.id === 's1.t1'")
        row(page, "Known bug").locator(".row").click()
        assert page.evaluate("location.hash") == "#s5"
    for address in ("#s99", "#filter", "#<img>", "#s1.99", "#%E0"):
        with visit(browser, reports["shown"], address) as page:
            assert len(names(page)) == 10


def test_copy_puts_the_command_on_the_clipboard(browser: Browser, reports: Reports) -> None:
    with visit(browser, reports["shown"], "#s1", **CLIPBOARD) as page:
        button = page.get_by_role("button", name="Copy as curl").first
        button.click()
        page.wait_for_function("document.querySelector('#said').textContent === 'Copied'")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == "curl -sS http://127.0.0.1:8000/items/1 -H 'Accept: */*'"


def test_where_the_clipboard_is_denied_the_command_is_selected(page: Page) -> None:
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(Error()); }")
    row(page, "The price has changed").locator(".row").click()
    page.get_by_role("button", name="Copy as curl").click()
    page.wait_for_function("getSelection().toString().startsWith('curl -sS')")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark(browser: Browser, reports: Reports, scheme: Any) -> None:
    def is_dark() -> bool:
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return int(re.findall(r"\d+", colour)[0]) < 128

    with visit(browser, reports["shown"], color_scheme=scheme) as page:
        assert is_dark() == (scheme == "dark")
        page.get_by_role("button", name="Light" if scheme == "dark" else "Dark").click()
        assert is_dark() == (scheme == "light")


@pytest.mark.parametrize("name", ["shown", "hostile", "empty"])
def test_no_page_scrolls_sideways(browser: Browser, reports: Reports, name: str) -> None:
    with visit(browser, reports[name]) as page:
        for code in ("() => 0", OPEN_ALL):
            page.evaluate(code)
            for width in (320, 400, 760, 1280, 2560):
                page.set_viewport_size({"width": width, "height": 800})
                assert wide(page) == 0, width


def test_nothing_hostile_runs_or_becomes_an_element(browser: Browser, reports: Reports) -> None:
    with visit(browser, reports["hostile"], **CLIPBOARD) as page:
        page.evaluate(OPEN_ALL)
        for button in page.get_by_role("button", name="As it came").all():
            button.click()
        page.wait_for_timeout(100)
        assert page.evaluate("window.broken") is None
        assert page.locator("main script, main svg, main iframe, main a, main style").count() == 0
        assert page.locator("img").count() == 0
        shown = page.locator("#scenarios").inner_text()
        assert BREAKOUT in shown
        assert "{{ 7 * 7 }}${7*7}" in shown
        assert "\u202e" not in shown
        assert "\x1b" not in shown
        assert "\\u{202e}evil" in shown


def test_the_policy_stops_what_would_be_put_in(browser: Browser, reports: Reports) -> None:
    page = browser.new_page()
    page.goto(reports["empty"].as_uri())
    logged: list[str] = []
    page.on("console", lambda message: logged.append(message.text))
    for code in (
        "document.body.innerHTML = '<b>'",
        "document.createElement('script').text = 'window.broken = 1'",
    ):
        assert page.evaluate(f"() => {{ try {{ {code} }} catch {{ return 'refused'; }} }}")
    page.evaluate("() => { new Image().src = 'http://127.0.0.1:9/'; }")
    page.wait_for_timeout(100)
    assert any("img-src" in text for text in logged)
    assert page.evaluate("window.broken") is None
    page.close()


@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [
        ("shown", 400, "light"), ("shown", 400, "dark"),
        ("shown", 1280, "light"), ("shown", 1280, "dark"),
        ("hostile", 400, "dark"), ("empty", 1280, "light"),
    ],
)  # fmt: skip
def test_nobody_is_shut_out(
    browser: Browser, reports: Reports, name: str, width: int, scheme: Any
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    # The checker itself is a script that the page's policy would not let in.
    options = {"color_scheme": scheme, "bypass_csp": True}
    size = {"width": width, "height": 900}
    with visit(browser, reports[name], viewport=size, **options) as page:
        page.evaluate(OPEN_ALL)
        # What is out of sight has no colours to check.
        page.evaluate("""() => document.querySelectorAll("#scenarios > li").forEach(
          (one) => one.style.setProperty("content-visibility", "visible"))""")
        found = Axe().run(page).response["violations"]
        told = [(one["id"], one["nodes"][0]["html"][:200], len(one["nodes"])) for one in found]
        assert told == []


def test_two_thousand_scenarios_are_all_there_and_made_when_looked_at(
    browser: Browser, tmp_path: Path
) -> None:
    write_html(long(2000), tmp_path / "long.html")
    with visit(browser, tmp_path / "long.html") as page:
        assert page.evaluate("performance.getEntriesByName('first-contentful-paint').length") == 1
        assert page.locator("#scenarios > li").count() == 2000
        assert page.locator(".step").count() == 0
        page.keyboard.press("k")
        assert focused(page) == "s2000"
        assert page.locator("#s2000 .name").is_visible()
        for _ in range(20):
            page.mouse.wheel(0, -4000)
        page.keyboard.press("Home")
        page.keyboard.press("Enter")
        page.keyboard.press("j")
        assert focused(page) == "s2000.1"
        page.fill("#filter", "number 1234")
        assert names(page) == ["Scenario number 1234"]
        page.fill("#filter", "")
        page.select_option("#tag", "group-3")
        assert page.locator("#shown").inner_text() == "286 of 2000 scenarios"


@pytest.mark.parametrize("shape", ["list", "deep", "text", "not json"])
def test_large_bodies_are_shown_by_parts(browser: Browser, tmp_path: Path, shape: str) -> None:
    body = {
        "list": "[" + ", ".join(str(number) for number in range(5000)) + "]",
        "deep": "[" * 900 + "]" * 900,
        "text": "a line of the log\n" * 20_000,
        "not json": "{" * 50_000,
    }[shape]
    write_html(suite(scenario(request("get /", body=body))), tmp_path / "r.html")
    with visit(browser, tmp_path / "r.html", "#s1.1") as page:
        assert page.evaluate("document.querySelectorAll('.detail *').length") < 2000
        more = page.get_by_role("button", name=re.compile("^Show "))
        assert more.count() == (0 if shape == "deep" else 1)
        if shape != "deep":
            before = len(page.locator(".detail").first.inner_text())
            more.click()
            assert len(page.locator(".detail").first.inner_text()) > before
