"""A keep-alive HTTP/1.1 server that costs as little as Python lets it: one process, one answer."""

from __future__ import annotations

import asyncio
import json

BODY = json.dumps({"id": 1, "name": "Lamp", "tags": ["light", "home"], "price": 19.9}).encode()
ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nServer: bench\r\n"
    b"Cache-Control: no-store\r\nContent-Length: %d\r\n\r\n" % len(BODY)
) + BODY


class Answering(asyncio.Protocol):
    """Answers every request head with the same response; requests have no bodies."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        heads = self.buffer.count(b"\r\n\r\n")
        if heads:
            self.buffer = self.buffer.rpartition(b"\r\n\r\n")[2]
            self.transport.write(ANSWER * heads)  # type: ignore[attr-defined]


async def serve() -> None:
    """Serves on a free port of 127.0.0.1 and prints the port first."""
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
