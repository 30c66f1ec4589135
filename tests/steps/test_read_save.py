"""``save``: a body into a file, in constant memory, below ``--output`` and nowhere else."""

from __future__ import annotations

import hashlib
import tracemalloc

import pytest

from tests.harness import fails, passes
from tests.lab import Server

FLOW = """
steps:
- session:
- connect:
- open: GET /bytes/5000
- send:
- read:
  save: {name}
"""


def test_a_body_goes_to_its_file(tmp_path, echo):
    output = tmp_path / "out"
    result = passes(tmp_path, FLOW.format(name="deep/lamp.bin"), base=echo.url, output=output)
    data = (output / "deep" / "lamp.bin").read_bytes()
    assert data == (bytes(range(256)) * 20)[:5000]
    facts = result.steps[-1].facts
    assert facts["sha256"] == hashlib.sha256(data).hexdigest()
    assert (facts["bytes"], facts["size"], facts["eof"]) == (5000, 5000, True)


def test_without_output_nothing_is_written(tmp_path, echo):
    step = fails(tmp_path, FLOW.format(name="a.bin"), "file-not-found", base=echo.url)
    assert "--output" in step.hint
    assert not (tmp_path / "a.bin").exists()


@pytest.mark.parametrize("name", ["../evil", "a/../../evil", "/tmp/evil-lamp"])
def test_save_cannot_leave_the_folder(tmp_path, echo, name):
    output = tmp_path / "out"
    text = FLOW.format(name="'${name}'")
    fails(
        tmp_path,
        f"vars: {{name: '{name}'}}\n{text}",
        "file-outside-root",
        base=echo.url,
        output=output,
    )
    assert not list(tmp_path.glob("**/evil*"))


def test_save_cannot_leave_it_through_a_link(tmp_path, echo):
    output = tmp_path / "out"
    output.mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (output / "link").symlink_to(elsewhere)
    fails(
        tmp_path, FLOW.format(name="link/evil"), "file-outside-root", base=echo.url, output=output
    )
    assert not list(elsewhere.iterdir())


def test_parts_can_be_saved_too(tmp_path, echo):
    passes(
        tmp_path,
        FLOW.replace("- read:\n", "- read: 10\n").format(name="part"),
        base=echo.url,
        output=tmp_path,
    )
    assert (tmp_path / "part").read_bytes() == bytes(range(10))


def test_a_large_body_takes_constant_memory(tmp_path, lab):
    size, piece = 48 * 2**20, bytes(2**16)

    def serve(peer):
        peer.recv_head()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        for _ in range(size // len(piece)):
            peer.send(piece)

    server = lab(Server(serve))
    tracemalloc.start()
    try:
        passes(tmp_path, FLOW.format(name="big"), base=server.url, output=tmp_path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (tmp_path / "big").stat().st_size == size
    assert peak < 8 * 2**20
