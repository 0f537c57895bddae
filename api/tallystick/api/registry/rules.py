"""Metadata and rule sets: what they may hold, and how a subject's defaults and overrides are laid under and over."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from tallystick.api.registry.content import VERSION_PROPERTY, Json
from tallystick.api.registry.errors import InvalidRuleSetError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["check_rule_set", "clean_metadata", "clean_rule_set", "has_rule_type", "merge_metadata", "merge_rule_sets"]

_MIGRATION: Final = frozenset({"UPGRADE", "DOWNGRADE", "UPDOWN"})
_DOMAIN: Final = frozenset({"WRITE", "READ", "WRITEREAD"})
# Only these two run in both directions, so that only they may name an action for each.
_TWO_WAY: Final = frozenset({"UPDOWN", "WRITEREAD"})
_KINDS: Final[Mapping[str, tuple[frozenset[str], str]]] = {
    "migrationRules": (_MIGRATION, "Migration rules can only be UPGRADE, DOWNGRADE, UPDOWN"),
    "domainRules": (_DOMAIN, "Domain rules can only be WRITE, READ, WRITEREAD"),
    "encodingRules": (_DOMAIN, "Encoding rules can only be WRITE, READ, WRITEREAD"),
}
_MAX_NAME: Final = 64


def check_rule_set(rule_set: Json | None) -> None:
    """Refuse a rule set that contradicts itself.

    Raises:
        InvalidRuleSetError: A name is missing, wrong or there twice, or a rule runs in a mode that its kind has not.
    """
    names: set[str] = set()
    for kind, (modes, complaint) in _KINDS.items():
        for rule in (rule_set or {}).get(kind) or ():
            name = rule.get("name")
            if name in names:
                raise InvalidRuleSetError(f"Found rule with duplicate name '{name}'")
            for fault, message in _FAULTS:
                if fault(rule):
                    raise InvalidRuleSetError(message)
            if rule.get("mode") not in modes:
                raise InvalidRuleSetError(complaint)
            names.add(name)


def merge_metadata(below: Json | None, above: Json | None) -> Json | None:
    """Lay one metadata over another."""
    if not below or not above:
        return above or below
    merged: Json = {key: {**(below.get(key) or {}), **(above.get(key) or {})} for key in ("tags", "properties")}
    merged["sensitive"] = sorted({*(below.get("sensitive") or ()), *(above.get("sensitive") or ())})
    return {key: value for key, value in merged.items() if value}


def merge_rule_sets(below: Json | None, above: Json | None) -> Json | None:
    """Lay one rule set over another: of two rules with one name, the upper one stays."""
    if not below or not above:
        return above or below
    merged: Json = {}
    for kind in _KINDS:
        upper: Sequence[Json] = above.get(kind) or ()
        names = {rule["name"] for rule in upper}
        rules = [rule for rule in below.get(kind) or () if rule["name"] not in names or not upper]
        if rules or upper:
            merged[kind] = [*rules, *upper]
    enable_at = above.get("enableAt") or below.get("enableAt")
    return {**merged, "enableAt": enable_at} if enable_at else merged


def clean_metadata(metadata: Json | None, *, version: int | None = None) -> Json | None:
    """Drop what is empty, order what is a set, and write the version in if one is given."""
    if metadata is None and version is None:
        return None
    cleaned = {key: value for key, value in (metadata or {}).items() if value}
    if version is not None:
        cleaned["properties"] = {**cleaned.get("properties", {}), VERSION_PROPERTY: str(version)}
    for key in ("tags", "properties"):
        if key in cleaned:
            cleaned[key] = dict(sorted(cleaned[key].items()))
    if "sensitive" in cleaned:
        cleaned["sensitive"] = sorted(set(cleaned["sensitive"]))
    return cleaned


def clean_rule_set(rule_set: Json | None) -> Json | None:
    """Drop what is empty; a rule set without rules is none."""
    if rule_set is None:
        return None
    cleaned: Json = {kind: [_clean(rule) for rule in rule_set[kind]] for kind in _KINDS if rule_set.get(kind)}
    if rule_set.get("enableAt"):
        cleaned["enableAt"] = rule_set["enableAt"]
    return cleaned or None


def has_rule_type(rule_set: Json | None, wanted: str) -> bool:
    """Whether a rule of the type is among them."""
    rules = chain.from_iterable((rule_set or {}).get(kind) or () for kind in _KINDS)
    return any(rule.get("type") == wanted for rule in rules)


def _clean(rule: Json) -> Json:
    kept = {key: value for key, value in rule.items() if value not in (None, [], {})}
    return {**kept, "disabled": bool(rule.get("disabled"))}


def _bad_start(rule: Json) -> bool:
    return not (rule["name"][0].isalpha() or rule["name"][0] == "_")


def _bad_rest(rule: Json) -> bool:
    return not all(c.isalnum() or c in "_-" for c in rule["name"])


def _too_many_actions(rule: Json) -> bool:
    actions = (rule.get("onSuccess") or "", rule.get("onFailure") or "")
    return rule.get("mode") not in _TWO_WAY and any("," in action for action in actions)


_FAULTS: Final[tuple[tuple[Callable[[Json], bool], str], ...]] = (
    (lambda rule: rule.get("name") is None, "Missing rule name"),
    (lambda rule: not rule["name"], "Empty rule name"),
    (lambda rule: len(rule["name"]) > _MAX_NAME, "Rule name too long"),
    (_bad_start, "Illegal initial character in rule name"),
    (_bad_rest, "Illegal character in rule name"),
    (lambda rule: rule.get("type") is None, "Missing rule type"),
    (_too_many_actions, "Multiple actions only valid with WRITEREAD and UPDOWN"),
)
