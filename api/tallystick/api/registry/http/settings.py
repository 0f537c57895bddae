"""Routes of config, mode, compatibility and contexts."""

from typing import Annotated, Final

from starlette.responses import Response

from tallystick.api.registry import checking, deletion, modes, settings
from tallystick.api.registry.content import Json
from tallystick.api.registry.http.door import AtDoor, ConfigIn, ModeIn, SchemaIn, Write, with_tags
from tallystick.api.registry.http.params import Flag, InScope, PageParam, SubjectPath, VersionPath, decoded
from tallystick.api.registry.http.routing import Path, Query, Router
from tallystick.api.registry.names import Subject, context_name
from tallystick.api.registry.transaction import Transaction

__all__ = ["router"]

router = Router()
_CONFIG: Final = "Config"
_MODE: Final = "Modes"


@router.get("/config", tag=_CONFIG)
async def get_top_config(door: AtDoor, *, in_scope: InScope = False) -> Response:
    """Get the config of the default context."""
    return await get_config(door, "", in_scope=in_scope)


@router.get("/config/{subject}", tag=_CONFIG)
async def get_config(door: AtDoor, subject: SubjectPath, *, in_scope: InScope = False) -> Response:
    """Get the config of a subject or context."""
    return await door.read(lambda tx: settings.get_config(tx, Subject.parse(subject), in_scope=in_scope))


@router.put("/config", tag=_CONFIG)
async def put_top_config(door: AtDoor, body: ConfigIn) -> Response:
    """Change the config of the default context."""
    return await put_config(door, "", body)


@router.put("/config/{subject}", tag=_CONFIG)
async def put_config(door: AtDoor, subject: SubjectPath, body: ConfigIn) -> Response:
    """Change the config of a subject or context."""
    home = Subject.parse(subject).checked(settings=True)

    def work(tx: Transaction) -> Json:
        config = settings.update_config(tx, home, body.update())
        return {"compatibility" if key == "compatibilityLevel" else key: value for key, value in config.items()}

    return await door.write(Write("set config", home), work)


@router.delete("/config", tag=_CONFIG)
async def delete_top_config(door: AtDoor) -> Response:
    """Clear the config of the default context."""
    return await delete_config(door, "")


@router.delete("/config/{subject}", tag=_CONFIG)
async def delete_config(door: AtDoor, subject: SubjectPath) -> Response:
    """Clear the config of a subject or context."""
    home = Subject.parse(subject)
    return await door.write(Write("delete config", home), lambda tx: settings.delete_config(tx, home))


@router.get("/mode", tag=_MODE)
async def get_top_mode(door: AtDoor, *, in_scope: InScope = False) -> Response:
    """Get the mode of the default context."""
    return await get_mode(door, "", in_scope=in_scope)


@router.get("/mode/{subject}", tag=_MODE)
async def get_mode(door: AtDoor, subject: SubjectPath, *, in_scope: InScope = False) -> Response:
    """Get the mode of a subject or context."""
    return await door.read(lambda tx: {"mode": modes.get_mode(tx, Subject.parse(subject), in_scope=in_scope).value})


@router.put("/mode", tag=_MODE)
async def put_top_mode(door: AtDoor, body: ModeIn, *, force: Flag = False) -> Response:
    """Set the mode of the default context."""
    return await put_mode(door, "", body, force=force)


@router.put("/mode/{subject}", tag=_MODE)
async def put_mode(door: AtDoor, subject: SubjectPath, body: ModeIn, *, force: Flag = False) -> Response:
    """Set the mode of a subject or context."""
    home = Subject.parse(subject).checked(settings=True)

    def work(tx: Transaction) -> Json:
        mode = modes.update_mode(tx, home, body.mode, force=force)
        return {} if mode is None else {"mode": mode.value}

    return await door.write(Write("set mode", home), work)


@router.delete("/mode", tag=_MODE)
async def delete_top_mode(door: AtDoor, *, recursive: Flag = False) -> Response:
    """Clear the mode of the default context."""
    return await delete_mode(door, "", recursive=recursive)


@router.delete("/mode/{subject}", tag=_MODE)
async def delete_mode(door: AtDoor, subject: SubjectPath, *, recursive: Flag = False) -> Response:
    """Clear the mode of a subject or context, with `recursive` that of everything in it too."""
    home = Subject.parse(subject)

    def work(tx: Transaction) -> Json:
        mode = modes.delete_mode(tx, home, recursive=recursive)
        return {} if mode is None else {"mode": mode.value}

    return await door.write(Write("delete mode", home), work)


@router.post("/compatibility/subjects/{subject}/versions", tag="Compatibility")
async def check_all(
    door: AtDoor, subject: SubjectPath, body: SchemaIn, *, normalize: Flag = False, verbose: Flag = False
) -> Response:
    """Check a schema against the versions that the subject's level asks for."""
    proposal = body.proposal(normalize=normalize)

    def work(tx: Transaction) -> Json:
        home = door.target(tx, subject)
        return checking.check(tx, home, with_tags(tx, home, body, proposal), version=None, verbose=verbose)

    return await door.read(work)


@router.post("/compatibility/subjects/{subject}/versions/{version}", tag="Compatibility")
async def check_one(
    door: AtDoor,
    subject: SubjectPath,
    version: VersionPath,
    body: SchemaIn,
    *,
    normalize: Flag = False,
    verbose: Flag = False,
) -> Response:
    """Check a schema against one version."""
    proposal = body.proposal(normalize=normalize)
    return await door.read(
        lambda tx: checking.check(tx, door.target(tx, subject), proposal, version=version, verbose=verbose)
    )


@router.get("/contexts", tag="Contexts")
async def list_contexts(
    door: AtDoor, page: PageParam, *, prefix: Annotated[str, Query(name="contextPrefix")] = ""
) -> Response:
    """List the contexts."""
    return await door.read(lambda tx: page.of([name for name in tx.contexts() if name.startswith(prefix)]))


@router.delete("/contexts/{context}", tag="Contexts")
async def delete_context(door: AtDoor, context: Annotated[str, Path(decoded)]) -> Response:
    """Delete an empty context."""
    name = context_name(context)
    return await door.write(Write("delete context", Subject(name, "")), lambda tx: deletion.delete_context(tx, name))
