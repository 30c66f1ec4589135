"""Which refusals of a file's literals are told: an error that its author wants is none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from runner.kinds import StepFault
from runner.query.errors import FilterError
from runner.query.values import Deferred, Scope
from runner.scenario.model import Check, Path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.scenario.compiling import Compiler
    from runner.scenario.literals import Refusals

_FILE: Final = r"\s*(?:'((?:[^']|'')*)'|\"((?:[^\"]|\"\")*)\")\s*\|\s*file\s*(?:\||\Z)"


class Wanted(NamedTuple):
    """An ``expect: {error: …}``; ``open`` where only the run can tell which kinds it means."""

    check: Check
    open: bool

    def holds(self, kind: str) -> bool:
        """Whether a step that ends in this kind is as it should be."""
        if self.open or isinstance(self.check.query, Deferred):
            return True
        try:
            found = self.check.query.find({"error": kind})
            return not self.check.matcher.check(found, _NOTHING)
        except (StepFault, FilterError):
            return True


class Standing(NamedTuple):
    """What holds for a step from around it."""

    wanted: tuple[Wanted, ...]
    sometimes: bool


class _Nothing(Scope):
    """A scope without names: what stands in the file needs none."""

    def lookup(self, name: str) -> object:
        raise KeyError(name)


_NOTHING: Final = _Nothing()


class Refusing:
    """Goes along with the steps as they are built, and keeps what is refused as problems.

    Literals are looked at when ``fresh``. ``found``: one of them was refused. ``waived``: one was
    not told because a file that uses this one wants the error. ``sometimes``: a step may be left
    out, so a file that is not there now need not be missing when it runs.
    """

    def __init__(
        self, *, fresh: bool, wanted: tuple[Wanted, ...] = (), sometimes: bool = False
    ) -> None:
        self.fresh = fresh
        self.wanted = wanted
        self.found = False
        self.waived = False
        self._from_outside = len(wanted)
        self._sometimes = sometimes

    def enter(self, error: Check | None, late: Iterable[object], *, sometimes: bool) -> Standing:
        """Begins a step that expects this ``error``; ``late`` are the templates in its ``expect``.

        Gives what held before, for ``leave``.
        """
        before = Standing(self.wanted, self._sometimes)
        if error is not None:
            self.wanted = (*self.wanted, Wanted(error, any(True for _ in late)))
        self._sometimes = self._sometimes or sometimes
        return before

    def leave(self, before: Standing) -> None:
        """Ends a step, the steps inside it too."""
        self.wanted, self._sometimes = before

    def may_lack(self, kind: str) -> bool:
        """Whether a file may be missing, which this kind says."""
        return self._sometimes or any(each.holds(kind) for each in self.wanted)

    def step(
        self,
        compiler: Compiler,
        verb: str,
        subject: object,
        options: Mapping[str, object],
        path: Path,
    ) -> None:
        """Looks at the literals of one step."""
        if self.fresh:
            from runner.scenario.literals import refusals

            self.keep(compiler, refusals(verb, subject, options), path)

    def base(self, compiler: Compiler, base: object) -> None:
        """Looks at a scenario's ``base``."""
        if self.fresh and base is not None:
            from runner.scenario.literals import refused_base

            self.keep(compiler, refused_base(base), ())

    def templates(self, compiler: Compiler, uses: Sequence[Deferred]) -> None:
        """Looks at templates that name no variable: ``${'lamp.png' | file}``, ``${'x' | int}``."""
        if not uses:
            return
        from runner.scenario.expression import Expression

        for use in uses:
            if not isinstance(use, Expression) or use.reference is not None:
                continue
            file = re.match(_FILE, use.text)
            try:
                if file is not None:
                    single, double = file.groups()
                    name = (
                        double.replace('""', '"') if single is None else single.replace("''", "'")
                    )
                    compiler.files.path(name)
                elif self.fresh:
                    use.render(_NOTHING)
            except StepFault as fault:
                told = fault.fault
                if file is not None and self.may_lack(told.kind):
                    continue
                if file is not None or not self._is_wanted(told.kind):
                    self.found = self.found or file is None
                    compiler.problem(told.message, use.at, told.hint, kind=told.kind)

    def keep(self, compiler: Compiler, refused: Refusals, path: Path) -> None:
        """Keeps what is refused below ``path`` as problems."""
        for place, fault, key in refused:
            if self._is_wanted(fault.kind):
                continue
            self.found = True
            where = (*path, *place)
            at = compiler.source.key_mark(where) if key else compiler.source.mark(where)
            compiler.problem(fault.message, at, fault.hint, kind=fault.kind)

    def _is_wanted(self, kind: str) -> bool:
        number = next((at for at, each in enumerate(self.wanted) if each.holds(kind)), None)
        self.waived = self.waived or (number is not None and number < self._from_outside)
        return number is not None
