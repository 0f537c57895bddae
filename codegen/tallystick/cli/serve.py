"""`tallystick serve`: the two HTTP services, each imported only when it is run."""

from __future__ import annotations

import importlib
from typing import Final

import click
from typing_extensions import override

__all__ = ["command"]

_SERVICES: Final = {
    "registry": "Run the schema registry.",
    "api": "Run the ingestion API.",
}


class _Services(click.Group):
    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_SERVICES)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _SERVICES:
            return None
        service: click.Command = importlib.import_module(f"tallystick.cli.serve_{cmd_name}").command
        return service

    @override
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Services"):
            formatter.write_dl(list(_SERVICES.items()))


@click.group("serve", cls=_Services)
def command() -> None:
    """Run the schema registry or the ingestion API."""
