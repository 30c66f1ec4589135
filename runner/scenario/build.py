"""A valid source becomes a model: templates, queries and matchers are compiled, verbs desugared.

Whatever the schema cannot see is found here, and every problem of the file is reported, not the
first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from runner import extras
from runner.kinds import StepFault
from runner.query.values import Deferred, is_deferred
from runner.scenario.compiling import Compiler
from runner.scenario.files import TLS_FILES, Files, named_files
from runner.scenario.model import (
    Address,
    Check,
    Path,
    Repeat,
    Retry,
    Scenario,
    Step,
)
from runner.scenario.problems import ProblemError, did_you_mean
from runner.scenario.refusing import Refusing, Wanted
from runner.scenario.repair import Rest
from runner.scenario.source import Source

PRIMITIVE: Final = ("session", "connect", "open", "add-headers", "send", "read", "close")
REQUEST: Final = ("get", "post", "put", "patch", "delete", "head", "options")
VERBS: Final = (*PRIMITIVE, *REQUEST, "block", "parallel", "use", "set", "wait")
COMMON: Final = frozenset(
    {"name", "id", "in", "if", "expect", "capture", "on-failure", "deadline"}
    | {"retry", "repeat", "for-each"}
)
_BODIES: Final = ("json", "form", "text", "file", "multipart", "base64", "graphql", "chunks")
PART_OF: Final = {
    **dict.fromkeys((*_BODIES, "content-type", "compress", "expect-continue"), "send"),
    "at": "connect",
}
_METHOD: Final = re.compile(r"\s*((?:\$\{[^}]*\}|\S)+)\s+")
TEXT_KEYS: Final = frozenset(
    {"headers", "params", "form", "user-agent", "referer", "accept", "cookies", "auth"}
    | {"text", "multipart", "chunks", "content-type"}
)


LoadUsed = Callable[[str, tuple[Wanted, ...]], Scenario]
"""Loads the scenario a ``use`` step names, in which some errors are wanted. Raises ``StepFault`` or
``ProblemError``.
"""


class Builder(Compiler):
    """Makes steps of what is left of one source.

    ``refusing`` has every literal looked at that no run could use; a file that was found right
    before needs no such look.
    """

    def __init__(
        self, source: Source, files: Files, load_used: LoadUsed, rest: Rest, refusing: Refusing
    ) -> None:
        super().__init__(source, files)
        self.value = rest.value
        self._rest = rest
        self._load_used = load_used
        self.refusing = refusing

    def steps(self, path: Path) -> tuple[Step, ...]:
        """The steps of the list at ``path``."""
        listed = self.at(path)
        if not isinstance(listed, list):
            return ()
        return tuple(self.step((*path, index)) for index in range(len(listed)))

    def step(self, path: Path) -> Step:
        """The step at ``path``, with the primitive steps it is short for."""
        raw = cast(dict[str, Any], self.at(path))
        if path in self._rest.unread:
            return self._unread(raw, path)
        verb = next(key for key in raw if key in VERBS)
        outer, self.uses = self.uses, []
        lost, self.lost = self.lost, set()
        options = {
            key: self.tree(value, (*path, key), text=key in TEXT_KEYS)
            for key, value in raw.items()
            if key not in COMMON and key != verb
        }
        subject = self._subject(verb, raw[verb], (*path, verb))
        before = len(self.uses)
        self._extras_exist(options, path)
        checks, error = self.expect(raw.get("expect"), verb, (*path, "expect"))
        late = tuple(self.uses[before:])
        standing = self.refusing.enter(error, late, sometimes="if" in raw)
        self._files_exist(options, path)
        self.refusing.step(self, verb, subject, options, path)
        at = self.source.key_mark((*path, verb))
        last = self.source.last_line(path)
        made = Step(
            verb=verb,
            name=self._name(verb, raw, path),
            at=at,
            subject=subject,
            options=options,
            constant=not is_deferred(subject) and not is_deferred(options),
            id=raw.get("id"),
            on=raw.get("in"),
            condition=tuple(self.conditions(raw.get("if"), (*path, "if"))),
            expect=checks,
            capture=tuple(self.captures(raw.get("capture"), verb, (*path, "capture"))),
            expected_error=error,
            status_named=any(_names_status(check) for check in checks),
            on_failure=raw.get("on-failure", "stop"),
            deadline=self.tree(raw.get("deadline"), (*path, "deadline")),
            retry=self._retry(raw.get("retry"), verb, (*path, "retry")),
            repeat=self._repeat(raw.get("repeat"), (*path, "repeat")),
            each=self._each(raw.get("for-each"), (*path, "for-each")),
            uses=tuple(self.uses),
            late=late,
            steps=self._inside(verb, subject, options, at, last, path),
            branches=self._branches(verb, raw, path),
            scenario=self._used_scenario(raw, (*path, "use")) if verb == "use" else None,
            last=last,
            gap=self._gap(path),
        )
        self.refusing.templates(self, made.uses)
        self.refusing.leave(standing)
        self.uses, self.lost = outer, lost
        if made.id is not None:
            self.verbs[made.id] = verb
        return made

    def _gap(self, path: Path) -> frozenset[str] | None:
        """What a step that is wrong may define besides what is known of it."""
        return self._rest.names.get(path, frozenset()) | self.lost or None

    def _unread(self, raw: object, path: Path) -> Step:
        """A step of which nothing is known but that its templates can be judged."""
        outer, self.uses = self.uses, []
        self.tree(raw, path)
        uses, self.uses = tuple(self.uses), outer
        named = self._rest.names.get(path, frozenset())
        return Step("", "", self.source.mark(path), uses=uses, gap=named)

    def _files_exist(self, options: Mapping[str, object], path: Path) -> None:
        """A file must be there; one that a template names is looked for when it runs."""
        for key, name, place in named_files(options):
            try:
                self.files.of_tls(key, name) if key in TLS_FILES else self.files.path(name)
            except StepFault as fault:
                if not self.refusing.may_lack(fault.fault.kind):
                    self.fault(fault, (*path, *place))

    def _extras_exist(self, options: Mapping[str, object], path: Path) -> None:
        """An auth scheme that is an extra must be installed, where the file tells which it is."""
        auth = options.get("auth")
        for scheme in auth if isinstance(auth, Mapping) else ():
            lacks = extras.missing(scheme) if isinstance(scheme, str) else None
            if lacks is not None:
                at = self.source.key_mark((*path, "auth", scheme))
                self.problem(lacks, at, None)

    def _inside(
        self,
        verb: str,
        subject: object,
        options: Mapping[str, object],
        at: Address,
        last: int,
        path: Path,
    ) -> tuple[Step, ...]:
        """The steps a composite is made of."""
        if verb in REQUEST:
            return _parts(subject, options, at, last)
        return self.steps((*path, "block")) if verb == "block" else ()

    def _branches(
        self, verb: str, raw: Mapping[str, Any], path: Path
    ) -> tuple[tuple[Step, ...], ...]:
        if verb != "parallel":
            return ()
        branches = range(len(raw["parallel"]))
        return tuple(self.steps((*path, "parallel", each)) for each in branches)

    def _used_scenario(self, raw: Mapping[str, Any], path: Path) -> Scenario | None:
        try:
            used = self._load_used(str(raw["use"]), self.refusing.wanted)
        except StepFault as fault:
            self.fault(fault, path)
            return None
        except ProblemError as error:
            self.problems.extend(error.problems)
            return None
        declared = {*used.variables, *used.secrets}
        for name in raw.get("with") or {}:
            if name not in declared:
                at = self.source.key_mark((*path[:-1], "with", name))
                guess = did_you_mean(name, declared)
                self.problem(
                    f"{raw['use']} declares no variable `{name}`",
                    at,
                    f"did you mean `{guess}`?" if guess else "declare it there in `vars`",
                )
        return used

    def _retry(self, raw: Any, verb: str, path: Path) -> Retry | None:
        if raw is None:
            return None
        settings = {key: value for key, value in raw.items() if key != "stop-if"}
        checks, error = self.expect(raw.get("stop-if"), verb, (*path, "stop-if"))
        conditions = checks if error is None else (*checks, error)
        return Retry(cast(Any, self.tree(settings, path)), conditions)

    def _repeat(self, raw: Any, path: Path) -> Repeat | None:
        if raw is None:
            return None
        return Repeat(
            self.tree(raw.get("times"), (*path, "times")),
            self.tree(raw.get("at-most"), (*path, "at-most")),
            tuple(self.conditions(raw.get("while"), (*path, "while"))),
        )

    def _each(self, raw: Any, path: Path) -> tuple[str, object] | None:
        if raw is None:
            return None
        variable, values = next(iter(raw.items()))
        return str(variable), self.tree(values, (*path, variable))

    def _subject(self, verb: str, value: object, path: Path) -> object:
        if verb == "open" and isinstance(value, str):
            found = _METHOD.match(value)
            method, target = (found[1], value[found.end() :]) if found else (value, "")
            return {
                "method": self.compile(method, path, skip=len(value) - len(value.lstrip())),
                "target": self.compile(
                    target.strip(), path, skip=len(value) - len(target.lstrip())
                ),
            }
        if verb in REQUEST:
            return {"method": verb.upper(), "target": self.tree(value, path)}
        if verb in ("block", "parallel"):
            return None
        return self.tree(value, path, text=verb == "add-headers")

    def _name(self, verb: str, raw: Mapping[str, Any], path: Path) -> str | Deferred:
        given = raw.get("name")
        if given is not None:
            return cast("str | Deferred", self.tree(given, (*path, "name")))
        subject = raw[verb]
        if isinstance(subject, str | int) and not isinstance(subject, bool):
            return self.shown(f"{verb} {subject}", (*path, verb), -len(verb) - 1)
        return verb


def _parts(
    subject: object, options: Mapping[str, object], at: Address, last: int
) -> tuple[Step, ...]:
    """The primitive steps of a request verb; session and connect run only where none fits."""
    chosen: dict[str, dict[str, object]] = {"connect": {}, "open": {}, "send": {}, "read": {}}
    for key, value in options.items():
        if key != "as":
            chosen[PART_OF.get(key, "open")][key] = value
    subjects = {"open": subject, "read": options.get("as")}
    return tuple(
        Step(
            verb=verb,
            name=verb,
            at=at,
            subject=subjects.get(verb),
            options=chosen.get(verb, {}),
            constant=not (is_deferred(subjects.get(verb)) or is_deferred(chosen.get(verb))),
            status_named=True,
            last=last,
        )
        for verb in ("session", "connect", "open", "send", "read")
    )


def _names_status(check: Check) -> bool:
    return check.text.split("|")[0].strip() == "status"
