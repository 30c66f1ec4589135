"""What is wrong with cases beside each other: names one lacks, labels that are the same, templates
that name what is not there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from runner.query.values import is_deferred
from runner.scenario.expression import Expression
from runner.scenario.flow import circle
from runner.scenario.problems import Problem, did_you_mean
from runner.scenario.uses import expressions
from runner.scenario.variable_names import is_reserved

if TYPE_CHECKING:
    from runner.scenario.cases import Row
    from runner.scenario.compiling import Compiler

_KIND = "invalid-scenario"
_HINT = "a row knows `vars`, `secrets`, its own variables, `env`, `new` and `serve`"


def check_rows(compiler: Compiler, rows: Sequence[Row], defaults: Mapping[str, object]) -> None:
    """Keeps in the compiler's ``problems`` what is wrong with these cases."""
    problems = compiler.problems
    problems += _same_labels(compiler, rows)
    problems += _lacking(compiler, rows, defaults)
    names = {"case", *defaults, *(name for row in rows for name in row.values)}
    problems += _undefined(compiler, rows, names)
    if not problems:
        problems += _circles(compiler, rows, defaults)


def _same_labels(compiler: Compiler, rows: Sequence[Row]) -> Iterator[Problem]:
    first: dict[str, Row] = {}
    source = compiler.source
    for row in rows:
        before = first.setdefault(row.label, row)
        if before is row:
            continue
        if row.path == before.path:
            message = f"two combinations are labelled `{row.label}`"
            hint = "a value stands in the list of a variable once"
            yield source.problem(_KIND, message, row.path, key=True, hint=hint)
            return
        message = f"two cases are labelled `{row.label}`"
        hint = "a case without `case` is labelled by its number"
        numbered = not source.has((*row.path, "case")) or not source.has((*before.path, "case"))
        also = (((*before.path, "case"), "first here"),)
        place = (*row.path, "case")
        yield source.problem(_KIND, message, place, hint=hint if numbered else None, also=also)


def _lacking(
    compiler: Compiler, rows: Sequence[Row], defaults: Mapping[str, object]
) -> Iterator[Problem]:
    """Every case gives the same variables values, but for those that have a default."""
    count = Counter(name for row in rows for name in row.values if name not in defaults)
    everywhere = {name for name, number in count.items() if number == len(rows)}
    order = {name: number for number, name in enumerate(count)}
    misspelt: set[str] = set()
    source = compiler.source
    for row in rows:
        own = [name for name in row.values if name in count and name not in everywhere]
        for name in own:
            others = [each for each in (*count, *defaults) if each not in row.values]
            meant = did_you_mean(name, others)
            rarer = meant in defaults or (
                meant is not None and (count[name], -order[name]) < (count[meant], -order[meant])
            )
            if meant is not None and rarer:
                misspelt.add(name)
                message = f"`{name}` stands in this case and not in all, which have `{meant}`"
                yield source.problem(
                    _KIND, message, (*row.path, name), key=True, hint=f"did you mean `{meant}`?"
                )
    for row in rows:
        if misspelt & row.values.keys():
            continue
        lacks = [each for each in count if each not in row.values and each not in misspelt]
        if lacks:
            told = ", ".join(f"`{each}`" for each in lacks)
            one = "it" if len(lacks) == 1 else "them"
            yield source.problem(
                _KIND,
                f"case {row.label} gives {told} no value",
                row.path,
                hint=f"other cases have {one}: add {one} here, or a default in `vars`",
            )


def _undefined(compiler: Compiler, rows: Sequence[Row], known: set[str]) -> Iterator[Problem]:
    told: set[int] = set()
    for row in rows:
        if not is_deferred(row.values):
            continue
        for use in expressions(row.values):
            named = use.reference
            if named is None or named.name in known or is_reserved(use) or id(use) in told:
                continue
            told.add(id(use))
            guess = did_you_mean(named.name, known)
            line = compiler.source.line(use.at.line)
            yield Problem(
                "undefined-variable",
                f"`{named.name}{named.rest if named.name in ('env', 'new', 'serve') else ''}` "
                "is not defined here",
                use.at,
                hint=f"did you mean `{guess}`?" if guess else _HINT,
                line=line,
            )


def _circles(
    compiler: Compiler, rows: Sequence[Row], defaults: Mapping[str, object]
) -> Iterator[Problem]:
    """The first case in which a value needs itself."""
    plain = {name: _needs(tree) for name, tree in defaults.items()}
    for row in rows:
        deferred = {name: tree for name, tree in row.values.items() if is_deferred(tree)}
        if not deferred:
            continue
        needs = {**plain, **{name: _needs(row.values[name]) for name in row.values}}
        for name in deferred:
            way = circle(name, needs)
            if way:
                use = needs[name][(*way, name)[1]]
                message = f"`{name}` needs its own value: {' -> '.join((*way, name))}"
                hint = "a value of a case stands in place of the one in `vars`"
                line = compiler.source.line(use.at.line)
                yield Problem("undefined-variable", message, use.at, hint=hint, line=line)
                return


def _needs(tree: object) -> dict[str, Expression]:
    return {use.reference.name: use for use in expressions(tree) if use.reference is not None}
