"""Files a scenario names: relative to it, inside the root, whatever links say."""

from __future__ import annotations

import os

import pytest

from runner.kinds import StepFault
from runner.scenario.files import Files, root_of
from runner.scenario.loader import load
from tests.harness import passes, problems, run, write


@pytest.fixture
def tree(tmp_path):
    """A root with a folder in it, and a file outside of it."""
    root = tmp_path / "root"
    (root / "sub").mkdir(parents=True)
    (root / "top.txt").write_text("top")
    (root / "sub" / "near.txt").write_text("near")
    (tmp_path / "outside.txt").write_text("outside")
    (tmp_path / "beside").mkdir()
    (tmp_path / "beside" / "deep.txt").write_text("deep")
    return root


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("near.txt", "near"),
        ("./near.txt", "near"),
        ("../top.txt", "top"),
        ("../sub/near.txt", "near"),
    ],
)
def test_names_are_relative_to_the_scenario(tree, name, content):
    assert Files(tree, tree / "sub").read_bytes(name) == content.encode()


@pytest.mark.parametrize("name", ["../../outside.txt", "/etc/passwd", "../../root/../outside.txt"])
def test_nothing_outside_is_opened(tree, name):
    for use in ("read_bytes", "path", "exists", "inside"):
        with pytest.raises(StepFault) as caught:
            getattr(Files(tree, tree / "sub"), use)(name)
        assert caught.value.fault.kind == "file-outside-root"


def test_an_absolute_name_is_refused_even_inside(tree):
    with pytest.raises(StepFault):
        Files(tree, tree).read_bytes(str(tree / "top.txt"))


def test_links_do_not_lead_out(tree):
    (tree / "file-link").symlink_to(tree.parent / "outside.txt")
    (tree / "folder-link").symlink_to(tree.parent / "beside")
    (tree / "far-link").symlink_to("/etc")
    (tree / "good-link").symlink_to(tree / "top.txt")
    files = Files(tree, tree)
    for name in ("file-link", "folder-link/deep.txt", "far-link/passwd"):
        with pytest.raises(StepFault) as caught:
            files.read_bytes(name)
        assert caught.value.fault.kind == "file-outside-root"
    assert files.read_bytes("good-link") == b"top"


def test_writing_through_a_link_does_not_lead_out(tree):
    (tree / "folder-link").symlink_to(tree.parent / "beside")
    with pytest.raises(StepFault):
        Files(tree, tree).write_bytes("folder-link/new.txt", b"x")
    assert not (tree.parent / "beside" / "new.txt").exists()


def test_a_root_that_is_a_link_itself(tree):
    link = tree.parent / "link"
    link.symlink_to(tree)
    assert Files(link, link / "sub").read_bytes("near.txt") == b"near"


def test_a_missing_file_with_a_near_name(tree):
    with pytest.raises(StepFault) as caught:
        Files(tree, tree).read_bytes("tob.txt")
    assert caught.value.fault.kind == "file-not-found"
    assert "top.txt" in caught.value.fault.hint


@pytest.mark.parametrize("name", ["../secret.txt", "link/secret.txt", "/etc/passwd"])
@pytest.mark.parametrize("key", ["file: '@'", "multipart: {a: {file: '@'}}"])
@pytest.mark.parametrize("written", ["plain", "variable"])
def test_no_body_comes_from_outside(tmp_path, echo, name, key, written):
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    (root / "link").symlink_to(tmp_path)
    value = name if written == "plain" else "${name}"
    text = f"vars: {{name: {name}}}\nsteps:\n- post: /\n  {key.replace('@', value)}\n"
    found = problems(root, text)
    kind = found[0].kind if found else run(root, text, base=echo.url).kind
    assert kind == "file-outside-root"
    assert echo.requests == []


def test_the_file_filter_is_confined_too(tmp_path, echo):
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    (root / "lamp.txt").write_text("lamp")
    passes(
        root,
        "steps:\n- set: {x: \"${'lamp.txt' | file | text}\"}\n  expect: {x: lamp}\n",
    )
    text = "steps:\n- post: /\n  text: \"${'../secret.txt' | file | text}\"\n"
    assert [each.kind for each in problems(root, text)] == ["file-outside-root"]
    text = "vars: {name: ../secret.txt}\nsteps:\n- post: /\n  text: ${name | file | text}\n"
    result = run(root, text, base=echo.url)
    assert result.outcome == "error"
    assert echo.requests == []


def test_the_root_of_a_single_file(tmp_path):
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("")
    path = write(deep, "steps:\n- get: /\n")
    assert root_of(path) == tmp_path
    (deep / "pyproject.toml").write_text("")
    assert root_of(path) == deep


def test_used_scenarios_name_files_from_where_they_stand(tmp_path, echo):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "body.txt").write_text("from sub")
    write(tmp_path / "sub", "steps:\n- post: /\n  file: body.txt\n", "inner.yaml")
    passes(tmp_path, "steps:\n- use: sub/inner.yaml\n", base=echo.url)
    assert echo.requests[0].body == b"from sub"


def test_tls_files_and_sockets_may_be_absolute(tmp_path, secure_echo, certificates):
    passes(
        tmp_path,
        f"steps:\n- session:\n  tls: {{ca: {certificates.ca}}}\n- get: /\n",
        base=secure_echo.url,
    )


def test_loading_twice_leaves_only_the_cache(tmp_path):
    path = write(tmp_path, "steps:\n- get: /\n")
    load(path, root=tmp_path)
    load(path, root=tmp_path)
    names = {entry.name for entry in tmp_path.iterdir()}
    assert names <= {"scenario.yaml", ".httpsteps_cache"}
    if ".httpsteps_cache" in names:
        assert (tmp_path / ".httpsteps_cache" / ".gitignore").read_text() == "*\n"


def test_a_file_is_written_whole_beside_the_old_one(tree):
    old = tree / "sub" / "old.txt"
    os.link(tree / "sub" / "near.txt", old)
    Files(tree, tree / "sub").write_bytes("near.txt", b"new")
    assert (tree / "sub" / "near.txt").read_bytes() == b"new"
    assert old.read_bytes() == b"near"
    assert sorted(each.name for each in (tree / "sub").iterdir()) == ["near.txt", "old.txt"]
