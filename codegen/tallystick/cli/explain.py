"""`tallystick explain RULE`: what a rule asks for, why, and how it looks broken and kept."""

from __future__ import annotations

import click

__all__ = ["command"]


@click.command("explain")
@click.argument("rule", required=False)
@click.option("--breaking", is_flag=True, help="Only the rules about breaking changes.")
@click.option("--markdown", is_flag=True, help="Write every rule as a page of documentation.")
def command(rule: str | None, *, breaking: bool, markdown: bool) -> None:
    """Explain a rule of lint, such as T003, or of breaking, such as B201; without one, list them all."""
    from tallystick.cli import _breakingtext, _ruletext
    from tallystick.contracts.breaking import BREAKING_RULES
    from tallystick.contracts.lint import RULES
    from tallystick.contracts.spelling import did_you_mean

    if markdown:
        click.echo(_breakingtext.page() if breaking else _ruletext.page(), nl=False)
    elif rule is None:
        click.echo("\n".join(([] if breaking else [_ruletext.overview()]) + [_breakingtext.overview()]))
    elif rule.upper() in RULES:
        click.echo(_ruletext.explain(RULES[rule.upper()]))
    elif rule.upper() in BREAKING_RULES:
        click.echo(_breakingtext.explain(BREAKING_RULES[rule.upper()]))
    else:
        known = (*RULES, *BREAKING_RULES)
        raise click.UsageError(f"there is no rule {rule}{did_you_mean(rule.upper(), known)} See: tallystick explain")
