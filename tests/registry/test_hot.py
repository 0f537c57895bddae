"""The hot paths answer what the routes would, from memory while it holds; and writes share a commit, not a fate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.registry.conftest import record

from tallystick.api.registry.http import hot

if TYPE_CHECKING:
    from tests.registry.conftest import Api

    from tallystick.api.registry.store import Store
    from tallystick.api.registry.transaction import Transaction

PATHS = [
    "/schemas/ids/1",
    "/schemas/ids/1?subject=shop.Order",
    "/schemas/ids/1?subject=other",
    "/schemas/ids/1?fetchMaxId=False",
    "/schemas/ids/1?subject=:.staging:",
    "/schemas/ids/1?subject=:.staging:shop.Order&fetchMaxId=false",
    "/schemas/ids/1?subject=the-alias",
    "/schemas/ids/2?subject=elsewhere",
    "/contexts/.staging/schemas/ids/1",
    "/subjects/shop.Order/versions/latest",
    "/subjects/shop.Order/versions/-1?deleted=false",
    "/subjects/shop.Order/versions/2",
    "/subjects/%3A.staging%3Ashop.Order/versions/1",
    "/contexts/.staging/subjects/shop.Order/versions/latest",
    "/subjects/elsewhere/versions/latest",
    "/subjects/the-alias/versions/latest",
]


@pytest.fixture
def shelf(api: Api) -> Api:
    """Subjects in two contexts, and an alias."""
    api.register("shop.Order", record("Order", id="long"))
    api.put("/config/shop.Order", {"compatibility": "NONE"})
    api.register("shop.Order", record("Order", id="string"))
    api.register("other", record("Order", id="string"))
    api.register(":.staging:shop.Order", record("Draft", id="long"))
    api.register(":.staging:elsewhere", record("Elsewhere"))
    api.put("/config/the-alias", {"alias": "shop.Order"})
    return api


def routed(api: Api, path: str) -> Any:  # noqa: ANN401 - the answer of whichever client it is
    """The answer of the routes: a parameter that nobody knows changes nothing but the way that the request takes."""
    return api.client.get(f"{path}{'&' if '?' in path else '?'}unknown=1")


@pytest.mark.parametrize("path", PATHS)
def test_the_hot_paths_answer_what_the_routes_do(shelf: Api, path: str) -> None:
    expected = routed(shelf, path)
    for _ in range(2):
        found = shelf.client.get(path)
        assert (found.status_code, found.json()) == (200, expected.json())
        assert found.headers["content-type"] == expected.headers["content-type"]


@pytest.mark.parametrize("path", ["/schemas/ids/99", "/schemas/ids/9999999999", "/subjects/s/versions/0"])
def test_what_is_not_there_is_told_by_the_routes(api: Api, path: str) -> None:
    assert api.error("GET", path)[:2] == api.error("GET", f"{path}?unknown=1")[:2]


@pytest.mark.parametrize(
    "path", ["/schemas/ids/2?subject=shop.Order", "/schemas/ids/2", "/subjects/shop.Order/versions/latest"]
)
def test_an_answer_is_kept_until_what_it_says_ends(shelf: Api, path: str) -> None:
    before = shelf.client.get(path)
    known = {"if-none-match": before.headers["etag"]}
    assert shelf.client.get(path, headers=known).status_code == 304
    shelf.register("bystander", record("Bystander"))
    assert shelf.client.get(path, headers=known).status_code == 304
    shelf.delete("/subjects/shop.Order/versions/2")
    assert shelf.client.get(path).json() == routed(shelf, path).json() != before.json()
    shelf.put("/config/shop.Order", {"alias": "other"})
    after = shelf.client.get(path)
    assert after.json() == routed(shelf, path).json() != before.json()


def test_what_is_kept_is_bounded(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hot, "_MAX_BYTES", 5_000)
    for number in range(20):
        api.register(f"s{number}", record(f"R{number}"))
    for _ in range(2):
        for schema_id in range(1, 21):
            assert api.get(f"/schemas/ids/{schema_id}")[0] == 200
    assert "tallystick_registry_cache_hits_total 0.0" in api.client.get("/metrics").text
    for _ in range(2):
        assert api.get("/schemas/ids/20")[0] == 200
    assert "tallystick_registry_cache_hits_total 2.0" in api.client.get("/metrics").text


def test_a_write_that_fails_among_others_leaves_no_trace_and_they_do(store: Store) -> None:
    def take(tx: Transaction) -> int:
        return tx.take_id(".")

    def fail(tx: Transaction) -> int:
        tx.take_id(".")
        raise ValueError("no")

    outcomes = store.write_together([take, fail, take])
    assert [outcome.result for outcome in outcomes] == [1, None, 2]
    assert [repr(outcome.error) for outcome in outcomes] == ["None", "ValueError('no')", "None"]
    with store.read() as tx:
        assert (tx.max_id("."), tx.tick()) == (2, 2)


def test_writes_that_fail_with_their_database_all_fail(store: Store) -> None:
    def take(tx: Transaction) -> int:
        return tx.take_id(".")

    def lose(_tx: Transaction) -> int:
        raise store.lost[0]("the database went away", None, Exception())

    with pytest.raises(store.lost):
        store.write_together([take, lose])
    with store.read() as tx:
        assert tx.max_id(".") == 0
