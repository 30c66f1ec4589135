"""Which page answers which method and path."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from runner.demo import catalogue, doors, extras, visits
from runner.demo.messages import Answer

Page = Callable[..., Answer]  # page(shop, request, *numbers or words of the path)

ROUTES: Final[tuple[tuple[str, str, Page], ...]] = (
    ("GET", r"/", extras.home),
    ("GET", r"/health", extras.health),
    ("GET", r"/items", catalogue.listing),
    ("POST", r"/items", catalogue.create),
    ("GET", r"/items/([0-9]{1,9})", catalogue.show),
    ("PUT", r"/items/([0-9]{1,9})", catalogue.replace),
    ("PATCH", r"/items/([0-9]{1,9})", catalogue.merge),
    ("DELETE", r"/items/([0-9]{1,9})", catalogue.remove),
    ("GET", r"/items/([0-9]{1,9})/stock", catalogue.stock),
    ("GET", r"/old-items/([0-9]{1,9})", catalogue.old),
    ("GET", r"/schemas/item\.json", catalogue.schema),
    ("GET", r"/feed\.xml", catalogue.feed),
    ("POST", r"/graphql", catalogue.graphql),
    ("GET", r"/login", visits.form),
    ("POST", r"/login", visits.login),
    ("POST", r"/logout", visits.logout),
    ("GET", r"/me", visits.me),
    ("GET", r"/admin", visits.admin),
    ("GET", r"/carts/mine", visits.cart),
    ("DELETE", r"/carts/mine", visits.clear),
    ("POST", r"/carts/mine/items", visits.put_in),
    ("GET", r"/reports/daily\.csv", doors.daily),
    ("GET", r"/reports/secret", doors.secret),
    ("GET", r"/images/lamp\.png", extras.lamp),
    ("POST", r"/upload", extras.upload),
    ("PUT", r"/upload", extras.upload),
    ("GET", r"/events", extras.events),
    ("GET", r"/log", extras.log),
    ("POST", r"/jobs", extras.start_job),
    ("GET", r"/jobs/([0-9]{1,9})", extras.job),
    ("GET", r"/slow", extras.slow),
    ("GET", r"/flaky", extras.flaky),
    ("GET", r"/headers", extras.headers),
    ("POST", r"/headers", extras.headers),
    ("GET", r"/early", extras.early),
    ("GET", r"/circle", extras.circle),
    ("GET", r"/broken/(json|gzip|body)", extras.broken),
    ("POST", r"/reset", extras.reset),
)


def find(method: str, path: str) -> tuple[Page, tuple[str, ...]] | None:
    """The page for a request and the words of its path; HEAD goes where GET goes."""
    wanted = "GET" if method == "HEAD" else method
    for known, pattern, page in ROUTES:
        if known == wanted and (found := re.fullmatch(pattern, path)):
            return page, found.groups()
    return None


def allowed(path: str) -> list[str]:
    """The methods a path knows; none where there is no such path."""
    methods = [method for method, pattern, _ in ROUTES if re.fullmatch(pattern, path)]
    more = ["HEAD"] if "GET" in methods else []
    return [*methods, *more, "OPTIONS"] if methods else []
