"""Routes about the service itself."""

from importlib.metadata import version

from starlette.requests import Request
from starlette.responses import Response

from tallystick.api.registry.content import Json
from tallystick.api.registry.http.door import AtDoor
from tallystick.api.registry.http.routing import Router
from tallystick.api.registry.transaction import Transaction

__all__ = ["router"]

router = Router(tag="Service")


@router.get("/")
async def get_root(door: AtDoor) -> Response:
    """Answer, so that a client sees that we are here."""
    return door.answer({})


@router.post("/")
async def post_root(door: AtDoor) -> Response:
    """Answer, as Confluent does."""
    return door.answer({})


@router.get("/v1/metadata/id")
async def get_cluster_id(door: AtDoor) -> Response:
    """Name the cluster that a registry belongs to."""
    return door.answer({"scope": {"path": [], "clusters": {"schema-registry-cluster": "tallystick"}}})


@router.get("/v1/metadata/version")
async def get_server_version(door: AtDoor) -> Response:
    """Name the program's version."""
    return door.answer({"version": version("tallystick"), "commitId": ""})


@router.get("/v1/metadata/deployment")
async def get_deployment(door: AtDoor) -> Response:
    """Name attributes of the deployment: there are none."""
    return door.answer({"attributes": []})


@router.get("/livez")
async def is_alive(door: AtDoor) -> Response:
    """Answer as long as the process can."""
    return door.answer({"status": "alive"})


@router.get("/readyz")
async def is_ready(door: AtDoor) -> Response:
    """Answer 200 if the database answers too."""

    def work(tx: Transaction) -> Json:
        return {"status": "ready", "writes": tx.tick()}

    return await door.read(work)


@router.get("/metrics")
async def get_metrics(request: Request) -> Response:
    """Get the numbers for Prometheus."""
    return Response(request.app.state.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")
