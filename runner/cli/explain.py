"""``httpsteps explain``: the language on one screen, and a page for every word of it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, Final, TextIO

from runner.cli.main import BAD_USAGE, COMMANDS, PASSED
from runner.cli.page import Page
from runner.scenario.problems import ProblemError, did_you_mean, render

_EPILOG: Final = """\
examples:
  httpsteps explain                      the language on one screen
  httpsteps explain read                 a verb
  httpsteps explain header.etag          a fact
  httpsteps explain read-timeout         a failure kind
  httpsteps explain matchers             a list; also verbs keys facts filters
                                         kinds guides
  httpsteps explain templates            a guide
  httpsteps explain scenarios/shop.yaml  what a scenario does, step by step
"""
_MEANT: Final = {
    "variable": "vars", "variables": "vars", "ssl": "tls", "https": "tls", "certificate": "tls",
    "certificates": "tls", "basic": "auth", "bearer": "auth", "digest": "auth", "oauth2": "auth",
    "ntlm": "auth", "authentication": "auth", "authorization": "auth", "login": "auth",
    "test": "expect", "tests": "expect", "assert": "expect", "assertion": "expect",
    "check": "expect", "checks": "expect", "query": "expect", "queries": "expect",
    "extract": "capture", "loop": "for-each", "matrix": "cases", "case": "cases",
    "request": "get", "step": "verbs", "steps": "verbs", "verb": "verbs", "key": "keys",
    "fact": "facts", "matcher": "matchers", "filter": "filters", "kind": "kinds", "guide": "guides",
    "sleep": "wait", "cookie": "cookie.NAME", "header": "header.NAME", "jar": "jar.NAME",
}  # fmt: skip
"""What else the words of the language are called, where no page bears the word."""
_OVERVIEW: Final = """\
httpsteps: a scenario is a YAML file that lists HTTP steps

    name: Catalogue smoke test
    base: ${env.CATALOGUE_URL:-http://127.0.0.1:8000}
    steps:
      - get: /items/1                   the verb and its subject
        headers: {Accept: text/html}    its other keys stand beside it
        expect:                         queries, and what each must hold:
          status: 200                     a fact, a literal
          time.total: {below: 500ms}      a fact, a matcher
          $.tags | count: {above: 0}      a JSONPath, a filter, a matcher
        capture: {item: $.id}           a variable, filled by a query
      - put: /items/${item}             a template: ${item}, ${env.NAME},
        json: {name: Lamp}              ${new.uuid}, ${when | upper}

A status outside 200-299 fails a step unless `expect` names `status`.
"""


def add_parser(commands: Any) -> None:
    """Adds the command's parser."""
    parser = commands.add_parser(
        "explain",
        help="what a verb, key, fact, matcher, filter or failure kind means",
        description="Explains a word of the language; without one, the language on one screen.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("topic", nargs="?", metavar="TOPIC", help="a word, a list, or a file")
    parser.set_defaults(run=lambda arguments: explain(arguments.topic, sys.stdout))


def explain(topic: str | None, out: TextIO) -> int:
    """Writes the page of a topic; exit status 0, or 2 when there is no such topic.

    What cannot be explained is said on standard error.
    """
    if topic is None:
        out.write(_overview())
        return PASSED
    if topic.endswith((".yaml", ".yml")):
        return _file(topic, out)
    from runner.cli.topics import PAGES, lists

    page = Page()
    listed = lists()
    if topic not in listed and not any(knows(topic) for knows, _ in PAGES.values()):
        topic = _MEANT.get(topic.lower(), topic)
    words = {title: [row[0].split()[0] for row in rows] for title, rows in listed.items()}
    if topic in listed:
        page.title(topic, f"{len(listed[topic])}")
        page.table(listed[topic])
        out.write(page.text)
        return PASSED
    for knows, write in PAGES.values():
        if knows(topic):
            write(page, topic)
    if page.empty:
        return _unknown(topic, [*listed, *(name for names in words.values() for name in names)])
    out.write(page.text)
    return PASSED


def _overview() -> str:
    from runner.cli.topics import lists

    listed = lists()
    page = Page()
    for name in ("verbs", "matchers", "filters", "guides"):
        page.heading(name.capitalize())
        page.say(" ".join(row[0].split()[0] for row in listed[name]))
    page.heading("More")
    page.say("httpsteps explain WORD, or one of: " + ", ".join(listed))
    return _OVERVIEW + "\n" + page.text


def _unknown(topic: str, known: list[str]) -> int:
    near = did_you_mean(topic, known)
    sys.stderr.write(f"httpsteps: there is nothing called `{topic}` to explain\n")
    remedy = f"did you mean `{near}`?" if near else "`httpsteps explain` shows what there is"
    if topic in COMMANDS:
        remedy = f"it is a command: `httpsteps {topic} --help` explains it"
    sys.stderr.write(f"  hint: {remedy}\n")
    return BAD_USAGE


def _file(name: str, out: TextIO) -> int:
    """What the scenario in a file does, step by step."""
    from runner.cli.outline import outline
    from runner.scenario.source import read_source
    from runner.scenario.validate import validate

    try:
        source = read_source(Path(name).read_bytes(), name)
        problems = validate(source)
    except ProblemError as error:
        problems = error.problems
    except OSError as error:
        sys.stderr.write(f"httpsteps: {name} cannot be read: {error.strerror}\n")
        return BAD_USAGE
    if problems:
        sys.stderr.write("\n\n".join(map(render, problems)) + "\n")
        return BAD_USAGE
    out.write(outline(source))
    return PASSED
