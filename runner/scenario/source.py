"""YAML text -> plain values that remember where they stand."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from runner.scenario.model import Address, Path
from runner.scenario.problems import Problem, ProblemError
from runner.scenario.source_text import SourceText, decode
from runner.scenario.yaml_nodes import Alias, Branch, Node, Span, bare

__all__ = ["Source", "read_source"]

Known = dict[tuple[str | int, ...], Address]


class Source:
    """One YAML file: its ``value``, and where in ``text`` every part of it stands.

    A JSON or CSV file is one too: ``quoting`` (``yaml``, ``json``, ``csv``) says how texts are
    written in it.

    ``value`` is made of dict (keys are text), list, str, int, float, bool and None; a number in an
    unusual spelling is a ``WrittenInt`` or ``WrittenFloat``. What an alias stands for is shared:
    do not change it. A path is a tuple of keys and list indices; what a path leads to through an
    alias or ``<<`` has the address of its definition, the alias itself its own.

    ``known`` are the addresses that were asked for so far. ``node`` is where the parts stand; a
    source whose value is remembered has none, and is read only when it is asked for an address that
    is not known.
    """

    def __init__(
        self, source: SourceText, value: object, node: Node | None, quoting: str = "yaml"
    ) -> None:
        self.file = source.file
        self.text = source.text
        self.value = value
        self.quoting = quoting
        self.known: Known = {}
        self._source = source
        self._node = node

    def line(self, number: int) -> str:
        """The text of a line, counted from 1; empty for a line the file does not have."""
        return self._source.line(number)

    def mark(self, path: Path) -> Address:
        """The address of the value at ``path``, or of the nearest parent that is there.

        The width is the value's own on its first line; that of a mapping or list written without
        brackets is 1.
        """
        return self.recall(
            ("value", *path), lambda: self._source.address(*self._span(self._find(path)[0]))
        )

    def recall(self, key: tuple[str | int, ...], find: Callable[[], Address]) -> Address:
        """The address known under a key; it is found, and known from then on, when it is not."""
        at = self.known.get(key)
        if at is None:
            at = self.known[key] = find()
        return at

    def address(self, start: int, end: int) -> Address:
        """The address of a stretch of ``text``; its width is that of its first line."""
        return self._source.address(start, end)

    def stretch(self, path: Path, *, key: bool = False) -> Span:
        """Where in ``text`` the value at ``path``, or its key, begins and ends."""
        if key and path:
            branch = bare(self._find(path[:-1])[0])
            if type(branch) is Branch and path[-1] in branch.keys:
                start, end = branch.keys[path[-1]]
                return self._value_start(start, end), end
        return self._span(self._find(path)[0])

    def key_mark(self, path: Path) -> Address:
        """The address of the last key of ``path``; for a list's element, and for a key that is
        not there, what ``mark`` gives.
        """
        return self.recall(("key", *path), lambda: self._key_mark(path))

    def _key_mark(self, path: Path) -> Address:
        if path:
            parent, depth = self._find(path[:-1])
            branch = bare(parent)
            if depth == len(path) - 1 and type(branch) is Branch and path[-1] in branch.keys:
                start, end = branch.keys[path[-1]]
                return self._source.address(self._value_start(start, end), end)
        return self.mark(path)

    def last_line(self, path: Path) -> int:
        """The number of the last line with content of the value at ``path``."""
        return self.recall(("end", *path), lambda: self._end(path)).line

    def _end(self, path: Path) -> Address:
        node, _ = self._find(path)
        start, end = node if isinstance(node, tuple) else (node.start, node.end)
        last = max(start, start + len(self.text[start:end].rstrip()) - 1)
        return self._source.address(last, last + 1)

    def raw(self, path: Path) -> str | None:
        """The scalar at ``path`` as it is written, quotes and all; None when there is none."""
        node, depth = self._find(path)
        span = bare(node)
        if depth < len(path) or type(span) is not tuple:
            return None
        start, end = span
        return self.text[self._value_start(start, end) : end]

    def has(self, path: Path) -> bool:
        """Whether a value stands at ``path``."""
        return self._find(path)[1] == len(path)

    def is_empty(self, path: Path) -> bool:
        """Whether nothing is written as the value at ``path``, as in ``key:``; not so for null."""
        return self.raw(path) == ""

    def problem(
        self,
        kind: str,
        message: str,
        path: Path,
        *,
        key: bool = False,
        expected: str | None = None,
        found: str | None = None,
        hint: str | None = None,
        also: tuple[tuple[Path, str], ...] = (),
    ) -> Problem:
        """A problem with the value at ``path``, or with its key; ``also`` are further keys."""
        at = self.key_mark(path) if key else self.mark(path)
        places = [(self.key_mark(other), note) for other, note in also]
        lines = tuple(self.line(place.line) for place, _ in places)
        source_line = self.line(at.line)
        return Problem(kind, message, at, expected, found, hint, source_line, tuple(places), lines)

    def _find(self, path: Path) -> tuple[Node, int]:
        """The node the longest possible part of ``path`` leads to, and how long that part is."""
        if self._node is None:
            from runner.scenario.yaml_tree import build

            self._node = build(self._source)[1]
        node = self._node
        for depth, key in enumerate(path):
            branch = bare(node)
            if type(branch) is not Branch or key not in branch.items:
                return node, depth
            node = branch.items[key]
        return node, len(path)

    def _span(self, node: Node) -> Span:
        if type(node) is tuple:
            return self._value_start(*node), node[1]
        if type(node) is Alias:
            return node.start, node.end
        assert type(node) is Branch
        start = self._value_start(node.start, node.end)
        return start, (node.end if node.flow else start + 1)

    def _value_start(self, start: int, end: int) -> int:
        """Where a value begins behind its anchor."""
        if self.quoting != "yaml":
            return start
        found = _anchor().match(self.text, start, end)
        return found.end() if found else start


@cache
def _anchor() -> re.Pattern[str]:
    return re.compile(r"&[^\s,\[\]{}]+(?:\s|#.*)*")


def read_source(data: bytes, file: str) -> Source:
    """Reads a YAML file's bytes; ``file`` is the name it has in messages.

    Raises ProblemError with one or more problems of the kinds ``invalid-yaml`` and ``alias-bomb``,
    each with an address.
    """
    import yaml

    from runner.scenario.yaml_tree import build

    if not yaml.__with_libyaml__:
        message = "PyYAML was built without libyaml, which reads scenarios"
        hint = "install its wheel: pip install --force-reinstall --only-binary :all: pyyaml"
        raise ProblemError(Problem("invalid-yaml", message, Address(file, 1, 1), hint=hint))
    source = decode(data, file)
    return Source(source, *build(source))
