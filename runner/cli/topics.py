"""What ``explain`` knows: a page for each verb, key, fact, matcher, filter and failure kind, and
the guides.

All words but the guides' come from where the thing itself is declared: the schema, the facts, the
docstrings.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from runner.cli.guides import guide_of, guides, write_guide
from runner.cli.page import Page
from runner.kinds import KINDS
from runner.query.facts import FACTS, FAMILIES, Fact, facts_of
from runner.query.filters import FILTERS, usage
from runner.query.matchers.themes import MATCHERS
from runner.query.types import phrases
from runner.scenario.grammar import (
    common_keys,
    keys_of,
    requests,
    resolve,
    schema,
    subject_of,
    verb_node,
    verbs,
    verbs_with,
)
from runner.scenario.written import lines

Write = Callable[[Page, str], None]


def verb_page(page: Page, verb: str) -> None:
    """A verb: what it does, its subject, its keys, its facts."""
    node = verb_node(verb)
    page.title(f"{verb} {node['x-subject']}".strip(), f"{node['x-kind']} verb")
    page.say(node["description"])
    page.show(lines(node["examples"]))
    page.heading("Subject")
    page.say(subject_of(verb)["description"])
    own = [key for key in keys_of(verb) if key not in common_keys()]
    if own:
        page.heading("Keys beside it")
        page.table((key, _first(resolve(node["properties"][key]))) for key in own)
    page.heading("Common keys")
    page.say(", ".join(key for key in keys_of(verb) if key in common_keys()))
    facts = facts_of(verb)
    page.heading("Facts")
    if len(facts) == len(FACTS):
        page.say("Those of the steps in it; `time.total`, `attempts` and `error` are its own.")
    else:
        own_first = sorted(facts.values(), key=lambda fact: len(fact.verbs) > len(requests()) + 3)
        page.table((fact.name, f"{fact.doc} ({fact.type})") for fact in own_first)


def key_page(page: Page, key: str) -> None:
    """A key of a step or of the top: what it means, wherever it means something else."""
    meanings: dict[str, tuple[Mapping[str, Any], list[str]]] = {}
    for verb in verbs_with(key):
        node = resolve(verb_node(verb)["properties"][key])
        known, owners = meanings.setdefault(node["description"], (node, []))
        owners.append(verb)
        if len(node.get("properties", ())) > len(known.get("properties", ())):
            meanings[node["description"]] = (node, owners)
    if key in schema()["properties"]:
        node = resolve(schema()["properties"][key])
        meanings.setdefault(node["description"], (node, []))[1].append("")
    for node, owners in meanings.values():
        page.title(key, f"key of {_owners(owners)}")
        page.say(node["description"])
        _value(page, key, node)


def fact_page(page: Page, name: str) -> None:
    """A fact: its type, what it tells, which verbs leave it."""
    fact = _fact(name)
    page.title(fact.name, f"fact: {fact.type}")
    page.say(_sentence(fact.doc))
    page.show([f"expect: {{{fact.example}}}"])
    page.say(f"Left by {_verbs(fact.verbs)}.")


def matcher_page(page: Page, name: str) -> None:
    """A matcher: its operand, what it holds for."""
    entry = MATCHERS[name]
    page.title(name, "matcher")
    page.say(inspect.cleandoc(entry.doc))
    page.table((("operand", entry.operand), ("for", phrases(entry.takes))))
    node = resolve(schema()["$defs"]["matcher"]["properties"][name])
    _examples(page, name, node["examples"])


def filter_page(page: Page, name: str) -> None:
    """A filter: its arguments, what it takes and gives."""
    entry = FILTERS[name]
    gives = "what it takes" if entry.gives == "same" else phrases((entry.gives,))
    page.title(usage(entry), "filter")
    page.say(inspect.cleandoc(entry.doc))
    page.table((("takes", phrases(entry.takes)), ("gives", gives)))


def kind_page(page: Page, name: str) -> None:
    """A failure kind: what it means, where it arises, what it makes of a step."""
    kind = KINDS[name]
    page.title(name, "failure kind")
    page.say(_sentence(kind.meaning))
    page.table((("phase", kind.phase), ("outcome", kind.outcome)))
    if kind.phase != "load":
        page.say("A step that must end so:")
        page.show([f"expect: {{error: {name}}}"])


def key_names() -> list[str]:
    """All keys, of steps and of the top."""
    named = dict.fromkeys(key for verb in verbs() for key in keys_of(verb))
    return [*schema()["properties"], *(key for key in named if key not in schema()["properties"])]


def lists() -> dict[str, list[tuple[str, str]]]:
    """The words for whole lists, and what is in each: names and one line on them."""
    matchers = schema()["$defs"]["matcher"]["properties"]
    return {
        "verbs": [(verb, _first(verb_node(verb))) for verb in verbs()],
        "keys": [(key, _key_line(key)) for key in key_names()],
        "facts": [(fact.name, f"{fact.doc} ({fact.type})") for fact in FACTS.values()],
        "matchers": [(name, _line(MATCHERS[name].doc)) for name in matchers if name in MATCHERS],
        "filters": [(usage(each), _line(each.doc)) for _, each in sorted(FILTERS.items())],
        "kinds": [(kind.name, f"{kind.meaning} ({kind.outcome})") for kind in KINDS.values()],
        "guides": guides(),
    }


def is_fact(name: str) -> bool:
    """Whether a name is a fact, or one of a family: ``header.etag``."""
    return name in FACTS or any(name.startswith(f"{stem}.") for stem in FAMILIES)


PAGES: Final[Mapping[str, tuple[Callable[[str], bool], Write]]] = {
    "verb": (lambda name: name in verbs(), verb_page),
    "key": (lambda name: name in key_names(), key_page),
    "fact": (is_fact, fact_page),
    "matcher": (MATCHERS.__contains__, matcher_page),
    "filter": (FILTERS.__contains__, filter_page),
    "kind": (KINDS.__contains__, kind_page),
    "guide": (lambda name: guide_of(name) is not None, write_guide),
}


def _value(page: Page, key: str, node: Mapping[str, Any]) -> None:
    inner = {
        name: resolve(each)
        for name, each in node.get("properties", {}).items()
        if node.get("x-keys") not in ("matcher", "query")
    }
    if inner:
        page.table((name, each["description"]) for name, each in inner.items())
    else:
        page.say(f"Value: {node['x-expects']}." if "x-expects" in node else "Value: any data.")
    _examples(page, key, node["examples"])


def _examples(page: Page, key: str, examples: Iterable[object]) -> None:
    page.show(line for example in examples for line in lines({key: example}))


def _fact(name: str) -> Fact:
    if name in FACTS:
        return FACTS[name]
    stems = [stem for stem in FAMILIES if name.startswith(f"{stem}.")]
    return FAMILIES[max(stems, key=len)]


def _key_line(key: str) -> str:
    node = schema()["properties"].get(key)
    if node is None:
        node = verb_node(verbs_with(key)[0])["properties"][key]
    return _first(resolve(node))


def _first(node: Mapping[str, Any]) -> str:
    """The first sentence of a description."""
    return _line(str(node["description"]))


def _line(text: str) -> str:
    first, stop, _ = inspect.cleandoc(text).partition("\n\n")[0].partition(". ")
    return " ".join(first.split()) + stop.strip()


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _owners(owners: list[str]) -> str:
    named = [owner or "a scenario" for owner in owners if owner not in requests()]
    if any(owner in requests() for owner in owners):
        named.append("requests")
    return "any step" if len(named) > 4 else ", ".join(named)


def _verbs(owners: tuple[str, ...]) -> str:
    if len(owners) == len(verbs()):
        return "every step"
    if len(owners) > 12:
        return "every step of a session"
    return ", ".join(f"`{owner}`" for owner in owners)
