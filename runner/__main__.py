"""``python -m runner`` is the command ``httpsteps``."""

from runner.cli.main import main

raise SystemExit(main())
