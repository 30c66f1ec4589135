from __future__ import annotations

import base64
import html
import io
import json
import re
import shlex
import threading
from collections.abc import Callable
from itertools import pairwise
from urllib.parse import quote, quote_plus, urlencode
from xml.sax.saxutils import escape, quoteattr

import pytest
import requests
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from runner.controls import strip_controls
from runner.redact import Redactor, shows_credential
from runner.redacted_stream import RedactedStream


def redactor(*secrets: str) -> Redactor:
    made = Redactor()
    for secret in secrets:
        made.add(secret)
    return made


def through(made: Redactor, pieces: list[str]) -> str:
    """What comes out below a stream that the pieces are written to."""
    below = io.StringIO()
    stream = RedactedStream(below, made)
    for piece in pieces:
        assert stream.write(piece) == len(piece)
        stream.flush()
    stream.release()
    return below.getvalue()


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def b64url(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


def lower(shown: str) -> str:
    return re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), shown)


FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "url": lambda s: quote(s, safe=""),
    "url, lower": lambda s: lower(quote(s, safe="")),
    "url, path": quote,
    "url, plus": quote_plus,
    "url, twice": lambda s: quote(quote(s, safe=""), safe=""),
    "url, requests": lambda s: requests.utils.requote_uri(quote(s)),
    "form": lambda s: urlencode({"p": s})[2:],
    "json": lambda s: json.dumps(s)[1:-1],
    "json, not ascii": lambda s: json.dumps(s, ensure_ascii=False)[1:-1],
    "json, slashes": lambda s: json.dumps(s)[1:-1].replace("/", "\\/"),
    "json, upper": lambda s: "".join(
        re.sub(r"u[0-9a-f]{4}", lambda found: "u" + found[0][1:].upper(), json.dumps(c)[1:-1])
        for c in s
    ),
    "json in json": lambda s: json.dumps(json.dumps(s, ensure_ascii=False))[3:-3],
    "html": html.escape,
    "html, numbers": lambda s: "".join(c if c.isalnum() else f"&#{ord(c)};" for c in s),
    "html, hex": lambda s: "".join(c if c.isalnum() else f"&#x{ord(c):X};" for c in s),
    "html, twice": lambda s: html.escape(html.escape(s)),
    "xml": escape,
    "xml, attribute": lambda s: quoteattr(s)[1:-1] if "\n" not in s else escape(s),
    "xml, apostrophe": lambda s: escape(s, {"'": "&apos;", '"': "&quot;"}),
    "shell": lambda s: shlex.quote(s).removeprefix("'").removesuffix("'"),
    "base64": b64,
    "base64url": b64url,
    "base64, bare": lambda s: b64(s).rstrip("="),
    "base64url, bare": lambda s: b64url(s).rstrip("="),
    "base64, url": lambda s: quote(b64(s), safe=""),
    "base64, json": lambda s: b64(s).replace("/", "\\/"),
}
# No longer than shows each place in base64's groups of three: a regular expression of every form
# of a long one takes a tenth of a second to make.
SECRETS = st.text(st.characters(exclude_categories=["Cs"]), min_size=6, max_size=10).filter(
    lambda s: not s.isspace() and "*" not in s
) | st.text("abC1+/=&<>\"'\\ %é日😀\n#$-_.!", min_size=6, max_size=10).filter(
    lambda s: not s.isspace()
)
AROUND = st.text("xyzXYZ019 {}:,\n", max_size=30)


# Making the regular expression takes longer than hypothesis likes on a busy machine.
patient = settings(deadline=None, max_examples=25)


@settings(deadline=None, max_examples=120)
@given(form=st.sampled_from(sorted(FORMS)), secret=SECRETS, before=AROUND, after=AROUND)
def test_every_form_of_a_secret_is_masked(form: str, secret: str, before: str, after: str) -> None:
    made = redactor(secret)
    written = FORMS[form](secret)
    assume(made.text(before) == before and made.text(after) == after)
    masked = made.text(f"{before}<{written}>{after}")
    assert masked.startswith(f"{before}<***")
    assert masked.endswith(f">{after}")
    assert len(masked) <= len(before) + len(after) + 5
    assert made.text(masked) == masked


@settings(deadline=None, max_examples=40)
@given(
    encode=st.sampled_from([b64, b64url]),
    secret=SECRETS,
    before=st.text(max_size=5),
    after=st.text(max_size=5),
)
def test_base64_of_what_holds_the_secret(
    encode: Callable[[str], str], secret: str, before: str, after: str
) -> None:
    plain = (before + secret + after).encode(errors="replace").decode()
    masked = redactor(secret).text(f"Basic {encode(plain)} ")
    assert "***" in masked
    start, size = len(before.encode(errors="replace")), len(secret.encode())
    left = masked.removeprefix("Basic ").strip().split("***")
    assert len(left[0]) * 6 <= start * 8
    assert len(left[-1].rstrip("=")) * 6 <= (len(plain.encode()) - start - size) * 8 + 6


def test_basic_credentials_as_requests_sends_them() -> None:
    for password in ("hunter2!", "passwörd", "pass wörd €"):
        request = requests.Request("GET", "http://x/").prepare()
        data = password if password.isascii() else password.encode("utf-8")
        request = requests.Request("GET", "http://x/", auth=("me", data)).prepare()
        masked = redactor(password).text(request.headers["Authorization"])
        assert masked.startswith("Basic bW")
        assert len(masked) <= len("Basic bWU6***=")
    latin = requests.Request("GET", "http://x/", auth=("me", "passwörd")).prepare()
    assert "***" in redactor("passwörd").text(latin.headers["Authorization"])


def test_a_header_read_as_latin1() -> None:
    received = "passwörd".encode().decode("latin-1")
    assert redactor("passwörd").text(f"x {received} y") == "x *** y"


@patient
@given(
    secrets=st.lists(SECRETS, min_size=1, max_size=3),
    form=st.sampled_from(sorted(FORMS)),
    cuts=st.lists(st.integers(0, 400), max_size=6),
    around=st.lists(AROUND, min_size=3, max_size=3),
)
def test_a_stream_masks_what_the_whole_text_would_have_masked(
    secrets: list[str], form: str, cuts: list[int], around: list[str]
) -> None:
    made = redactor(*secrets)
    text = "".join(
        f"{space} {FORMS[form](secret)} " for space, secret in zip(around, secrets, strict=False)
    )
    places = [0, *sorted(cut for cut in cuts if cut < len(text)), len(text)]
    pieces = [text[start:end] for start, end in pairwise(places)]
    written = through(made, pieces)
    assert "".join(written.split("***")) == "".join(made.text(text).split("***"))
    assert all(secret not in written for secret in secrets if "*" not in secret)


@settings(deadline=None, max_examples=15)
@given(st.lists(SECRETS, min_size=1, max_size=3), AROUND)
def test_one_character_at_a_time(secrets: list[str], around: str) -> None:
    made = redactor(*secrets)
    text = around.join(["", *secrets, ""])
    assert through(made, list(text)) == made.text(text)


def test_a_stream_keeps_back_only_what_may_be_a_secret() -> None:
    below = io.StringIO()
    stream = RedactedStream(below, redactor("hunter2"))
    for piece, shown in [
        ("hello hun", "hello "),
        ("gry\n", "hello hungry\n"),
        ("hunter", "hello hungry\n"),
        ("2\n", "hello hungry\n***\n"),
        ("! h", "hello hungry\n***\n! "),
    ]:
        stream.write(piece)
        stream.flush()
        assert below.getvalue() == shown
    stream.release()
    assert below.getvalue() == "hello hungry\n***\n! h"


def test_a_longer_secret_may_go_on() -> None:
    made = redactor("hunter2", "hunter2hunter3")
    assert through(made, ["a hunter2", "hunter", "3 b"]) == "a *** b"
    assert through(made, ["a hunter2", "hunter", " b"]) == "a ***hunter b"


def test_closing_a_stream_releases_and_closes() -> None:
    class Below(io.StringIO):
        final = ""

        def close(self) -> None:
            self.final = self.getvalue()
            super().close()

    below = Below()
    with RedactedStream(below, redactor("hunter2")) as stream:
        assert stream.writable()
        assert not stream.isatty()
        print("is it hunter", end="", file=stream)
    assert below.closed
    assert below.final == "is it hunter"
    stream.close()


def test_a_secret_added_later_is_masked_from_then_on() -> None:
    made = Redactor()
    below = io.StringIO()
    stream = RedactedStream(below, made)
    stream.write("hunter2 ")
    made.add("hunter2")
    stream.write("hunter2 ")
    stream.release()
    assert below.getvalue() == "hunter2 *** "


def test_threads_may_share_a_stream() -> None:
    below = io.StringIO()
    stream = RedactedStream(below, redactor("hunter2"))
    threads = [
        threading.Thread(target=lambda: [stream.write("<hunter2>\n") for _ in range(200)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stream.release()
    assert below.getvalue() == "<***>\n" * 800


def test_overlapping_secrets_leave_no_remains() -> None:
    made = redactor("abcdef", "abcdefgh", "efghijklm")
    assert made.text("abcdefghijklm!") == "***!"
    assert made.text("abcdefgh!") == "***!"
    assert made.text("abcdefg!") == "***g!"


def test_a_row_of_backslashes_takes_no_time() -> None:
    made = redactor("\\" * 9 + "X")
    assert made.text("\\" * 20_000 + ".") == "\\" * 20_000 + "."
    assert made.text("a" + json.dumps("\\" * 9 + "X")) == 'a"***"'


def test_masking_again_changes_nothing_even_with_asterisks() -> None:
    made = redactor("a***bb", "secret")
    assert made.text("asecretbb") == "***"
    assert made.text("***") == "***"


def test_without_secrets_nothing_changes() -> None:
    text = "x" * 1000
    assert Redactor().text(text) is text
    assert redactor("").text(text) is text
    assert through(Redactor(), [text, "y"]) == text + "y"


@pytest.mark.parametrize("secret", ["abc", "12345", "      ", "\n\n\n\n\n\n\n"])
def test_short_and_blank_secrets_are_masked_as_whole_values_only(secret: str) -> None:
    made = redactor(secret)
    assert made.text(f"x {secret} y") == f"x {secret} y"
    assert made.value({"a": secret, "b": [f"x{secret}"]}) == {"a": "***", "b": [f"x{secret}"]}


def test_values_are_masked_in_keys_and_values_of_any_depth() -> None:
    made = redactor("hunter2", "123456", "42")
    tree = {
        "a": ["my hunter2", {"hunter2": 123456}],
        "b": (42, 43, 7123456.5, None, True),
        "c": 1.5,
    }
    masked = made.value(tree)
    assert masked == {
        "a": ["my ***", {"***": "***"}],
        "b": ["***", 43, "***", None, True],
        "c": 1.5,
    }
    assert made.value(masked) == masked
    assert tree["c"] == 1.5


@pytest.mark.parametrize(
    "name",
    ["Authorization", "authorization", "PROXY-AUTHORIZATION", "Cookie", "set-cookie", "X-Api-Key",
     "my-service-API-key", "api-key", "header.authorization", "request.header.Cookie"],
)  # fmt: skip
def test_credential_headers_are_masked_by_name(name: str) -> None:
    made = Redactor()
    assert made.value({"header": {name: "v"}}) == {"header": {name: "***"}}
    assert made.value({"headers": {name: ["v", "w"]}}) == {"headers": {name: ["***", "***"]}}
    assert made.value({"request.header": [[name, "v"], ["a", "b"]]}) == {
        "request.header": [[name, "***"], ["a", "b"]]
    }
    assert made.value([{"name": name, "value": "v"}]) == [{"name": name, "value": "***"}]
    assert made.value({name: None}) == {name: None}


@pytest.mark.parametrize(
    "name", ["Accept", "X-Cookie-Policy", "authorization-url", "apikey", "key"]
)
def test_other_headers_are_not(name: str) -> None:
    tree = {"header": {name: "v"}, "lines": [[name, "v"]], "har": {"name": name, "value": "v"}}
    assert Redactor().value(tree) == tree


def test_cookies_that_were_set_keep_their_attributes() -> None:
    tree = {"cookie": {"sid": {"value": "v", "path": "/", "secure": True}}}
    masked = {"cookie": {"sid": {"value": "***", "path": "/", "secure": True}}}
    assert Redactor().value(tree) == masked
    assert Redactor().value({"cookie": {"sid": "v"}}) == {"cookie": {"sid": "***"}}


@pytest.mark.parametrize(
    ("query", "hidden"),
    [
        ("header.set-cookie", True),
        ("request.header.Authorization", True),
        ("headers['Set-Cookie'] | first", True),
        ("cookie.sid", True),
        ("jar['a.b']", True),
        ("header.etag", False),
        ("$.cookie.x", False),
        ("$.header.authorizations", False),
    ],
)
def test_what_a_check_of_a_credential_found_is_masked(query: str, hidden: bool) -> None:
    check = {"query": query, "matcher": "equals", "expected": "v", "found": "w", "message": "w!"}
    masked = Redactor().value(check)
    assert isinstance(masked, dict)
    assert (masked["found"], masked["expected"]) == (("***", "***") if hidden else ("w", "v"))
    assert masked["message"] == (f"{query}: ***" if hidden else "w!")
    assert masked["query"] == query


def test_header_lines_of_commands_and_transcripts() -> None:
    made = redactor("hunter2")
    command = (
        "curl -H 'Authorization: Bearer abc' -H \"x-api-key: k\" -H 'A: b' 'http://x/?q=hunter2'"
    )
    expected = "curl -H 'Authorization: ***' -H \"x-api-key: ***\" -H 'A: b' 'http://x/?q=***'"
    assert made.headers(command) == expected
    assert made.value({"curl": command}) == {"curl": expected}
    assert made.headers("> Cookie: a=b; c\r\n> Host: x\r\n") == "> Cookie: ***\r\n> Host: x\r\n"
    assert made.headers(expected) == expected


def test_the_value_given_is_not_changed() -> None:
    tree = {"cookie": ["v"], "a": {"b": "hunter2"}}
    before = json.dumps(tree)
    redactor("hunter2").value(tree)
    assert json.dumps(tree) == before


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb\nc", "a\tb\nc"), ("a\r\nb", "a\nb"), ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07x", "x"), ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b2Jx", "x"), ("\x1bPq#0\x1b\\x", "x"), ("\x1b(Bx", "x"), ("\x1bcx", "x"),
        ("a\x08\x7f\x00b", "ab"), ("\u202eabc\u2066d\u200f", "abcd"), ("\x1b]0;no end", "0;no end"),
        ("\x1b\x1b[0m[31mx", "[31mx"), ("é日😀", "é日😀"), ("\x85\x9d0;t\x9cx", "x"),
    ],
)  # fmt: skip
def test_strip_controls(text: str, shown: str) -> None:
    assert strip_controls(text) == shown


@given(st.text(st.characters() | st.sampled_from("\x1b[]\x9b\x07\\;0m\u202e")))
def test_nothing_that_controls_a_terminal_is_left(text: str) -> None:
    shown = strip_controls(text)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)
    assert strip_controls(shown) == shown


@pytest.mark.parametrize(
    ("cut", "shown"),
    [
        ('is "x correct-hor…", expected', 'is "x ***…", expected'),
        ('is …"rse/battery", expected', 'is …"***", expected'),
        ('…"rse/batt…" and', '…"***…" and'),
        ("cor… and …ery", "cor… and …ery"),
        ("correct… horse", "***… ***"),
        ("wrong … correct", "wrong … ***"),
    ],
)
def test_a_secret_cut_short_is_masked_beside_the_cut(cut: str, shown: str) -> None:
    assert redactor("correct-horse/battery").text(cut) == shown


def test_a_long_text_may_end_within_a_secret() -> None:
    made = redactor("correct-horse")
    assert made.text("x" * 16_384 + "correct-h").endswith("xx***")
    assert made.text("correct-h") == "correct-h"


def test_many_cuts_take_no_time() -> None:
    made = redactor("correct horse battery staple " * 4)
    made.text("c…" * 30_000)


def test_what_a_secret_becomes_on_its_way() -> None:
    made = redactor(
        " two  blanks ", "bell\x07bell", "before#after-it", "me:pw@host.example/x", "AbC123xyz"
    )
    told = "[two  blanks] [two blanks] [bellbell] [before] [after-it] [host.example/x] [abc123xyz]"
    assert made.text(told) == "[***] [***] [***] [***] [***] [***] [***]"


@pytest.mark.parametrize(
    ("query", "shown"),
    [("cookie.sid", True), ("cookie.sid.value", True), ("cookie['a.b'].value | lower", True),
     ("cookie.sid.path", False), ("cookie['a.b'].http-only", False),
     ("cookie.sid.expires | days-until", False), ("jar.path", True), ("header.set-cookie", True),
     ("$.cookie", False)],
)  # fmt: skip
def test_shows_credential(query: str, shown: bool) -> None:
    assert shows_credential(query) is shown


def test_the_jar_is_masked_by_its_name() -> None:
    assert Redactor().value({"jar": {"sid": "v"}}) == {"jar": {"sid": "***"}}
    assert Redactor().value({"jar": "jam"}) == {"jar": "jam"}


def test_two_whose_base64_shares_a_character_are_both_masked():
    redactor = Redactor()
    redactor.add('/=@&"a+Y')
    assert redactor.text("C89QCYiYStZ89QCYiYStZ") == "***"
