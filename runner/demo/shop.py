"""What the shop knows: items, visitors, carts, jobs. Safe to use from several threads."""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
import time
from typing import Any, Final

USERS: Final = {"ada": "lovelace", "grace": "hopper"}
TOKEN: Final = "demo-token"  # a bearer token that is always good, beside those /login gives

Item = dict[str, Any]
_STOCK: Final = (
    ("Lamp", ["light", "desk"], 19.9, 12),
    ("Floor lamp", ["light", "floor"], 89.0, 3),
    ("Candle", ["light", "wax"], 4.5, 200),
    ("Bulb", ["spare"], 2.99, 480),
    ("Shade", ["spare", "fabric"], 14.0, 0),
    ("Cable", ["spare"], 6.75, 75),
    ("Lantern", ["light", "outdoor"], 34.25, 9),
)


class Shop:
    """The state of one service."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.nonce = secrets.token_hex(16)  # for digest authentication
        self.form_mark = secrets.token_hex(8)  # the login form's hidden field
        self.reset()

    def reset(self) -> None:
        """Everything as it was at the start."""
        with self.lock:
            self.items: dict[int, Item] = {}
            self.counts: dict[int, int] = {}
            for number, (name, tags, price, count) in enumerate(_STOCK, 1):
                created = f"2024-03-{number:02}T09:30:00Z"
                self._put(number, {"name": name, "tags": tags, "price": price}, created)
                self.counts[number] = count
            self.tokens: dict[str, str] = {TOKEN: "ada"}
            self.visitors: dict[str, str | None] = {}  # cookie -> user, None while unknown
            self.carts: dict[str, dict[int, int]] = {}
            self.jobs: dict[int, Item] = {}
            self.tries: dict[str, int] = {}

    def _put(self, number: int, fields: Item, created: str) -> Item:
        item = {
            "id": number,
            "name": fields["name"],
            "tags": fields.get("tags", []),
            "price": fields["price"],
            "currency": fields.get("currency", "EUR"),
            "created": created,
        }
        self.items[number] = item
        return item

    def add(self, fields: Item) -> Item:
        """A new item, from checked fields."""
        with self.lock:
            number = max(self.items, default=0) + 1
            self.counts[number] = 0
            return self._put(number, fields, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))

    def change(self, number: int, fields: Item) -> Item:
        """The item with new, checked fields. Raises KeyError where there is none."""
        with self.lock:
            return self._put(number, fields, self.items[number]["created"])

    def login(self, user: str, password: str) -> tuple[str, str] | None:
        """A cookie and a token for a user who knows the password, else None."""
        if USERS.get(user) != password:
            return None
        cookie, token = secrets.token_hex(16), secrets.token_hex(16)
        with self.lock:
            self.visitors[cookie] = user
            self.tokens[token] = user
        return cookie, token

    def visitor(self) -> str:
        """A cookie for somebody unknown."""
        cookie = secrets.token_hex(16)
        with self.lock:
            self.visitors[cookie] = None
        return cookie

    def cart(self, cookie: str) -> Item:
        """The cart of a visitor as it is shown."""
        with self.lock:
            lines = [
                {
                    "item": number,
                    "name": item["name"],
                    "quantity": quantity,
                    "price": item["price"],
                    "sum": round(item["price"] * quantity, 2),
                }
                for number, quantity in self.carts.get(cookie, {}).items()
                if (item := self.items.get(number))
            ]
        total = round(sum(line["sum"] for line in lines), 2)
        return {"items": lines, "total": total, "currency": "EUR"}

    def new_job(self, polls: int, milliseconds: int) -> Item:
        """A job that is done after so many looks and so much time."""
        with self.lock:
            number = len(self.jobs) + 1
            ready = time.monotonic() + milliseconds / 1000
            self.jobs[number] = {"id": number, "polls": 0, "needs": polls, "ready": ready}
            return self.jobs[number]

    def look(self, number: int) -> Item:
        """The job as it is shown; counts as a look. Raises KeyError where there is none."""
        with self.lock:
            job = self.jobs[number]
            job["polls"] += 1
            done = job["polls"] > job["needs"] and time.monotonic() >= job["ready"]
            shown: Item = {"id": number, "state": "done" if done else "running"}
            return shown | {"polls": job["polls"], "result": "/items/1" if done else None}

    def again(self, key: str) -> int:
        """How often this was asked for ``key``, this time counted."""
        with self.lock:
            self.tries[key] = self.tries.get(key, 0) + 1
            return self.tries[key]


def etag(value: object) -> str:
    """A strong entity tag of a value's JSON."""
    return f'"{hashlib.sha256(json.dumps(value).encode()).hexdigest()[:16]}"'
