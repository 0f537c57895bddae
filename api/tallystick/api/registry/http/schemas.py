"""Routes of schemas by id and by guid, and the list of all."""

from dataclasses import replace
from typing import Annotated

from starlette.responses import Response

from tallystick.api.registry import reading
from tallystick.api.registry.content import AVRO, Json
from tallystick.api.registry.formats import formatted_by_id
from tallystick.api.registry.http.door import AtDoor, without
from tallystick.api.registry.http.params import (
    FindTags,
    Flag,
    FormParam,
    IdPath,
    PageParam,
    SubjectParam,
    SubjectPath,
    WithDeleted,
    flag,
)
from tallystick.api.registry.http.routing import Query, Router
from tallystick.api.registry.listing import list_schemas
from tallystick.api.registry.names import Subject
from tallystick.api.registry.tagging import found_tags
from tallystick.api.registry.transaction import Filter, Transaction

__all__ = ["router"]

router = Router("/schemas", tag="Schemas")


@router.get("")
async def list_all(
    door: AtDoor,
    page: PageParam,
    *,
    prefix: Annotated[str, Query(name="subjectPrefix")] = "",
    aliases: Flag = False,
    deleted: WithDeleted = False,
    latest: Annotated[bool, Query(flag, "latestOnly")] = False,
    rule_type: Annotated[str, Query(name="ruleType")] = "",
) -> Response:
    """List versions with their schemas."""
    capped = replace(page, limit=door.limits.listed_schemas) if page.limit < 0 else page
    which = Filter.of(deleted=deleted)

    def work(tx: Transaction) -> list[Json]:
        return list_schemas(
            tx, Subject.parse(prefix), which, capped, latest_only=latest, aliases=aliases, rule_type=rule_type
        )

    return await door.read(work)


@router.get("/types")
async def list_types(door: AtDoor) -> Response:
    """List the types of schemas that can be registered."""
    return door.answer([AVRO])


@router.get("/ids/{schema_id}")
async def get_by_id(
    door: AtDoor,
    schema_id: IdPath,
    form: FormParam,
    tags: FindTags,
    *,
    subject: SubjectParam = "",
    max_id: Annotated[bool, Query(flag, "fetchMaxId")] = False,
) -> Response:
    """Get the schema that an id stands for."""

    def work(tx: Transaction) -> Json:
        home = door.target(tx, subject)
        found = reading.by_id(tx, schema_id, home)
        more = {"maxId": tx.max_id(found.context)} if max_id else {}
        more |= found_tags(tx, found.home, found.content, tags)
        return {**formatted_by_id(tx, found, form).json, **more}

    return await door.read(work)


@router.get("/ids/{schema_id}/schema")
async def get_text_by_id(door: AtDoor, schema_id: IdPath, form: FormParam, *, subject: SubjectParam = "") -> Response:
    """Get the schema alone."""

    def work(tx: Transaction) -> str:
        return formatted_by_id(tx, reading.by_id(tx, schema_id, door.target(tx, subject)), form).content.text

    return await door.read(work)


@router.get("/ids/{schema_id}/subjects")
async def get_subjects_by_id(
    door: AtDoor, schema_id: IdPath, page: PageParam, *, subject: SubjectParam = "", deleted: WithDeleted = False
) -> Response:
    """List the subjects in which an id stands."""

    def work(tx: Transaction) -> list[str]:
        places = reading.places_of_id(tx, schema_id, door.target(tx, subject), deleted=deleted)
        return page.of(list(dict.fromkeys(place.subject.qualified for place in places)))

    return await door.read(work)


@router.get("/ids/{schema_id}/versions")
async def get_versions_by_id(
    door: AtDoor, schema_id: IdPath, page: PageParam, *, subject: SubjectParam = "", deleted: WithDeleted = False
) -> Response:
    """List the subjects and versions where an id stands."""

    def work(tx: Transaction) -> list[Json]:
        places = reading.places_of_id(tx, schema_id, door.target(tx, subject), deleted=deleted)
        return page.of([{"subject": place.subject.qualified, "version": place.version} for place in places])

    return await door.read(work)


@router.get("/guids/{guid}")
async def get_by_guid(door: AtDoor, guid: SubjectPath, form: FormParam) -> Response:
    """Get the schema that a guid stands for."""

    def work(tx: Transaction) -> Json:
        return without(formatted_by_id(tx, reading.by_guid(tx, guid), form).json, "subject", "version")

    return await door.read(work)


@router.get("/guids/{guid}/ids")
async def get_ids_by_guid(door: AtDoor, guid: SubjectPath) -> Response:
    """List the ids of a guid, context by context."""
    return await door.read(
        lambda tx: [{"context": context, "id": schema_id} for context, schema_id in tx.ids_of_guid(guid)]
    )
