"""What went wrong where libyaml gives up, in words for someone who writes scenarios.

The slips this language invites are looked for in the source line; libyaml's own message only says
which of them can be meant.
"""

from __future__ import annotations

import re
from typing import Final

import yaml

from runner.scenario.problems import Problem
from runner.scenario.source_text import SourceText
from runner.scenario.yaml_meant import meant, value_start
from runner.scenario.yaml_slips import (
    LONG_LINE,
    blank_after,
    cannot_begin,
    cut_short,
    flow_before,
    in_quotes,
    tagged,
)

_NO_BLANK: Final = re.compile(r"[ ]*(?:-[ ]+)*(?:[\w$.-]+|\"[^\"]*\"|'[^']*'):(?=\S)")
_NO_DASH_BLANK: Final = re.compile(r"[ ]*(?:-[ ]+)*-(?=[^\s-])")
_OPENERS: Final = {"{": "}", "[": "]"}


def explain(source: SourceText, error: yaml.YAMLError, opened: int | None) -> Problem:
    """The problem that made libyaml give up. ``opened`` is the bracket that was open then."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return source.problem("invalid-yaml", "the file cannot be read as YAML", 0, 0)
    at = error.problem_mark.index
    start = error.context_mark.index if error.context_mark else at
    if max(len(source.line(source.line_of(place))) for place in (at, start)) > LONG_LINE:
        message = "this cannot be read as YAML"
        return source.problem("invalid-yaml", message, at, at + 1, hint="break the long line up")
    return _Reader(source, at, start, opened).explain(error.problem or "", error.context or "")


class _Reader:
    """Reads the source around the place ``at``; ``start`` is where what broke there began."""

    def __init__(self, source: SourceText, at: int, start: int, opened: int | None) -> None:
        self.source = source
        self.text = source.text
        self.at = min(at, len(source.text))
        self.start = min(start, self.at)
        self.opened = opened
        self.number = source.line_of(self.at)
        self.line = source.line(self.number)
        self.base = source.start_of(self.number)
        self.char = self.text[self.at : self.at + 1]

    def slip(
        self, message: str, start: int, end: int, label: str, hint: str | None = None
    ) -> Problem:
        return self.source.problem(
            "invalid-yaml", message, start, end, expected=label or None, hint=hint
        )

    def explain(self, problem: str, context: str) -> Problem:
        tab = re.match(r"[ ]*\t", self.line)
        if self.char == "\t" or "tab" in problem or (tab and self.opened is None):
            place = self.base + tab.end() - 1 if tab else self.at
            return self.slip(
                "a tab cannot indent a line in YAML", place, place + 1, "a tab", "use blanks"
            )
        if "directive" in problem + context or "YAML document" in problem:
            return self.slip(
                "a line that begins with `%` is a directive, and scenarios have none",
                self.base, self.base + len(self.line), "", "leave this line out",
            )  # fmt: skip
        if "escape" in problem or "hexdecimal" in problem:
            return self.backslash()
        if "quoted scalar" in context:
            return self.slip(
                "this quote is never closed", self.start, self.start + 1, "opened here",
                f"close it with {self.text[self.start]}; "
                "inside '…' a quote is doubled, inside \"…\" it is \\\"",
            )  # fmt: skip
        if "tag" in problem or "a tag" in context:
            return tagged(self.source, self.start, self.opened)
        if any(name in context for name in ("alias", "anchor", "block scalar")):
            return cannot_begin(self.source, self.start, self.opened)
        if "cannot start any token" in problem:
            return cannot_begin(self.source, self.at, self.opened)
        if "block sequence entries" in problem or "mapping keys" in problem:
            return cannot_begin(self.source, self.at, self.opened)
        if "expected ',' or" in problem:
            return self.in_brackets()
        if "could not find expected ':'" in problem:
            return self.no_colon()
        if "mapping values" in problem:
            return self.second_colon()
        if "node content" in problem:
            return self.no_value()
        return self.misplaced(problem)

    def backslash(self) -> Problem:
        """An escape that YAML does not have, as in a regular expression or a Windows path."""
        place = max(self.text.rfind("\\", self.start, self.at + 1), self.start)
        whole = re.compile(r'"([^"\n]*)"').match(self.text, self.start)
        single = "'" + whole[1].replace("'", "''") + "'" if whole and len(whole[1]) < 60 else "'…'"
        return self.slip(
            f"in double quotes `{self.text[place : place + 2]}` is no escape YAML has",
            place, place + 2, "a backslash in double quotes",
            f"in single quotes a backslash is itself: {single}",
        )  # fmt: skip

    def in_brackets(self) -> Problem:
        """Inside ``{ }`` or ``[ ]``, something else than a comma or the end."""
        close = _OPENERS.get(self.text[self.start : self.start + 1], "}")
        number = self.source.line_of(self.start)
        glued = self.char in ("{", "[") and self.at > self.base
        if glued and not self.text[self.at - 1].isspace():
            return cannot_begin(self.source, self.at, self.opened)
        if self.number > number or not self.char:
            line_end = self.source.line_end(self.start)
            comment = re.compile(r"[ \t]#").search(self.text, self.start, line_end)
            if comment:
                return cut_short(self.source, self.start, comment.start())
            return self.slip(
                f"this `{self.text[self.start : self.start + 1]}` is never closed",
                self.start, self.start + 1, f"`{close}` is missing",
            )  # fmt: skip
        if self.char == ":":
            return self.colon_in_brackets()
        first, last = meant(
            self.line, self.at - self.base, flow_before(self.source, self.number, self.opened)
        )
        hint = in_quotes(self.line[first:last])
        return self.slip(
            f"a `,` or `{close}` is missing here", self.at, self.at + 1, "",
            f"if it is all one text, {hint}",
        )  # fmt: skip

    def colon_in_brackets(self) -> Problem:
        """A second ``: `` in one place of a mapping in brackets."""
        column = self.at - self.base
        flow = flow_before(self.source, self.number, self.opened)
        first, _ = meant(self.line, column - 1, flow)
        rest = re.compile(r"[^,\]}]*").match(self.line, column)
        last = rest.end() if rest else column
        return self.slip(
            "a text with `: ` in it stands in quotes", self.base + first, self.base + last,
            "quotes are missing", in_quotes(self.line[first:last].rstrip()),
        )  # fmt: skip

    def no_colon(self) -> Problem:
        """A line in a mapping that is not ``key: value``."""
        number = self.source.line_of(self.start)
        base, line = self.source.start_of(number), self.source.line(number)
        if found := _NO_BLANK.match(line):
            return blank_after(self.source, base + found.end() - 1)
        if found := _NO_DASH_BLANK.match(line):
            return blank_after(self.source, base + found.end() - 1)
        if comment := re.search(r"[ \t]#", line):
            return cut_short(self.source, self.start, base + comment.start())
        return self.slip(
            "this line should be `key: value`, like the ones beside it",
            self.start, base + len(line.rstrip()), "no `: ` in it",
            "indent it further if it belongs to the text above",
        )  # fmt: skip

    def second_colon(self) -> Problem:
        """A ``: `` where there is a value already."""
        first = value_start(self.line)
        if first and self.base + first < self.at and ": " in self.line[:first]:
            written = self.line[first:].rstrip()
            return self.slip(
                "a text with `: ` in it stands in quotes",
                self.base + first, self.base + first + len(written), "quotes are missing",
                in_quotes(written),
            )  # fmt: skip
        above = self.number - 1
        while above and re.match(r"\s*(#|$)", self.source.line(above)):
            above -= 1
        base, line = self.source.start_of(max(above, 1)), self.source.line(above)
        if above and (found := _NO_BLANK.match(line)):
            return blank_after(self.source, base + found.end() - 1)
        if above and (found := _NO_DASH_BLANK.match(line)):
            return blank_after(self.source, base + found.end() - 1)
        indent = self.base + len(self.line) - len(self.line.lstrip())
        also = [(base + value_start(line), base + len(line.rstrip()), "this value is complete")]
        return self.source.problem(
            "invalid-yaml",
            "this line is indented as if it were part of the value above",
            indent, max(self.at, indent + 1),
            expected="indented too far, or the value above is one too many",
            also=also if above else (),
        )  # fmt: skip

    def no_value(self) -> Problem:
        if self.char in ("]", "}") and self.opened is None:
            return self.slip(f"this `{self.char}` closes nothing", self.at, self.at + 1, "")
        return self.slip(
            "a value is missing here", self.at, self.at + 1, "",
            f"put a text that begins with `{self.char}` in quotes" if self.char.strip() else None,
        )  # fmt: skip

    def misplaced(self, problem: str) -> Problem:
        """Something behind a complete value, or a line that fits no indentation."""
        before = self.line[: self.at - self.base]
        if not before.strip(" -"):
            return self.indentation(problem)
        if self.char == ":" and before[-1] in "\"'":
            return blank_after(self.source, self.at)
        if self.char in ("]", "}"):
            return self.slip(f"this `{self.char}` closes nothing", self.at, self.at + 1, "")
        first = value_start(self.line)
        opener = self.line[first : first + 1]
        written = self.line[first:].rstrip()
        place = self.base + first
        if opener in _OPENERS and place < self.at:
            kind = "mapping" if opener == "{" else "list"
            return self.slip(
                f"a value that begins with `{opener}` is a {kind}; more follows it here",
                place, place + len(written), f"a text that begins with `{opener}`?",
                in_quotes(written),
            )  # fmt: skip
        if opener and opener in "\"'" and place < self.at:
            inner = written[1:].replace(opener, "", 1)
            return self.slip(
                "the text goes on behind its closing quote",
                self.at, place + len(written), "outside the quotes",
                in_quotes(inner) if opener not in inner else None,
            )  # fmt: skip
        return self.slip(
            "this does not belong to the value before it", self.at, self.base + len(self.line), ""
        )

    def indentation(self, problem: str) -> Problem:
        end = self.base + len(self.line.rstrip())
        if self.char == ":":
            message, hint = "a key is missing before this colon", None
        elif "'-' indicator" in problem:
            message, hint = "a list goes on with `- `, this line does not", "check its indentation"
        elif "document start" in problem:
            message, hint = "the file's one value has ended before this line", None
        else:
            message = "this line is not indented like the keys above it"
            hint = "keys of one mapping begin in the same column"
        also = []
        if self.start < self.at and self.source.line_of(self.start) < self.number:
            also = [(self.start, self.start + 1, "what it stands in begins here")]
        return self.source.problem(
            "invalid-yaml", message, self.at, max(end, self.at + 1), hint=hint, also=also
        )
