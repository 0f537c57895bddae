"""`tallystick explain RULE`: what a rule asks for, why, and how it looks broken and kept."""

from __future__ import annotations

import click

__all__ = ["command"]


@click.command("explain")
@click.argument("rule", required=False)
@click.option("--markdown", is_flag=True, help="Write every rule as a page of documentation.")
def command(rule: str | None, *, markdown: bool) -> None:
    """Explain a lint rule, such as T003; without one, list them all."""
    from tallystick.cli._ruletext import explain, overview, page
    from tallystick.contracts.lint import RULES
    from tallystick.contracts.spelling import did_you_mean

    if markdown:
        click.echo(page(), nl=False)
    elif rule is None:
        click.echo(overview())
    elif rule.upper() in RULES:
        click.echo(explain(RULES[rule.upper()]))
    else:
        raise click.UsageError(f"there is no rule {rule}{did_you_mean(rule.upper(), RULES)} See: tallystick explain")
