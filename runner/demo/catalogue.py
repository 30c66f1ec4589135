"""Pages about items."""

from __future__ import annotations

import gzip
import json
import re
from html import escape
from typing import Any

from runner.demo.doors import need_token
from runner.demo.messages import Answer, Refusal, Request, data, moved, none, text
from runner.demo.shop import Item, Shop, etag

SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["id", "name", "tags", "price", "currency", "created"],
    "properties": {
        "id": {"type": "integer", "minimum": 1},
        "name": {"type": "string", "minLength": 1},
        "tags": {"type": "array", "items": {"type": "string"}},
        "price": {"type": "number", "minimum": 0},
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
        "created": {"type": "string", "format": "date-time"},
    },
}


def listing(shop: Shop, request: Request) -> Answer:
    """GET /items?tag=&page=&size=; ?big=1 gives 500 items, coded with gzip where accepted."""
    with shop.lock:
        items = list(shop.items.values())
    if request.query.get("big"):
        return _packed(request, [items[n % len(items)] | {"id": n + 1} for n in range(500)])
    tag = request.query.get("tag")
    items = [item for item in items if tag is None or tag in item["tags"]]
    page, size = request.number("page", 1, 1000), request.number("size", 3, 100)
    if not page or not size:
        raise Refusal(400, "page and size begin at 1")
    pages = max(1, -(-len(items) // size))
    filters = f"&tag={tag}" if tag else ""
    following = f"/items?page={page + 1}&size={size}{filters}" if page < pages else None
    link = [("Link", f'<{following}>; rel="next"')] if following else []
    shown = items[(page - 1) * size : page * size]
    return data(
        {"items": shown, "page": page, "pages": pages, "total": len(items), "next": following},
        headers=link,
    )


def _packed(request: Request, items: list[Item]) -> Answer:
    answer = data({"items": items, "total": len(items)}, headers=[("Vary", "Accept-Encoding")])
    if re.search(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", request.header("Accept-Encoding")):
        assert isinstance(answer.body, bytes)
        answer.body = gzip.compress(answer.body)
        answer.headers.append(("Content-Encoding", "gzip"))
    return answer


def _item(shop: Shop, number: str) -> Item:
    with shop.lock:
        item = shop.items.get(int(number))
    if item is None:
        raise Refusal(404, "no such item", detail=f"there is no item {number}", item=int(number))
    return item


def show(shop: Shop, request: Request, number: str) -> Answer:
    """GET /items/N, 304 where If-None-Match fits."""
    item = _item(shop, number)
    lines = [("ETag", etag(item)), ("Cache-Control", "max-age=60")]
    if etag(item) in request.header("If-None-Match"):
        return Answer(304, headers=lines)
    return data(item, headers=lines)


def stock(shop: Shop, _: Request, number: str) -> Answer:
    """GET /items/N/stock."""
    item = _item(shop, number)
    return data({"item": item["id"], "count": shop.counts[item["id"]], "warehouse": "Lyon"})


def old(_: Shop, __: Request, number: str) -> Answer:
    """GET /old-items/N: where items were once."""
    return moved(f"/items/{number}", 301)


def create(shop: Shop, request: Request) -> Answer:
    """POST /items with a bearer token."""
    need_token(shop, request)
    item = shop.add(_checked(request.fields()))
    return data(item, 201, [("Location", f"/items/{item['id']}"), ("ETag", etag(item))])


def replace(shop: Shop, request: Request, number: str) -> Answer:
    """PUT /items/N with a bearer token; If-Match guards it."""
    return _change(shop, request, number, {})


def merge(shop: Shop, request: Request, number: str) -> Answer:
    """PATCH /items/N with a bearer token; If-Match guards it."""
    return _change(shop, request, number, _item(shop, number))


def _change(shop: Shop, request: Request, number: str, start: Item) -> Answer:
    need_token(shop, request)
    with shop.lock:
        item = _item(shop, number)
        if request.header("If-Match") not in ("", "*", etag(item)):
            raise Refusal(412, "the item has changed")
        item = shop.change(item["id"], _checked(start | request.fields()))
    return data(item, headers=[("ETag", etag(item))])


def remove(shop: Shop, request: Request, number: str) -> Answer:
    """DELETE /items/N with a bearer token."""
    need_token(shop, request)
    with shop.lock:
        del shop.items[_item(shop, number)["id"]]
    return none()


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    errors = []
    if not isinstance(fields.get("name"), str) or not fields["name"]:
        errors.append({"pointer": "/name", "detail": "a name is a text that is not empty"})
    price = fields.get("price")
    if isinstance(price, bool) or not isinstance(price, int | float) or price < 0:
        errors.append({"pointer": "/price", "detail": "a price is a number from 0 up"})
    tags = fields.get("tags", [])
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        errors.append({"pointer": "/tags", "detail": "tags are a list of texts"})
    if errors:
        raise Refusal(422, "this is no item", errors=errors)
    return fields


def schema(_: Shop, __: Request) -> Answer:
    """GET /schemas/item.json: the JSON Schema of an item."""
    return Answer(200, json.dumps(SCHEMA).encode(), [("Content-Type", "application/schema+json")])


def feed(shop: Shop, _: Request) -> Answer:
    """GET /feed.xml: the items as an Atom feed."""
    with shop.lock:
        entries = "".join(
            f"<entry><id>urn:lamp:{item['id']}</id><title>{escape(item['name'])}</title>"
            f'<updated>{item["created"]}</updated><link href="/items/{item["id"]}"/>'
            + "".join(f'<category term="{escape(tag)}"/>' for tag in item["tags"])
            + "</entry>"
            for item in shop.items.values()
        )
    head = '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
    return text(f"{head}<title>Lamp Shop</title>{entries}</feed>", "application/atom+xml")


def graphql(shop: Shop, request: Request) -> Answer:
    """POST /graphql: `items(tag:) {…}` and `item(id:) {…}`, flat fields, variables."""
    sent = request.fields()
    asked = str(sent.get("query", ""))
    known = sent.get("variables") or {}
    found = re.search(r"\b(items?)\s*(?:\(\s*(tag|id)\s*:\s*([^)]+?)\s*\))?\s*{([^{}]*)}", asked)
    if found is None:
        return data({"errors": [{"message": "ask for items or item"}]}, 400)
    root, name, operand, wanted = found.groups()
    names = wanted.replace(",", " ").split()
    if unknown := [each for each in names if each not in SCHEMA["properties"]]:
        message = f'Cannot query field "{unknown[0]}" on type "Item".'
        return data({"errors": [{"message": message, "path": [root]}]})
    value = (
        known.get(operand[1:]) if (operand or "").startswith("$") else (operand or "").strip('"')
    )
    with shop.lock:
        items = list(shop.items.values())
    if root == "item":
        items = [item for item in items if str(item["id"]) == str(value)]
    elif name == "tag":
        items = [item for item in items if value in item["tags"]]
    shown = [{each: item[each] for each in names} for item in items]
    if root == "items":
        return data({"data": {"items": shown}})
    if not shown:
        error = {"message": f"there is no item {value}", "path": ["item"]}
        return data({"data": {"item": None}, "errors": [error]})
    return data({"data": {"item": shown[0]}})
