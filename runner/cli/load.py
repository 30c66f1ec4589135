"""``httpsteps load``: scenarios as load, carried out by Locust's users."""

from __future__ import annotations

import argparse
import json
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from runner.cli.main import BAD_USAGE

# Nothing here may import `ssl` or `socket`: Locust has to replace them first.
from runner.units import duration

FORMATS: Final = ("json", "csv", "html")
PORT: Final = 5557
_EPILOG = """\
examples:
  httpsteps load shop.yaml --users 50 --duration 1m
  httpsteps load shop.yaml --users 50 --rate 20 --duration 1m \\
    --max-p95 300ms --max-failures 1%
  httpsteps load shop.yaml --users 500 --duration 5m --workers 4

several machines, with the same files on each:
  httpsteps load shop.yaml --users 500 --duration 5m \\
    --master --master-host 0.0.0.0 --workers 2
  httpsteps load shop.yaml --worker --master-host 192.0.2.7   on each other one

each user runs one scenario, or case, after the other, each with its own values,
sessions and connections, as `run` does; `repeat` in a scenario keeps a
connection for many requests

exit status: that of `run`; 1 when a threshold does not hold, 3 when nothing
could be reached
"""


def add_parser(commands: Any) -> None:
    """Adds the command's parser."""
    parser = commands.add_parser(
        "load",
        help="run scenarios as load, on Locust",
        description="Runs scenarios as load: many users at the same time, again and again.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("paths", nargs="*", metavar="FILE", help="files or folders (scenarios/)")
    _add_load(parser.add_argument_group("how much load"))
    _add_workers(parser.add_argument_group("by how many processes"))
    _add_asked(parser.add_argument_group("what is asked of it"))
    _add_scenarios(parser.add_argument_group("which scenarios, with which values"))
    _add_output(parser.add_argument_group("what is written"))
    parser.set_defaults(
        run=run, repeat=1, shuffle=False, failed=False, shard=None, durations=None,
        update_snapshots=False, deadline=None,
    )  # fmt: skip


def _add_load(group: Any) -> None:
    add = group.add_argument
    add("--users", type=_count, default=1, metavar="N", help="users at the same time (1)")
    add("--rate", type=_rate, metavar="R",
        help="iterations begun in a second, over all users, like 50 or 50/s; by default each user"
        " begins the next at once")  # fmt: skip
    add("--duration", type=_time, metavar="TIME", help="how long, like 30s or 5m")
    add("--iterations", type=_count, metavar="N", help="at most so many iterations, over all users")
    add("--spawn-rate", type=_rate, metavar="R", help="users started in a second (all at once)")
    add("--grace", type=_time, default=30.0, metavar="TIME",
        help="how long iterations may go on at the end (30s)")  # fmt: skip


def _add_workers(group: Any) -> None:
    add = group.add_argument
    add("--workers", type=_count, metavar="N",
        help="so many processes here; with --master: how many to wait for (1)")  # fmt: skip
    role = group.add_mutually_exclusive_group()
    role.add_argument("--master", action="store_true", help="lead workers on other machines")
    role.add_argument("--worker", action="store_true", help="work for a master")
    role.add_argument("--given", action="store_true", help=argparse.SUPPRESS)
    add("--master-host", metavar="HOST", default="127.0.0.1",
        help="where the master is; with --master, where it listens (127.0.0.1)")  # fmt: skip
    add("--master-port", type=_port, metavar="PORT", default=PORT,
        help=f"its port, whoever reaches it can take part ({PORT})")  # fmt: skip


def _add_asked(group: Any) -> None:
    add = group.add_argument
    add("--max-p95", type=_time, metavar="TIME",
        help="of every step and request, 95 of 100 times are no longer, like 300ms")  # fmt: skip
    add("--max-failures", type=_share, default="0", metavar="N",
        help="iterations that may not pass: a share, like 1%%, or a number (0)")  # fmt: skip


def _add_scenarios(group: Any) -> None:
    add = group.add_argument
    add("--tag", action="append", default=[], metavar="TAG", help="only scenarios with this tag")
    add("--name", metavar="REGEX", help="only scenarios whose name matches")
    add("--case", metavar="LABEL", help="only this case")
    add("--base", metavar="URL", help="in place of every scenario's `base`")
    add("--environment", metavar="NAME", help="base, vars and secrets from environments/NAME.yaml")
    add("--var", action="append", default=[], metavar="NAME=VALUE", help="a variable's value")
    add("--vars", action="append", default=[], metavar="FILE", help="variables: YAML, JSON or .env")
    add("--secret", action="append", default=[], metavar="NAME=VALUE", help="the same, never shown")
    add("--secrets", action="append", default=[], metavar="FILE", help="the same, never shown")
    add("--seed", type=int, metavar="N", help="where ${new.…} values begin")
    add("--serve", metavar="CMD", help="start this service first; {port} in it is a free port")
    add("--ready", metavar="URL", help="the path that answers when the service is up")


def _add_output(group: Any) -> None:
    add = group.add_argument
    add("--steps", action="store_true", help="an entry for each primitive step in a request too")
    add("--output", type=Path, metavar="DIR", help="the folder `save` writes below")
    shown = ", ".join(FORMATS)
    add("--report", action="append", default=[], type=_report, metavar="FORMAT=PATH",
        help=f"formats: {shown}")  # fmt: skip
    add("--no-color", action="store_true", help="no colours")


def run(arguments: argparse.Namespace) -> int:
    """Loads, reports, and gives the exit status: 0, 1, 2, 3, 5, 70 or 130."""
    served = None
    if arguments.given:
        # The process that started this one: its words, which may hold secrets, are no one else's.
        line = sys.stdin.buffer.readline()
        if not line:
            return BAD_USAGE
        given = json.loads(line)
        served = given.pop("served")
        vars(arguments).update(given, output=given["output"] and Path(given["output"]))
    problem = _wrong(arguments)
    if problem is not None:
        sys.stderr.write(f"httpsteps load: {problem}\ntry: httpsteps load --help\n")
        return BAD_USAGE
    if find_spec("locust") is None:
        sys.stderr.write(
            "httpsteps: `load` needs the extra load, which is not installed: "
            "pip install 'httpsteps[load]'\n"
        )
        return BAD_USAGE
    import locust  # noqa: F401 - first of all: it makes what is imported after it cooperative

    from runner.load_test.command import load

    return load(arguments, served)


def _wrong(arguments: argparse.Namespace) -> str | None:
    """What words do not go together, as a sentence."""
    if arguments.worker or arguments.given:
        return None
    if arguments.duration is None and arguments.iterations is None:
        return "say how long: --duration 30s, or --iterations 1000"
    workers = arguments.workers or (1 if arguments.master else 0)
    if arguments.users < workers:
        return f"--users {arguments.users}: each of {workers} workers needs at least one"
    taken = [path for _, path in arguments.report]
    double = next((path for path in taken if taken.count(path) > 1), None)
    if double is not None:
        return f"--report: two reports go to {double}"
    if arguments.master and arguments.serve:
        return "--serve: the service would be on this machine alone, and the workers are on others"
    return None


def _count(word: str) -> int:
    if not word.isdecimal() or not 1 <= int(word) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{word!r}: expected a whole number from 1 on")
    return int(word)


def _port(word: str) -> int:
    if not word.isdecimal() or not 1 <= int(word) <= 65535:
        raise argparse.ArgumentTypeError(f"{word!r}: expected a port from 1 to 65535")
    return int(word)


def _rate(word: str) -> float:
    try:
        rate = float(word.removesuffix("/s"))
    except ValueError:
        rate = 0.0
    if not 0 < rate < 1e6:
        raise argparse.ArgumentTypeError(f"{word!r}: expected how many in a second, like 50 or 0.5")
    return rate


def _time(word: str) -> float:
    try:
        return duration(word)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _share(word: str) -> str:
    try:
        number = float(word.removesuffix("%"))
    except ValueError:
        number = -1.0
    if not 0 <= number <= (100 if word.endswith("%") else 1e9) or (
        not word.endswith("%") and not number.is_integer()
    ):
        raise argparse.ArgumentTypeError(f"{word!r}: expected a share like 1% or a whole number")
    return word


def _report(word: str) -> tuple[str, str]:
    form, _, path = word.partition("=")
    if form not in FORMATS or not path:
        raise argparse.ArgumentTypeError(
            f"{word!r}: write FORMAT=PATH with a format of {', '.join(FORMATS)}"
        )
    if Path(path).is_dir():
        raise argparse.ArgumentTypeError(f"{word!r}: this is a folder; name a file in it")
    return form, path
