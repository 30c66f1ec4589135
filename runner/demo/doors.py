"""Pages and checks that want to know who asks: bearer token, basic, digest."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import secrets

from runner.demo.messages import Answer, Refusal, Request, data, text
from runner.demo.shop import USERS, Shop

_HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


def need_token(shop: Shop, request: Request) -> str:
    """The user a bearer token belongs to. Raises Refusal 401."""
    scheme, _, token = request.header("Authorization").partition(" ")
    with shop.lock:
        user = shop.tokens.get(token.strip()) if scheme.lower() == "bearer" else None
    if user is None:
        raise Refusal(401, "a bearer token is needed", [("WWW-Authenticate", "Bearer")])
    return user


def daily(shop: Shop, request: Request) -> Answer:
    """GET /reports/daily.csv with basic authentication."""
    scheme, _, coded = request.header("Authorization").partition(" ")
    try:
        told = base64.b64decode(coded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        told = ""
    user, _, password = told.partition(":")
    if scheme.lower() != "basic" or not told or USERS.get(user) != password:
        challenge = [("WWW-Authenticate", 'Basic realm="reports", charset="UTF-8"')]
        raise Refusal(401, "user and password are needed", challenge)
    with shop.lock:
        rows = [(item["name"], shop.counts[item["id"]]) for item in shop.items.values()]
    body = "item,count\r\n" + "".join(f"{name},{count}\r\n" for name, count in rows)
    return text(body, "text/csv", [("Content-Disposition", 'attachment; filename="daily.csv"')])


def secret(shop: Shop, request: Request) -> Answer:
    """GET /reports/secret with digest authentication (RFC 7616, MD5 or SHA-256)."""
    told = dict(re.findall(r'(\w+)\s*=\s*"?([^",]*)"?', request.header("Authorization")))
    if not _digest_holds(shop, request, told):
        challenge = f'Digest realm="reports", nonce="{shop.nonce}", qop="auth", algorithm=MD5'
        raise Refusal(401, "user and password are needed", [("WWW-Authenticate", challenge)])
    return data({"secret": "the best lamps are made of brass", "for": told["username"]})


def _digest_holds(shop: Shop, request: Request, told: dict[str, str]) -> bool:
    make = _HASHES.get(told.get("algorithm", "MD5").upper())
    password = USERS.get(told.get("username", ""))
    if make is None or password is None or told.get("nonce") != shop.nonce:
        return False
    if told.get("uri") != request.target:
        return False

    def of(*parts: str) -> str:
        return make(":".join(parts).encode()).hexdigest()

    middle = [told.get(name, "") for name in ("nc", "cnonce", "qop")]
    who = of(told["username"], told.get("realm", ""), password)
    expected = of(who, shop.nonce, *middle, of(request.method, request.target))
    return secrets.compare_digest(told.get("response", ""), expected)
