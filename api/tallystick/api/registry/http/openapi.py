"""The OpenAPI document, made of what the routes say of themselves, with examples that can be run."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tallystick.api.registry.content import Content
from tallystick.api.registry.http.bodies import ConfigBody, ModeBody, SchemaBody, TagsBody
from tallystick.api.registry.http.media import DEFAULT_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tallystick.api.registry.http.routing import Operation, Parameter

__all__ = ["EXAMPLES", "describe"]

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
_TAG: Final = {"schemaEntity": {"entityPath": "Order.id", "entityType": "SR_FIELD"}, "tags": ["PII"]}
_BODIES: Final[Mapping[type[Any], Spec]] = {
    SchemaBody: {"schema": _TEXT},
    ConfigBody: {"compatibility": "FULL"},
    ModeBody: {"mode": "READWRITE"},
    TagsBody: {"tagsToAdd": [_TAG]},
}
_REFERRING: Final = "#/components/schemas/{name}"
_ERROR: Final = {
    "type": "object",
    "properties": {"error_code": {"type": "integer"}, "message": {"type": "string"}},
    "required": ["error_code", "message"],
}


def describe(operations: Iterable[Operation]) -> Spec:
    """The document of these operations."""
    paths: dict[str, Spec] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    _, bodies = msgspec.json.schema_components(tuple(_BODIES), ref_template=_REFERRING)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tallystick schema registry", "version": version("tallystick")},
        "paths": paths,
        "components": {"schemas": {**bodies, "Error": _ERROR}},
    }


def _operation(operation: Operation) -> Spec:
    told: Spec = {"tags": [operation.tag], "summary": operation.summary, "operationId": operation.name}
    if operation.parameters:
        told["parameters"] = [_parameter(each) for each in operation.parameters]
    if operation.body is not None:
        media = {**_reference(operation.body.__name__), "example": _BODIES[operation.body]}
        told["requestBody"] = {"required": True, "content": {DEFAULT_TYPE: media}}
    refusal = {"description": "A refusal.", "content": {DEFAULT_TYPE: _reference("Error")}}
    told["responses"] = {"200": {"description": "Done.", "content": {DEFAULT_TYPE: {}}}, "default": refusal}
    return told


def _reference(name: str) -> Spec:
    return {"schema": {"$ref": _REFERRING.format(name=name)}}


def _parameter(parameter: Parameter) -> Spec:
    told: Spec = {"name": parameter.name, "in": parameter.place}
    if parameter.doc:
        told["description"] = parameter.doc
    if parameter.place == "path":
        # What is read as a number may be written as a word, such as `latest`.
        example = EXAMPLES[parameter.name]
        return {**told, "required": True, "schema": msgspec.json.schema(type(example)), "example": example}
    default = {} if parameter.default is None else {"default": parameter.default}
    return {**told, "required": False, "schema": {**msgspec.json.schema(parameter.kind), **default}}
