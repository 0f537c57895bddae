"""The entry point: a table of commands, each imported only when it is called.

Exit codes: 0 done or clean, 1 findings or failed checks, 2 usage, configuration or network.
"""

from __future__ import annotations

import importlib
import sys
from typing import NoReturn

import click
from typing_extensions import override

from tallystick.contracts.errors import TallystickError

__all__ = ["main"]

# Command -> (module below tallystick.cli that holds `command`, one line of help). The help stands here so
# that `tallystick --help` imports nothing else.
COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("init", "Start a repository of contracts."),
    "new": ("new", "Start a contract for an event."),
    "fmt": ("fmt", "Write the contracts in one way."),
    "lint": ("lint", "Check the contracts, file by file and together."),
    "breaking": ("breaking", "Tell what a change of the contracts breaks."),
    "accept": ("accept", "Approve a break, with a reason and an end."),
    "explain": ("explain", "Show a rule, why it is there, and examples."),
    "generate": ("generate", "Write the Python classes of every event."),
    "codeowners": ("codeowners", "Write CODEOWNERS from the owners of the contracts."),
    "golden": ("golden", "Keep examples of every version, as JSON and as bytes."),
    "mock": ("mock", "Make realistic events, or wrong ones."),
    "docs": ("docs", "Write the catalogue of events as a static site."),
    "register": ("register", "Put the contracts into a schema registry."),
    "promote": ("promote", "Copy subjects from one registry into another."),
    "registry": ("registry", "Move a schema registry's content out and in, and make keys."),
    "serve": ("serve", "Run the schema registry or the ingestion API."),
    "stream": ("stream", "Run the Spark jobs: bronze, silver, gold."),
    "dev": ("dev", "Start, stop and inspect a whole platform on this machine."),
    "demo": ("demo", "Send events through the whole platform and check the figures."),
    "keys": ("keys", "Make write keys for the ingestion API."),
    "send": ("send", "Send events from a JSON-lines file."),
    "experiments": ("experiments", "Check and publish the definitions in experiments/."),
}


class _LazyGroup(click.Group):
    """A group that knows its commands by name and imports one only to run it."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            if ctx.resilient_parsing:
                return None
            from tallystick.contracts.spelling import did_you_mean

            message = f"there is no command {cmd_name}{did_you_mean(cmd_name, COMMANDS)}"
            raise click.UsageError(message, ctx)
        module = importlib.import_module(f"tallystick.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = module.command
        return command

    @override
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_) for name, (_, help_) in COMMANDS.items()])


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tallystick", prog_name="tallystick")
def _tallystick() -> None:
    """Tallystick: one Avro contract per event, and everything else is cut from it."""


def main() -> None:
    """Run the command line; a user's mistake ends in one line and its mend, not in a stack trace."""
    try:
        done = _tallystick(prog_name="tallystick", standalone_mode=False)
    except TallystickError as error:
        _stop(str(error), error.fix, error.exit_code)
    except (click.exceptions.NoArgsIsHelpError, click.Abort) as error:
        click.echo(error.format_message() if isinstance(error, click.ClickException) else "Aborted!", err=True)
        sys.exit(2 if isinstance(error, click.ClickException) else 1)
    except click.ClickException as error:
        context = error.ctx if isinstance(error, click.UsageError) else None
        _stop(error.format_message(), f"{context.command_path} --help" if context else "", error.exit_code)
    sys.exit(done if isinstance(done, int) else 0)  # what ctx.exit was given


def _stop(message: str, fix: str, exit_code: int) -> NoReturn:
    click.echo(f"tallystick: {message}", err=True)
    if fix:
        click.echo(f"  fix: {fix}", err=True)
    sys.exit(exit_code)
