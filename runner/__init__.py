"""httpsteps: smoke tests in YAML that say which step on the wire broke."""

__version__ = "0.1.0"
