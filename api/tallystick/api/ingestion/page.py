"""The page at /docs: one file that draws /openapi.json and fetches nothing from anywhere else."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from starlette.responses import Response
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request

__all__ = ["page_route"]

_SCRIPT: Final = (b"<script>", b"</script>")


def page_route() -> Route:
    """The route of the page; browsers run the one script that stands in it, and let it reach this service only."""
    page = files("tallystick.api.ingestion").joinpath("docs.html").read_bytes()
    script = page.partition(_SCRIPT[0])[2].partition(_SCRIPT[1])[0]
    digest = b64encode(sha256(script).digest()).decode()
    rules = f"default-src 'none'; connect-src 'self'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    headers = {"Content-Security-Policy": f"{rules}; base-uri 'none'; frame-ancestors 'none'"}

    async def show(_: Request) -> Response:
        return Response(page, headers=headers, media_type="text/html")

    return Route("/docs", show)
