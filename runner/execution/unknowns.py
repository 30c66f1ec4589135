"""Values that only a response can give, while nothing is sent: marks that travel through a request.

Each stands as a word of letters and digits wherever its value would, in a URL, a header or a body,
and is shown in angle quotation marks in the end: item: from step 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from runner.execution.scope import Variables
from runner.query.values import Deferred, as_text, key_text, same_key
from runner.scenario.template import Expression, Text

_OPEN, _CLOSE = "\u2039", "\u203a"
_WORD: Final = re.compile(r"xunknown[0-9]{4,}x", re.IGNORECASE)


_PORT: Final = re.compile(rf"(?<=[A-Za-z0-9.\]]):({_WORD.pattern})(?=[/?#]|$)", re.IGNORECASE)
_FIRST_PORT: Final = 64000


class Unknowns:
    """The marks of one scenario: words, and how each is shown. Where a port may stand, a mark is a
    port: nothing else can be read there.
    """

    def __init__(self) -> None:
        self._shown: list[str] = []
        self._ports: set[int] = set()

    def mark(self, shown: str) -> str:
        """A word that stands for the value described so."""
        if shown not in self._shown:
            self._shown.append(shown)
        return f"xunknown{self._shown.index(shown):04}x"

    def with_ports(self, text: str) -> str:
        """The text with a port in place of a mark that stands where one may."""

        def port(found: re.Match[str]) -> str:
            number = int(found[1][8:-1])
            self._ports.add(_FIRST_PORT + number)
            return f":{_FIRST_PORT + number}"

        return _PORT.sub(port, text)

    def show(self, text: str) -> str:
        """The text with each word as what it stands for; a URL that begins with one loses the
        scheme it was given.
        """
        text = re.sub(rf"https?://({_WORD.pattern})", r"\1", text)
        for port in self._ports:
            text = re.sub(rf":{port}\b", f":xunknown{port - _FIRST_PORT:04}x", text)
        return _WORD.sub(self._told, text)

    def _told(self, found: re.Match[str]) -> str:
        return f"{_OPEN}{self._shown[int(found[0][8:-1])]}{_CLOSE}"

    def show_json(self, text: str) -> str:
        """The same for a JSON text, where a value of its own has no quotes: its type is unknown."""
        return self.show(re.sub(rf'"({_WORD.pattern})"', r"\1", text))


def first_mark(text: str) -> str | None:
    """The mark a text begins with."""
    found = _WORD.match(text)
    return found[0] if found else None


def has_unknown(tree: object) -> bool:
    """Whether there is a mark anywhere in the tree."""
    if isinstance(tree, str):
        return _WORD.search(tree) is not None
    if isinstance(tree, Mapping):
        return any(has_unknown(key) or has_unknown(value) for key, value in tree.items())
    if isinstance(tree, list | tuple):
        return any(map(has_unknown, tree))
    return False


class Foreseen:
    """One scope as far as it can be known beforehand.

    ``origins``: the names whose values only a response gives, and where each comes from.
    """

    def __init__(self, variables: Variables, unknowns: Unknowns) -> None:
        self.variables = variables
        self.unknowns = unknowns
        self.origins: dict[str, str] = {}

    def branch(self, number: int) -> Foreseen:
        """The same for a branch of ``parallel`` to go on from by itself."""
        made = Foreseen(self.variables.branch(number), self.unknowns)
        made.origins = dict(self.origins)
        return made

    def define(self, name: str, value: object) -> None:
        """Gives a variable its value; the value may hold marks."""
        self.origins.pop(name, None)
        self.variables.define(name, value)

    def forget(self, names: Iterable[str], origin: str) -> None:
        """Says that these variables have values that come from there."""
        for name in names:
            self.variables.values.pop(name, None)
            self.origins[name] = origin

    def knows(self, uses: Iterable[object]) -> bool:
        """Whether all these expressions have values now."""
        return not any(
            use.reference is not None
            and (
                use.reference.name in self.origins
                or has_unknown(self.variables.values.get(use.reference.name))
            )
            for use in uses
            if isinstance(use, Expression)
        )

    def settle(self, tree: object) -> object:
        """The tree with every template filled in, with marks where a value is not known.

        Raises ``StepFault`` for what is not defined at all.
        """
        if isinstance(tree, Expression):
            return self._one(tree)
        if isinstance(tree, Text):
            parts = (part if isinstance(part, str) else self._text(part) for part in tree.parts)
            return self.unknowns.with_ports("".join(parts))
        if isinstance(tree, Deferred):
            return tree.render(self.variables)
        if isinstance(tree, Mapping):
            made: dict[object, object] = {}
            for key, value in tree.items():
                name = key_text(key, self.settle(key)) if isinstance(key, Deferred) else key
                if name in made and not has_unknown(name):
                    raise same_key(name, key)
                made[name] = self.settle(value)
            return made
        if isinstance(tree, list | tuple):
            return [self.settle(item) for item in tree]
        return tree

    def _one(self, use: Expression) -> object:
        name = use.reference.name if use.reference is not None else None
        shown = use.text.strip()
        if name in self.origins:
            return self.unknowns.mark(f"{shown}: {self.origins[name]}")
        if name == "env" and not self.knows(list(use.expressions())[1:]):
            return self.unknowns.mark(f"{shown}: not known yet")
        if name is not None and "|" in shown and has_unknown(self.variables.values.get(name)):
            return self.unknowns.mark(f"{shown}: not known yet")
        return use.render(self.variables)

    def _text(self, use: Expression) -> str:
        try:
            return as_text(self._one(use))
        except ValueError:
            # Rendered as the run will, which says why it cannot stand in a text.
            return Text((use,), "").render(self.variables)
