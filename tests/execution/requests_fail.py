"""Ways to fail in a request: opening, sending, reading and checking it."""

from __future__ import annotations

import re

from tests.execution.bench import Bench, Table
from tests.execution.failing import Owed, Trial
from tests.lab import redirect_to, response, scripted
from tests.lab.scripted import again, cut, head, respond

TABLE = Table()
HTML = "it looks like HTML or XML; the server calls it text/html; charset=utf-8"


@TABLE.only_steps
def method_no_token(bench: Bench) -> tuple[Trial, Owed]:
    said = "the method 'GE(T' is not a token"
    return Trial(bench.echo().url, "${word} /", vars={"word": "GE(T"}), Owed(
        "invalid-method", "open", "open", said
    )


@TABLE.row
def header_name_no_token(bench: Bench) -> tuple[Trial, Owed]:
    said = "the header name 'X(Y' is not a token"
    trial = Trial(bench.echo().url, open={"headers": {"${word}": "1"}}, vars={"word": "X(Y"})
    return trial, Owed("invalid-header", "open", "open", said)


@TABLE.only_steps
def header_value_of_two_lines(bench: Bench) -> tuple[Trial, Owed]:
    said = "the value of the header X-Y holds a CR, LF or NUL"
    trial = Trial(
        bench.echo().url, add={"add-headers": {"X-Y": "${word}"}}, vars={"word": "1\r\nX-Z: 2"}
    )
    return trial, Owed("invalid-header", "add-headers", "open", said)


@TABLE.only_steps
def header_there_already(bench: Bench) -> tuple[Trial, Owed]:
    said = "the request already has a header User-Agent"
    add = {"add-headers": {"User-Agent": "lamp/1"}, "if-exists": "fail"}
    trial = Trial(bench.echo().url, add=add)
    return trial, Owed("header-exists", "add-headers", "open", said)


@TABLE.only_steps
def no_header_to_remove(bench: Bench) -> tuple[Trial, Owed]:
    said = "there is no header X-Lamp to remove"
    trial = Trial(bench.echo().url, add={"add-headers": {"X-Lamp": None}})
    return trial, Owed("wrong-state", "add-headers", "open", said)


@TABLE.row
def server_cuts_the_upload(bench: Bench) -> tuple[Trial, Owed]:
    at = f"127.0.0.1:{bench.start(scripted(head(), cut())).port}"
    said = f"{at} closed the connection while sending the request"
    chunks = {"pieces": list("abcdefgh"), "every": "30ms"}
    trial = Trial(f"http://{at}", "POST /", send={"chunks": chunks})
    return trial, Owed("connection-aborted", "send", "send", said, "limit its size?", "send")


@TABLE.row
def closed_and_no_reconnect(bench: Bench) -> tuple[Trial, Owed]:
    url = bench.echo().url
    said = f"the connection to {url[7:]} is closed, and `reconnect` is false"
    trial = Trial(url, connect={"reconnect": False}, first=[{"get": "/close"}])
    hint = "the server closed the idle connection, or the last answer was not read to its end"
    return trial, Owed("connection-closed", "send", "send", said, hint)


@TABLE.row
def https_to_http(bench: Bench) -> tuple[Trial, Owed]:
    url, session = bench.tls("good")
    trial = Trial(
        url, "GET /redirect-to?url=http://127.0.0.1:1/", session={**session, "redirects": 5}
    )
    said = "the redirect leads from https to http: http://127.0.0.1:1/"
    return trial, Owed("insecure-redirect", "send", "send", said, None, "send wait")


@TABLE.row
def one_redirect_too_many(bench: Bench) -> tuple[Trial, Owed]:
    url = bench.echo().url
    trial = Trial(url, "GET /redirect/3", open={"redirects": 2})
    said = f"more than 2 redirects; the next one leads to {url}/"
    return trial, Owed("too-many-redirects", "send", "send", said, None, "send wait")


@TABLE.row
def redirect_not_followed(bench: Bench) -> tuple[Trial, Owed]:
    server = bench.start(redirect_to("/elsewhere"))
    said = "status is 302 Status, expected 2xx"
    hint = f"it leads to {server.url}/elsewhere: say `redirects: 5` to follow it"
    owed = Owed("unexpected-status", "send", "send", said, hint, "send wait", whole="send")
    return Trial(server.url), owed


@TABLE.row
def not_found(bench: Bench) -> tuple[Trial, Owed]:
    said = "status is 404 Status, expected 2xx"
    owed = Owed("unexpected-status", "send", "send", said, None, "send wait", whole="send")
    return Trial(bench.echo().url, "GET /status/404"), owed


def _refused_credentials(bench: Bench, scheme: str, given: object) -> tuple[Trial, Owed]:
    trial = Trial(bench.echo().url, f"GET /{scheme}", open={"auth": {scheme: given}})
    said, hint = "status is 401 Status, expected 2xx", "the server refused the user or the password"
    return trial, Owed(
        "authentication-failed", "send", "send", said, hint, "send wait", whole="send"
    )


@TABLE.row
def wrong_basic_password(bench: Bench) -> tuple[Trial, Owed]:
    return _refused_credentials(bench, "basic", ["user", "guess"])


@TABLE.row
def wrong_digest_password(bench: Bench) -> tuple[Trial, Owed]:
    return _refused_credentials(bench, "digest", ["user", "guess"])


@TABLE.row
def body_no_json(bench: Bench) -> tuple[Trial, Owed]:
    said = "the body is not JSON: expecting value at line 1, column 1"
    trial = Trial(bench.echo().url, "GET /html", read={"as": "json"})
    return trial, Owed("invalid-json", "read", "read", said, HTML, "read")


@TABLE.row
def body_empty_not_json(bench: Bench) -> tuple[Trial, Owed]:
    said = "the body is not JSON: expecting value at line 1, column 1"
    trial = Trial(bench.echo().url, "GET /nothing", read={"as": "json"})
    return trial, Owed("invalid-json", "read", "read", said, "the body is empty", "read")


@TABLE.row
def body_no_xml(bench: Bench) -> tuple[Trial, Owed]:
    server = bench.start(scripted(again(respond(lambda _: response(200, b"<a>\n<b></a>")))))
    said = "the body is not XML: mismatched tag at line 2, column 6"
    return Trial(server.url, read={"as": "xml"}), Owed(
        "invalid-xml", "read", "read", said, None, "read"
    )


@TABLE.row
def body_no_html(bench: Bench) -> tuple[Trial, Owed]:
    trial = Trial(bench.echo().url, "GET /text?say=hello", read={"as": "html"})
    said = "the body is not HTML: it has no element"
    return trial, Owed("invalid-xml", "read", "read", said, None, "read")


@TABLE.only_steps
def body_over_the_limit(bench: Bench) -> tuple[Trial, Owed]:
    trial = Trial(bench.echo().url, "GET /bytes/5000", read={"max": "4kB"})
    said = "the body is larger than the limit of 4.0 kB"
    return trial, Owed("body-too-large", "read", "read", said, None, "read")


@TABLE.only_steps
def charset_unknown(bench: Bench) -> tuple[Trial, Owed]:
    trial = Trial(
        bench.echo().url,
        "GET /text?say=x",
        read={"as": "text", "charset": "${word}"},
        vars={"word": "lamp-8"},
    )
    said = 'the charset "lamp-8" is unknown'
    return trial, Owed("bad-encoding", "read", "read", said, None, "read")


@TABLE.only_steps
def lines_cut_short(bench: Bench) -> tuple[Trial, Owed]:
    trial = Trial(bench.echo().url, "GET /lines/2", read={"lines": 3})
    said = re.compile("the body ended .* line")
    return trial, Owed("truncated-body", "read", "read", said, None, "read")


@TABLE.row
def graphql_errors(bench: Bench) -> tuple[Trial, Owed]:
    answer = response(200, b'{"data": null, "errors": [{"message": "no field lamp"}]}')
    server = bench.start(scripted(respond(lambda _: answer)))
    trial = Trial(server.url, "POST /", send={"graphql": {"query": "{lamp}"}})
    said = "the answer carries errors: no field lamp"
    return trial, Owed("graphql-errors", "read", "read", said, None, "read", whole="read")


@TABLE.row
def another_status(bench: Bench) -> tuple[Trial, Owed]:
    trial = Trial(bench.echo().url, send={"expect": {"status": 201}})
    said = "status is 200, expected 201"
    owed = Owed("expectation-failed", "send", "send", said, None, "send wait", whole="checks")
    return trial, owed


@TABLE.row
def another_body(bench: Bench) -> tuple[Trial, Owed]:
    trial = Trial(bench.echo().url, read={"as": "json", "expect": {"$.method": "PUT"}})
    said = '$.method is "GET", expected "PUT"'
    owed = Owed("expectation-failed", "read", "read", said, None, "read", whole="checks")
    return trial, owed


@TABLE.row
def nothing_to_capture(bench: Bench) -> tuple[Trial, Owed]:
    trial = Trial(bench.echo().url, read={"as": "json", "capture": {"item": "$.item"}})
    said, hint = "cannot capture $.item: it is missing", "there is: "
    return trial, Owed("capture-failed", "read", "read", said, hint, "read", whole="checks")


@TABLE.row
def outside_the_schema(bench: Bench) -> tuple[Trial, Owed]:
    read = {"as": "json", "expect": {"$.size": {"schema": {"type": "string"}}}}
    said = "$.size does not fit the schema: 0 is not of type 'string'"
    owed = Owed("schema-mismatch", "read", "read", said, None, "read", whole="checks")
    return Trial(bench.echo().url, read=read), owed


@TABLE.row
def variable_not_set(bench: Bench) -> tuple[Trial, Owed]:
    said, hint = "the environment variable LAMP is not set (or is empty)", "default: ${env.LAMP:-…}"
    trial = Trial(bench.echo().url, "GET /${env.LAMP}")
    return trial, Owed("undefined-variable", "open", "load", said, hint)


@TABLE.row
def body_file_missing(bench: Bench) -> tuple[Trial, Owed]:
    said = re.compile('^there is no file "lamp.bin" beside the scenario')
    trial = Trial(bench.echo().url, "POST /", send={"file": "${env.LAMP:-lamp.bin}"})
    return trial, Owed("file-not-found", "send", "load", said)


@TABLE.row
def body_file_outside(bench: Bench) -> tuple[Trial, Owed]:
    said = re.compile(r'^"\.\./lamp\.bin" leaves the folder scenarios may read')
    trial = Trial(bench.echo().url, "POST /", send={"file": "${env.LAMP:-../lamp.bin}"})
    return trial, Owed("file-outside-root", "send", "load", said, "paths are relative")
