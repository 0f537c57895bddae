"""What a start does without, so that a registry is ready soon however much it holds."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

START = """
import gc, sys
from tallystick.api import _server

_server.run = lambda app, listener, **options: print(gc.isenabled(), gc.get_freeze_count() > 50_000, *sys.modules)
from tallystick.cli.serve_registry import command

command(["--database", sys.argv[1]])
"""
# Migrations, another database's driver, the rules about changes of meaning, the readers of contract files.
NEEDED_LATER = {"alembic", "mako", "psycopg", "tallystick.contracts.breaking", "tallystick.contracts.catalog", "yaml"}
# What a registry does without: docs/decisions/0008 has the figures.
NOT_NEEDED = {"fastapi", "pydantic", "sqlalchemy.orm"}


def test_a_start_loads_only_what_every_request_may_need_and_keeps_it_out_of_the_search_for_garbage(
    database: Path,
) -> None:
    command = [sys.executable, "-c", START, f"sqlite:///{database}"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    searches, is_frozen, *modules = ran.stdout.split()
    assert (searches, is_frozen) == ("True", "True")
    assert "tallystick.api.registry.http.app" in modules
    assert set(modules).isdisjoint(NEEDED_LATER | NOT_NEEDED), set(modules) & (NEEDED_LATER | NOT_NEEDED)
