"""What a rule about breaking changes is made of, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, TypeVar

from tallystick.contracts.errors import AmbiguousAliasError
from tallystick.contracts.levels import LEVELS, check

if TYPE_CHECKING:
    import datetime as dt

    from tallystick.contracts.breaking.changes import Place
    from tallystick.contracts.contract import Contract
    from tallystick.contracts.experiments import ExperimentDefinition
    from tallystick.contracts.findings import Severity
    from tallystick.contracts.levels import Finding as Incompatible
    from tallystick.contracts.roles import FieldPath
    from tallystick.contracts.schema import Schema
    from tallystick.contracts.sidecar import Tag

__all__ = [
    "CATEGORIES",
    "BreakingRule",
    "Category",
    "Check",
    "Context",
    "Example",
    "Execution",
    "Frame",
    "Hit",
    "Hits",
    "Trial",
    "on",
]

Category = Literal["WIRE", "LOGICAL", "TABLE", "SOURCE", "POLICY"]

# Category -> what it asks.
CATEGORIES: Final[Mapping[Category, str]] = {
    "WIRE": "what a schema registry says at the subject's compatibility level",
    "LOGICAL": "values that are read without a fault, and mean something else",
    "TABLE": "what Silver's tables cannot follow",
    "SOURCE": "programs that use the generated classes",
    "POLICY": "what people have agreed on: privacy, retention, ownership, experiments",
}


@dataclass(frozen=True, slots=True)
class Trial:
    """A change to be executed: two records of one field, and which field is written and read.

    Attributes:
        writer: The schema with which a value is written.
        reader: The schema with which it is read.
        written: The field that is written; empty where the writer has none.
        read: The field that is read.
    """

    writer: str
    reader: str
    written: str
    read: str


@dataclass(frozen=True, slots=True)
class Execution:
    """What became of a value.

    Attributes:
        written: The value, as the old schema has it.
        python: What Python reads.
        spark: What Spark reads.
    """

    written: str
    python: str
    spark: str

    def as_json(self) -> dict[str, str]:
        """The three values by their names."""
        return {"written": self.written, "python": self.python, "spark": self.spark}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A change that breaks a rule.

    Attributes:
        path: The field, from the contract's root; empty for the contract itself.
        place: Where in the new file it stands.
        message: What has changed, in one line that stands alone.
        old: What it was.
        new: What it is.
        consequence: What happens to whom.
        recommendation: What to type.
        severity: Where it is not the rule's.
        trial: How the change can be executed.
    """

    path: FieldPath
    place: Place
    message: str
    old: str
    new: str
    consequence: str
    recommendation: str
    severity: Severity | None = None
    trial: Trial | None = None


Hits: TypeAlias = Iterator[Hit]
C = TypeVar("C")


@dataclass(frozen=True, kw_only=True)
class Context:
    """Two states of a contract and what stands around them.

    Attributes:
        old: How the contract was.
        new: How it is.
        history: The schemas before it, the newest first: one, or all that a registry knows.
        is_foreign: Whether a named type belongs to another contract.
        has_sidecars: Whether the old state is one of files; a registry knows schemas only.
        readers: The experiments that read this contract's events, or what uses it.
        now: When it is judged which of these are live.
        old_tags: What each tag meant.
        new_tags: What each tag means.
    """

    old: Contract
    new: Contract
    history: Sequence[Schema]
    is_foreign: Callable[[str], bool] = lambda _: False
    has_sidecars: bool = True
    readers: tuple[ExperimentDefinition, ...] = ()
    now: dt.datetime | None = None
    old_tags: Mapping[str, Tag] = field(default_factory=dict)
    new_tags: Mapping[str, Tag] = field(default_factory=dict)

    @cached_property
    def incompatibilities(self) -> tuple[Incompatible, ...] | AmbiguousAliasError:
        """What the registry would find at the subject's level, or that it cannot even compare."""
        try:
            return check(LEVELS[self.new.sidecar.kafka.compatibility], self.new.schema, self.history)
        except AmbiguousAliasError as error:
            return error


@dataclass(frozen=True, slots=True)
class Check:
    """A function that looks at one kind of change."""

    kind: type[Any]
    run: Callable[[Any, Context], Hits]


def on(kind: type[C], run: Callable[[C, Context], Hits]) -> Check:
    """A check of one kind of change."""
    return Check(kind, run)


# What an example's texts are a part of; see breaking/examples.py.
Frame = Literal["field", "event", "sidecar", "tags", "file", "definition"]


@dataclass(frozen=True, slots=True)
class Example:
    """A change, as a piece of a contract before and after it.

    Attributes:
        before: The piece as it was.
        after: The piece as it is; empty where it is gone.
        frame: What it is a piece of.
    """

    before: str
    after: str
    frame: Frame = "field"


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakingRule:
    """One rule.

    Attributes:
        id: Stable and never used again for another rule.
        category: Whom it protects.
        title: What it asks for, in a few words.
        severity: What a finding is, unless the case says otherwise.
        why: What goes wrong without it.
        bad: A change that breaks it.
        good: One that does not.
        checks: They find where it is broken.
    """

    id: str
    category: Category
    title: str
    severity: Severity
    why: str
    bad: Example
    good: Example
    checks: tuple[Check, ...] = ()
