"""The table of facts."""

from __future__ import annotations

import pytest

from runner.query.facts import FACTS, FAMILIES, PARTS, VERBS, facts_of, has_body
from runner.query.path import parse_query
from runner.query.types import TYPES


@pytest.mark.parametrize("fact", FACTS.values(), ids=lambda fact: fact.name)
def test_a_fact_is_complete(fact) -> None:
    assert fact.type in TYPES
    assert fact.doc
    assert set(fact.verbs) <= set(VERBS)
    query = fact.example.split(": ", 1)[0]
    for verb in fact.verbs:
        assert fact.name in facts_of(verb)
        assert parse_query(query, verb).names[0] in (fact.name, fact.stem)


def test_the_named_facts_are_all_there() -> None:
    expected = [
        "user-agent",
        "proxy",
        "address",
        "port",
        "time.dns",
        "time.tcp",
        "time.proxy",
        "time.tls",
        "tls.version",
        "tls.cipher",
        "tls.alpn",
        "tls.subject.NAME",
        "tls.issuer.NAME",
        "tls.names",
        "tls.not-before",
        "tls.not-after",
        "tls.days-left",
        "tls.sha256",
        "method",
        "request.url",
        "request.header.NAME",
        "status",
        "reason",
        "http-version",
        "url",
        "location",
        "header.NAME",
        "headers.NAME",
        "media-type",
        "cookie.NAME",
        "redirects",
        "request.size",
        "connection.reused",
        "time.send",
        "time.wait",
        "early",
        "body",
        "text",
        "size",
        "wire-size",
        "bytes",
        "received",
        "eof",
        "sha256",
        "events",
        "time.read",
        "time.total",
        "attempts",
        "error",
        "jar.NAME",
        "outputs.NAME",
    ]
    assert sorted(FACTS) == sorted(expected)


def test_a_request_has_what_its_primitives_have() -> None:
    primitives = {name for verb in ("connect", "open", "send", "read") for name in facts_of(verb)}
    assert set(facts_of("get")) == primitives


def test_who_has_which() -> None:
    assert set(facts_of("wait")) == {"time.total", "attempts", "error"}
    assert "jar.NAME" in facts_of("session")
    assert "status" not in facts_of("read")
    assert facts_of("block") is FACTS
    assert has_body("read")
    assert has_body("get")
    assert not has_body("send")
    with pytest.raises(KeyError):
        facts_of("nope")


def test_families_and_parts_are_facts() -> None:
    assert all(f"{stem}.NAME" in FACTS for stem in FAMILIES)
    assert all(name in FACTS or name in FAMILIES for name in PARTS)
    assert all(type_ in TYPES for parts in PARTS.values() for type_ in parts.values())
