"""What people write by hand for Locust: an HttpUser that checks a status and one JSON field."""

from __future__ import annotations

import os

from locust import HttpUser, task

COUNT = int(os.environ["REQUESTS"])
CLOSE = os.environ["CLOSE"] == "yes"


class Customer(HttpUser):
    """Asks again and again on one connection, as HttpUser does, or on one for each task."""

    @task
    def look(self) -> None:
        for _ in range(COUNT):
            with self.client.get("/items/1", catch_response=True) as answer:
                if answer.status_code != 200:
                    answer.failure(f"status is {answer.status_code}")
                elif answer.json()["name"] != "Lamp":
                    answer.failure("another name")
        if CLOSE:
            self.client.close()
