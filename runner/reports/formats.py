"""The formats a result can be written in, by name. Their modules are imported when used."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

from runner.reports.cleaning import Clean
from runner.reports.files import write_whole
from runner.result import SuiteResult
from runner.spelling import did_you_mean

STDOUT: Final = Path("-")
Chunks = Callable[..., Iterator[bytes]]


class FormatError(ValueError):
    """A word that names no report; the text is for the user, ``hint`` says what would."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class Format(NamedTuple):
    """One format. ``place`` is the module and the function that makes it, ``options`` the keyword
    options ``chunks`` takes for it. ``live``: written by a listener while a run goes on, here by
    telling the events again. ``bodies``, ``facts``: it shows those of steps that passed, so a
    run should keep them. ``needs`` is the module, and the extra, without which it cannot be made.
    """

    name: str
    description: str
    place: str
    options: tuple[str, ...] = ()
    live: bool = False
    bodies: bool = False
    facts: bool = False
    needs: str = ""

    def chunks(
        self, suite: SuiteResult, clean: Clean | None = None, **options: object
    ) -> Iterator[bytes]:
        """The report, in pieces. ``clean`` is applied to all that came from outside."""
        module, _, function = self.place.partition(":")
        made = cast(Chunks, getattr(import_module(f"runner.reports.{module}"), function))
        return made(suite, clean, **self._known(options))

    def write(
        self, suite: SuiteResult, path: Path, clean: Clean | None = None, **options: object
    ) -> None:
        """Writes the report, whole or not at all; ``-`` is the standard output.

        The format ``github`` also adds to the step summary, where the environment names one.
        Raises OSError, and TypeError for an option the format does not take.
        """
        pieces = self.chunks(suite, clean, **options)
        if path == STDOUT:
            sys.stdout.flush()
            sys.stdout.buffer.writelines(pieces)
            sys.stdout.buffer.flush()
        else:
            write_whole(path, pieces)
        if self.name == "github":
            from runner.reports.github import add_summary

            add_summary(suite, clean)

    def _known(self, options: Mapping[str, object]) -> Mapping[str, object]:
        for name in options:
            if name not in self.options:
                raise TypeError(f"the format {self.name} takes no option `{name}`")
        return options


def _lines(suite: SuiteResult, clean: Clean | None = None) -> Iterator[bytes]:
    from io import BytesIO

    from runner.reports.jsonl import JsonLines
    from runner.reports.replay import events

    for event, detail in events(suite):
        stream = BytesIO()
        JsonLines(stream, clean)(event, detail)
        yield stream.getvalue()


_ALL: Final = (
    Format("json", "everything, as one JSON document", "json_report:json_chunks", facts=True),
    Format(
        "jsonl",
        "events, one JSON object a line, as they come",
        "formats:_lines",
        live=True,
        facts=True,
    ),
    Format("junit", "JUnit XML, for Jenkins, GitLab and most CI", "junit:chunks", ("steps",)),
    Format("tap", "Test Anything Protocol 14", "tap:chunks"),
    Format("har", "HTTP Archive 1.2, for browsers' tools", "har:chunks", bodies=True, facts=True),
    Format(
        "html",
        "one page for a browser, works from disk",
        "html:html_chunks",
        needs="jinja2",
        facts=True,
    ),
    Format("github", "GitHub annotations, and the step summary", "github:chunks"),
    Format("markdown", "a table and the failures, in Markdown", "markdown:chunks"),
    Format(
        "prometheus", "metrics, named as blackbox_exporter does", "prometheus:chunks", facts=True
    ),
)
FORMATS: Final[Mapping[str, Format]] = {one.name: one for one in _ALL}


def parse_report(word: str, option: str = "") -> tuple[Format, Path]:
    """The format and the path of ``FORMAT=PATH``; ``option`` stands before it in messages.

    Raises FormatError.
    """
    name, equals, path = word.partition("=")
    shown = f"{option} {word}".strip()
    formats = f"formats: {', '.join(FORMATS)}"
    if not equals or not path:
        raise FormatError(f"{shown}: write {f'{option} FORMAT=PATH'.strip()}", formats)
    if name not in FORMATS:
        guess = did_you_mean(name, FORMATS)
        hint = f"did you mean `{guess}`?" if guess else formats
        raise FormatError(f"{shown}: unknown format `{name}`", hint)
    form = FORMATS[name]
    if form.needs and find_spec(form.needs) is None:
        raise FormatError(
            f"{shown}: the {name} report needs {form.needs}, which is not installed",
            f"pip install 'httpsteps[{name}]'",
        )
    return form, Path(path)


def options_of(form: Format, given: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the given options that the format takes."""
    return {name: value for name, value in given.items() if name in form.options}
