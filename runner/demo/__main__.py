"""Starts the Lamp Shop: ``python -m runner.demo --port 8000``."""

from __future__ import annotations

import argparse
import signal
import sys
from types import FrameType

from runner.demo.service import DemoServer


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def main(arguments: list[str] | None = None) -> None:
    """Serve on 127.0.0.1 until SIGTERM or SIGINT; prints where, on one line."""
    parser = argparse.ArgumentParser(
        prog="python -m runner.demo", description="A small shop on 127.0.0.1 to try scenarios on."
    )
    parser.add_argument("--port", type=int, default=8000, help="default 8000; 0 takes a free one")
    port = parser.parse_args(arguments).port
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    try:
        server = DemoServer(port)
    except OSError as error:
        sys.exit(f"the demo service cannot listen on 127.0.0.1:{port}: {error.strerror}")
    print(f"demo service on {server.url}", flush=True)  # noqa: T201 - this line is its output
    with server:
        server.serve_forever()


if __name__ == "__main__":
    main()
