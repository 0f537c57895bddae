"""E001 to E005: the field `meta`, which makes a record an event, and the envelope in which events travel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tallystick.contracts.lint.repository import META
from tallystick.contracts.lint.rule import Example, Hit, Mend, OnField, OnSchema, Rule, SetValue
from tallystick.contracts.lint.rules.words import is_past
from tallystick.contracts.spelling import snake_case

if TYPE_CHECKING:
    from tallystick.contracts.lint.document import Path
    from tallystick.contracts.lint.repository import SchemaFile
    from tallystick.contracts.lint.rule import Hits
    from tallystick.contracts.lint.sites import FieldSite

__all__ = ["META_RULES"]

_MINE: Final = '{"name": "meta", "type": "tallystick.Meta", "doc": "Who, when and where; filled by the SDK."}'
# Member of the envelope -> what it says; the ingestion API reads these before it knows the contract.
_ENVELOPE: Final = {
    "type": "the name of its contract",
    "contract_hash": "the hash of its contract",
    "schema_version": "the version of its contract",
}
_REPEATED: Final = frozenset(("event_id", "event_time", "anonymous_id", "session_id", "trace_id"))


def _not_first(file: SchemaFile) -> Hits:
    for index, each in enumerate(file.root.fields):
        if each.name == "meta" and index > 0:
            yield Hit((*each.path, "name"), "`meta` must be the first field of an event: move it to the top")


def _not_meta(file: SchemaFile) -> Hits:
    for each in file.root.fields:
        if each.name != "meta" or each.type.kind == "bad":
            continue
        path: Path = (*each.path, "type")
        if each.type.name != META:
            mend = Mend('"type": "tallystick.Meta"', (SetValue(path, '"tallystick.Meta"'),))
            yield Hit(path, 'the type of `meta` is not tallystick.Meta: write "type": "tallystick.Meta"', mend)
        elif "default" in each.attributes:
            yield Hit(
                (*each.path, "default"),
                "`meta` has a default, and every event has its own: delete the default",
                part="key",
            )


def _no_meta(file: SchemaFile) -> Hits:
    if not file.is_record or file.is_meant_as_event:
        return
    told = _why_event(file)
    if told and not _is_message(file):
        message = f'`{file.root.short_name}` {told}, but has no `meta`: put it first in "fields"'
        yield Hit(("fields",), message, Mend(_MINE), part="key")


def _why_event(file: SchemaFile) -> str:
    if "tallystick:experiment" in file.root.attributes:
        return "plays a part in experiments"
    sidecar = file.sidecar.value if file.sidecar is not None else None
    for key in ("triggers", "sources", "examples"):
        if isinstance(sidecar, dict) and key in sidecar:
            return f"has {key} in its sidecar"
    if is_past(file.root.short_name) and not _is_used(file):
        return "is called as an event is, and no other contract uses it"
    return ""


def _is_used(file: SchemaFile) -> bool:
    """Whether another contract refers to it."""
    name = file.root.name
    others = (each for each in file.repository.schemas.values() if each is not file)
    # Most texts do not hold the name, and need not be looked at any closer.
    near = (each for each in others if file.root.short_name in each.document.text)
    return any(site.kind == "ref" and site.name == name for each in near for site in each.view.types)


def _is_message(file: SchemaFile) -> bool:
    """Whether it brings an identity of its own, as a dead letter does."""
    roles = [each.attributes.get("tallystick:role") for each in file.root.fields]
    return any(isinstance(each, list) and "event_id" in each for each in roles)


def _repeats_meta(site: FieldSite, file: SchemaFile) -> Hits:
    if site.record is file.root and file.is_event and site.name in _REPEATED:
        message = f"`{site.name}` stands in meta already: leave it out, or say in the name what else it is"
        yield Hit((*site.path, "name"), message)


def _in_envelope(site: FieldSite, file: SchemaFile) -> Hits:
    if site.record is file.root and file.is_event and site.name in _ENVELOPE:
        right = f"{snake_case(file.root.short_name).split('_')[0]}_{site.name}"
        message = f"field `{site.name}` needs another name: in JSON an event's `{site.name}` is {_ENVELOPE[site.name]}"
        yield Hit((*site.path, "name"), message, Mend(f'"name": "{right}"'))


def _event(fields: str) -> Example:
    head = '{"type": "record", "name": "OrderPlaced", "namespace": "shop", "doc": "An order was paid.", "fields": ['
    return Example(f"{head}\n{fields}\n]}}", "record")


_COUNT: Final = '{"name": "item_count", "type": "int", "doc": "How many articles were bought."}'
_GOOD: Final = _event(f"{_MINE},\n{_COUNT}")

META_RULES: Final = (
    Rule(
        id="E001",
        title="meta is an event's first field",
        severity="error",
        why="Tools know an event by its first field, and Silver reads it before it knows anything else.",
        bad=_event(f"{_COUNT},\n{_MINE}"),
        good=_GOOD,
        checks=(OnSchema(_not_first),),
    ),
    Rule(
        id="E002",
        title="meta is a tallystick.Meta, without default",
        severity="error",
        why="Identity, time and origin of all events are read by the same code, whatever the event.",
        bad=_event('{"name": "meta", "type": {"type": "map", "values": "string"}, "doc": "Who, when and where."}'),
        good=_GOOD,
        checks=(OnSchema(_not_meta),),
    ),
    Rule(
        id="E003",
        title="what is sent as an event has meta",
        severity="error",
        why="Without it the record is a shared type, which nobody can send.",
        bad=Example(
            '{"type": "record", "name": "VariantShown", "namespace": "shop", "doc": "A user met an experiment.",\n'
            ' "tallystick:experiment": {"role": "activation", "unit_type": "user"}, "fields": [\n'
            ' {"name": "unit_id", "type": "string", "doc": "Who was randomised.", '
            '"tallystick:role": ["experiment.unit_id"]}]}',
            "record",
            "shop/VariantShown.avsc",
        ),
        good=Example(
            '{"type": "record", "name": "VariantShown", "namespace": "shop", "doc": "A user met an experiment.",\n'
            f' "tallystick:experiment": {{"role": "activation", "unit_type": "user"}}, "fields": [\n {_MINE},\n'
            ' {"name": "unit_id", "type": "string", "doc": "Who was randomised.", '
            '"tallystick:role": ["experiment.unit_id"]}]}',
            "record",
            "shop/VariantShown.avsc",
        ),
        checks=(OnSchema(_no_meta),),
    ),
    Rule(
        id="E004",
        title="no field repeats what meta holds",
        severity="warning",
        why="Two fields for one fact differ sooner or later, and each query takes another one.",
        bad=Example('{"name": "session_id", "type": "string", "doc": "Visit during which it happened."}'),
        good=Example('{"name": "checkout_session_id", "type": "string", "doc": "Session of the payment provider."}'),
        checks=(OnField(_repeats_meta),),
    ),
    Rule(
        id="E005",
        title="no field has the name of a member of the envelope",
        severity="error",
        why="An event is sent as one JSON object with type, contract_hash and schema_version in it: the field is lost.",
        bad=_event(f'{_MINE},\n{{"name": "schema_version", "type": "int", "doc": "Edition of the order form."}}'),
        good=_event(f'{_MINE},\n{{"name": "form_version", "type": "int", "doc": "Edition of the order form."}}'),
        checks=(OnField(_in_envelope),),
    ),
)
