"""Places of templates and queries that are looked for only when somebody asks where they are."""

from __future__ import annotations

from runner.scenario.model import Address, Path
from runner.scenario.source import Source


class Spot:
    """The scalar at ``path`` of a source, or its key, whose text is ``text``.

    ``skip`` is the number of characters in front of the text meant, where that is the end of it.
    """

    __slots__ = ("_key", "_path", "_skip", "_source", "_text")

    def __init__(
        self, source: Source, path: Path, text: str, *, key: bool = False, skip: int = 0
    ) -> None:
        self._source = source
        self._path = path
        self._text = text
        self._key = key
        self._skip = skip

    def at(self, start: int, end: int | None = None) -> Address:
        """The address of a stretch of the text, up to ``end`` or the scalar's."""
        where = "in-key" if self._key else "in-value"
        last = -1 if end is None else end
        return self._source.recall(
            (where, self._skip, start, last, *self._path), lambda: self._find(start, end)
        )

    def _find(self, start: int, end: int | None) -> Address:
        from runner.scenario.places import Place

        place = Place(self._source, self._path, self._text, key=self._key, skip=self._skip)
        return place.at(start, end)
