"""The matchers `schema` and `same-as`, which work with files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runner.query.matchers import MatcherError, parse_matcher
from runner.query.matchers.schema import _formats


class Folder:
    """Files below a folder, as scenarios may read them."""

    def __init__(self, root: Path, update: bool = False) -> None:
        self.root = root
        self.update = update

    def read_bytes(self, name: str) -> bytes:
        return (self.root / name).read_bytes()

    def write_bytes(self, name: str, content: bytes) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def exists(self, name: str) -> bool:
        return (self.root / name).exists()


DRAFT4 = "http://json-schema.org/draft-04/schema#"
DRAFT7 = "http://json-schema.org/draft-07/schema#"
LATEST = "https://json-schema.org/draft/2020-12/schema"
ITEM = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "integer"}, "tags": {"items": {"type": "string"}}},
}


@pytest.mark.parametrize(
    ("schema", "value", "message", "paths"),
    [
        (ITEM, {"id": 1, "tags": ["a"]}, None, ()),
        (ITEM, {"id": "x"}, "$.id: 'x' is not of type 'integer'", ("$.id",)),
        (ITEM, {"id": 1, "tags": [1]}, "$.tags[0]: 1 is not of type", ("$.tags[0]",)),
        (ITEM, {}, "'id' is a required property", ("$",)),
        (False, 1, "False schema does not allow 1", ("$",)),
        ({"prefixItems": [{"type": "string"}]}, [1], "is not of type 'string'", ("$[0]",)),
        ({"$schema": DRAFT4, "minimum": 1, "exclusiveMinimum": True}, 1, "minimum", ("$",)),
        ({"$schema": DRAFT7, "prefixItems": [False]}, [1], None, ()),
        ({"$defs": {"a": False}, "$ref": "#/$defs/a"}, 1, "False schema", ("$",)),
        ({"$ref": LATEST}, {"type": "x"}, "is not valid", ("$.type",)),
        ({"$ref": "nope.json"}, 1, "its reference nope.json leads nowhere", ()),
        ({"$ref": "#/$defs/nope"}, 1, "leads nowhere", ()),
        ({"pattern": "^a+$"}, "aaa", None, ()),
        ({"pattern": "^a+$"}, "ab", "does not match", ("$",)),
        ({"pattern": "^(a+)+$"}, "a" * 50 + "!", "took longer", ("$",)),
        ({"pattern": "("}, "a", "no JSON Schema", ()),
    ],
)  # fmt: skip
def test_schema(schema: object, value: object, message: str | None, paths: tuple[str, ...]) -> None:
    if message == "no JSON Schema":
        with pytest.raises(MatcherError, match=message):
            parse_matcher({"schema": schema})
        return
    found = parse_matcher({"schema": schema}).check(value)
    if message is None:
        assert found == ()
        return
    assert message in found[0].message
    assert found[0].paths == paths
    assert found[0].kind == "schema-mismatch"


GOOD_AND_BAD = {
    "date-time": ("2026-01-01T00:00:00Z", "2026-01-01"),
    "date": ("2026-01-01", "2026-02-30"),
    "time": ("23:59:60Z", "25:00:00Z"),
    "duration": ("P1DT2H", "P"),
    "email": ("a@example.org", "a"),
    "idn-email": ("ä@example.org", "ä"),
    "hostname": ("example.org", "-a"),
    "idn-hostname": ("例え.jp", "a b"),
    "ipv4": ("1.2.3.4", "1.2.3"),
    "ipv6": ("::1", ":"),
    "uri": ("http://a/b", "/b"),
    "uri-reference": ("/b?c", "a b"),
    "iri": ("http://ä/", "ä"),
    "iri-reference": ("ä", "a b"),
    "uri-template": ("/a/{id}", "/a/{id"),
    "uuid": ("6b7a2c8e-1111-4222-8333-123456789abc", "6b7a"),
    "json-pointer": ("/a/~0", "a"),
    "relative-json-pointer": ("1/a", "/a"),
    "regex": ("a+", "("),
}


@pytest.mark.parametrize("name", GOOD_AND_BAD)
def test_formats_are_checked(name: str) -> None:
    matcher = parse_matcher({"schema": {"format": name}})
    good, bad = GOOD_AND_BAD[name]
    assert matcher.check(good) == ()
    assert matcher.check(5) == ()
    assert f"is not a '{name}'" in matcher.check(bad)[0].message


def test_every_format_is_in_the_table() -> None:
    assert set(_formats().checkers) == set(GOOD_AND_BAD)


def test_schema_files_and_their_references(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.write_bytes(
        "schemas/item.json", json.dumps({"$ref": "parts/id.json#/$defs/id"}).encode()
    )
    folder.write_bytes("schemas/parts/id.json", b'{"$defs": {"id": {"type": "integer"}}}')
    folder.write_bytes("schemas/broken.json", b"{")
    matcher = parse_matcher({"schema": "schemas/item.json"}, files=folder)
    assert matcher.check(5) == ()
    assert "is not of type 'integer'" in matcher.check("5")[0].message
    inline = parse_matcher({"schema": {"items": {"$ref": "schemas/item.json"}}}, files=folder)
    assert inline.check([5]) == ()
    assert inline.check(["5"])
    with pytest.raises(MatcherError, match=r"broken\.json is no JSON"):
        parse_matcher({"schema": "schemas/broken.json"}, files=folder)
    with pytest.raises(MatcherError, match="No such file"):
        parse_matcher({"schema": "nope.json"}, files=folder)


@pytest.mark.parametrize(
    ("name", "value", "other"),
    [
        ("a.json", {"a": [1, "ä"]}, {"a": [1, "b"]}),
        ("deep/b.json", "text", "other"),
        ("c.txt", "line\n", "line"),
        ("d.bin", b"\xff\x00", b"\xff"),
        ("e", [1], [2]),
        ("snapshots/f.json", None, 1),
    ],
)
def test_snapshots(name: str, value: object, other: object, tmp_path: Path) -> None:
    spec = {"same-as": name}
    found = parse_matcher(spec, files=Folder(tmp_path)).check(value)
    assert "has no snapshot snapshots/" in found[0].message
    assert "--update-snapshots" in found[0].message
    assert parse_matcher(spec, files=Folder(tmp_path, update=True)).check(value) == ()
    assert (tmp_path / "snapshots" / name.removeprefix("snapshots/")).exists()
    assert parse_matcher(spec, files=Folder(tmp_path)).check(value) == ()
    assert parse_matcher(spec, files=Folder(tmp_path)).check(other)


def test_a_snapshot_tells_the_paths_that_differ(tmp_path: Path) -> None:
    spec = {"same-as": "a.json", "ignoring": ["$.time"]}
    parse_matcher(spec, files=Folder(tmp_path, update=True)).check({"a": 1, "time": 5})
    assert "time" not in (tmp_path / "snapshots/a.json").read_text()
    matcher = parse_matcher(spec, files=Folder(tmp_path))
    assert matcher.check({"a": 1, "time": 6}) == ()
    found = matcher.check({"a": 2})
    assert found[0].message == "differs from snapshots/a.json: $.a is 2, expected 1"
    assert found[0].paths == ("$.a",)


def test_a_broken_snapshot_is_told(tmp_path: Path) -> None:
    Folder(tmp_path).write_bytes("snapshots/a.json", b"{")
    found = parse_matcher({"same-as": "a.json"}, files=Folder(tmp_path)).check({})
    assert "could not be compared with snapshots/a.json" in found[0].message
    assert "no folder" in parse_matcher({"same-as": "a.json"}).check({})[0].message


def test_a_text_that_does_not_fit_is_told_as_it_is():
    matcher = parse_matcher({"schema": {"type": "integer"}})
    told = matcher.check('{"a":"quote\\"secret"}', None)[0].message
    assert """'{"a":"quote\\"secret"}' is not of type 'integer'""" in told
