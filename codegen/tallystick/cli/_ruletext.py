"""Rules for people: one at a time in the terminal, or all of them as a page of the documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tallystick.contracts.lint import FAMILIES, RULES

if TYPE_CHECKING:
    from tallystick.contracts.lint import Rule
    from tallystick.contracts.lint.rule import Example

__all__ = ["explain", "overview", "page"]

_PIECES: Final = {
    "field": "a field",
    "type": "the type of a field",
    "event": "properties of an event",
    "record": "a contract",
    "shared": "a contract",
    "bytes": "a file",
    "unreadable": "a file",
    "sidecar": "a sidecar",
    "domain": "`_domain.yaml`",
    "tags": "`tags.yaml`",
    "definition": "`experiments/<key>.yaml`",
}
_LANGUAGES: Final = {"sidecar": "yaml", "domain": "yaml", "tags": "yaml", "definition": "yaml", "unreadable": "text"}
_LONGEST: Final = 600
_CONFIG: Final = (
    "```toml",
    "[lint.rules]",
    'N007 = "error"',
    "",
    "[[lint.paths]]                # later tables before earlier ones",
    'match = ["schemas/legacy/**"]',
    'reason = "kept as the old system sent it"',
    'rules = { T003 = "warning", D = "off" }',
    "```",
)
_SUPPRESSION: Final = (
    "```json",
    '"tallystick:suppress": [{"rule": "T003", "reason": "until the till is replaced", "until": "2027-01-31"}]',
    "```",
)


def explain(rule: Rule) -> str:
    """One rule, with its reason and both examples."""
    lines = [f"{rule.id}: {rule.title} ({_severity(rule)})", "", f"Why: {rule.why}"]
    for told, example in (("Bad", rule.bad), ("Good", rule.good)):
        lines += ["", f"{told}, {_piece(example)}:", "", *(f"    {line}" for line in _shown(example).splitlines())]
    lines += ["", f'Off or other severity: [lint.rules] {rule.id} = "off" in tallystick.toml']
    lines.append(
        f'Once, with a reason: "tallystick:suppress": [{{"rule": "{rule.id}", "reason": "...", "until": "2027-01-31"}}]'
    )
    return "\n".join(lines)


def overview() -> str:
    """Every rule in one line."""
    parts = []
    for letter, family in FAMILIES.items():
        parts.append(f"{family}")
        parts += [f"  {rule.id}  {rule.severity:7}  {rule.title}" for rule in RULES.values() if rule.id[0] == letter]
    return "\n".join(parts)


def page() -> str:
    """Every rule, as Markdown."""
    parts = [
        "# Lint rules",
        "",
        "Written by `tallystick explain --markdown`; change the rules, not this page.",
        "",
        "`tallystick lint` checks schemas, sidecars and experiments; `--fix` mends what is beyond doubt.",
        "For whole paths, `tallystick.toml` gives a rule, or a family by its letter, another severity",
        "(`error`, `warning`, `off`):",
        "",
        *_CONFIG,
        "",
        "For one place, the schema itself does, with a reason and the last day on which it holds; it covers everything",
        "inside of the record, field or type that it stands on:",
        "",
        *_SUPPRESSION,
    ]
    for letter, family in FAMILIES.items():
        parts += ["", f"## {letter}: {family}"]
        for rule in RULES.values():
            if rule.id[0] == letter:
                parts += ["", *_section(rule)]
    return "\n".join(parts) + "\n"


def _section(rule: Rule) -> list[str]:
    lines = [f"### {rule.id}: {rule.title}", "", f"*{_severity(rule).capitalize()}.* {rule.why}"]
    for told, example in (("Bad", rule.bad), ("Good", rule.good)):
        language = _LANGUAGES.get(example.frame, "json")
        lines += ["", f"{told} ({_piece(example)}):", "", f"```{language}", *_shown(example).splitlines(), "```"]
    return lines


def _severity(rule: Rule) -> str:
    return f"{rule.severity}, --fix can mend it" if rule.fixable else rule.severity


def _piece(example: Example) -> str:
    piece = _PIECES[example.frame]
    return f"{piece} at {example.path}" if example.path else piece


def _shown(example: Example) -> str:
    text = example.text.replace("\N{ZERO WIDTH NO-BREAK SPACE}", "<byte order mark>").rstrip("\n")
    return "\n".join(_shortened(line) for line in text.splitlines())


def _shortened(line: str) -> str:
    return line if len(line) <= _LONGEST else f"{line[:40]} ... {line[-40:]}"
