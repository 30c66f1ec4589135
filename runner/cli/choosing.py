"""Which of the scenarios found are meant: by tag, name and case."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Sequence
from typing import Any

from runner.cli.output import UsageError
from runner.scenario.model import Case, Scenario

Job = tuple[Scenario, Case]


def add_choices(group: Any) -> None:
    """Adds the options ``--tag``, ``--name`` and ``--case``."""
    add = group.add_argument
    add("--tag", action="append", default=[], metavar="TAG", help="only scenarios with this tag")
    add("--name", metavar="REGEX", help="only scenarios whose name matches")
    add("--case", metavar="LABEL", help="only this case")


def chosen(
    jobs: Iterable[Job], arguments: argparse.Namespace, default_tags: Sequence[str]
) -> list[Job]:
    """The jobs the options mean; ``default_tags`` are those of the settings file.

    Raises ``UsageError`` for a name that is no regular expression.
    """
    try:
        name = re.compile(arguments.name) if arguments.name else None
    except re.error as error:
        raise UsageError(f"--name: {arguments.name!r} is no regular expression: {error}") from None
    tags = set(arguments.tag or default_tags)
    return [
        (scenario, case)
        for scenario, case in jobs
        if (not tags or tags & set(scenario.tags))
        and (name is None or name.search(scenario.name))
        and (arguments.case is None or case.label == arguments.case)
    ]
