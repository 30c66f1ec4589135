"""Which of the scenarios found are meant: by tag, name and case, by their last run, by shard."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from runner.cli.output import UsageError, counted
from runner.cli.settings import FileSettings
from runner.execution.jobs import Job
from runner.spelling import did_you_mean

_SHOWN: Final = 12


class NothingLeftError(UsageError):
    """The choice leaves nothing to run; the message is for the user."""


def add_choices(group: Any) -> None:
    """Adds the options that choose among scenarios."""
    add = group.add_argument
    add("--tag", action="append", default=[], metavar="TAG", help="only scenarios with this tag")
    add("--name", metavar="REGEX", help="only scenarios whose name matches")
    add("--case", metavar="LABEL", help="only this case")
    add("--failed", action="store_true", help="only those that did not pass when they last ran")
    add("--shard", metavar="I/N", type=_shard, help="only part I of N, for N machines")
    add("--durations", metavar="FILE", type=Path, help="balance shards by this JSON result")


def chosen(
    jobs: Iterable[Job], arguments: argparse.Namespace, file: FileSettings
) -> tuple[list[Job], list[str]]:
    """The jobs the options mean, and a line for the user on each choice that is not in the words.

    Raises ``UsageError`` for a name that is no regular expression and for durations that cannot be
    read, ``NothingLeftError`` where jobs were found and the last run or the shard leaves none.
    """
    try:
        name = re.compile(arguments.name) if arguments.name else None
    except re.error as error:
        raise UsageError(f"--name: {arguments.name!r} is no regular expression: {error}") from None
    tags = set(arguments.tag or file.tag)
    jobs = list(jobs)
    left = [
        job
        for job in jobs
        if (not tags or tags & set(job.scenario.tags))
        and (name is None or name.search(job.scenario.name))
        and (arguments.case is None or job.case.label == arguments.case)
    ]
    if jobs and not left:
        raise _none(jobs, tags, arguments)
    notes: list[str] = []
    if left and arguments.shard is not None:
        left = _sharded(left, arguments.shard, arguments.durations or file.durations, notes)
    if left and arguments.failed:
        left = _failed(left, notes)
    return left, notes


def _none(jobs: Sequence[Job], tags: set[str], arguments: argparse.Namespace) -> NothingLeftError:
    """Which of the options no scenario is left by, and what there is to choose from."""
    known = {
        "tag": {tag for job in jobs for tag in job.scenario.tags},
        "name": {job.scenario.name for job in jobs},
        "case": {job.case.label for job in jobs if job.case.label is not None},
    }
    asked = {"tag": sorted(tags), "name": [arguments.name], "case": [arguments.case]}
    for what, words in asked.items():
        if not words or words[0] is None:
            continue
        if what == "name" and any(re.search(words[0], name) for name in known["name"]):
            continue
        if set(words) & known[what]:
            continue
        there = sorted(known[what])
        told = " or ".join(f"`{word}`" for word in words)
        verb = "has a name like" if what == "name" else f"has the {what}"
        near = None if what == "name" else did_you_mean(words[0], there)
        more = ", …" if len(there) > _SHOWN else ""
        listed = f"{what}s: {', '.join(there[:_SHOWN])}{more}" if there else f"there are no {what}s"
        return NothingLeftError(
            f"nothing to run: no scenario {verb} {told}",
            f"did you mean `{near}`? {listed}" if near else listed,
        )
    return NothingLeftError(
        "nothing to run: no scenario has all that was asked for",
        "--tag, --name and --case choose among scenarios; leave one of them out",
    )


def _sharded(
    jobs: Sequence[Job], shard: tuple[int, int], durations: Path | str | None, notes: list[str]
) -> list[Job]:
    from runner.execution.shard import DurationsError, read_durations, shard_of

    number, count = shard
    known = None
    if durations is not None:
        hint = "every shard must be given the same file"
        try:
            known = read_durations(Path(durations))
        except OSError as error:
            raise UsageError(f"--durations {durations}: {error.strerror}", hint) from None
        except DurationsError as error:
            raise UsageError(f"--durations: {error}", hint) from None
    left = shard_of(jobs, number, count, known)
    if not left:
        raise NothingLeftError(
            f"nothing to run: shard {number}/{count} of {counted(len(jobs), 'scenario')} is empty",
            "there are more shards than scenarios",
        )
    notes.append(f"shard {number}/{count}: {len(left)} of {counted(len(jobs), 'scenario')}")
    return left


def _failed(jobs: Sequence[Job], notes: list[str]) -> list[Job]:
    from runner.execution.history import History, failed_before

    history = History(jobs)
    left = failed_before(jobs, history)
    if not left and not history:
        raise NothingLeftError(
            "nothing to run: no earlier run of these scenarios is known here",
            "run them once without --failed",
        )
    if not left:
        raise NothingLeftError(
            "nothing to run: none of these scenarios failed when it last ran",
            "leave --failed out to run them all",
        )
    notes.append(f"{len(left)} of {counted(len(jobs), 'scenario')} did not pass when last run")
    return left


def _shard(word: str) -> tuple[int, int]:
    found = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", word)
    number, count = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= number <= count:
        raise argparse.ArgumentTypeError(f"{word!r}: write I/N, like 1/4 up to 4/4")
    return number, count
