"""What all texts of a form have in common."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from runner.secret_forms import forms, landmark, pattern

SECRETS = st.text("abcXYZ09 /\\\"'%&<>=+é€😀日\t", min_size=6, max_size=14)


@given(SECRETS, st.data())
def test_no_text_of_a_form_is_without_its_landmark(secret, data):
    form = data.draw(st.sampled_from(forms(secret)))
    slots = form.slots[form.shared :]
    text = "".join(data.draw(st.sampled_from(slot)) for slot in slots)
    assert re.fullmatch(pattern(slots), text)
    assert all(landmark(slots))
    assert any(sought in text for sought in landmark(slots))


def test_a_landmark_is_one_text_where_a_form_has_one():
    assert {landmark(form.slots[form.shared :]) for form in forms("hunter")} == {
        ("hunter",), ("aHVudGVy",), ("h1bnRlc",), ("odW50ZX",),
    }  # fmt: skip
    assert landmark((("a",), ("b", "%62"), ("cde",), ("f", "%66"))) == ("cde",)
    assert landmark((("é", "\\é", "%C3%A9"), ("x", ""))) == ("é", "%C3%A9")
