"""Results with nothing in them that must not be shown.

``clean`` is a function from a tree to a tree (``Redactor.value``): it is given texts, mappings and
lists, and masks secrets by their value and headers by their name. What the runner itself says
(outcomes, kinds, times) is never given to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from runner.controls import strip_controls
from runner.plain import plain
from runner.query.values import MISSING
from runner.result import Failure, ScenarioResult, StepResult

Clean = Callable[[Any], Any]
Pairs = Sequence[tuple[str, str]]
_BAD: Final = ("failed", "error")


def for_terminal(clean: Clean | None) -> Clean:
    """``clean`` behind a function that takes out control sequences.

    They go first, so that none can hide a part of a secret.
    """
    if clean is None:
        return _stripped
    return lambda tree: clean(_stripped(tree))


def clean_scenario(
    result: ScenarioResult, clean: Clean, *, bad_only: bool = False
) -> ScenarioResult:
    """The scenario with all of its texts and values cleaned.

    With ``bad_only`` steps that passed or were skipped keep only their names, times, messages and
    attempts, and of the steps inside only those that were tried again: for a reader that shows no
    more of them, since to clean facts takes long.
    """
    steps = (*result.steps, *result.teardown)
    shown = [step for step in steps if not bad_only or step.outcome in _BAD or step.attempts]
    pairs = tuple(_changed(shown, clean))
    return result._replace(
        name=clean(result.name),
        file=clean(result.file),
        case=clean(result.case),
        tags=tuple(clean(list(result.tags))),
        message=_said(result.message, clean, pairs),
        reason=clean(result.reason),
        warnings=tuple(clean(list(result.warnings))),
        steps=tuple(_step(step, clean, pairs, bad_only) for step in result.steps),
        teardown=tuple(_step(step, clean, pairs, bad_only) for step in result.teardown),
    )


def clean_step(step: StepResult, clean: Clean) -> StepResult:
    """The step, and those inside it, with all texts and values cleaned."""
    return _step(step, clean, tuple(_changed((step,), clean)), bad_only=False)


def _step(step: StepResult, clean: Clean, pairs: Pairs, bad_only: bool) -> StepResult:
    attempts = tuple(
        attempt._replace(message=_said(attempt.message, clean, pairs)) for attempt in step.attempts
    )
    if bad_only and step.outcome not in _BAD:
        return step._replace(
            name=clean(step.name), message=_said(step.message, clean, pairs), hint=None,
            causes=(), failures=(), facts={}, captured={}, attempts=attempts, curl=None,
            snippet=None,
            steps=tuple(
                _step(one, clean, pairs, bad_only)
                for one in step.steps
                if one.steps or one.attempts
            ),
        )  # fmt: skip
    snippet = step.snippet
    # As one mapping: `clean` knows a command from a text by the name it stands under.
    told = clean({"curl": step.curl})
    return step._replace(
        name=clean(step.name),
        message=_said(step.message, clean, pairs),
        hint=clean(step.hint),
        causes=tuple(_said(cause, clean, pairs) or "" for cause in step.causes),
        failures=tuple(_failure(failure, clean) for failure in step.failures),
        facts=clean(plain(step.facts)),
        captured=clean(plain(step.captured)),
        attempts=attempts,
        curl=told["curl"],
        snippet=snippet and snippet._replace(lines=tuple(clean(list(snippet.lines)))),
        steps=tuple(_step(one, clean, pairs, bad_only) for one in step.steps),
    )


def _failure(failure: Failure, clean: Clean) -> Failure:
    told = clean(
        {
            "query": failure.query,
            "expected": plain(failure.expected),
            "found": None if failure.found is MISSING else plain(failure.found),
            "message": failure.message,
            "paths": list(failure.paths),
        }
    )
    paths = tuple(told["paths"])
    if told["message"] != failure.message and told["message"] != clean(failure.message):
        # Masked by the name of the query: what the paths tell are parts of the same value.
        paths = ()
    return failure._replace(
        query=told["query"],
        expected=told["expected"],
        found=MISSING if failure.found is MISSING else told["found"],
        message=told["message"],
        paths=paths,
    )


def _changed(steps: Sequence[StepResult], clean: Clean) -> Iterator[tuple[str, str]]:
    """Verdicts that were masked, with what they became: messages of steps quote them."""
    for step in steps:
        for failure in step.failures:
            told = _failure(failure, clean).message
            if told != failure.message:
                yield f"{failure.query} {failure.message}", told
                yield failure.message, told
        yield from _changed(step.steps, clean)


def _said(message: str | None, clean: Clean, pairs: Pairs) -> str | None:
    if message is None:
        return None
    for before, after in pairs:
        if before:
            message = message.replace(before, after)
    said: str = clean(message)
    return said


def _stripped(tree: Any) -> Any:
    if isinstance(tree, str):
        return strip_controls(tree)
    if isinstance(tree, Mapping):
        return {_stripped(key): _stripped(value) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [_stripped(item) for item in tree]
    return tree
