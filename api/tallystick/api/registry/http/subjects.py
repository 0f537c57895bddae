"""Routes of subjects and versions."""

from typing import Annotated

from starlette.responses import Response

from tallystick.api.registry import deletion, reading, tagging
from tallystick.api.registry.content import Json
from tallystick.api.registry.errors import SubjectNotFoundError
from tallystick.api.registry.formats import formatted
from tallystick.api.registry.http.door import AtDoor, SchemaIn, TagsIn, Write, with_tags, without
from tallystick.api.registry.http.params import (
    FindTags,
    Flag,
    FormParam,
    PageParam,
    SubjectPath,
    VersionPath,
    Which,
    WithDeleted,
    flag,
)
from tallystick.api.registry.http.routing import Query, Router
from tallystick.api.registry.names import Subject
from tallystick.api.registry.registering import register
from tallystick.api.registry.transaction import Filter, Transaction

__all__ = ["router"]

router = Router("/subjects", tag="Subjects")
Prefix = Annotated[str, Query(name="subjectPrefix", doc="`:*:` for every context.")]


@router.post("/{subject}/versions")
async def register_schema(
    door: AtDoor, subject: SubjectPath, body: SchemaIn, form: FormParam, *, normalize: Flag = False, force: Flag = False
) -> Response:
    """Register a schema."""
    proposal = body.proposal(normalize=normalize)

    def work(tx: Transaction) -> Json:
        home = door.target(tx, subject).checked()
        found = formatted(tx, register(tx, home, with_tags(tx, home, body, proposal), force=force), form)
        return without(found.json, "subject")

    return await door.write(Write("register", Subject.parse(subject)), work)


@router.get("")
async def list_subjects(door: AtDoor, which: Which, page: PageParam, prefix: Prefix = ":*:") -> Response:
    """List the subjects by name."""
    return await door.read(lambda tx: tx.subjects(Subject.parse(prefix), which, page))


@router.post("/{subject}")
async def look_up(
    door: AtDoor,
    subject: SubjectPath,
    body: SchemaIn,
    form: FormParam,
    *,
    normalize: Flag = False,
    deleted: WithDeleted = False,
) -> Response:
    """Find the version that holds a schema."""
    proposal = body.proposal(normalize=normalize)

    def work(tx: Transaction) -> Json:
        home = door.target(tx, subject)
        found = reading.lookup(tx, home, with_tags(tx, home, body, proposal), deleted=deleted)
        return formatted(tx, found, form).json

    return await door.read(work)


@router.delete("/{subject}")
async def delete_subject(door: AtDoor, subject: SubjectPath, *, permanent: Flag = False) -> Response:
    """Delete a subject, softly or for good."""
    what = Write("delete subject permanently" if permanent else "delete subject", Subject.parse(subject))
    return await door.write(what, lambda tx: deletion.delete_subject(tx, door.target(tx, subject), permanent=permanent))


@router.get("/{subject}/metadata")
async def latest_with_metadata(
    door: AtDoor,
    subject: SubjectPath,
    form: FormParam,
    *,
    keys: Annotated[list[str], Query(name="key", doc="Names of properties.", is_list=True)],
    values: Annotated[list[str], Query(name="value", doc="What each of them is.", is_list=True)],
    deleted: WithDeleted = False,
) -> Response:
    """Find the newest version whose metadata has all the given properties."""
    wanted = dict(zip(keys, values, strict=False))

    def work(tx: Transaction) -> Json:
        return formatted(tx, reading.by_metadata(tx, door.target(tx, subject), wanted, deleted=deleted), form).json

    return await door.read(work)


@router.get("/{subject}/versions")
async def list_versions(
    door: AtDoor,
    subject: SubjectPath,
    which: Which,
    page: PageParam,
    *,
    negative: Annotated[bool, Query(flag, "deletedAsNegative")] = False,
) -> Response:
    """List the versions of a subject."""

    def work(tx: Transaction) -> list[int]:
        home = door.target(tx, subject)
        if not tx.has_versions(home, Filter.LIVE if which is Filter.LIVE else Filter.ALL):
            raise SubjectNotFoundError(home.qualified)
        found = tx.history(home, Filter.ALL if negative else which)
        return page.of([-version.version if negative and version.deleted else version.version for version in found])

    return await door.read(work)


@router.get("/{subject}/versions/{version}")
async def get_version(
    door: AtDoor,
    subject: SubjectPath,
    version: VersionPath,
    form: FormParam,
    tags: FindTags,
    *,
    deleted: WithDeleted = False,
) -> Response:
    """Get a version."""

    def work(tx: Transaction) -> Json:
        home = door.target(tx, subject)
        found = reading.by_version(tx, home, version, deleted=deleted)
        more = tagging.found_tags(tx, found.place.subject, found.content, tags)
        return {**formatted(tx, found, form).json, **more}

    return await door.read(work)


@router.get("/{subject}/versions/{version}/schema")
async def get_version_text(
    door: AtDoor, subject: SubjectPath, version: VersionPath, form: FormParam, *, deleted: WithDeleted = False
) -> Response:
    """Get a version's schema alone."""

    def work(tx: Transaction) -> str:
        return formatted(
            tx, reading.by_version(tx, door.target(tx, subject), version, deleted=deleted), form
        ).content.text

    return await door.read(work)


@router.get("/{subject}/versions/{version}/referencedby")
async def get_referrers(
    door: AtDoor, subject: SubjectPath, version: VersionPath, page: PageParam, *, deleted: WithDeleted = False
) -> Response:
    """List the ids of the schemas that refer to a version."""
    return await door.read(
        lambda tx: page.of(reading.referrers(tx, door.target(tx, subject), version, deleted=deleted))
    )


@router.delete("/{subject}/versions/{version}")
async def delete_version(
    door: AtDoor, subject: SubjectPath, version: VersionPath, *, permanent: Flag = False
) -> Response:
    """Delete a version, softly or for good."""
    what = Write("delete version permanently" if permanent else "delete version", Subject.parse(subject))
    return await door.write(
        what, lambda tx: deletion.delete_version(tx, door.target(tx, subject), version, permanent=permanent)
    )


@router.post("/{subject}/versions/{version}/tags")
async def modify_tags(door: AtDoor, subject: SubjectPath, version: VersionPath, body: TagsIn) -> Response:
    """Make a new version by changing tags, metadata and rules of one."""

    def work(tx: Transaction) -> Json:
        found = tagging.change_tags(tx, door.target(tx, subject).checked(), version, body.change())
        return without(found.json, "subject")

    return await door.write(Write("tag", Subject.parse(subject)), work)
