"""How a handler's signature becomes the steps of a request, and what the OpenAPI document tells."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request  # noqa: TC002 - signatures are read
from starlette.responses import JSONResponse, Response
from starlette.testclient import TestClient

from tallystick.api.registry.http.routing import Body, Made, Parameter, Path, Query, Router

router = Router("/things", tag="Things")
read: list[str] = []


def _number(text: str) -> int:
    read.append(text)
    return int(text)


def _range(
    *, start: Annotated[int, Query(_number, "from", "The first.")] = 0, step: Annotated[int, Query(int)] = 1
) -> Any:  # noqa: ANN401 - JSON
    return [start, step]


async def _body(request: Request) -> str:
    read.append("body")
    return (await request.body()).decode()


@router.post("/{thing}")
async def put_thing(
    thing: Annotated[int, Path(_number, "Which one.")],
    body: Annotated[str, Body(_body)],
    numbers: Annotated[list[int], Made(_range)],
    names: Annotated[list[str], Query(name="name", is_list=True)],
    request: Request,
    *,
    hidden: Annotated[str, Query(is_told=False)] = "",
) -> Response:
    """Put a thing.

    At length.
    """
    return JSONResponse([thing, body, numbers, names, request.method, hidden])


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(Starlette(routes=router.operations))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [7, "text", [0, 1], [], "POST", ""]),
        ("?from=3&step=2", [7, "text", [3, 2], [], "POST", ""]),
        ("?name=b&name=a&name=", [7, "text", [0, 1], ["b", "a", ""], "POST", ""]),
        ("?from=3&from=4&hidden=x&unknown=1", [7, "text", [4, 1], [], "POST", "x"]),
    ],
    ids=["defaults", "made of parameters", "a list", "the last of several"],
)
def test_a_handler_gets_what_its_signature_asks_for(client: TestClient, query: str, expected: list[object]) -> None:
    assert client.post(f"/things/7{query}", content="text").json() == expected


def test_the_body_is_read_when_all_else_holds(client: TestClient) -> None:
    read.clear()
    with pytest.raises(ValueError, match="invalid literal"):
        client.post("/things/x", content="text")
    assert read == ["x"]
    client.post("/things/1", content="text")
    assert read == ["x", "1", "body"]


def test_an_operation_tells_of_itself_what_its_signature_says() -> None:
    (operation,) = router.operations
    assert (operation.method, operation.path, operation.name) == ("POST", "/things/{thing}", "put_thing")
    assert (operation.summary, operation.tag, operation.body) == ("Put a thing.", "Things", str)
    assert operation.parameters == (
        Parameter("thing", "path", int, None, "Which one."),
        Parameter("from", "query", int, 0, "The first."),
        Parameter("step", "query", int, 1, ""),
        Parameter("name", "query", list[str], None, ""),
    )


def test_an_argument_that_comes_from_nowhere_is_told_when_the_route_is_made() -> None:
    async def handler(name: str) -> Response:
        return Response(name)

    with pytest.raises(TypeError, match="handler: where does name come from"):
        Router().get("/")(handler)
