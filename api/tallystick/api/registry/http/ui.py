"""The page for people at `/ui`: subjects, versions, differences, and what would be compatible. It writes nothing."""

from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from tallystick.api.registry.explaining import explain
from tallystick.api.registry.http.bodies import SchemaBody
from tallystick.api.registry.http.door import Door, at_door, schema_body
from tallystick.api.registry.http.openapi import SCHEMA
from tallystick.api.registry.http.params import SubjectPath

__all__ = ["router"]

router = APIRouter(tags=["Page"])
# Everything comes from this very page; nothing else may run in it.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'"
)


@router.get("/ui")
async def get_page() -> Response:
    """Get the page."""
    page = files("tallystick.api.registry.http").joinpath("ui.html").read_bytes()
    headers = {"content-security-policy": _POLICY, "x-content-type-options": "nosniff", "x-frame-options": "DENY"}
    return Response(page, media_type="text/html; charset=utf-8", headers=headers)


@router.post("/ui/explain/{subject}", openapi_extra=SCHEMA)
async def explain_schema(
    door: Annotated[Door, Depends(at_door)], subject: SubjectPath, body: Annotated[SchemaBody, Depends(schema_body)]
) -> Response:
    """Explain whether a schema would be let in, against every live version."""
    return await door.read(lambda tx: explain(tx, door.target(tx, subject), body.proposal(normalize=False)))
