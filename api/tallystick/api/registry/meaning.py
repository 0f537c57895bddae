"""Changes of meaning that Java calls compatible: a decimal's scale, a time's unit, a namespace, a logical type.

The bytes stay readable and say something else: 12.34 is read as 0.1234. Confluent's registry lets such a schema in.
With `"logicalPolicy": "REFUSE"` in a subject's config (or its context's, or the top's) ours does not. The rules are the
LOGICAL ones of `tallystick breaking`, so that both say the same; which versions are looked at is the level's affair.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tallystick.api.registry.errors import InvalidPolicyError

if TYPE_CHECKING:
    from tallystick.api.registry.content import Json
    from tallystick.contracts import Schema

__all__ = ["POLICY", "Change", "Policy", "changes_of_meaning"]

POLICY: Final = "logicalPolicy"
_CATEGORIES: Final = frozenset({"LOGICAL"})
_TOO_DEEP: Final = "the schema nests too deeply to tell whether its meaning stays"


class Policy(enum.Enum):
    """What becomes of a schema that changes what earlier data mean."""

    NONE = "NONE"
    REFUSE = "REFUSE"

    @classmethod
    def of(cls, config: Json) -> Policy:
        """What holds by a config.

        Raises:
            InvalidPolicyError: It names a policy that is none.
        """
        named = config.get(POLICY)
        if named is None:
            return cls.NONE
        try:
            return cls(str(named).upper())
        except ValueError:
            raise InvalidPolicyError([each.value for each in cls]) from None


@dataclass(frozen=True, slots=True)
class Change:
    """A change of meaning.

    Attributes:
        rule: The rule of `tallystick breaking` that it breaks.
        path: The field, dotted; empty for the schema itself.
        what: What changes.
        consequence: What happens to whom.
        fix: What to do instead.
    """

    rule: str
    path: str
    what: str
    consequence: str
    fix: str

    @property
    def message(self) -> str:
        """The change as a message among those that Confluent's server has."""
        return (
            f"{{errorType:'LOGICAL', description:'{self.what}: {self.consequence} ({self.rule})', "
            f"additionalInfo:'{self.fix}'}}"
        )


def changes_of_meaning(old: Schema, new: Schema) -> tuple[Change, ...]:
    """What the old schema's data would mean to readers of the new one, where that is something else."""
    # The rules are loaded where they are needed: most registries never ask.
    from tallystick.contracts.breaking import Context, changes_of
    from tallystick.contracts.contract import Contract

    context = Context(old=Contract(old), new=Contract(new), history=(old,))
    try:
        return tuple(
            Change(rule.id, ".".join(hit.path), hit.message, hit.consequence, hit.recommendation)
            for rule, hit in changes_of(context, _CATEGORIES)
        )
    except RecursionError:
        return (Change("", "", _TOO_DEEP, "it is not judged", "flatten it, or send it with force=true"),)
