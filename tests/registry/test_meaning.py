"""The LOGICAL policy: what Java calls compatible and means something else is refused where a subject asks for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.registry.conftest import Api

REFUSE = {"logicalPolicy": "REFUSE"}


def paid(kind: object, *, namespace: str = "shop") -> str:
    listed = [{"name": "total", "type": kind}]
    return json.dumps({"type": "record", "name": "Paid", "namespace": namespace, "fields": listed})


def money(scale: int, precision: int = 18) -> dict[str, Any]:
    return {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale}


def moment(unit: str) -> dict[str, str]:
    return {"type": "long", "logicalType": f"timestamp-{unit}"}


CHANGES = {
    "scale": (paid(money(2)), paid(money(4)), "changes its scale", "B201"),
    "precision": (paid(money(2)), paid(money(2, 9)), "loses precision", "B202"),
    "unit": (paid(moment("micros")), paid(moment("millis")), "changes its unit", "B203"),
    "logical type": (paid("long"), paid(moment("micros")), "changes what its bytes mean", "B204"),
    "namespace": (paid("long"), paid("long", namespace="shop.old"), "moves to shop.old.Paid", "B206"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_meaning_is_let_in_as_confluent_does_and_refused_where_the_policy_says_so(
    api: Api, change: str
) -> None:
    old, new, said, rule = CHANGES[change]
    assert api.register("free", old) != api.register("free", new)
    api.register("guarded", old)
    assert api.put("/config/guarded", REFUSE)[1] == {"compatibility": "BACKWARD", **REFUSE}
    status, code, message = api.error("POST", "/subjects/guarded/versions", {"schema": new})
    assert (status, code) == (409, 409)
    assert "errorType:'LOGICAL'" in message
    assert said in message
    assert f"({rule})" in message
    assert "{oldSchemaVersion: 1}" in message
    verdict = api.post("/compatibility/subjects/guarded/versions", {"schema": new}, verbose="true")[1]
    assert verdict["is_compatible"] is False
    assert api.get("/subjects/guarded/versions")[1] == [1]


def test_the_policy_lets_everything_else_in(api: Api) -> None:
    api.put("/config/s", REFUSE)
    api.register("s", paid(money(2, 9)))
    api.register("s", paid(money(2, 18)))
    api.register("s", paid(money(2, 18)).replace('"fields"', '"doc": "A payment.", "fields"'))
    assert api.get("/subjects/s/versions")[1] == [1, 2, 3]


def test_the_policy_counts_beside_any_level_and_force_goes_past_it(api: Api) -> None:
    api.put("/config/s", {"compatibility": "NONE", **REFUSE})
    api.register("s", paid(money(2)))
    assert api.error("POST", "/subjects/s/versions", {"schema": paid(money(4))})[0] == 409
    assert api.post("/subjects/s/versions", {"schema": paid(money(4))}, force="true")[0] == 200


@pytest.mark.parametrize(("level", "status"), [("BACKWARD", 200), ("BACKWARD_TRANSITIVE", 409)])
def test_a_transitive_level_asks_for_the_meaning_of_every_version(api: Api, level: str, status: int) -> None:
    api.register("s", paid(moment("millis")))
    api.register("s", paid("long"))
    api.put("/config/s", {"compatibility": level, **REFUSE})
    documented = paid("long").replace('"fields"', '"doc": "A payment.", "fields"')
    assert api.post("/subjects/s/versions", {"schema": documented})[0] == status


@pytest.mark.parametrize("place", ["/config", "/config/:.c:", "/config/:.__GLOBAL:"])
def test_the_policy_comes_from_above_like_every_setting(api: Api, place: str) -> None:
    subject = ":.c:s" if ":.c:" in place else "s"
    api.register(subject, paid(money(2)))
    assert api.put(place, {"logicalPolicy": "refuse"})[1]["logicalPolicy"] == "REFUSE"
    assert api.error("POST", f"/subjects/{subject}/versions", {"schema": paid(money(4))})[0] == 409
    assert api.put(place, {"logicalPolicy": None})[1] == {"compatibility": "BACKWARD"}
    assert api.post(f"/subjects/{subject}/versions", {"schema": paid(money(4))})[0] == 200


def test_a_policy_that_is_none_is_refused(api: Api) -> None:
    refusal = (422, 42203, "Invalid logical policy. Valid values are NONE and REFUSE")
    assert api.error("PUT", "/config/s", {"logicalPolicy": "MAYBE"}) == refusal
    assert api.get("/config/s")[0] == 404


def test_schemas_that_are_no_contracts_are_judged_too(api: Api) -> None:
    api.put("/config", {"compatibility": "NONE", **REFUSE})
    deep = '"int"'
    for _ in range(60):
        deep = f'{{"type":"array","items":{deep}}}'
    for old, new in (('"int"', '"string"'), ('["null","int"]', '["null"]'), ('"long"', json.dumps(moment("millis")))):
        api.register(subject := f"s{len(old)}{len(new)}", old)
        assert api.post(f"/subjects/{subject}/versions", {"schema": new})[0] == (409 if "millis" in new else 200)
    api.register("deep", deep)
    assert api.post("/subjects/deep/versions", {"schema": deep.replace("int", "long")})[0] == 200


def test_the_explanation_tells_of_the_meaning_whether_it_counts_or_not(api: Api) -> None:
    api.register("s", paid(money(2)))
    for policy in ("NONE", "REFUSE"):
        api.put("/config/s", {"logicalPolicy": policy})
        found = api.post("/ui/explain/s", {"schema": paid(money(4))})[1]
        assert (found["policy"], found["allowed"]) == (policy, policy == "NONE")
        (reason,) = found["versions"][0]["reasons"]
        assert (reason["direction"], reason["counts"], reason["path"]) == ("LOGICAL", policy == "REFUSE", "total")
        assert "changes its scale" in reason["what"]


def test_the_explanation_knows_a_version_that_is_there(api: Api) -> None:
    api.register("s", paid(money(2)))
    api.register("s", paid(money(2, 20)))
    found = api.post("/ui/explain/s", {"schema": paid(money(2))})[1]
    assert (found["allowed"], found["present"], found["versions"]) == (True, 1, [])
