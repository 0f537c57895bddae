"""`tallystick promote`: subjects with all their versions from one registry into another."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from tallystick.dev.promotion import Copy

__all__ = ["command"]

_FROM_AUTH, _TO_AUTH = "TALLYSTICK_FROM_AUTH", "TALLYSTICK_TO_AUTH"


@click.command("promote")
@click.option("--from", "source", required=True, help=f"Registry to read; NAME:PASSWORD or token in {_FROM_AUTH}.")
@click.option("--to", "target", required=True, help=f"Registry to write; NAME:PASSWORD or token in {_TO_AUTH}.")
@click.option("--subject", "prefixes", multiple=True, help="Beginning of the subjects to copy; may be given often.")
@click.option("--plan", "is_plan", is_flag=True, help="Change nothing: show what would be copied, and what is refused.")
@click.option("--loosen", is_flag=True, help="Set a subject to NONE while a history is copied that breaks its level.")
@click.option("--format", "style", default="text", show_default=True, type=click.Choice(["text", "json"]))
def command(source: str, target: str, prefixes: tuple[str, ...], style: str, *, is_plan: bool, loosen: bool) -> None:
    """Copy subjects between registries, with their versions in order and their levels; ids may differ.

    What the target holds must be the beginning of what the source holds, or the subject is refused. Twice changes
    nothing more. Exit codes: 0 done, 1 something is refused, 2 usage, configuration or network.
    """
    from tallystick.cli._registries import open_registry
    from tallystick.dev.promotion import Fate, copy_one, plan_copies

    copies: list[Copy] = []
    with open_registry(source, _FROM_AUTH) as theirs, open_registry(target, _TO_AUTH) as ours:
        for plan in plan_copies(theirs, ours, prefixes):
            copies.append(plan if is_plan else copy_one(plan, theirs, ours, is_loosening=loosen))
            if style == "text":
                _show(copies[-1], is_plan=is_plan)
        if style == "json":
            head = {"from": theirs.url, "to": ours.url, "applied": not is_plan}
            whole = {**head, "subjects": [_members(each) for each in copies]}
            click.echo(json.dumps(whole, ensure_ascii=False, indent=2))
    if style == "text":
        _sum_up(copies, is_plan=is_plan)
    sys.exit(1 if any(each.fate is Fate.REFUSE for each in copies) else 0)


def _show(copy: Copy, *, is_plan: bool) -> None:
    from tallystick.dev.promotion import Fate

    if copy.fate is Fate.REFUSE:
        click.echo(f"refused   {copy.subject}")
        for reason in copy.reasons:
            click.echo(f"          {reason}", err=True)
        return
    done = ("would copy" if is_plan else "copied") if copy.fate is Fate.COPY else "same"
    versions = ", ".join(str(each.number) for each in copy.missing)
    parts = [f"version {versions}" if versions else "", f"level {copy.level}" if copy.level else ""]
    told = " and ".join(filter(None, parts))
    click.echo(f"{done:<9} {copy.subject}" + (f"  {told}" if told else ""))


def _sum_up(copies: list[Copy], *, is_plan: bool) -> None:
    from tallystick.dev.promotion import Fate

    count = {fate: sum(each.fate is fate for each in copies) for fate in Fate}
    if copies and count[Fate.SAME] == len(copies):
        click.echo(f"Nothing to do: the target holds all {len(copies)} subjects as the source does.")
        return
    done = "to copy" if is_plan else "copied"
    click.echo(f"{count[Fate.COPY]} {done}, {count[Fate.REFUSE]} refused, {count[Fate.SAME]} the same.")
    if count[Fate.REFUSE] and not is_plan:
        click.echo(
            "  fix: bring both histories together by hand, or see --loosen for one that broke its level", err=True
        )


def _members(copy: Copy) -> dict[str, Any]:
    return {
        "subject": copy.subject,
        "fate": copy.fate.value,
        "versions": [each.number for each in copy.missing],
        "level": copy.level or None,
        "reasons": list(copy.reasons),
    }
