"""`tallystick register`: put the contracts into a schema registry, or show what that would do."""

from __future__ import annotations

import json
import sys
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tallystick.dev.planning import Step
    from tallystick.dev.registration import Registration
    from tallystick.sdk.registry import RegistryClient

__all__ = ["command"]


@click.command("register")
@click.option(
    "--registry",
    default="http://127.0.0.1:8081",
    show_default=True,
    envvar="TALLYSTICK_REGISTRY",
    help="Address of the registry; its NAME:PASSWORD or token in TALLYSTICK_REGISTRY_AUTH.",
)
@click.option(
    "--schemas", default="schemas", show_default=True, type=click.Path(path_type=Path), help="Folder of the contracts."
)
@click.option("--plan", "is_plan", is_flag=True, help="Change nothing: show what would be done, and what is refused.")
@click.option("--keep-going", is_flag=True, help="Register the other contracts where some are refused.")
@click.option("--format", "style", default="text", show_default=True, type=click.Choice(["text", "json"]))
def command(registry: str, schemas: Path, style: str, *, is_plan: bool, keep_going: bool) -> None:
    """Put the contracts into a schema registry; what is there already stays as it is.

    Every event and dead letter is registered under its full name, with the compatibility level of its sidecar. If one
    is refused, nothing is registered. Exit codes: 0 done, 1 something is refused, 2 usage, configuration or network.
    """
    from tallystick.cli._plans import step_members, summary
    from tallystick.cli._registries import open_registry
    from tallystick.contracts import load_catalog
    from tallystick.dev.planning import Action, plan_all
    from tallystick.dev.registration import Outcome

    catalog = load_catalog(schemas)
    with open_registry(registry) as client:
        steps = tuple(plan_all(catalog.messages, client))
        is_refused = any(each.action is Action.REFUSE for each in steps)
        if is_plan or (is_refused and not keep_going):
            done: list[Registration] = []
            if style == "text":
                _show_plan(steps, client.url, is_stopped=not is_plan)
        else:
            done = _carry_out(steps, client, is_told=style == "text")
    if style == "json":
        whole = [step_members(step, found) for step, found in zip_longest(steps, done)]
        report = {"registry": client.url, "applied": bool(done), "subjects": whole, "summary": summary(steps)}
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
    sys.exit(1 if is_refused or any(each.outcome is Outcome.REFUSED for each in done) else 0)


def _show_plan(steps: Sequence[Step], url: str, *, is_stopped: bool) -> None:
    from tallystick.cli._plans import plan_lines, total

    click.echo(f"What `tallystick register` would do to {url}:\n")
    for line in plan_lines(steps):
        click.echo(line)
    click.echo(f"\n{total(steps)}")
    if is_stopped:
        click.echo("tallystick: nothing was registered, as some of it is refused", err=True)
        click.echo("  fix: make the change compatible, or register the others with --keep-going", err=True)


def _carry_out(steps: Sequence[Step], client: RegistryClient, *, is_told: bool) -> list[Registration]:
    from tallystick.cli._plans import done_line, total
    from tallystick.dev.registration import carry_out

    done: list[Registration] = []
    for step in steps:
        found = carry_out(step, client)
        done.append(found)
        if is_told:
            click.echo(done_line(step, found))
            for reason in found.reasons:
                click.echo(f"          {reason}", err=True)
    if is_told and all(each.is_idle for each in steps):
        click.echo(total(steps))
    return done
