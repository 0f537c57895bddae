"""The page for people at `/ui`: subjects, versions, differences, and what would be compatible. It writes nothing."""

from base64 import b64encode
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files

from starlette.responses import Response

from tallystick.api.registry.explaining import explain
from tallystick.api.registry.http.door import AtDoor, SchemaIn
from tallystick.api.registry.http.params import SubjectPath
from tallystick.api.registry.http.routing import Router

__all__ = ["router"]

router = Router(tag="Page")
# Nothing runs in the page but its own style and script, known by their digests.
_POLICY = (
    "default-src 'none'; style-src {style}; script-src {script}; connect-src 'self'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)


@router.get("/ui")
async def get_page() -> Response:
    """Get the page."""
    page, policy = _page()
    headers = {"content-security-policy": policy, "x-content-type-options": "nosniff", "x-frame-options": "DENY"}
    return Response(page, media_type="text/html; charset=utf-8", headers=headers)


@lru_cache(maxsize=1)
def _page() -> tuple[str, str]:
    """The page, and the policy that goes with it."""
    page = files("tallystick.api.registry.http").joinpath("ui.html").read_text(encoding="utf-8")
    return page, _POLICY.format(**{tag: _digest_of(tag, page) for tag in ("style", "script")})


def _digest_of(tag: str, page: str) -> str:
    text = page.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0]
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


@router.post("/ui/explain/{subject}")
async def explain_schema(door: AtDoor, subject: SubjectPath, body: SchemaIn) -> Response:
    """Explain whether a schema would be let in, against every live version."""
    return await door.read(lambda tx: explain(tx, door.target(tx, subject), body.proposal(normalize=False)))
