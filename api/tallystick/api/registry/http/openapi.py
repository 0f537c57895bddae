"""The OpenAPI document: what FastAPI cannot know of bodies that msgspec reads, with examples that can be run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from tallystick.api.registry.content import Content
from tallystick.api.registry.http.bodies import ConfigBody, ModeBody, SchemaBody, TagsBody
from tallystick.api.registry.http.media import DEFAULT_TYPE

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CONFIG", "EXAMPLES", "MODE", "SCHEMA", "TAGS", "describe"]

Spec = dict[str, Any]
_TEXT: Final = '{"type":"record","name":"Order","fields":[{"name":"id","type":"long"}]}'
# Every parameter's example belongs to one story: the schema of the bodies, registered first.
EXAMPLES: Final[dict[str, str | int]] = {
    "subject": "Order",
    "version": "latest",
    "schema_id": 1,
    "guid": Content(text=_TEXT).guid,
    "context": ".staging",
}


def _takes(kind: type[msgspec.Struct], example: Spec) -> Spec:
    media = {"schema": {"$ref": f"#/components/schemas/{kind.__name__}"}, "example": example}
    return {"requestBody": {"required": True, "content": {DEFAULT_TYPE: media}}}


SCHEMA: Final = _takes(SchemaBody, {"schema": _TEXT})
CONFIG: Final = _takes(ConfigBody, {"compatibility": "FULL"})
MODE: Final = _takes(ModeBody, {"mode": "READWRITE"})
TAGS: Final = _takes(
    TagsBody, {"tagsToAdd": [{"schemaEntity": {"entityPath": "Order.id", "entityType": "SR_FIELD"}, "tags": ["PII"]}]}
)


def describe(make: Callable[[], Spec]) -> Spec:
    """Complete the document that FastAPI makes: bodies, errors, examples, media types."""
    document = make()
    _, bodies = msgspec.json.schema_components(
        (SchemaBody, ConfigBody, ModeBody, TagsBody), ref_template="#/components/schemas/{name}"
    )
    error = {
        "type": "object",
        "properties": {"error_code": {"type": "integer"}, "message": {"type": "string"}},
        "required": ["error_code", "message"],
    }
    document["components"] = {"schemas": {**bodies, "Error": error}}
    for path in document["paths"].values():
        for operation in path.values():
            _complete(operation)
    return document


def _complete(operation: Spec) -> None:
    refusal = {
        "description": "A refusal.",
        "content": {DEFAULT_TYPE: {"schema": {"$ref": "#/components/schemas/Error"}}},
    }
    operation["responses"] = {"200": {"description": "Done.", "content": {DEFAULT_TYPE: {}}}, "default": refusal}
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path":
            example = EXAMPLES[parameter["name"]]
            parameter["schema"] = {"type": "integer" if isinstance(example, int) else "string"}
            parameter["example"] = example
