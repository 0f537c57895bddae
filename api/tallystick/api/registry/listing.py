"""Lists of schemas: by a subject's beginning, with aliases, by the type of a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tallystick.api.registry.names import Subject
from tallystick.api.registry.registering import Registered
from tallystick.api.registry.rules import has_rule_type

if TYPE_CHECKING:
    from tallystick.api.registry.content import Json
    from tallystick.api.registry.transaction import Filter, Page, Transaction

__all__ = ["list_schemas"]


def list_schemas(
    tx: Transaction,
    prefix: Subject,
    which: Filter,
    page: Page,
    *,
    latest_only: bool = False,
    aliases: bool = False,
    rule_type: str = "",
) -> list[Json]:
    """Versions with their schemas, by subject and version.

    Args:
        tx: The transaction.
        prefix: How the subjects begin.
        which: Which versions count.
        page: The part of the list.
        latest_only: Only the newest version of each subject.
        aliases: Whether subjects that an alias below the prefix stands for are listed too, with their aliases.
        rule_type: Only versions with a rule of this type; empty for all.
    """
    if not aliases and not rule_type:
        return [Registered(*found).json for found in tx.search(prefix, which, latest_only=latest_only, page=page)]
    found = [Registered(*each) for each in tx.search(prefix, which, latest_only=latest_only)]
    names = _aliases(tx, prefix) if aliases else {}
    present = {each.place.subject.qualified for each in found}
    for subject in sorted(names.keys() - present):
        home = Subject.parse(subject)
        more = tx.search(home, which, latest_only=latest_only)
        found += [Registered(*each) for each in more if each[0].subject == home]
    found.sort(key=lambda each: (each.place.subject.qualified, each.place.version))
    kept = [each for each in found if not rule_type or has_rule_type(each.content.rule_set, rule_type)]
    return [{**each.json, **_named(names.get(each.place.subject.qualified))} for each in page.of(kept)]


def _named(aliases: list[str] | None) -> Json:
    return {"aliases": aliases} if aliases else {}


def _aliases(tx: Transaction, prefix: Subject) -> dict[str, list[str]]:
    """Real subjects and the aliases below the prefix that stand for them."""
    found: dict[str, list[str]] = {}
    for text, config in tx.configs().items():
        subject = Subject.parse(text)
        within = prefix.is_every_context or subject.context == prefix.context
        if config.get("alias") and within and subject.name.startswith(prefix.name):
            found.setdefault(subject.relative(config["alias"]).qualified, []).append(text)
    return found
