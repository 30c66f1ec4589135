"""The Lamp Shop: a small web service, standard library only, for trying scenarios on.

``python -m runner.demo --port 8000`` starts it. Its state lives as long as the process.
"""

from __future__ import annotations
