"""The command ``httpsteps``: parses words, calls what is below, and gives the exit status."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import Final, NoReturn

import runner

PASSED: Final = 0
FAILED: Final = 1
BAD_USAGE: Final = 2
UNREACHABLE: Final = 3
NOTHING_TO_RUN: Final = 5
OUR_BUG: Final = 70
INTERRUPTED: Final = 130
READER_GONE: Final = 141

COMMANDS: Final = ("run", "check", "list", "explain", "schema", "new", "report", "load")
_EPILOG: Final = """\
examples:
  httpsteps run                          run every scenario below scenarios/
  httpsteps run smoke.yaml --base http://127.0.0.1:8000
  httpsteps check scenarios/             all problems of all files
  httpsteps explain read                 what the step `read` takes and leaves

exit status:
  0 all passed    1 a scenario failed    2 bad usage or an invalid scenario
  3 none failed, but one could not be carried out (unreachable, TLS broken)
  5 nothing to run    70 a bug of httpsteps    130 interrupted
"""


class _Parser(argparse.ArgumentParser):
    """Says what was wrong and how to learn more, in two lines."""

    command: str | None = None
    """The one command that a parser of the whole knows."""

    def error(self, message: str) -> NoReturn:
        guess = self._guess(message)
        hint = f"  did you mean `{guess}`?\n" if guess else ""
        prog = f"{self.prog} {self.command}" if self.command else self.prog
        self.exit(BAD_USAGE, f"{prog}: {message}\n{hint}try: {prog} --help\n")

    def _guess(self, message: str) -> str | None:
        unknown = message.removeprefix("unrecognized arguments: ").split("=")[0].split(" ")[0]
        if unknown == message or not unknown.startswith("-"):
            return None
        from runner.spelling import did_you_mean

        return did_you_mean(unknown, [word for one in self._known() for word in one])

    def _known(self) -> Iterator[Sequence[str]]:
        for action in self._actions:
            yield action.option_strings
            if isinstance(action, argparse._SubParsersAction):
                for command in action.choices.values():
                    yield from command._known()


def parser(only: str | None = None) -> argparse.ArgumentParser:
    """The parser of the whole command; of one command's words only when ``only`` names it."""
    made = _Parser(
        prog="httpsteps",
        description="Smoke tests in YAML that say which step on the wire broke.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--version", action="version", version=f"httpsteps {runner.__version__}")
    made.command = only
    commands = made.add_subparsers(
        title="commands", metavar="COMMAND", dest="command", required=True, parser_class=_Parser
    )
    for name in COMMANDS:
        if only in (None, name):
            import_module(f"runner.cli.{name}").add_parser(commands)
    return made


def main(words: Sequence[str] | None = None) -> int:
    """Runs the command with these words (``sys.argv`` by default) and returns its exit status."""
    collecting, thresholds = gc.isenabled(), gc.get_threshold()
    # Nothing that start-up makes is garbage: the collector would only look at it all again.
    gc.disable()
    try:
        status = _main(list(sys.argv[1:] if words is None else words))
        if words is None:
            _last_word()
        return status
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        if words is None:
            # What is left ends with the process: nothing of it need be looked at once more.
            gc.disable()
            gc.freeze()
        else:
            gc.unfreeze()
            gc.set_threshold(*thresholds)
            if collecting:
                gc.enable()


def _last_word() -> None:
    """From here on the exit status stands: Ctrl-C while the interpreter ends changes nothing."""
    import signal
    import threading

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _main(given: list[str]) -> int:
    if given and given[0] == "help":
        given = [*given[1:2], "--help"]
    only = given[0] if given and given[0] in COMMANDS else None
    try:
        if only is None and given and not given[0].startswith("-"):
            return _no_command(given[0])
        arguments = parser(only).parse_args(given)
        return int(arguments.run(arguments))
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)  # noqa: T201
        return INTERRUPTED
    except BrokenPipeError:
        # What reads our output has gone, as `head` does: end as other tools do, without a word.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_GONE
    except Exception as error:
        return broken(error)


def _no_command(word: str) -> int:
    from runner.spelling import did_you_mean

    near = did_you_mean(word, COMMANDS)
    hint = f"did you mean `{near}`?" if near else f"the commands are: {', '.join(COMMANDS)}"
    sys.stderr.write(f"httpsteps: there is no command `{word}`\n  {hint}\n")
    sys.stderr.write("try: httpsteps --help\n")
    return BAD_USAGE


def broken(error: Exception, clean: Callable[[str], str] = str) -> int:
    """Tells of an exception that nothing below expected, and gives the exit status.

    ``clean`` masks what must not be shown.
    """
    if isinstance(error, OSError):
        where = f" {error.filename}" if error.filename else ""
        text = f"httpsteps: cannot read or write{where}: {error.strerror or error}\n"
        sys.stderr.write(clean(text))
        return BAD_USAGE
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    places = " <- ".join(
        f"{frame.filename.rsplit('runner', 1)[-1].lstrip('/')}:{frame.lineno}"
        for frame in reversed(frames[-4:])
    )
    text = (
        f"httpsteps: internal error: {type(error).__name__}: {error}\n"
        f"  at {places}\n"
        "  This is a bug of httpsteps, not of your scenario: please report it with these lines.\n"
    )
    sys.stderr.write(clean(text))
    return OUR_BUG
