"""Truth tables: every matcher with a value, whether it holds, and what is said when it does not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from runner.query.matchers import parse_matcher
from runner.query.matchers.themes import MATCHERS
from runner.query.types import TYPES
from runner.query.values import MISSING

DAY = datetime(2026, 1, 1, tzinfo=UTC)
UUID = "6b7a2c8e-1111-4222-8333-123456789abc"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"
ITEMS = [{"id": 1, "name": "Lamp"}, {"id": 2, "name": "Desk"}]

# (type, matcher, value, what is said; None where it holds)
TABLE: list[tuple[str, object, object, str | None]] = [
    # literals
    ("any", 1, 1, None),
    ("any", 1, 1.0, None),
    ("any", 1, True, "is true, expected 1"),
    ("any", 1, "1", 'is "1", expected 1'),
    ("any", True, True, None),
    ("any", True, 1, "is 1, expected true"),
    ("any", 0, False, "is false, expected 0"),
    ("any", None, None, None),
    ("any", None, 0, "is 0, expected null"),
    ("any", None, "", 'is "", expected null'),
    ("any", "a", "a", None),
    ("any", "a", "A", 'is "A", expected "a"'),
    ("any", "", "", None),
    ("any", "abc", b"abc", 'is 3 bytes, expected "abc"'),
    ("any", [1, 2], [1, 2], None),
    ("any", [1, 2], (1, 2), None),
    ("any", [1, 2], [2, 1], "$[0] is 2, expected 1; $[1] is 1, expected 2"),
    ("any", [1], [1, 2], "$[1] is 2, expected nothing there"),
    ("any", [1, 2], [1], "$[1] is missing, expected 2"),
    ("any", [], [], None),
    ("any", [], {}, "is {}, expected []"),
    ("any", [{"a": 1}], [{"a": 1.0}], None),
    ("any", 1, MISSING, "is missing, expected 1"),
    ("any", None, MISSING, "is missing, expected null"),
    # literals beside a type
    ("status", 200, 200, None),
    ("status", 200, 404, "is 404, expected 200"),
    ("status", "any", 500, None),
    ("status", "any", MISSING, "is missing, expected any"),
    ("status", "2xx", 204, None),
    ("status", "2xx", 301, "is 301, expected 2xx"),
    ("status", {"not": "5xx"}, 404, None),
    ("status", {"not": "5xx"}, 503, "is 503, expected anything but 5xx"),
    ("status", {"one-of": [200, "4xx"]}, 404, None),
    ("status", {"one-of": [200, "4xx"]}, 500, 'is 500, expected one of 200, "4xx"'),
    ("duration", "250ms", 0.25, None),
    ("duration", "1s", 0.25, "is 250 ms, expected 1.00 s"),
    ("size", "1kB", 1000, None),
    ("size", "1kB", 5, "is 5, expected 1000"),
    ("date", "2026-01-01T01:00:00+01:00", DAY, None),
    ("date", "2026-01-02", DAY, "is 2026-01-01T00:00:00+00:00, expected 2026-01-02T00:00:00+00:00"),
    ("version", "TLSv1.3", "TLSv1.2", 'is "TLSv1.2", expected "TLSv1.3"'),
    ("boolean", True, True, None),
    ("boolean", False, True, "is true, expected false"),
    ("text", "5", "5", None),
    ("integer", 5.0, 5, None),
    ("list", ["a"], ["a"], None),
    # equals, not
    ("any", {"equals": {"a": 1}}, {"a": 1}, None),
    ("any", {"equals": {"a": 1}}, {"a": 2}, "$.a is 2, expected 1"),
    ("any", {"equals": {"a": 1}}, {"a": 1, "b": 2}, "$.b is 2, expected nothing there"),
    ("any", {"equals": {"a": 1, "x y": 2}}, {"a": 1}, "$['x y'] is missing, expected 2"),
    ("any", {"equals": {}}, {}, None),
    ("any", {"equals": {"below": 5}}, {"below": 5}, None),
    ("mapping", {"equals": {"a": 1}}, {"a": True}, "$.a is true, expected 1"),
    ("any", {"equals": 5}, 5, None),
    ("any", {"not": 5}, 6, None),
    ("any", {"not": 5}, "5", None),
    ("any", {"not": 5}, 5, "is 5, expected anything but 5"),
    ("any", {"not": None}, 5, None),
    ("any", {"not": {"contains": "a"}}, "b", None),
    ("any", {"not": {"contains": "a"}}, "a", 'is "a", expected not (it to contain "a")'),
    ("any", {"not": {"contains": "a"}}, 5, "`contains` needs text, a list or a mapping; found the"),
    (
        "any",
        {"not": {"above": 5}},
        "4",
        '`above` needs a number, duration or date; found the text "4',
    ),
    ("any", {"not": 5}, MISSING, "is missing, expected anything but 5"),
    ("any", {"not": {"exists": False}}, 5, None),
    ("any", {"not": {"exists": True}}, MISSING, "is missing"),
    # one-of and the like
    ("any", {"one-of": [1, "a", None]}, None, None),
    ("any", {"one-of": [1, "a"]}, 1.0, None),
    ("any", {"one-of": [1, "a"]}, True, 'is true, expected one of 1, "a"'),
    ("any", {"one-of": [{"a": 1}]}, {"a": 1}, None),
    ("duration", {"one-of": ["1s", "2s"]}, 2.0, None),
    ("any", {"one-of": [1]}, MISSING, "is missing, expected one of 1"),
    ("any", {"any-of": [{"below": 5}, 10]}, 10, None),
    ("any", {"any-of": [{"below": 5}, 10]}, 4, None),
    (
        "any",
        {"any-of": [{"below": 5}, 10]},
        7,
        "fits none of 2: is 7, expected below 5; is 7, expected 10",
    ),
    ("any", {"any-of": [{"exists": False}, 5]}, MISSING, None),
    ("any", {"any-of": [4, 5]}, MISSING, "fits none of 2: is missing"),
    ("any", {"all-of": [{"above": 1}, {"below": 5}]}, 3, None),
    ("any", {"all-of": [{"above": 1}, {"below": 5}]}, 7, "is 7, expected below 5"),
    ("any", {"all-of": [{"above": 1}, 3]}, MISSING, "is missing"),
    ("any", {"none-of": [1, {"above": 5}]}, 3, None),
    ("any", {"none-of": [1, {"above": 5}]}, 7, "is 7, expected not above 5"),
    ("any", {"none-of": [{"above": 5}]}, "x", "`above` needs"),
    ("any", {"none-of": [1]}, MISSING, "is missing"),
    ("any", {"each": {"above": 0}}, [1, 2], None),
    (
        "any",
        {"each": {"above": 0}},
        [1, 0, -1],
        "[1] is 0, expected above 0; [2] is -1, expected above 0",
    ),
    ("any", {"each": 1}, [1, 1.0], None),
    ("any", {"each": 1}, [], "is an empty list, expected elements"),
    ("any", {"each": 1}, {"a": 1}, "`each` needs a list; found the mapping"),
    ("list", {"each": {"is": "text"}}, ["a", 1], "[1] is the integer 1, expected text"),
    ("any", {"each": 1}, MISSING, "is missing"),
    # order
    ("any", {"above": 5}, 6, None),
    ("any", {"above": 5}, 5, "is 5, expected above 5"),
    ("any", {"above": 5}, "42", '`above` needs a number, duration or date; found the text "42"'),
    ("any", {"above": 5}, True, "found the boolean true"),
    ("any", {"above": 5}, None, "found null"),
    ("any", {"above": 5}, [6], "found the list [6]"),
    ("any", {"above": 5}, MISSING, "is missing, expected above 5"),
    ("any", {"above": 1.5}, 2, None),
    ("any", {"at-least": 5}, 5, None),
    ("any", {"at-least": 5}, 4.9, "is 4.9, expected at least 5"),
    ("any", {"at-most": 5}, 5, None),
    ("any", {"at-most": 5}, 6, "is 6, expected at most 5"),
    ("any", {"below": 5}, 4, None),
    ("any", {"below": 5}, 5, "is 5, expected below 5"),
    ("any", {"above": 3, "below": 9}, 5, None),
    ("any", {"above": 3, "below": 9}, 9, "is 9, expected below 9"),
    ("any", {"above": float("nan")}, 1, "expected above"),
    ("duration", {"below": "500ms"}, 0.4, None),
    ("duration", {"below": "500ms"}, 0.6, "is 600 ms, expected below 500ms"),
    ("any", {"below": "500ms"}, 0.4, None),
    ("any", {"below": "1m30s"}, 100, "is 100, expected below 1m30s"),
    ("any", {"below": "10kB"}, 9999, None),
    ("size", {"at-most": "4MiB"}, 4 * 2**20, None),
    ("size", {"at-most": 512}, 513, "is 513, expected at most 512"),
    ("date", {"above": "2025-12-31"}, DAY, None),
    (
        "date",
        {"below": "Thu, 01 Jan 2026 00:00:00 GMT"},
        DAY,
        "is 2026-01-01T00:00:00+00:00, expected below",
    ),
    ("any", {"above": "2025-12-31"}, DAY, None),
    (
        "any",
        {"above": "2025-12-31"},
        "2026-01-01",
        '`above` needs a date; found the text "2026-01-01"',
    ),
    ("any", {"above": "2025-12-31"}, 5, "`above` needs a date; found the integer 5"),
    ("version", {"at-least": "TLSv1.2"}, "TLSv1.3", None),
    ("version", {"at-least": "TLSv1.2"}, "TLSv1.1", 'is "TLSv1.1", expected at least TLSv1.2'),
    ("version", {"at-least": "TLSv1"}, "SSLv3", 'is "SSLv3", expected at least TLSv1'),
    ("version", {"at-least": "1.2"}, "TLSv1.3", None),
    ("version", {"at-least": 1.2}, "TLSv1.3", None),
    ("version", {"above": "HTTP/1.0"}, "HTTP/1.1", None),
    ("version", {"above": "HTTP/1.0"}, "TLSv1.1", "is no version of what"),
    ("version", {"above": "HTTP/1.0"}, "x", '`above` needs a version; found the text "x"'),
    ("any", {"above": "1.9"}, "1.10", None),
    ("any", {"above": "1.10"}, "1.9", 'is "1.9", expected above 1.10'),
    ("any", {"above": "1.10.0"}, "1.10", 'is "1.10", expected above 1.10.0'),
    ("any", {"at-least": "2.0.0"}, "2.0.0-rc.1", "expected at least 2.0.0"),
    ("any", {"above": "2.0.0-rc.2"}, "2.0.0-rc.10", None),
    ("any", {"above": "v1.2"}, "v1.3", None),
    ("any", {"above": "1.2"}, 5, "`above` needs a version; found the integer 5"),
    ("text", {"above": "1.9"}, "1.10", None),
    ("any", {"near": {"value": 10, "within": 0.5}}, 10.5, None),
    ("any", {"near": {"value": 10, "within": 0.5}}, 9.4, "is 9.4, expected 10 ± 0.5"),
    ("any", {"near": {"value": 10, "within": 0}}, 10, None),
    (
        "any",
        {"near": {"value": 10, "within": 1}},
        "10",
        "`near` needs a number or duration; found the text",
    ),
    ("any", {"near": {"value": 10, "within": 1}}, True, "found the boolean true"),
    ("duration", {"near": {"value": "1s", "within": "100ms"}}, 1.05, None),
    (
        "duration",
        {"near": {"value": "1s", "within": "100ms"}},
        1.2,
        "is 1.20 s, expected 1s ± 100ms",
    ),
    ("any", {"near": {"value": "1s", "within": "100ms"}}, 1.05, None),
    ("date", {"near": {"value": "2026-01-01T00:00:05Z", "within": "5s"}}, DAY, None),
    (
        "date",
        {"near": {"value": "2026-01-01T00:00:06Z", "within": "5s"}},
        DAY,
        "expected 2026-01-01T00:00:06Z ± 5s",
    ),
    ("any", {"near": {"value": "2026-01-01", "within": "5s"}}, DAY, None),
    (
        "any",
        {"near": {"value": "2026-01-01", "within": "5s"}},
        5,
        "`near` needs a date; found the integer 5",
    ),
    ("status", {"near": {"value": 200, "within": 5}}, 204, None),
    ("size", {"near": {"value": "1kB", "within": 24}}, 1024, None),
    ("any", {"near": {"value": 1, "within": 1}}, MISSING, "is missing, expected 1 ± 1"),
    # contents
    ("any", {"contains": "am"}, "Lamp", None),
    ("any", {"contains": "light"}, ["lamp", "light"], None),
    ("any", {"contains": 1}, [1.0], None),
    ("any", {"contains": 1}, [True, "1"], 'does not contain 1: it is [true, "1"]'),
    ("any", {"contains": {"a": 1}}, [{"a": 1}], None),
    ("any", {"contains": "a"}, {"a": None}, None),
    ("any", {"contains": "b"}, {"a": 1}, 'has no key "b": it is {a: 1}'),
    ("any", {"contains": "x"}, "Lamp", 'does not contain "x": it is "Lamp"'),
    (
        "any",
        {"contains": 5},
        "Lamp 5",
        "`contains` on a text needs a text as its operand; found the integer 5",
    ),
    ("any", {"contains": 5}, {"5": 1}, "`contains` on a mapping needs a text"),
    (
        "any",
        {"contains": "x"},
        5,
        "`contains` needs text, a list or a mapping; found the integer 5",
    ),
    ("any", {"contains": "x"}, b"x", "found 1 bytes: add ` | text`"),
    ("text", {"contains": ""}, "", None),
    ("any", {"contains": "x"}, MISSING, 'is missing, expected it to contain "x"'),
    ("any", {"starts-with": "La"}, "Lamp", None),
    ("any", {"starts-with": "la"}, "Lamp", 'is "Lamp", expected it to start with "la"'),
    ("any", {"starts-with": "1"}, [1], "`starts-with` needs text; found the list [1]"),
    ("any", {"ends-with": "mp"}, "Lamp", None),
    ("any", {"ends-with": "la"}, "Lamp", 'is "Lamp", expected it to end with "la"'),
    ("any", {"ends-with": "1"}, 1, "`ends-with` needs text; found the integer 1"),
    ("any", {"matches": "^[A-Z]"}, "Lamp", None),
    ("any", {"matches": "am"}, "Lamp", None),
    ("any", {"matches": "^am"}, "Lamp", 'is "Lamp", expected it to match "^am"'),
    ("any", {"matches": "1"}, 1, "`matches` needs text; found the integer 1"),
    ("any", {"matches": "a"}, MISSING, 'is missing, expected it to match "a"'),
    ("any", {"includes": {"a": 1}}, {"a": 1, "b": 2}, None),
    ("any", {"includes": {"a": {"b": [2]}}}, {"a": {"b": [1, 2], "c": 3}}, None),
    ("any", {"includes": {"a": 1}}, {"b": 2}, "$.a is missing, expected 1"),
    ("any", {"includes": [2, 1]}, [1, 2, 3], None),
    ("any", {"includes": [1, 1]}, [1, 2], "$[*] is missing, expected 1"),
    ("any", {"includes": [1, 1]}, [1, 2, 1], None),
    ("any", {"includes": [{"a": 1}, {"a": 1, "b": 2}]}, [{"a": 1, "b": 2}, {"a": 1, "c": 1}], None),
    ("any", {"includes": [{"id": 2}]}, ITEMS, None),
    ("any", {"includes": [{"id": 3}]}, ITEMS, "$[*] is missing, expected {id: 3}"),
    ("any", {"includes": {"items": [{"id": 3}]}}, {"items": ITEMS}, "$.items[*] is missing"),
    ("any", {"includes": {"a": 1}}, [{"a": 1}], "is [{a: 1}], expected {a: 1}"),
    ("any", {"includes": []}, [1], None),
    ("any", {"includes": {"a": 1}}, "a", "`includes` needs a list or a mapping; found the text"),
    ("any", {"includes": [1]}, MISSING, "is missing, expected it to include [1]"),
    ("any", {"any-order": [1, 2, 2]}, [2, 1, 2], None),
    ("any", {"any-order": [1, {"a": [1]}]}, [{"a": [1.0]}, 1], None),
    ("any", {"any-order": [1, 2, 2]}, [2, 1, 1], "lacks [2] and has [1] too many"),
    ("any", {"any-order": [1, 2]}, [1], "lacks [2]"),
    ("any", {"any-order": [1]}, [1, True], "has [true] too many"),
    ("any", {"any-order": []}, [], None),
    ("any", {"any-order": [1]}, {"a": 1}, "`any-order` needs a list; found the mapping"),
    ("any", {"any-order": [1]}, MISSING, "is missing"),
    ("any", {"equals": {"a": 1, "t": 5}, "ignoring": ["$.t"]}, {"a": 1, "t": 6}, None),
    ("any", {"equals": {"a": 1}, "ignoring": ["$.t"]}, {"a": 1, "t": 6}, None),
    ("any", {"equals": {"a": 1, "t": 5}, "ignoring": ["$.t"]}, {"a": 2}, "$.a is 2, expected 1"),
    ("any", {"equals": [{"a": 1}], "ignoring": ["$[*].id", "$[0].x.y"]}, [{"a": 1, "id": 9}], None),
    ("any", {"equals": {"x": {"z": 1}}, "ignoring": ["$.x.y"]}, {"x": {"y": 2, "z": 1}}, None),
    ("any", {"equals": [1, 3], "ignoring": ["$[1]"]}, [1, 2], None),
    ("any", {"includes": {"a": 1, "b": 1}, "ignoring": ["$..b"]}, {"a": 1, "b": 2}, None),
    ("any", {"equals": 5, "ignoring": ["$.t"]}, 5, None),
    # states
    ("any", {"exists": True}, None, None),
    ("any", {"exists": True}, [], None),
    ("any", {"exists": True}, MISSING, "is missing"),
    ("any", {"exists": False}, MISSING, None),
    ("any", {"exists": False}, 5, "is 5, expected it to be missing"),
    ("any", {"exists": False}, None, "is null, expected it to be missing"),
    ("any", {"exists": True, "contains": "a"}, MISSING, "is missing"),
    ("any", {"exists": False, "contains": "a"}, MISSING, 'is missing, expected it to contain "a"'),
    ("any", {"empty": True}, "", None),
    ("any", {"empty": True}, {}, None),
    ("any", {"empty": True}, [0], "is [0], expected it to be empty"),
    ("any", {"empty": False}, [0], None),
    ("any", {"empty": False}, "", 'is "", expected it not to be empty'),
    ("any", {"empty": True}, None, "`empty` needs text, a list or a mapping; found null"),
    ("any", {"empty": True}, 0, "`empty` needs"),
    ("any", {"empty": True}, MISSING, "is missing, expected it to be empty"),
    ("any", {"sorted": True}, [1, 1.5, 2, 2], None),
    ("any", {"sorted": True}, [], None),
    (
        "any",
        {"sorted": True},
        [1, 3, 2],
        "[1] 3 comes before [2] 2, expected it to be in ascending order",
    ),
    ("any", {"sorted": "descending"}, ["b", "a"], None),
    ("any", {"sorted": "descending"}, ["a", "b"], "expected it to be in descending order"),
    ("any", {"sorted": False}, [1, 3, 2], None),
    ("any", {"sorted": False}, [1, 2], "expected it not to be sorted"),
    ("any", {"sorted": True}, [1, "a"], "`sorted` needs elements of one kind"),
    ("any", {"sorted": True}, "ab", "`sorted` needs a list; found the text"),
    ("any", {"sorted": True}, MISSING, "is missing"),
    ("any", {"unique": True}, [1, "1", True, [1]], None),
    ("any", {"unique": True}, [1, 2, 1.0], "has 1.0 at [0] and at [2], expected no element twice"),
    ("any", {"unique": False}, [{"a": 1}, {"a": 1}], None),
    ("any", {"unique": False}, [1], "is [1], expected an element twice"),
    ("any", {"unique": True}, "ab", "`unique` needs a list"),
    ("any", {"unique": True}, MISSING, "is missing"),
    # kinds
    ("any", {"is": "null"}, None, None),
    ("any", {"is": None}, None, None),
    ("any", {"is": "null"}, 0, "is the integer 0, expected null"),
    ("any", {"is": "boolean"}, False, None),
    ("any", {"is": "boolean"}, 0, "expected a boolean"),
    ("any", {"is": "integer"}, 5, None),
    ("any", {"is": "integer"}, True, "is the boolean true, expected an integer"),
    ("any", {"is": "integer"}, 1.0, "is the number 1.0, expected an integer"),
    ("any", {"is": "number"}, 1, None),
    ("any", {"is": "number"}, 1.5, None),
    ("any", {"is": "number"}, "1", 'is the text "1", expected a number'),
    ("any", {"is": "number"}, None, "is null, expected a number"),
    ("any", {"is": "text"}, "", None),
    ("any", {"is": "text"}, 5, "is the integer 5, expected text"),
    ("any", {"is": "list"}, [], None),
    ("any", {"is": "list"}, {}, "expected a list"),
    ("any", {"is": "mapping"}, {}, None),
    ("any", {"is": "mapping"}, [], "expected a mapping"),
    ("any", {"is": "date"}, DAY, None),
    ("any", {"is": "date"}, "2026-01-01T00:00:00Z", None),
    ("any", {"is": "date"}, "2026-02-30", "expected a date"),
    ("any", {"is": "uuid"}, UUID, None),
    ("any", {"is": "uuid"}, UUID[:-1], "expected a UUID"),
    ("any", {"is": "uuid"}, f"{UUID}\n", "expected a UUID"),
    ("any", {"is": "uri"}, "https://example.org/a?b#c", None),
    ("any", {"is": "uri"}, "urn:isbn:1", None),
    ("any", {"is": "uri"}, "/path", "expected a URI"),
    ("any", {"is": "uri"}, "http://a b", "expected a URI"),
    ("any", {"is": "email"}, "a.b+c@example.org", None),
    ("any", {"is": "email"}, "a@b@c", "expected an email address"),
    ("any", {"is": "ipv4"}, "127.0.0.1", None),
    ("any", {"is": "ipv4"}, "127.0.0.256", "expected an IPv4 address"),
    ("any", {"is": "ipv6"}, "::1", None),
    ("any", {"is": "ipv6"}, "127.0.0.1", "expected an IPv6 address"),
    ("any", {"is": "base64"}, "YQ==", None),
    ("any", {"is": "base64"}, "YQ", "expected base64"),
    ("any", {"is": "base64"}, "", "expected base64"),
    ("any", {"is": "jwt"}, TOKEN, None),
    ("any", {"is": "jwt"}, "a.b.c", "expected a JWT"),
    ("any", {"is": "jwt"}, 5, "is the integer 5, expected a JWT"),
    ("any", {"is": "text"}, MISSING, "is missing, expected text"),
    ("any", {"schema": {"type": "integer"}}, 5, None),
    (
        "any",
        {"schema": {"type": "integer"}},
        "5",
        "does not fit the schema: '5' is not of type 'integer'",
    ),
    ("any", {"schema": {"type": "null"}}, MISSING, "is missing, expected it to fit the schema"),
    ("any", {"same-as": "a.json"}, MISSING, "is missing, expected the snapshot snapshots/a.json"),
]


@pytest.mark.parametrize(("type_", "spec", "value", "message"), TABLE)
def test_truth(type_: str, spec: object, value: object, message: str | None) -> None:
    found = parse_matcher(spec, type_).check(value)
    if message is None:
        assert found == ()
        return
    assert len(found) == 1
    assert message in found[0].message
    assert "\n" not in found[0].message
    assert found[0].found is value
    assert found[0].matcher in MATCHERS


def test_every_matcher_is_in_the_table() -> None:
    named = {name for _, spec, _, _ in TABLE if isinstance(spec, dict) for name in spec}
    assert named == set(MATCHERS)


def test_the_language_has_these_matchers() -> None:
    assert set(MATCHERS) == {
        "equals",
        "not",
        "one-of",
        "any-of",
        "all-of",
        "none-of",
        "each",
        "above",
        "at-least",
        "at-most",
        "below",
        "near",
        "contains",
        "starts-with",
        "ends-with",
        "matches",
        "includes",
        "any-order",
        "ignoring",
        "exists",
        "empty",
        "sorted",
        "unique",
        "is",
        "schema",
        "same-as",
    }


@pytest.mark.parametrize("entry", MATCHERS.values(), ids=lambda entry: entry.name)
def test_a_matcher_explains_itself(entry) -> None:
    assert len(entry.doc) > 40
    assert "`" in entry.doc
    assert entry.operand
    assert set(entry.takes) <= set(TYPES)


def test_all_that_does_not_hold_is_told() -> None:
    found = parse_matcher({"above": 10, "below": 0, "is": "integer"}).check(5)
    assert [each.matcher for each in found] == ["above", "below"]


def test_paths_of_what_differs() -> None:
    found = parse_matcher({"equals": {"a": [1, 2]}}).check({"a": [1, 3], "b": 1})
    assert found[0].paths == ("$.a[1]", "$.b")
    found = parse_matcher({"each": {"includes": {"a": 1}}}).check([{"a": 1}, {"b": 1}])
    assert found[0].paths == ("$[1].a",)
    assert parse_matcher(5).check(6)[0].paths == ()


def test_only_ten_differences_are_shown() -> None:
    found = parse_matcher([0] * 15).check([1] * 15)
    assert found[0].message.endswith("; and 5 more")
    assert found[0].message.count("expected") == 10
    assert len(found[0].paths) == 10


def test_kinds_of_mismatch() -> None:
    assert parse_matcher(1).check(2)[0].kind == "expectation-failed"
    assert parse_matcher({"schema": {"type": "null"}}).check(2)[0].kind == "schema-mismatch"
    found = parse_matcher({"each": {"schema": {"type": "null"}}}).check([2])
    assert found[0].kind == "schema-mismatch"


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        (200, "200"),
        ("a", '"a"'),
        ({"above": 3, "below": "5s"}, "above 3, below 5s"),
        ({"not": {"contains": "a"}}, 'not (it to contain "a")'),
        ({"any-of": [1, {"above": 5}]}, "1 or above 5"),
        ({"exists": False}, "it to be missing"),
        ({"each": {"is": "text"}}, "each element text"),
    ],
)
def test_text(spec: object, text: str) -> None:
    assert parse_matcher(spec).text == text


def test_large_values_are_shown_short() -> None:
    found = parse_matcher(1).check(["x" * 1000] * 1000)
    assert len(found[0].message) < 200
    found = parse_matcher("a" * 500 + "b").check("a" * 500 + "c")
    assert "(at 500)" in found[0].message
    assert len(found[0].message) < 200


def test_deep_values_are_a_mismatch() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    for spec in ([[[1]]], {"includes": [[1]]}, {"unique": True}, {"any-order": [1]}):
        assert parse_matcher(spec).check(deep)
    assert "nested too deeply" in parse_matcher({"unique": True}).check(deep)[0].message
    while deep:
        deep = deep.pop()  # type: ignore[assignment]
