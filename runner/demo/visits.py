"""Pages for a visitor, who is known by a cookie: login, cart, admin."""

from __future__ import annotations

import re

from runner.demo.messages import Answer, Pairs, Refusal, Request, data, moved, none, text
from runner.demo.shop import Shop

FORM = """<!doctype html>
<html lang="en"><head><title>Log in - Lamp Shop</title></head><body><h1>Log in</h1>
<form method="post" action="/login">
<input type="hidden" name="csrf" value="{mark}">
<input name="user"> <input name="password" type="password"> <button>Log in</button>
</form></body></html>
"""


def _cookie(value: str, *more: str) -> tuple[str, str]:
    return (
        "Set-Cookie",
        "; ".join([f"session={value}", "Path=/", "HttpOnly", "SameSite=Lax", *more]),
    )


def _user(shop: Shop, request: Request) -> str | None:
    with shop.lock:
        return shop.visitors.get(request.cookies.get("session", ""))


def form(shop: Shop, _: Request) -> Answer:
    """GET /login: a form with a hidden mark."""
    return text(FORM.format(mark=shop.form_mark), "text/html")


def login(shop: Shop, request: Request) -> Answer:
    """POST /login: user and password as JSON or form; a cookie and a token, or on to ``next``."""
    fields = request.fields()
    if fields.get("csrf", shop.form_mark) != shop.form_mark:
        raise Refusal(403, "the form is too old")
    user = str(fields.get("user", ""))
    known = shop.login(user, str(fields.get("password", "")))
    if known is None:
        raise Refusal(401, "user or password is wrong")
    cookie, token = known
    before = request.cookies.get("session", "")
    with shop.lock:
        if before in shop.carts:
            shop.carts[cookie] = shop.carts.pop(before)
    lines: Pairs = [_cookie(cookie), ("Set-Cookie", "theme=dark; Path=/; Max-Age=86400")]
    if "next" in fields:
        if not re.fullmatch("/[!-~]*", str(fields["next"])):
            raise Refusal(422, "next is a path of this shop")
        answer = moved(str(fields["next"]), 303)
        answer.headers += lines
        return answer
    return data({"user": user, "token": token}, headers=lines)


def logout(shop: Shop, request: Request) -> Answer:
    """POST /logout: forgets the visitor and deletes the cookie."""
    with shop.lock:
        shop.visitors.pop(request.cookies.get("session", ""), None)
    return Answer(204, headers=[_cookie("", "Max-Age=0")])


def me(shop: Shop, request: Request) -> Answer:
    """GET /me: who is logged in."""
    user = _user(shop, request)
    if user is None:
        raise Refusal(401, "nobody is logged in")
    return data({"user": user, "roles": ["admin", "buyer"] if user == "ada" else ["buyer"]})


def admin(shop: Shop, request: Request) -> Answer:
    """GET /admin: on to /login for those who are not logged in."""
    user = _user(shop, request)
    if user is None:
        return moved("/login")
    if user != "ada":
        raise Refusal(403, "only ada may do this")
    return text("<!doctype html><title>Admin - Lamp Shop</title><h1>Admin</h1>", "text/html")


def cart(shop: Shop, request: Request) -> Answer:
    """GET /carts/mine: the visitor's cart, empty for a new one."""
    return data(shop.cart(request.cookies.get("session", "")))


def clear(shop: Shop, request: Request) -> Answer:
    """DELETE /carts/mine."""
    with shop.lock:
        shop.carts.pop(request.cookies.get("session", ""), None)
    return none()


def put_in(shop: Shop, request: Request) -> Answer:
    """POST /carts/mine/items with {"item": N, "quantity": N}; a new visitor gets a cookie."""
    fields = request.fields()
    try:
        number, quantity = int(fields["item"]), int(fields.get("quantity", 1))
    except (KeyError, TypeError, ValueError):
        raise Refusal(422, "item and quantity are whole numbers") from None
    cookie = request.cookies.get("session", "")
    lines: Pairs = [("Location", "/carts/mine")]
    with shop.lock:
        if cookie not in shop.visitors:
            cookie = shop.visitor()
            lines.append(_cookie(cookie))
        if number not in shop.items or quantity < 1:
            raise Refusal(422, "there is no such item, or not so many")
        mine = shop.carts.setdefault(cookie, {})
        if mine.get(number, 0) + quantity > shop.counts[number]:
            raise Refusal(409, "sold out", item=number, left=shop.counts[number])
        mine[number] = mine.get(number, 0) + quantity
    return data(shop.cart(cookie), 201, lines)
