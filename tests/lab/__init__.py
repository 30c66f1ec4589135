"""The lab: servers on loopback that misbehave in every known way, and one that does not."""

from __future__ import annotations

from .base import Server
from .behaviours import BEHAVIOURS, Behaviour, misbehave, redirect_to
from .certificates import PASSWORD, Certificates
from .echo import EchoServer
from .echo_routes import SECRET, TOKEN, USER
from .namespace import in_private_network, no_namespaces
from .peer import Gone, Peer
from .ports import closed_port, descriptors, full_backlog, settled_descriptors
from .proxy import ProxyServer
from .recorded import Recorded
from .scripted import ScriptServer, response, scripted, scripted_each
from .socks5 import Socks5Server
from .tls import TLS_BEHAVIOURS, TlsBehaviour, tls_server

__all__ = [
    "BEHAVIOURS",
    "PASSWORD",
    "SECRET",
    "TLS_BEHAVIOURS",
    "TOKEN",
    "USER",
    "Behaviour",
    "Certificates",
    "EchoServer",
    "Gone",
    "Peer",
    "ProxyServer",
    "Recorded",
    "ScriptServer",
    "Server",
    "Socks5Server",
    "TlsBehaviour",
    "closed_port",
    "descriptors",
    "full_backlog",
    "in_private_network",
    "misbehave",
    "no_namespaces",
    "redirect_to",
    "response",
    "scripted",
    "scripted_each",
    "settled_descriptors",
    "tls_server",
]
