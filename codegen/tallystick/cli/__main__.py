"""`python -m tallystick.cli`: the same command line, with exactly this Python."""

from __future__ import annotations

from tallystick.cli.main import main

main()
