"""The rules about breaking changes for people: one at a time in the terminal, or all of them as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tallystick.contracts.breaking import BREAKING_RULES, CATEGORIES

if TYPE_CHECKING:
    from tallystick.contracts.breaking import BreakingRule
    from tallystick.contracts.breaking.rule import Example

__all__ = ["explain", "overview", "page"]

_PIECES: Final = {
    "field": "a field",
    "event": "properties of an event",
    "sidecar": "a sidecar",
    "tags": "`tags.yaml`",
    "file": "a contract's fields",
    "definition": "a definition of an experiment",
}
_LANGUAGES: Final = dict.fromkeys(("sidecar", "tags", "definition"), "yaml")
_INTRODUCTION: Final = """# Breaking changes

Written by `tallystick explain --breaking --markdown`; change the rules, not this page.

`tallystick breaking` compares the contracts, as they are, with what they were: with the merge base of HEAD and the main
branch (`origin/HEAD`, `origin/main`, `main` or `master`, whichever is there first), with another branch, tag or commit,
with a folder, or with a registry:

```sh
tallystick breaking
tallystick breaking --against v1.4 --category WIRE,LOGICAL
tallystick breaking --against http://127.0.0.1:8081 --format json
```

Where a branch has moved on since, what only its tip makes a break is told as well, with `"baseline": "tip"`; the
contracts are compared as a merge would leave them, so that nobody is blamed for what others have added meanwhile.
A new event has nothing to break. A contract that uses a changed type of another file is not told again: the type is.

A break that is meant is approved in the contract's sidecar, with a reason, a name and a last day. It is a warning then,
and an error again on the day after, or as soon as the change is another one:

```sh
tallystick accept B504 shop.OrderCompleted --reason "the team was split" --by ana --until 2027-01-31
```

For a LOGICAL finding the change is carried out: a boundary value is written with the old schema, and read with the new
one as Python does (by the writer's logical type) and as Java and Spark do (by the reader's).
With `--lake` findings tell how often what has changed occurred in the last seven days."""


def explain(rule: BreakingRule) -> str:
    """One rule, with its reason and both examples."""
    lines = [f"{rule.id}: {rule.title} ({rule.category}, {rule.severity})", "", f"Why: {rule.why}"]
    for told, example in (("Bad", rule.bad), ("Good", rule.good)):
        for when, text in _states(example):
            lines += ["", f"{told}, {_PIECES[example.frame]} {when}:", ""]
            lines += [f"    {line}" for line in text.splitlines()]
    lines += [
        "",
        f"Approve one: tallystick accept {rule.id} <event> [<field>] --reason ... --by ... --until 2027-01-31",
    ]
    return "\n".join(lines)


def overview() -> str:
    """Every rule in one line."""
    parts = []
    for category, told in CATEGORIES.items():
        parts.append(f"{category}: {told}")
        parts += [f"  {rule.id}  {rule.severity:7}  {rule.title}" for rule in _rules(category)]
    return "\n".join(parts)


def page() -> str:
    """Every rule, as Markdown."""
    parts = [_INTRODUCTION]
    for category, told in CATEGORIES.items():
        parts += ["", f"## {category}: {told}"]
        for rule in _rules(category):
            parts += ["", *_section(rule)]
    return "\n".join(parts) + "\n"


def _rules(category: str) -> list[BreakingRule]:
    return [rule for rule in BREAKING_RULES.values() if rule.category == category]


def _section(rule: BreakingRule) -> list[str]:
    lines = [f"### {rule.id}: {rule.title}", "", f"*{rule.severity.capitalize()}.* {rule.why}"]
    for told, example in (("Bad", rule.bad), ("Good", rule.good)):
        for when, text in _states(example):
            language = _LANGUAGES.get(example.frame, "json")
            lines += ["", f"{told} ({_PIECES[example.frame]} {when}):", "", f"```{language}", *text.splitlines(), "```"]
    return lines


def _states(example: Example) -> list[tuple[str, str]]:
    return [("before", example.before or "(nothing)"), ("after", example.after or "(nothing)")]
