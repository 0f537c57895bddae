"""Whatever comes in, the API answers as it says it does: never a 5xx of its own, never the payload back."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.api.serving import ordered, viewed

from tallystick.contracts import unframe
from tallystick.events.shop import OrderCompleted, PageViewed

if TYPE_CHECKING:
    from tests.api.serving import Api

    from tallystick.sdk.record import Event

ALLOWED = {200, 207, 400, 411, 413, 415, 422}
SETTINGS = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["shop.PageViewed", "12.50", "2026-01-06T10:15:30Z", "HOME", "\x00", "", "0" * 64, "NaN", "-0"])
)
KEYS = st.sampled_from(
    [*viewed(), *ordered(), *viewed()["meta"], "schema_version", "contract_hash", "batch", "app", "lines", "__class__"]
) | st.text(max_size=8)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6), max_leaves=20
)


@st.composite
def damaged(draw: st.DrawFn) -> Any:  # noqa: ANN401 - any JSON
    """A good event, one place of it replaced by anything."""
    event = draw(st.sampled_from([viewed, ordered]))()
    place = event
    for _ in range(draw(st.integers(0, 2))):
        inner = [value for value in place.values() if isinstance(value, dict)]
        place = draw(st.sampled_from(inner)) if inner else place
    key = draw(st.sampled_from(sorted(place)) | KEYS)
    if draw(st.booleans()):
        place.pop(key, None)
    else:
        place[key] = draw(VALUES)
    return event


@SETTINGS
@given(events=st.lists(damaged() | VALUES, min_size=1, max_size=5))
def test_any_json_gets_one_result_for_each_event(api: Api, events: list[Any]) -> None:
    answer = api.batch(*events)
    assert answer.status_code in {200, 207}
    results = answer.json()["results"]
    assert len(results) == len(events)
    for result in results:
        assert result["status"] in {"accepted", "duplicate", "invalid"}
        assert (result["status"] != "invalid") or (result["reason"] and result["errors"])
        for error in result.get("errors", []):
            assert set(error) <= {"path", "code", "expected", "got"}


@SETTINGS
@given(event=damaged())
def test_what_is_accepted_can_be_read_back_and_what_is_refused_stands_in_its_dead_letter(api: Api, event: Any) -> None:  # noqa: ANN401 - any JSON
    api.tray.reset()
    (result,) = api.results(event)
    if result["status"] == "accepted":
        (record,) = api.stored()
        kinds: dict[str, type[Event]] = {kind.SUBJECT: kind for kind in (PageViewed, OrderCompleted)}
        kind = kinds[event["type"]]
        back = json.loads(kind.from_avro(unframe(record.value).body).to_json())
        assert back["meta"]["event_id"] == event["meta"]["event_id"].lower()
    else:
        (letter,) = api.dead_letters()
        assert json.loads(letter.payload) == event
        assert letter.reason == result["reason"]


@SETTINGS
@given(
    body=st.binary(max_size=300) | st.text(max_size=200).map(str.encode),
    path=st.sampled_from(["/v1/batch", "/v1/events", "/v1/validate"]),
    kind=st.sampled_from(["application/json", "application/x-ndjson"]),
)
def test_any_bytes_get_an_answer(api: Api, body: bytes, path: str, kind: str) -> None:
    answer = api.post(path, body, content_type=kind)
    assert answer.status_code in ALLOWED
    assert answer.headers["content-type"] in {"application/json", "application/problem+json"}


@SETTINGS
@given(
    position=st.integers(0, 400),
    replacement=st.binary(min_size=0, max_size=3),
    path=st.sampled_from(["/v1/batch", "/v1/validate"]),
)
def test_any_damage_to_a_good_batch_gets_an_answer(api: Api, position: int, replacement: bytes, path: str) -> None:
    good = json.dumps({"batch": [ordered(), viewed()]}).encode()
    body = good[:position] + replacement + good[position + 1 :]
    assert api.post(path, body).status_code in ALLOWED
    assert api.post(path, body, content_type="application/x-ndjson").status_code in ALLOWED


@SETTINGS
@given(position=st.integers(0, 200), replacement=st.binary(min_size=0, max_size=3))
def test_any_damage_to_a_packed_batch_gets_an_answer(api: Api, position: int, replacement: bytes) -> None:
    good = gzip.compress(json.dumps({"batch": [ordered()]}).encode(), mtime=0)
    body = good[:position] + replacement + good[position + 1 :]
    assert api.post("/v1/batch", body, content_encoding="gzip").status_code in ALLOWED


NAMES = st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=1, max_size=20)


@SETTINGS
@given(value=NAMES, name=st.sampled_from(["x-sent-at", "traceparent", "x-request-id", "content-type", "authorization"]))
def test_any_header_gets_an_answer(api: Api, name: str, value: str) -> None:
    answer = api.post("/v1/batch", {"batch": [viewed()]}, **{name: value})
    assert answer.status_code in ALLOWED | {401}


@SETTINGS
@given(kind=st.text(max_size=20), version=st.text(max_size=20))
def test_any_contract_can_be_asked_for(api: Api, kind: str, version: str) -> None:
    headers = {"authorization": f"Bearer {api.secrets['all']}"}
    path = f"/v1/contracts/{quote(kind, safe='')}/versions/{quote(version, safe='')}"
    assert api.http.get(path, headers=headers).status_code in {200, 404}


@pytest.mark.slow
def test_schemathesis_finds_no_answer_that_the_document_does_not_name(api: Api) -> None:
    document = api.http.get("/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document)
    operations = [each.ok() for each in schema.get_all_operations() if isinstance(each, Ok)]
    assert len(operations) == 9
    for operation in operations:
        assert_holds(api, operation)


# Which data is valid the contracts say, not the document: that its good data is accepted is not among the checks.
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def assert_holds(api: Api, operation: Any) -> None:  # noqa: ANN401 - schemathesis' types are its own business
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def holds(case: Any) -> None:  # noqa: ANN401 - likewise
        answer = case.call(base_url=api.url, headers={"Authorization": f"Bearer {api.secrets['all']}"})
        case.validate_response(answer, checks=CHECKS)

    holds()
