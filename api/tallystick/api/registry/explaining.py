"""Our own explanation of an incompatibility: which version, who cannot read whom, the inner cause, and what to do.

Java's checker says of a union only that a branch is missing; here the branch that was meant is looked into. A change
of meaning, which Java calls compatible, is told too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tallystick.api.registry.avro import read
from tallystick.api.registry.errors import InvalidSchemaError
from tallystick.api.registry.meaning import Policy, changes_of_meaning
from tallystick.api.registry.registering import canonical, live_match
from tallystick.api.registry.settings import config_in_scope
from tallystick.api.registry.transaction import Filter
from tallystick.contracts import LEVELS, AmbiguousAliasError, Direction, Schema, compatibility
from tallystick.contracts.types import Union, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tallystick.api.registry.content import Json
    from tallystick.api.registry.names import Subject
    from tallystick.api.registry.registering import Proposal
    from tallystick.api.registry.transaction import Transaction
    from tallystick.contracts import Incompatibility

__all__ = ["explain"]

_FIXES: Final[Mapping[str, str]] = {
    "READER_FIELD_MISSING_DEFAULT_VALUE": "give the field a default, or add it in a subject of its own",
    "TYPE_MISMATCH": "keep the old type, or add a second field with the new one",
    "NAME_MISMATCH": "keep the name, or put the old one among the aliases",
    "MISSING_ENUM_SYMBOLS": "keep the symbols, or give the reader's enum a default",
    "MISSING_UNION_BRANCH": "keep the branch in the union",
    "FIXED_SIZE_MISMATCH": "keep the size, or add a second field of the new one",
}
_SAYS: Final[Mapping[str, str]] = {
    "READER_FIELD_MISSING_DEFAULT_VALUE": "the reader needs the field {info}, which was not written and has no default",
    "TYPE_MISMATCH": "{info}",
    "NAME_MISMATCH": "the names differ, {info}",
    "MISSING_ENUM_SYMBOLS": "the reader does not know the symbols {info}",
    "MISSING_UNION_BRANCH": "{info}",
    "FIXED_SIZE_MISMATCH": "the sizes differ, {info}",
}
_WHO: Final[Mapping[Direction, str]] = {
    Direction.BACKWARD: "the new schema cannot read data of version {}",
    Direction.FORWARD: "version {} cannot read data of the new schema",
}
_MEANING: Final = "data of version {} would be read as something else"


@dataclass(frozen=True, slots=True)
class _Rules:
    """What a subject asks of its next version."""

    level: str
    policy: Policy

    def json(self, *, allowed: bool, versions: Sequence[Json] = (), **more: object) -> Json:
        """A verdict by these rules."""
        said = {"level": self.level, "policy": self.policy.value, "allowed": allowed}
        return {**said, **more, "versions": list(versions)}


def explain(tx: Transaction, subject: Subject, proposal: Proposal) -> Json:
    """Hold a schema against every live version of a subject, in both directions, and say what is wrong and why.

    Returns:
        Whether the subject's level and policy let it in, these two, and for each version what fails; `present` is the
        version that already is this very schema.
    """
    config = config_in_scope(tx, subject)
    rules = _Rules(config["compatibilityLevel"], Policy.of(config))
    try:
        content, parsed = canonical(tx, subject, proposal, config)
    except InvalidSchemaError as error:
        return rules.json(allowed=False, invalid=error.message)
    history = tx.history(subject, Filter.LIVE)
    present = live_match(tx, subject, content, Filter.LIVE)
    if present is not None:
        return rules.json(allowed=True, present=present.place.version)
    transitive = LEVELS[rules.level].transitive
    found: list[Json] = []
    for version in reversed(history):
        stored = tx.content(subject.context, version.id)
        assert stored is not None  # noqa: S101 - a foreign key says so
        old = read(tx, subject, stored).schema
        counted = rules if transitive or version == history[-1] else None
        found.append({"version": version.version, "reasons": list(_all(parsed.schema, old, version.version, counted))})
    allowed = not any(reason["counts"] for each in found for reason in each["reasons"])
    return rules.json(allowed=allowed, versions=found)


def _all(new: Schema, old: Schema, version: int, rules: _Rules | None) -> Iterator[Json]:
    """Everything that speaks against a schema beside one version; it counts if the rules ask for it."""
    for direction in Direction:
        counts = rules is not None and direction in LEVELS[rules.level].directions
        for reason in _reasons(direction, new, old, version):
            yield {"direction": direction.value, "counts": counts, **reason}
    for change in changes_of_meaning(old, new):
        yield {
            "direction": "LOGICAL",
            "counts": rules is not None and rules.policy is Policy.REFUSE,
            "who": _MEANING.format(version),
            "path": change.path,
            "what": f"{change.what}: {change.consequence}",
            "fix": change.fix,
            "rule": change.rule,
        }


def _reasons(direction: Direction, new: Schema, old: Schema, version: int) -> Iterator[Json]:
    reader, writer = (new, old) if direction is Direction.BACKWARD else (old, new)
    who = _WHO[direction].format(version)
    try:
        incompatibilities = compatibility(reader=reader, writer=writer)
    except AmbiguousAliasError as error:
        yield {"who": who, "path": "", "what": error.message, "fix": error.fix}
        return
    for each in incompatibilities:
        inner = tuple(_inner(each, reader, writer)) if each.type == "MISSING_UNION_BRANCH" else ()
        for cause in inner or (each,):
            path = each.location + (cause.location if cause is not each else "")
            what = _SAYS[cause.type].format(info=cause.message)
            yield {"who": who, "path": path, "what": what, "fix": _FIXES[cause.type]}


def _inner(found: Incompatibility, reader: Schema, writer: Schema) -> Iterator[Incompatibility]:
    """Why the branch that bears the same name does not fit, where there is one."""
    name = found.message.rpartition(" ")[2]
    for union in walk(reader.root):
        for branch in union.branches if isinstance(union, Union) else ():
            mine = reader.resolve(branch)
            theirs = writer.named.get(getattr(mine, "name", ""))
            if theirs is not None and name in {theirs.name, theirs.name.rpartition(".")[2], theirs.kind.upper()}:
                yield from compatibility(reader=_alone(mine, reader), writer=_alone(theirs, writer))
                return


def _alone(node: object, schema: Schema) -> Schema:
    """A type as a schema of its own; what it refers to is found where it was."""
    from tallystick.contracts import parse

    return parse(Schema(node).text, references=[schema])  # type: ignore[arg-type]  # a named type
