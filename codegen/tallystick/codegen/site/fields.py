"""The rows of a page's table of fields: each field with its types in Python, Avro and Silver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tallystick.codegen.fields import Attributes, deprecation
from tallystick.codegen.imports import Imports
from tallystick.codegen.site.words import avro_type, shortened, value_text
from tallystick.contracts.contract import META_FIELD
from tallystick.contracts.roles import ROLE_PROPERTY, TAGS_PROPERTY
from tallystick.contracts.rules import rules_of
from tallystick.contracts.rulesql import conditions
from tallystick.contracts.silver import column_type
from tallystick.contracts.types import MISSING, Array, Enum, Map, Record, Ref, Union

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tallystick.codegen.plan import Module
    from tallystick.contracts.contract import Contract
    from tallystick.contracts.rules import ContractRule
    from tallystick.contracts.types import Field, Type

__all__ = ["FieldRow", "Rule", "field_rows", "shown_rules"]

_DEFAULT_LENGTH: Final = 60


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that every event has to keep.

    Attributes:
        name: Its name.
        doc: What it asks for; empty where the contract does not say.
        expr: The rule in CEL.
        where: The field that it stands at; empty for the record.
        sql: The rule as Silver asks it; empty where SQL cannot say it.
    """

    name: str
    doc: str
    expr: str
    where: str
    sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRow:
    """One field.

    Attributes:
        depth: How many records it stands inside.
        name: Its name.
        path: Its names from the root, joined with dots.
        doc: What it means.
        python: Its annotation in the generated class.
        avro: Its type in Avro.
        silver: Its column type in Silver.
        default: Its default as JSON; None if it has none.
        is_required: Whether every sender has to say it; the SDK fills `meta`.
        roles: What it is to the platform.
        tags: How it has to be handled.
        rules: Names of the rules that stand at it.
        symbols: What an enum may be.
        deprecated: What to use instead; empty if it is not deprecated.
        contract: Full name of the contract that its type is, with a page of its own; empty if it is none.
    """

    depth: int
    name: str
    path: str
    doc: str
    python: str
    avro: str
    silver: str
    default: str | None
    is_required: bool
    roles: tuple[str, ...]
    tags: tuple[str, ...]
    rules: tuple[str, ...]
    symbols: tuple[str, ...]
    deprecated: str
    contract: str


def field_rows(module: Module) -> tuple[FieldRow, ...]:
    """The fields of a contract in their order, each followed by those inside it.

    What belongs to another contract is not unfolded: it has a page of its own.
    """
    root = module.contract.schema.root
    return tuple(_Rows(module).of(root, (), frozenset())) if isinstance(root, Record) else ()


class _Rows:
    """Walks one contract."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._schema = module.contract.schema
        self._rules = rules_of(self._schema)
        # All its classes count as defined, or the annotations of later ones would stand in quotes.
        self._attributes = Attributes(module, Imports(), set(module.own))

    def of(self, record: Record, path: tuple[str, ...], inside: frozenset[str]) -> Iterator[FieldRow]:
        """The rows of a record; a record inside itself is shown once."""
        for field, attribute in zip(record.fields, self._attributes.of(record), strict=True):
            here = (*path, field.name)
            inner = self._named(field.type)
            theirs = inner.name if inner is not None and inner.name not in self._module.own else ""
            yield FieldRow(
                depth=len(path),
                name=field.name,
                path=".".join(here),
                doc=field.doc or getattr(inner, "doc", None) or "",
                python=attribute.annotation,
                avro=avro_type(field.type),
                silver=column_type(self._schema, field.type),
                default=None if field.default is MISSING else shortened(value_text(field.default), _DEFAULT_LENGTH),
                is_required=field.default is MISSING and here != (META_FIELD,),
                roles=_words(field, ROLE_PROPERTY),
                tags=_words(field, TAGS_PROPERTY),
                rules=tuple(rule.name for rule in self._rules.get(record.name, ()) if rule.field == field.name),
                symbols=inner.symbols if isinstance(inner, Enum) else (),
                deprecated=deprecation(field.props),
                contract=theirs if theirs in self._module.imported else "",
            )
            if isinstance(inner, Record) and not theirs and inner.name not in inside | {record.name}:
                yield from self.of(inner, here, inside | {record.name})

    def _named(self, node: Type) -> Record | Enum | None:
        """The first record or enum inside lists, maps and unions."""
        match self._schema.resolve(node) if isinstance(node, Ref) else node:
            case (Record() | Enum()) as named:
                return named
            case Array(items=inner) | Map(values=inner):
                return self._named(inner)
            case Union(branches=branches):
                return next((found for each in branches if (found := self._named(each)) is not None), None)
            case _:
                return None


def shown_rules(contract: Contract) -> tuple[Rule, ...]:
    """Every rule of a contract: those of its records, each followed by those of its fields."""
    sql = {each.name: each.sql for each in conditions(contract.schema)}
    return tuple(
        Rule(each.name, each.doc, each.text, _where(contract, each), sql.get(each.name, ""))
        for rules in rules_of(contract.schema).values()
        for each in rules
    )


def _where(contract: Contract, rule: ContractRule) -> str:
    record = "" if rule.record == contract.name else rule.record.rpartition(".")[2]
    return ".".join(filter(None, (record, rule.field)))


def _words(field: Field, key: str) -> tuple[str, ...]:
    value = field.props.get(key)
    return tuple(str(each) for each in value) if isinstance(value, list) else ()
