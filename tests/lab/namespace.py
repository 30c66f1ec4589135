"""Runs a command in a network of its own: no route but loopback, and a name server that fails.

``in_private_network`` is what tests call. It starts this file inside ``unshare``, which brings up
loopback, puts its own resolv.conf in place, answers DNS as it was told, and runs the command.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Dns = str | Mapping[str, Sequence[str]]  # "silent", "nxdomain", "servfail", or addresses by name
_FAILURES = {"nxdomain": 3, "servfail": 2}
_TYPES = {socket.AF_INET: 1, socket.AF_INET6: 28}


@functools.cache
def _unshare() -> tuple[str, ...] | None:
    # a process namespace too, so that nothing outlives the command
    flags = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    command = ("unshare", *(["--map-root-user"] if os.geteuid() else []), *flags, "--")
    try:
        tried = subprocess.run([*command, "true"], capture_output=True, check=False)
    except OSError:
        return None
    return command if tried.returncode == 0 else None


def no_namespaces() -> str | None:
    """Why private networks cannot be made here, for ``pytest.skip``; None when they can."""
    if _unshare() is None:
        return "needs private namespaces (`unshare`), which this machine does not permit"
    return None


def in_private_network(
    command: Sequence[str | Path],
    *,
    dns: Dns = "nxdomain",
    routes: Sequence[str] = (),
    timeout: float = 30,
    **options: Any,
) -> subprocess.CompletedProcess[str]:
    """Run ``command`` where only loopback is reachable and DNS does what ``dns`` says.

    ``dns`` is ``silent`` (queries get no answer), ``nxdomain`` (no such name), ``servfail`` (try
    again), or a mapping of names to their addresses. ``routes`` are arguments of ``ip route add``,
    such as ``unreachable 10.9.0.0/16``. Other options go to ``subprocess.run``; output is text.
    Raises RuntimeError where ``no_namespaces()`` gives a reason.
    """
    prefix = _unshare()
    if prefix is None:
        raise RuntimeError(no_namespaces())
    plan = json.dumps({"dns": dns, "routes": list(routes), "command": [str(c) for c in command]})
    return subprocess.run(
        [*prefix, sys.executable, __file__, plan],
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
        **options,
    )


def _loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        name = struct.pack("16sH14s", b"lo", 1 | 0x40, b"")  # IFF_UP | IFF_RUNNING
        fcntl.ioctl(sock, 0x8914, name)  # SIOCSIFFLAGS


def _mount(folder: Path, target: str, text: str) -> None:
    source = folder / Path(target).name
    source.write_text(text)
    subprocess.run(["mount", "--bind", source, target], check=True)


def _answer_names(sock: socket.socket, dns: Dns) -> None:
    with contextlib.suppress(OSError):  # the socket is closed at the end
        while True:
            query, sender = sock.recvfrom(4096)
            if dns != "silent":
                sock.sendto(_reply(query, dns), sender)


def _reply(query: bytes, dns: Dns) -> bytes:
    end = 12
    labels = []
    while query[end]:
        labels.append(query[end + 1 : end + 1 + query[end]].decode())
        end += 1 + query[end]
    question = query[12 : end + 5]
    code, records = 0, []
    if isinstance(dns, str):
        code = _FAILURES[dns]
    elif ".".join(labels).lower() not in dns:
        code = 3
    else:
        kind = int.from_bytes(question[-4:-2], "big")
        for address in dns[".".join(labels).lower()]:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            if _TYPES[family] == kind:
                records.append(socket.inet_pton(family, address))
    head = query[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, len(records), 0, 0)
    start = b"\xc0\x0c" + question[-4:] + struct.pack(">I", 60)
    return head + question + b"".join(
        start + len(data).to_bytes(2, "big") + data for data in records
    )  # fmt: skip


def _inside(plan: dict[str, Any]) -> int:
    _loopback_up()
    with tempfile.TemporaryDirectory() as folder, socket.socket(type=socket.SOCK_DGRAM) as sock:
        _mount(Path(folder), "/etc/resolv.conf", "nameserver 127.0.0.1\noptions timeout:20\n")
        if Path("/etc/nsswitch.conf").exists():
            _mount(Path(folder), "/etc/nsswitch.conf", "hosts: files dns\n")
        for route in plan["routes"]:
            subprocess.run(["ip", "route", "add", *route.split()], check=True)
        sock.bind(("127.0.0.1", 53))
        threading.Thread(target=_answer_names, args=(sock, plan["dns"]), daemon=True).start()
        return subprocess.run(plan["command"], check=False).returncode


if __name__ == "__main__":
    sys.exit(_inside(json.loads(sys.argv[1])))
