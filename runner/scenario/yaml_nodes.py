"""Where the parts of a YAML text stand. Offsets count characters from 0."""

from __future__ import annotations

from typing import Any

Span = tuple[int, int]


class Branch:
    """Where a mapping or list stands (``end`` is the end of its last content), and its parts.

    ``size`` counts the values in it, itself and what its aliases stand for included; ``height``
    is how many mappings and lists stand in one another there.
    """

    __slots__ = ("end", "flow", "height", "items", "keys", "size", "start", "value")

    def __init__(self, start: int, flow: bool, value: dict[str, Any] | list[Any]) -> None:
        self.start = start
        self.end = start
        self.flow = flow
        self.value = value
        self.keys: dict[str | int, Span] = {}
        self.items: dict[str | int, Node] = {}
        self.size = 1
        self.height = 1

    def merge(self, others: list[Branch]) -> None:
        """Takes in what ``<<`` brings. It comes first; the mapping's own keys win, then the
        earlier mapping's.
        """
        own, keys, items = self.value, self.keys, self.items
        assert isinstance(own, dict)
        mine = own.copy()
        own.clear()
        self.keys, self.items = {}, {}
        for other in others:
            assert isinstance(other.value, dict)
            for key, value in other.value.items():
                if key not in own:
                    own[key] = value
                    self.keys[key], self.items[key] = other.keys[key], other.items[key]
        own.update(mine)
        self.keys.update(keys)
        self.items.update(items)


class Alias:
    """Where an alias stands, and what it stands for."""

    __slots__ = ("end", "start", "target")

    def __init__(self, start: int, end: int, target: Span | Branch) -> None:
        self.start = start
        self.end = end
        self.target = target


Node = Span | Branch | Alias


def bare(node: Node) -> Span | Branch:
    """The node itself, or what it stands for when it is an alias."""
    return node.target if isinstance(node, Alias) else node
