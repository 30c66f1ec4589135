"""Scenarios as load: the users of Locust carry them out, again and again, on the interpreter.

Importing Locust makes the standard library cooperative (gevent), which must happen before anything
else here imports ``ssl`` or ``socket``; so only ``runner.cli.load`` begins all this.
"""
