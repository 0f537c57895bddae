"""`tallystick accept`: approve a break, in writing and for a time."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

__all__ = ["command"]


def _day(_context: click.Context, _option: click.Parameter, value: str) -> dt.date:
    try:
        day = dt.date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value} is no day such as 2027-01-31") from None
    if day < dt.datetime.now(dt.UTC).date():
        raise click.BadParameter(f"{value} is over: name a day to come")
    return day


def _words(_context: click.Context, _option: click.Parameter, value: str) -> str:
    if not value.strip():
        raise click.BadParameter("say something")
    return value.strip()


@click.command("accept")
@click.argument("rule")
@click.argument("event")
@click.argument("path", default="")
@click.option("--reason", required=True, callback=_words, help="Why it may be.")
@click.option("--by", "approver", required=True, callback=_words, help="Who says so.")
@click.option("--until", required=True, callback=_day, metavar="DAY", help="The last day on which it holds.")
@click.option(
    "--against", metavar="GIT_REF|DIR|URL", help="What the break was found against; by default the main branch."
)
@click.option(
    "--schemas", default="schemas", show_default=True, type=click.Path(path_type=Path), help="Folder of the contracts."
)
def command(
    rule: str,
    event: str,
    path: str,
    reason: str,
    approver: str,
    until: dt.date,
    against: str | None,
    schemas: Path,
) -> None:
    """Approve the break of RULE by EVENT, at the field PATH or wherever in it.

    The entry goes into the event's sidecar, with what it was and what it is: another change is another break. EVENT
    may be a pattern such as 'shop.*', or a contract that is gone; then the entry goes into _domain.yaml.
    """
    from tallystick.cli._accepting import Approval, accept

    approval = Approval(rule=rule.upper(), event=event, path=path, reason=reason, by=approver, until=until)
    place, findings = accept(approval, schemas, against)
    for each in findings:
        click.echo(f"accepted until {until}: {each.rule} {each.message}")
    click.echo(f"written to {place}: commit it with the change")
