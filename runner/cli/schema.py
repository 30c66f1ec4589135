"""``httpsteps schema``: the JSON Schemas that editors and other programs read."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, Final, TextIO

import runner
from runner.cli.main import PASSED

_PACKAGE: Final = Path(runner.__file__).parent
SCHEMAS: Final = {
    "scenario": _PACKAGE / "scenario" / "scenario.schema.json",
    "result": _PACKAGE / "reports" / "result.schema.json",
    "event": _PACKAGE / "reports" / "event.schema.json",
}
_EPILOG: Final = """\
examples:
  httpsteps schema                       the schema of scenarios
  httpsteps schema result                of what --report json=PATH writes
  httpsteps schema event                 of a line of --report jsonl=PATH
  httpsteps schema --path                where the file is; for the editor,
                                         write as the first line of a scenario
                                         # yaml-language-server: $schema=PATH
"""


def add_parser(commands: Any) -> None:
    """Adds the command's parser."""
    parser = commands.add_parser(
        "schema",
        help="print a JSON Schema, or where it is",
        description="Prints the JSON Schema of scenarios, results or events.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "which", nargs="?", choices=SCHEMAS, default="scenario", help="which one (scenario)"
    )
    parser.add_argument("--path", action="store_true", help="print the path of its file instead")
    parser.set_defaults(run=lambda given: schema(given.which, given.path, sys.stdout))


def schema(which: str, path: bool, out: TextIO) -> int:
    """Writes a schema, or the path of its file; exit status 0. Raises KeyError for no schema."""
    file = SCHEMAS[which]
    out.write(f"{file}\n" if path else file.read_text(encoding="utf-8"))
    return PASSED
