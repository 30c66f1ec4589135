"""The HTML report: one file that a browser opens from disk and that needs no network.

The page is made of ``page.html`` (Jinja2), ``report.css`` and the scripts, which share one scope.
What a run found stands in it as data, one inert element for each scenario, which the script reads
when somebody looks: so a report of thousands of scenarios opens at once. Everything is put into the
page as text; the page's own policy lets nothing run but its script and nothing be fetched.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from runner.query.facts import REQUESTS
from runner.reports.cleaning import Clean, clean_scenario
from runner.reports.files import write_whole
from runner.result import ScenarioResult, StepResult, SuiteResult
from runner.result_json import scenario_to_json
from runner.units import show_seconds

if TYPE_CHECKING:
    from jinja2 import Template

PHASES: Final = ("dns", "tcp", "proxy", "tls", "send", "wait", "read")
_ALWAYS: Final = frozenset({"name", "verb", "at", "outcome", "started", "duration"})
_SCRIPTS: Final = ("dom.js", "bars.js", "body.js", "step.js", "page.js")
_ESCAPES: Final = {ord(mark): f"\\u{ord(mark):04x}" for mark in "<>&\u2028\u2029"}
_MICRO: Final = 6


class NeedsJinja(RuntimeError):  # noqa: N818 - the name says what is missing
    """Jinja2, which the HTML report is made with, is not installed; the text says how to get it."""


def write_html(suite: SuiteResult, path: Path, clean: Clean | None = None) -> None:
    """Writes the report of a run, whole or not at all.

    ``clean`` is given all that came from outside, as trees; see ``cleaning``. Raises OSError, and
    NeedsJinja.
    """
    template = _template()
    write_whole(path, _chunks(template, suite, clean))


def html_chunks(suite: SuiteResult, clean: Clean | None = None) -> Iterator[bytes]:
    """The page in UTF-8, one scenario after the other. Raises NeedsJinja."""
    return _chunks(_template(), suite, clean)


def embed(tree: object) -> str:
    """The tree as JSON on one line that may stand in a ``script`` element.

    It holds no ``<``, so it can neither end the element nor begin a comment in it (HTML, 4.12.1.3).
    """
    text = json.dumps(tree, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate(_ESCAPES)


def _template() -> Template:
    try:
        from jinja2 import Environment, StrictUndefined
    except ImportError:
        raise NeedsJinja(
            "the HTML report needs Jinja2, which is not installed: "
            "run pip install 'httpsteps[html]'"
        ) from None
    made = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["seconds"] = show_seconds
    return made.from_string(_file("page.html"))


def _chunks(template: Template, suite: SuiteResult, clean: Clean | None) -> Iterator[bytes]:
    style = _file("report.css")
    script = '"use strict"; {\n' + "".join(map(_file, _SCRIPTS)) + "}"
    stream = template.generate(
        suite=suite,
        counts=suite.counts(),
        phases=PHASES,
        style=style,
        script=script,
        style_hash=_hash(style),
        script_hash=_hash(script),
        data=_data(suite, clean),
    )
    for chunk in stream:
        # Half a surrogate pair, which only the data can hold, becomes its JSON escape.
        yield chunk.encode("utf-8", "backslashreplace")


def _data(suite: SuiteResult, clean: Clean | None) -> Iterator[str]:
    """For each scenario its head and its whole, a line each."""
    for scenario in suite.scenarios:
        shown = clean_scenario(scenario, clean) if clean else scenario
        yield f"{embed(_head(shown))}\n{embed(_whole(shown))}"


def _head(scenario: ScenarioResult) -> dict[str, Any]:
    """What the list shows and the filter looks into."""
    steps = (*scenario.steps, *scenario.teardown)
    sums = {name: sum(step.times.get(name, 0.0) for step in steps) for name in PHASES}
    return _without_empty(
        {
            "name": scenario.name,
            "file": scenario.file,
            "case": scenario.case,
            "tags": list(scenario.tags),
            "outcome": scenario.outcome,
            "kind": scenario.kind,
            "message": scenario.message,
            "reason": scenario.reason,
            "warnings": list(scenario.warnings),
            "duration": round(scenario.duration, _MICRO),
            "times": {name: round(time, _MICRO) for name, time in sums.items() if time},
        }
    )


def _whole(scenario: ScenarioResult) -> dict[str, Any]:
    """The steps, without what can be told from something else that is there."""
    tree = scenario_to_json(scenario)
    return {
        key: [
            _step(made, step) for made, step in zip(tree[key], getattr(scenario, key), strict=True)
        ]
        for key in ("steps", "teardown")
    }


def _step(tree: dict[str, Any], step: StepResult, around: Mapping[str, Any] = {}) -> dict[str, Any]:
    facts = {
        name: value
        for name, value in tree["facts"].items()
        if not _told_elsewhere(name, value, step) and (name not in around or around[name] != value)
    }
    # A request shows the facts of what it is made of; what is inside only what differs.
    shown = tree["facts"] if step.verb in REQUESTS else {}
    return _without_empty(
        {
            **tree,
            **_shown(step),
            "facts": facts,
            "started": round(step.started, _MICRO),
            "duration": round(step.duration, _MICRO),
            "times": {name: round(time, _MICRO) for name, time in step.times.items()},
            "steps": [
                _step(made, one, shown) for made, one in zip(tree["steps"], step.steps, strict=True)
            ],
        }
    )


def _shown(step: StepResult) -> dict[str, Any]:
    """What the console says of a step that did not pass: where, under which carets what."""
    if step.outcome not in ("failed", "error"):
        return {}
    from runner.reports.console_source import marks_of, place_of
    from runner.reports.console_step import also

    return {
        "also": also(step) or None,
        "place": place_of(step) if step.snippet else None,
        "marks": [
            {
                "line": mark.line,
                "column": mark.column,
                "width": mark.width,
                "text": "; ".join(", ".join(verdict) for verdict in mark.verdicts),
            }
            for mark in (marks_of(step)[0] if step.snippet else ())
        ],
    }


def _told_elsewhere(name: str, value: object, step: StepResult) -> bool:
    return name == "attempts" or name.startswith("time.") or (name, value) == ("error", step.kind)


def _without_empty(tree: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value for key, value in tree.items() if key in _ALWAYS or value not in (None, [], {})
    }


def _file(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


def _hash(text: str) -> str:
    """The text's hash as a policy names it (CSP 3, 2.3.1)."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
