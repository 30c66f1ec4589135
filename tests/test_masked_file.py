"""A file in which secrets are masked, whatever pieces it is written in; other bytes all stay."""

from __future__ import annotations

import base64
import os
import tracemalloc
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.masked_file import MaskedFile, Save, mask_again
from runner.redact import Redactor

SECRET = 'p&ss "wörd"/7'


def redactor(*secrets):
    made = Redactor()
    for secret in secrets:
        made.add(secret)
    return made


def written(path, masks, pieces):
    with MaskedFile(path, masks) as file:
        for piece in pieces:
            file.write(memoryview(piece))
    return path.read_bytes()


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
@pytest.mark.parametrize(
    "form",
    [SECRET, quote(SECRET), base64.b64encode(SECRET.encode()).decode(), 'p&ss \\"wörd\\"/7'],
)
def test_a_secret_in_any_pieces(tmp_path, form, size):
    data = b"\xff\x00before " + form.encode() + b" after\xfe"
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    made = written(tmp_path / "a", redactor(SECRET), pieces)
    assert made == b"\xff\x00before *** after\xfe"


@settings(deadline=None)
@given(data=st.binary(max_size=300), size=st.integers(1, 50))
def test_bytes_without_a_secret_stay(tmp_path_factory, data, size):
    path = tmp_path_factory.mktemp("masked") / "a"
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    assert written(path, redactor("hunter2-hunter2"), pieces) == data


def test_what_looks_like_the_beginning_of_a_secret_stays(tmp_path):
    data = os.urandom(40_000) + b"hunter2-"
    assert written(tmp_path / "a", redactor("hunter2-hunter2"), [data]) == data


@pytest.mark.parametrize("pieces", [[b"abc"], [b"a", b"bc"], [b"abc\n"]])
def test_a_short_secret_is_masked_where_it_is_all_there_is(tmp_path, pieces):
    assert written(tmp_path / "a", redactor("abc"), pieces) == b"***"
    assert written(tmp_path / "b", redactor("abc"), [*pieces, b"d"]) == b"".join(pieces) + b"d"


def test_a_secret_learnt_later(tmp_path):
    masks = Redactor()
    path = tmp_path / "a"
    data = b'{"token": "hunter2-hunter2"}' * 9000
    assert written(path, masks, [data]) == data
    masks.add("hunter2-hunter2")
    assert mask_again(path, masks)
    assert path.read_bytes() == b'{"token": "***"}' * 9000
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


def test_it_needs_little_memory(tmp_path):
    piece = b"light and indoor, " * 4000
    masks = redactor("hunter2-hunter2")
    with MaskedFile(tmp_path / "a", masks) as file:
        file.write(piece)
        tracemalloc.start()
        for _ in range(100):
            file.write(piece)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 2_000_000
    assert (tmp_path / "a").stat().st_size == 101 * len(piece)


def test_what_cannot_be_masked_again_leaves_nothing_beside_it(tmp_path, monkeypatch):
    masks = redactor("hunter2-hunter2")
    path = tmp_path / "a"
    path.write_bytes(b"light and indoor")

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(MaskedFile, "write", stop)
    with pytest.raises(KeyboardInterrupt):
        mask_again(path, masks)
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


def test_a_save_has_its_name_when_all_is_masked(tmp_path):
    masks = Redactor()
    save = Save(tmp_path / "a", masks)
    with save.writing() as file:
        file.write(b"hunter2-hunter2")
    assert not (tmp_path / "a").exists()
    masks.add("hunter2-hunter2")
    save.finish()
    assert [each.name for each in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_bytes() == b"***"


def test_a_save_has_the_mode_of_other_files(tmp_path):
    (tmp_path / "usual").touch()
    masks = Redactor()
    for name, more in (("a", None), ("b", "hunter2-hunter2")):
        save = Save(tmp_path / name, masks)
        with save.writing() as file:
            file.write(b"light")
        masks.add(more or "")
        save.finish()
        assert (tmp_path / name).stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_two_saves_of_one_name_at_once(tmp_path):
    saves = [Save(tmp_path / "a", Redactor()) for _ in range(2)]
    for save, data in zip(saves, (b"long and light", b"short"), strict=True):
        with save.writing() as file:
            file.write(data)
    for save in saves:
        save.finish()
    assert (tmp_path / "a").read_bytes() == b"short"
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


def test_a_name_as_long_as_names_can_be(tmp_path):
    save = Save(tmp_path / ("a" * 255), Redactor())
    with save.writing() as file:
        file.write(b"light")
    save.finish()
    assert save.path.read_bytes() == b"light"
