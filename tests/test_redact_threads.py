"""Secrets that become known in one thread while another masks."""

from __future__ import annotations

import threading

import runner.secret_masks
from runner.redact import Redactor
from runner.secret_forms import forms


def test_a_secret_added_while_masks_are_made(monkeypatch):
    making, go_on = threading.Event(), threading.Event()

    def slowly(secret, **options):
        making.set()
        assert go_on.wait(10)
        return forms(secret, **options)

    redactor = Redactor()
    redactor.add("hunter2-first")
    monkeypatch.setattr(runner.secret_masks, "forms", slowly)
    masking = threading.Thread(target=redactor.text, args=("a lamp",))
    masking.start()
    assert making.wait(10)
    adding = threading.Thread(target=redactor.add, args=("hunter2-second",))
    adding.start()
    adding.join(0.1)
    go_on.set()
    masking.join(10)
    adding.join(10)
    assert redactor.text("hunter2-first hunter2-second") == "*** ***"


def test_secrets_added_at_once_are_all_masked():
    redactor = Redactor()
    secrets = [f"hunter2-number-{number}-" for number in range(32)]
    start = threading.Barrier(8)

    def add(some):
        start.wait(10)
        for secret in some:
            redactor.add(secret)
            assert secret not in redactor.text(f"it is {secret}")

    threads = [threading.Thread(target=add, args=(secrets[part::8],)) for part in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert all(redactor.text(secret) == "***" for secret in secrets)


def test_what_is_known_is_not_worked_out_again_for_one_more(monkeypatch):
    asked = []

    def counted(secret, **options):
        asked.append(secret)
        return forms(secret, **options)

    redactor = Redactor()
    monkeypatch.setattr(runner.secret_masks, "forms", counted)
    for secret in ("hunter2-first", "hunter2-second", "hunter2-third"):
        redactor.add(secret)
        assert redactor.text(f"{secret} hunter2-fir…") == "*** ***…"
    assert asked == ["hunter2-first", "hunter2-second", "hunter2-third"]
