"""libyaml's events -> plain values, and beside them a tree of where each one stands.

Events come one at a time and the tree is built in a loop: no file, however deep, can overflow the
stack.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final, NoReturn

import yaml

from runner.scenario.problems import Problem, ProblemError
from runner.scenario.source_text import SourceText
from runner.scenario.yaml_errors import explain
from runner.scenario.yaml_nodes import Alias, Branch, Node, Span, bare
from runner.scenario.yaml_scalars import resolve
from runner.scenario.yaml_slips import cut_by_comment, missing_blank, tagged, unknown_alias

DEEPEST: Final = 100
MOST_ALIASED: Final = 10_000
_MOST_PROBLEMS: Final = 50
_COMMENT: Final = re.compile(r"\S(?=[ \t]+#)")


class _Anchor:
    """What an anchor names. ``text`` is None for mappings and lists."""

    __slots__ = ("closed", "node", "text", "value")

    def __init__(self, node: Span | Branch, value: object, text: str | None, closed: bool) -> None:
        self.node = node
        self.value = value
        self.text = text
        self.closed = closed


class _Frame:
    """A mapping or list that is being read. ``key`` is None where a key is due."""

    __slots__ = ("anchor", "branch", "key", "merge", "merged", "span")

    def __init__(self, branch: Branch, anchor: _Anchor | None) -> None:
        self.branch = branch
        self.anchor = anchor
        self.key: str | None = None
        self.span: Span = (0, 0)
        self.merge: Span | None = None
        self.merged: list[Branch] = []


def build(source: SourceText) -> tuple[object, Node]:
    """The one value of a YAML text, and where everything in it stands.

    What an alias stands for is shared, not copied: the value is for reading, not for changing.
    Raises ProblemError with all problems found up to the first that ends the reading.
    """
    builder = _Builder(source)
    take = builder.take
    try:
        for event in yaml.parse(source.text, Loader=yaml.CSafeLoader):
            if handle := take.get(type(event)):
                handle(event)
    except yaml.YAMLError as error:
        if builder.slipped:
            raise ProblemError(*builder.problems) from None
        builder.stop(explain(source, error, builder.opened()))
    if builder.root is None:
        builder.stop(source.problem("invalid-yaml", "the file is empty", 0, 0))
    if builder.problems:
        raise ProblemError(*builder.problems)
    return builder.root


class _Builder:
    def __init__(self, source: SourceText) -> None:
        self.source = source
        self.root: tuple[object, Node] | None = None
        self.problems: list[Problem] = []
        self.frames: list[_Frame] = []
        self.anchors: dict[str, _Anchor] = {}
        self.aliased = 0
        self.last = 0
        self.documents = 0
        self.slipped = False
        self.commented = {found.end() for found in _COMMENT.finditer(source.text)}
        self.take: dict[type, Callable[[Any], None]] = {
            yaml.ScalarEvent: self.scalar,
            yaml.MappingStartEvent: self.mapping,
            yaml.SequenceStartEvent: self.sequence,
            yaml.MappingEndEvent: self.close,
            yaml.SequenceEndEvent: self.close,
            yaml.AliasEvent: self.alias,
            yaml.DocumentStartEvent: self.document,
        }

    def stop(self, problem: Problem) -> NoReturn:
        raise ProblemError(*self.problems, problem) from None

    def fatal(self, message: str, span: Span, hint: str | None = None, kind: str = "") -> NoReturn:
        self.stop(self.source.problem(kind or "invalid-yaml", message, *span, hint=hint))

    def note(self, message: str, span: Span, hint: str | None = None) -> None:
        self.keep(self.source.problem("invalid-yaml", message, *span, hint=hint))

    def keep(self, problem: Problem) -> None:
        if len(self.problems) == _MOST_PROBLEMS - 1:
            self.stop(problem)
        self.problems.append(problem)

    def slip(self, problem: Problem | None) -> None:
        """Keeps a slip, if it is one. What libyaml stumbles over afterwards comes from it."""
        if problem is not None:
            self.keep(problem)
            self.slipped = True

    def opened(self) -> int | None:
        """Where the innermost open bracket stands."""
        top = self.frames[-1].branch if self.frames else None
        return top.start if top is not None and top.flow else None

    def document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            span = (event.start_mark.index, event.end_mark.index)
            self.fatal("a second document begins here; a file holds one", span)

    def scalar(self, event: Any) -> None:
        span = (event.start_mark.index, event.end_mark.index)
        text: str = event.value
        plain: bool = event.implicit[0]
        if event.tag is not None:
            self.slip(tagged(self.source, span[0], self.opened()))
            plain = False
        elif plain and span[1] in self.commented:
            self.slip(cut_by_comment(self.source, *span))
        self.last = span[1]
        frame = self.frames[-1] if self.frames else None
        if frame is not None and frame.key is None and type(frame.branch.value) is dict:
            if event.anchor is not None:
                self.anchors[event.anchor] = _Anchor(span, text, text, True)
            self.key(frame, text, span, plain)
            return
        value: object = text
        if plain:
            if not text:
                self.empty(frame, span)
            elif frame is None:
                self.slip(missing_blank(self.source, *span))
            try:
                value = resolve(text)
            except ValueError as error:
                self.note(str(error), span, f'quote it to make it text: "{text[:40]}"')
        if event.anchor is not None:
            self.anchors[event.anchor] = _Anchor(span, value, text, True)
        self.put(frame, value, span)

    def empty(self, frame: _Frame | None, span: Span) -> None:
        """An empty value is for others to judge; two slips that make one are known here."""
        if frame is None:
            self.fatal("the file is empty", span)
        if frame.branch.flow and frame.key and ":" not in self.source.text[frame.span[1] : span[0]]:
            self.slip(missing_blank(self.source, *frame.span))

    def key(self, frame: _Frame, text: str, span: Span, plain: bool) -> None:
        frame.key, frame.span = text, span
        first = frame.branch.keys.get(text)
        if plain and text == "<<":
            first, frame.merge = frame.merge, span
        elif plain and not text:
            self.note("a key is missing before this colon", span)
        if first is not None:
            merging = plain and text == "<<"
            hint = "merge several with one list: `<<: [*a, *b]`" if merging else None
            lines = sorted({self.source.line_of(first[0]), self.source.line_of(span[0])})
            where = " and ".join(f"line {number}" for number in lines)
            problem = self.source.problem(
                "invalid-yaml",
                f"the key `{text}` stands twice in one mapping ({where})",
                *span,
                expected="and again here",
                hint=hint,
                also=[(*first, "first here")],
            )
            self.keep(problem)

    def put(self, frame: _Frame | None, value: object, node: Node) -> None:
        """Takes a value that is complete into the mapping or list it stands in."""
        if frame is None:
            self.root = (value, node)
            return
        branch = frame.branch
        inner = bare(node)
        if type(inner) is Branch:
            branch.size += inner.size
            branch.height = max(branch.height, inner.height + 1)
        else:
            branch.size += 1
        if type(branch.value) is list:
            branch.items[len(branch.value)] = node
            branch.value.append(value)
            return
        assert type(branch.value) is dict and frame.key is not None  # noqa: PT018
        if frame.span == frame.merge:
            frame.merged += self.mergeable(node, frame.merge)
        else:
            branch.keys[frame.key] = frame.span
            branch.items[frame.key] = node
            branch.value[frame.key] = value
        frame.key = None

    def mergeable(self, node: Node, span: Span) -> Iterator[Branch]:
        parts = [bare(node)]
        if type(parts[0]) is Branch and type(parts[0].value) is list:
            parts = [bare(item) for item in parts[0].items.values()]
        for part in parts:
            if type(part) is Branch and type(part.value) is dict:
                yield part
            else:
                hint = "write `<<: *name` or `<<: [*one, *two]`"
                self.note("`<<` takes a mapping or a list of mappings", span, hint)

    def mapping(self, event: Any) -> None:
        self.open(event, {})

    def sequence(self, event: Any) -> None:
        self.open(event, [])

    def open(self, event: Any, value: dict[str, Any] | list[Any]) -> None:
        span = (event.start_mark.index, event.end_mark.index)
        if event.tag is not None:
            self.slip(tagged(self.source, span[0], self.opened()))
        if len(self.frames) >= DEEPEST:
            self.fatal(f"more than {DEEPEST} mappings and lists stand in one another here", span)
        frame = self.frames[-1] if self.frames else None
        if frame is not None and frame.key is None and type(frame.branch.value) is dict:
            kind = "mapping" if type(value) is dict else "list"
            hint = "if it is text, put it in quotes"
            if self.source.text[span[0] - 1 : span[0] + 1] == "{{":
                hint = 'templates are written ${…}, here in quotes: "${name}"'
            self.fatal(f"a key is text; this one is a {kind}", span, hint)
        branch = Branch(span[0], bool(event.flow_style), value)
        anchor = None
        if event.anchor is not None:
            anchor = self.anchors[event.anchor] = _Anchor(branch, value, None, False)
        self.frames.append(_Frame(branch, anchor))

    def close(self, event: Any) -> None:
        frame = self.frames.pop()
        branch = frame.branch
        if branch.flow:
            self.last = event.end_mark.index
        branch.end = self.last
        if frame.anchor is not None:
            frame.anchor.closed = True
        if frame.merged:
            branch.merge(frame.merged)
        self.put(self.frames[-1] if self.frames else None, branch.value, branch)

    def alias(self, event: Any) -> None:
        span = (event.start_mark.index, event.end_mark.index)
        self.last = span[1]
        written = self.source.text[slice(*span)]
        anchor = self.anchors.get(event.anchor)
        if anchor is None:
            self.slip(unknown_alias(self.source, *span, self.opened()))
            anchor = _Anchor(span, None, written, True)
        if not anchor.closed:
            message = f"`{written}` stands inside what it stands for: it would have no end"
            self.fatal(message, span, kind="alias-bomb")
        frame = self.frames[-1] if self.frames else None
        if frame is not None and frame.key is None and type(frame.branch.value) is dict:
            if anchor.text is None:
                self.fatal(f"a key is text; `{written}` is a mapping or list", span)
            self.key(frame, anchor.text, span, False)
            return
        size, height = 1, 0
        if type(anchor.node) is Branch:
            size, height = anchor.node.size, anchor.node.height
        self.aliased += size
        if self.aliased > MOST_ALIASED:
            message = f"with `{written}` the aliases expand to more than {MOST_ALIASED:,} nodes"
            self.fatal(message, span, kind="alias-bomb")
        if len(self.frames) + height > DEEPEST:
            message = f"`{written}` makes more than {DEEPEST} mappings and lists in one another"
            self.fatal(message, span, kind="alias-bomb")
        self.put(frame, anchor.value, Alias(*span, anchor.node))
