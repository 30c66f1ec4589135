"""Numbers in text positions are sent as written, or must be quoted."""

from __future__ import annotations

import pytest

from tests.harness import passes, problems

PLACES = (
    "get: /\n  headers: {X: @}",
    "get: /\n  headers: {X: [@]}",
    "get: /\n  params: {x: @}",
    "get: /\n  referer: @",
    "post: /\n  form: {x: @}",
    "post: /\n  text: @",
    "post: /\n  multipart: {x: @}",
    "post: /\n  chunks: {pieces: [@]}",
    "session:\n  headers: {X: @}",
    "session:\n  cookies: {x: @}",
    "session:\n  user-agent: @",
    "session:\n  auth: {basic: [user, @]}",
)


@pytest.mark.parametrize("written", ["007", "+1", "0x1F", "1e999", "-01"])
@pytest.mark.parametrize("place", PLACES)
def test_what_could_be_meant_as_text_must_be_quoted(tmp_path, place, written):
    text = f"steps:\n- {place.replace('@', written)}\n"
    (found,) = problems(tmp_path, text)
    line = text.splitlines()[2]
    assert (found.kind, found.at.line) == ("invalid-scenario", 3)
    assert found.at.column == line.index(written) + 1
    assert written in found.message
    assert f'"{written}"' in found.hint


@pytest.mark.parametrize("place", PLACES)
def test_quoted_it_is_text(tmp_path, place):
    assert problems(tmp_path, f"steps:\n- {place.replace('@', repr('007'))}\n") == ()


@pytest.mark.parametrize(
    "written", ["1.10", "1e3", "1.0", "100", "-5", "0.50", "12345678901234567890"]
)
def test_other_numbers_go_out_as_written(tmp_path, echo, written):
    passes(
        tmp_path,
        f"""
        vars: {{n: {written}}}
        steps:
        - post: /
          params: {{x: {written}, y: "${{n}}", z: "v${{n}}"}}
          headers: {{X: {written}, Y: "${{n}}"}}
          text: {written}
        """,
        base=echo.url,
    )
    (request,) = echo.requests
    assert request.target == f"/?x={written}&y={written}&z=v{written}"
    assert (request.header("x"), request.header("y")) == (written, written)
    assert request.body == written.encode()


def test_in_json_a_number_is_the_number(tmp_path, echo):
    passes(tmp_path, "steps:\n- post: /\n  json: [1.10, 1e3, 100]\n", base=echo.url)
    assert echo.requests[0].body == b"[1.1,1000.0,100]"
