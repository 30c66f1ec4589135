"""The script people write by hand: a requests.Session, a status and one JSON field checked."""

import sys

import requests

url, count = sys.argv[1], int(sys.argv[2])
session = requests.Session()
for _ in range(count):
    answer = session.get(url, timeout=30)
    assert answer.status_code == 200, answer.status_code
    assert answer.json()["name"] == "Lamp"
