"""The texts of a new repository of contracts, and of a new event."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tallystick.contracts.errors import TallystickError
from tallystick.contracts.formatting import format_schema
from tallystick.contracts.spelling import did_you_mean, snake_case

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BadFieldError", "NewEvent", "NewField", "event_text", "parse_field", "repository_texts"]

_META: Final = {
    "name": "meta",
    "type": "tallystick.Meta",
    "doc": "Who, when and where; filled by the SDK and the ingestion API.",
}
_PLAIN: Final[Mapping[str, Any]] = {
    "string": "string",
    "int": "int",
    "long": "long",
    "float": "float",
    "double": "double",
    "boolean": "boolean",
    "bytes": "bytes",
    "uuid": {"type": "string", "logicalType": "uuid"},
    "date": {"type": "int", "logicalType": "date"},
    "timestamp": {"type": "long", "logicalType": "timestamp-micros"},
    "money": {"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 2},
}
_TYPE: Final = re.compile(r"(?P<name>[A-Za-z]+)(?:\((?P<inside>[^()]*)\))?(?P<many>\[\])?(?P<null>\?)?")
_DOMAIN: Final = """owner: {owner}
status: active
kafka:
  topic: tallystick.events
  compatibility: FULL_TRANSITIVE
sla:
  retention: P400D
"""
_TAGS: Final = """# Tag -> what it means and how Silver handles a field that bears it: keep | mask | hash | drop.
PII:
  doc: Identifies a person directly, such as a name or an address.
  handling: drop
PSEUDONYM:
  doc: Identifies a person only together with another table.
  handling: keep
RAW:
  doc: Unchecked bytes of a sender; may hold anything.
  handling: keep
"""
_CONFIG: Final = """# How the contracts here are checked. `tallystick explain` lists the rules.

[lint.rules]
# T007 = "off"        # off, warning or error; an id, or the letter of a family

[[lint.paths]]
match = ["schemas/tallystick/**"]
reason = "the platform's own contracts: the ingestion API bounds them"
rules = {{ T007 = "off" }}

[codeowners]
organisation = "{organisation}"     # the owner `web` is @{organisation}/web; a table [codeowners.teams] names others
"""
_DEAD_LETTER: Final = "kafka:\n  topic: tallystick.dead-letters\nsla:\n  retention: P90D\n"


class BadFieldError(TallystickError):
    """A field that was not written as NAME:TYPE."""


@dataclass(frozen=True, slots=True)
class NewField:
    """A field of a new event.

    Attributes:
        name: Its name.
        type: Its type in Avro.
        doc: What it holds.
        properties: What else stands on it, such as a default or a role.
    """

    name: str
    type: Any
    doc: str
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """A new event.

    Attributes:
        name: Its full name.
        doc: What happened when it is sent.
        fields: Its fields behind `meta`.
        part: "exposure" or "outcome", or nothing.
        unit_type: What is randomised, for an event with a part.
    """

    name: str
    doc: str
    fields: tuple[NewField, ...] = ()
    part: str = ""
    unit_type: str = "user"


def parse_field(text: str) -> NewField:
    """Read NAME:TYPE or NAME:TYPE:DOC.

    A type is a word such as `string`, `money` or `timestamp`, or string(200), decimal(18,4) or enum(SMALL|LARGE);
    `[]` behind it makes a list of it, `?` makes it nullable.

    Raises:
        BadFieldError: It is written otherwise.
    """
    name, _, rest = text.partition(":")
    written, _, doc = rest.partition(":")
    match = _TYPE.fullmatch(written.strip())
    if not name or match is None:
        raise BadFieldError(f"`{text}` is no field", fix="write NAME:TYPE or NAME:TYPE:DOC, such as total:money")
    properties: dict[str, Any] = {}
    kind = _kind(name.strip(), match["name"], match["inside"], properties)
    if match["many"]:
        kind = {"type": "array", "items": kind}
        properties = {"default": []}
    if match["null"]:
        kind = ["null", kind]
        properties = {"default": None, **_guarded(name, properties)}
    return NewField(name.strip(), kind, doc.strip(), properties)


def _kind(name: str, word: str, inside: str | None, properties: dict[str, Any]) -> Any:  # noqa: ANN401 -- JSON
    match word, inside:
        case "enum", str():
            symbols = [each.strip() for each in inside.split("|") if each.strip() not in {"", "UNKNOWN"}]
            title = "".join(part.capitalize() for part in name.split("_"))
            told = f"Kinds of {name.replace('_', ' ')}."
            return {"type": "enum", "name": title, "doc": told, "symbols": ["UNKNOWN", *symbols], "default": "UNKNOWN"}
        case "decimal", str() if re.fullmatch(r"\s*\d+\s*,\s*\d+\s*", inside):
            precision, scale = (int(each) for each in inside.split(","))
            return {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale}
        case "string", str() if inside.strip().isdigit():
            rule = {"name": f"{name}_is_short", "expr": f"size(this.{name}) <= {int(inside)}"}
            properties["confluent:rules"] = [rule]
            return "string"
        case _, None if word in _PLAIN:
            return _PLAIN[word]
        case _:
            hint = did_you_mean(word, (*_PLAIN, "enum", "decimal"))
            raise BadFieldError(f"`{word}` of `{name}` is no type{hint}", fix="tallystick new --help lists the types")


def _guarded(name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """The properties of a field that may be null."""
    rules = [
        {**rule, "expr": f"this.{name} == null || {rule['expr']}"} for rule in properties.get("confluent:rules", ())
    ]
    return {"confluent:rules": rules} if rules else {}


def event_text(event: NewEvent) -> str:
    """The contract of a new event, formatted."""
    namespace, _, name = event.name.rpartition(".")
    schema: dict[str, Any] = {"type": "record", "name": name, "namespace": namespace, "doc": event.doc}
    fields = [*_part_fields(event), *event.fields]
    if event.part:
        schema["tallystick:experiment"] = _part(event, name)
    schema["fields"] = [_META, *(_field(each) for each in fields)]
    return format_schema(json.dumps(schema, ensure_ascii=False))


def _field(field: NewField) -> dict[str, Any]:
    doc = {"doc": field.doc} if field.doc else {}
    return {"name": field.name, "type": field.type, **doc, **field.properties}


def _part(event: NewEvent, name: str) -> dict[str, Any]:
    part: dict[str, Any] = {"role": event.part, "unit_type": event.unit_type}
    if event.part == "outcome":
        part["metrics"] = [{"key": snake_case(name), "type": "proportion", "aggregation": "count", "window": "P7D"}]
    return part


def _part_fields(event: NewEvent) -> list[NewField]:
    def string(name: str, doc: str, role: str) -> NewField:
        return NewField(name, "string", doc, {"tallystick:role": [role]})

    stated = {each.name for each in event.fields}
    fields = {
        "exposure": (
            string("experiment_key", "Experiment, as in experiments/.", "experiment.experiment_key"),
            string("variant_key", "Variant that was shown.", "experiment.variant_key"),
            string(f"{event.unit_type}_id", f"The {event.unit_type} that was randomised.", "experiment.unit_id"),
        ),
        "outcome": (
            string(f"{event.unit_type}_id", f"The {event.unit_type} that it counts for.", "experiment.unit_id"),
        ),
    }
    return [each for each in fields.get(event.part, ()) if each.name not in stated]


def repository_texts(
    domain: str, owner: str, platform: Mapping[str, str], organisation: str = "my-organisation"
) -> dict[str, str]:
    """The files of a new repository of contracts.

    Args:
        domain: The first namespace of the team's own events.
        owner: The team.
        platform: Full name -> text of the contracts that every repository needs.
        organisation: Where the teams are at the code host.

    Returns:
        Path -> text.
    """
    files = {
        "tallystick.toml": _CONFIG.format(organisation=organisation),
        "schemas/tags.yaml": _TAGS,
        "schemas/tallystick/_domain.yaml": _DOMAIN.format(owner=owner),
        f"schemas/{domain.replace('.', '/')}/_domain.yaml": _DOMAIN.format(owner=owner),
        "schemas/tallystick/DeadLetter.yaml": _DEAD_LETTER,
    }
    for name, text in platform.items():
        files[f"schemas/{name.replace('.', '/')}.avsc"] = format_schema(
            json.dumps(_by_name(json.loads(text), set(platform) - {name}))
        )
    return files


def _by_name(value: Any, known: set[str], namespace: str = "") -> Any:  # noqa: ANN401 -- JSON
    """A schema in which types with a file of their own are named, not repeated."""
    if isinstance(value, list):
        return [_by_name(each, known, namespace) for each in value]
    if not isinstance(value, dict):
        return value
    namespace = value.get("namespace", namespace)
    if (
        isinstance(value.get("name"), str)
        and isinstance(value["type"], str)
        and f"{namespace}.{value.get('name')}" in known
    ):
        return f"{namespace}.{value['name']}"
    inner = {"type", "items", "values", "fields"}
    return {key: _by_name(each, known, namespace) if key in inner else each for key, each in value.items()}
