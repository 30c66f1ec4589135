"""What a scenario does, step by step, told from its file alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from runner.cli.page import Page
from runner.scenario.grammar import Place, is_verb, steps_in
from runner.scenario.source import Source
from runner.scenario.written import brief, flow


def outline(source: Source) -> str:
    """The scenario's name and purpose, and a line or two for each step. The source is valid."""
    scenario = source.value
    assert isinstance(scenario, Mapping)
    page = Page()
    page.title(
        str(scenario.get("name", Path(source.file).stem)), ", ".join(scenario.get("tags", ()))
    )
    if "description" in scenario:
        page.say(scenario["description"])
    settings = [
        (key, flow(scenario[key]))
        for key in ("base", "vars", "cases", "deadline", "skip", "expect-failure", "outputs")
        if key in scenario
    ]
    if settings:
        page.table(settings)
    for section in ("steps", "teardown"):
        rows = [
            ("" if number else f"{source.key_mark(place).line:>4}", "  " * _depth(place) + line)
            for place, step in steps_in(scenario)
            if place[0] == section and isinstance(step, Mapping)
            for number, line in enumerate(_told(step))
        ]
        if rows:
            page.heading(section.capitalize())
            page.table(rows)
    return page.text


def _told(step: Mapping[str, object]) -> list[str]:
    verb = next(key for key in step if is_verb(key))
    subject = step[verb]
    shown = "" if subject is None or isinstance(subject, list) else f" {brief(subject)}"
    named = f"{step['name']}: " if "name" in step else ""
    ways = "".join(
        f", {key} {brief(step[key])}"
        for key in ("if", "retry", "repeat", "for-each")
        if key in step
    )
    told = [f"{named}{verb}{shown}{ways}"]
    for key, word in (("expect", "check"), ("capture", "capture")):
        held = step.get(key)
        if isinstance(held, Mapping):
            told += [f"  {word} {name}: {brief(held[name])}" for name in held]
    return told


def _depth(place: Place) -> int:
    return sum(part in ("block", "parallel") for part in place)
