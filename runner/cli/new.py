"""``httpsteps new``: a first scenario, and the job that runs it in CI."""

from __future__ import annotations

import argparse
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple, TextIO

from runner.cli import main
from runner.cli.output import UsageError, complain

_STARTERS: Final = Path(__file__).with_name("starters")
_JOBS: Final = {
    "github": Path(".github/workflows/smoke.yml"),
    "gitlab": Path(".gitlab-ci.yml"),
}
_EPILOG: Final = """\
examples:
  httpsteps new                          scenarios/smoke.yaml, to be filled in
  httpsteps new checkout --base https://staging.example
  httpsteps new --ci github              and .github/workflows/smoke.yml
  httpsteps new --ci gitlab              and .gitlab-ci.yml

A file that is there already is left as it is. With --ci a scenario that is
there is no error: only the job is written, or printed if its file is there too.
"""


class Made(NamedTuple):
    """A file to write: where, and its text."""

    path: Path
    text: str


def add_parser(commands: Any) -> None:
    """Adds the command's parser."""
    parser = commands.add_parser(
        "new",
        help="write a first scenario, and the CI job that runs it",
        description="Writes a first scenario and, where wanted, the job that runs it in CI.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", nargs="?", default="smoke", metavar="NAME", help="of it (smoke)")
    parser.add_argument("--base", metavar="URL", default="http://127.0.0.1:8000", help="its `base`")
    parser.add_argument(
        "--folder", type=Path, metavar="DIR", default=Path("scenarios"), help="where (scenarios)"
    )
    parser.add_argument("--ci", choices=_JOBS, help="write the job for this CI as well")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Writes the files and says what comes next; exit status 0, or 2 when nothing can be."""
    try:
        scenario = starter(arguments.name, arguments.base, arguments.folder)
        there = scenario.path.exists()
        if there and arguments.ci is None:
            raise UsageError(
                f"{scenario.path} is there already",
                "give the new one another NAME; --ci github or --ci gitlab writes the CI job",
            )
    except UsageError as error:
        complain(str(error), error.hint)
        return main.BAD_USAGE
    say = sys.stdout
    if there:
        say.write(f"{scenario.path} is there already and is left as it is\n")
    else:
        scenario.path.parent.mkdir(parents=True, exist_ok=True)
        scenario.path.write_text(scenario.text, encoding="utf-8")
        say.write(f"wrote {scenario.path}\n")
    if arguments.ci is not None:
        _job(arguments.ci, arguments.folder, say)
    say.write(f"\nnext: httpsteps run {shlex.quote(str(scenario.path))}\n")
    if arguments.ci is None:
        say.write("in CI: the same with --ci github, or --ci gitlab, writes the job\n")
    return main.PASSED


def starter(name: str, base: str, folder: Path) -> Made:
    """The first scenario. Raises ``UsageError`` for a name or URL that will not do."""
    stem = name.removesuffix(".yaml").removesuffix(".yml")
    if not re.fullmatch(r"[^\W_][\w-]*", stem):
        hint = "letters, digits, - and _; the folder is given by --folder"
        raise UsageError(f"{name!r} is no name for a scenario", hint)
    if not re.fullmatch(r"https?://[^\s/?#'\"${}]+[^\s'\"${}]*", base, re.IGNORECASE):
        raise UsageError(f"--base {base}: it is no URL", "write --base http://HOST:PORT")
    path = folder / f"{stem}.yaml"
    title = re.sub(r"[-_]+", " ", stem).strip().capitalize()
    title = title if title.lower().endswith(("test", "check")) else f"{title} test"
    text = (_STARTERS / "scenario.yaml").read_text(encoding="utf-8")
    return Made(path, text.replace("@NAME@", title).replace("@BASE@", base))


def job(kind: str, folder: Path) -> Made:
    """The CI job that runs the scenarios of a folder; ``kind`` is ``github`` or ``gitlab``."""
    text = (_STARTERS / f"{kind}.yml").read_text(encoding="utf-8")
    return Made(_JOBS[kind], text.replace("@FOLDER@", shlex.quote(folder.as_posix())))


def _job(kind: str, folder: Path, say: TextIO) -> None:
    made = job(kind, folder)
    if made.path.exists() and "httpsteps run" in made.path.read_text(
        encoding="utf-8", errors="replace"
    ):
        say.write(f"{made.path} runs httpsteps already\n")
        return
    if made.path.exists():
        say.write(f"{made.path} is there already; add this to it:\n\n")
        say.writelines(_indented(made.text))
        return
    made.path.parent.mkdir(parents=True, exist_ok=True)
    made.path.write_text(made.text, encoding="utf-8")
    say.write(f"wrote {made.path}\n")


def _indented(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield f"  {line}\n" if line else "\n"
