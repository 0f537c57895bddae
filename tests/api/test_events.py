"""What becomes of events: good ones reach Kafka as the contract says, bad ones the dead letters."""

from __future__ import annotations

import hashlib
import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from tests.api.serving import SCHEMAS, ordered, viewed

from tallystick.api.ingestion.producer import Delivery
from tallystick.contracts import Catalog, load_catalog, unframe
from tallystick.events.game import RoundsPlayed
from tallystick.events.shop import OrderCompleted, PageViewed

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.api.serving import Api

    from tallystick.api.ingestion.producer import KafkaRecord

YEAR = timedelta(days=366)


def page_of(record: KafkaRecord) -> PageViewed:
    return PageViewed.from_avro(unframe(record.value).body)


def result_of(api: Api, event: object, **headers: str) -> dict[str, Any]:
    (result,) = api.results(event, **headers)
    return result


def unknown_for(event: dict[str, Any]) -> Callable[[KafkaRecord], Delivery]:
    unlucky = event["meta"]["event_id"]
    return lambda record: Delivery.UNKNOWN if dict(record.headers)["event_id"] == unlucky else Delivery.STORED


# --- good events ------------------------------------------------------------------------------------


def test_a_good_event_is_stored_as_confluents_wire_format_under_its_schemas_id(api: Api) -> None:
    event = viewed()
    answer = api.post("/v1/events", event)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json() == {"results": [{"event_id": event["meta"]["event_id"], "status": "accepted"}]}
    (record,) = api.stored()
    assert record.value[0] == 0
    assert unframe(record.value).schema_id == api.shelf.id_of(PageViewed.SUBJECT, PageViewed.CONTRACT_HASH)
    page = page_of(record)
    assert page.meta is not None
    assert (str(page.meta.event_id), page.meta.user_id, page.page_path) == (event["meta"]["event_id"], "u1", "/")


def test_a_record_has_key_time_and_headers(api: Api) -> None:
    event = viewed({"trace_id": "00-" + "ab" * 16 + "-" + "cd" * 8 + "-01"})
    api.batch(event)
    (record,) = api.stored()
    assert record.key == b"u1"
    assert record.timestamp == int(datetime(2026, 1, 6, 10, 15, 30, tzinfo=UTC).timestamp() * 1000)
    assert dict(record.headers) == {
        "event_id": event["meta"]["event_id"],
        "event_type": "shop.PageViewed",
        "source": "shop-web",
        "traceparent": event["meta"]["trace_id"],
    }


@pytest.mark.parametrize(
    ("meta", "key"),
    [
        ({"user_id": "u", "anonymous_id": "a"}, b"u"),
        ({"user_id": None, "anonymous_id": "a"}, b"a"),
        ({"user_id": "", "anonymous_id": "a"}, b"a"),
        ({"user_id": None}, None),
        ({"user_id": ""}, None),
        ({"user_id": "Ünï"}, "Ünï".encode()),
    ],
)
def test_the_key_is_the_user_or_the_device_or_none(api: Api, meta: dict[str, Any], key: bytes | None) -> None:
    api.batch(viewed(meta))
    assert [record.key for record in api.stored()] == [key]


def test_the_requests_own_trace_is_kept_where_the_event_has_none(api: Api) -> None:
    trace = "00-" + "12" * 16 + "-" + "34" * 8 + "-00"
    api.batch(viewed(), traceparent=trace)
    api.batch(viewed(), traceparent="not a trace")
    assert [dict(record.headers).get("traceparent") for record in api.stored()] == [trace, None]


def test_the_api_says_when_an_event_was_received_and_the_request_when_it_was_sent(api: Api) -> None:
    lie = {"received_at": "2020-01-01T00:00:00Z", "sent_at": "2020-01-01T00:00:00Z"}
    api.batch(viewed(lie), X_Sent_At="2026-01-06T11:00:00+01:00")
    api.batch(viewed(lie))
    first, second = (page_of(record).meta for record in api.stored())
    assert first is not None
    assert second is not None
    assert first.received_at is not None
    assert abs(first.received_at - datetime.now(tz=UTC)) < timedelta(minutes=1)
    assert first.sent_at == datetime(2026, 1, 6, 10, tzinfo=UTC)
    assert second.sent_at is None


def test_a_key_for_history_keeps_both_times(api: Api) -> None:
    api.batch(viewed({"received_at": "2020-01-02T00:00:00Z", "sent_at": "2020-01-01T00:00:00Z"}), key="history")
    api.batch(viewed(), key="history", X_Sent_At="2026-01-06T10:00:00Z")
    old, new = (page_of(record).meta for record in api.stored())
    assert old is not None
    assert new is not None
    assert (old.received_at, old.sent_at) == (datetime(2020, 1, 2, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC))
    assert new.received_at is not None
    assert new.sent_at == datetime(2026, 1, 6, 10, tzinfo=UTC)


def test_kafka_is_never_given_a_time_that_it_refuses(api: Api) -> None:
    soon = (datetime.now(tz=UTC) + timedelta(days=30)).isoformat()
    api.batch(viewed({"event_time": soon}), viewed({"event_time": "1903-05-01T00:00:00Z"}))
    late, early = api.stored()
    assert late.timestamp <= datetime.now(tz=UTC).timestamp() * 1000
    assert early.timestamp == 1
    assert page_of(early).meta is not None


def test_every_version_is_accepted_and_encoded_with_its_own_id(api: Api) -> None:
    catalog = load_catalog(SCHEMAS)
    text = json.loads(catalog[RoundsPlayed.SUBJECT].text)
    text["fields"].append({"name": "level", "type": ["null", "int"], "doc": "d", "default": None})
    newer = Catalog.of_texts({"newer": json.dumps(text)})
    api.shelf.put(newer)
    new_hash = newer[RoundsPlayed.SUBJECT].contract_hash

    def played(**fields: object) -> dict[str, Any]:
        base = {"type": RoundsPlayed.SUBJECT, "meta": viewed()["meta"], "player_id": "p", "rounds": 3}
        return base | fields

    # A hash nobody has seen makes the API ask the registry at once.
    events = [
        played(contract_hash=new_hash, level=5),
        played(contract_hash=RoundsPlayed.CONTRACT_HASH),
        played(schema_version=1),
        played(schema_version=2, level=6),
        played(level=7),
    ]
    assert [result["status"] for result in api.results(*events)] == ["accepted"] * 5
    old_id = api.shelf.id_of(RoundsPlayed.SUBJECT, RoundsPlayed.CONTRACT_HASH)
    new_id = api.shelf.id_of(RoundsPlayed.SUBJECT, new_hash)
    assert [unframe(record.value).schema_id for record in api.stored()] == [new_id, old_id, old_id, new_id, new_id]


def test_numbers_arrive_exactly(api: Api) -> None:
    total = "9999999999999999.99"
    assert result_of(api, ordered(total=total, item_count=2**31 - 1))["status"] == "accepted"
    (record,) = api.stored()
    order = OrderCompleted.from_avro(unframe(record.value).body)
    assert (str(order.total), order.item_count) == (total, 2**31 - 1)


# --- events that break their contract ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"item_count": "1"}, "/item_count", "type"),
        ({"item_count": 1.0}, "/item_count", "type"),
        ({"item_count": True}, "/item_count", "type"),
        ({"item_count": None}, "/item_count", "type"),
        ({"item_count": [1]}, "/item_count", "type"),
        ({"item_count": 2**31}, "/item_count", "out_of_range"),
        ({"item_count": -(2**31) - 1}, "/item_count", "out_of_range"),
        ({"item_count": 2**63}, "/item_count", "out_of_range"),
        ({"total": 12.5}, "/total", "type"),
        ({"total": "12.505"}, "/total", "out_of_range"),
        ({"total": "1e3"}, "/total", "format"),
        ({"total": "NaN"}, "/total", "format"),
        ({"total": "x"}, "/total", "format"),
        ({"lines": {}}, "/lines", "type"),
        ({"lines": [{"sku": "s", "quantity": 1}]}, "/lines/0/unit_price", "missing"),
        ({"nonsense": 1}, "/nonsense", "unknown_field"),
        ({"a/b~c": 1}, "/a~1b~0c", "unknown_field"),
        ({"meta": {}}, "/meta/event_id", "missing"),
        ({"meta": None}, "/meta", "type"),
        ({"meta": []}, "/meta", "type"),
        ({"type": 5}, "/type", "type"),
        ({"type": None}, "/type", "missing"),
        ({"schema_version": "1"}, "/schema_version", "type"),
        ({"contract_hash": 1}, "/contract_hash", "type"),
    ],
)
def test_a_field_that_breaks_the_contract_is_told_by_place_and_rule(
    api: Api, change: dict[str, Any], path: str, code: str
) -> None:
    event = ordered() | change
    result = result_of(api, event)
    assert result["status"] == "invalid"
    assert (path, code) in [(error["path"], error["code"]) for error in result["errors"]]
    (letter,) = api.dead_letters()
    assert [(error.path, error.code) for error in letter.errors] == [
        (error["path"], error["code"]) for error in result["errors"]
    ]
    assert json.loads(letter.payload) == event


@pytest.mark.parametrize("number", ["1e400", "-1e400", "9" * 5000, "1" * 400 + ".5"])
def test_a_number_beyond_all_bounds_is_one_events_fault(api: Api, number: str) -> None:
    body = json.dumps({"batch": [viewed(), ordered(item_count=0)]}).replace(
        '"item_count": 0', f'"item_count": {number}'
    )
    answer = api.post("/v1/batch", body.encode())
    assert answer.status_code == 207
    assert [result["status"] for result in answer.json()["results"]] == ["accepted", "invalid"]


@pytest.mark.parametrize(
    "moment",
    ["2026-01-06T10:15:30", "2026-01-06", "06.01.2026", "1767694530", 1767694530, "2026-13-01T00:00:00Z", ""],
)
def test_a_time_without_offset_or_sense_is_invalid(api: Api, moment: object) -> None:
    result = result_of(api, viewed({"event_time": moment}))
    assert (result["status"], result["errors"][0]["path"]) == ("invalid", "/meta/event_time")


def test_the_near_future_is_accepted_and_the_far_future_is_not(api: Api) -> None:
    now = datetime.now(tz=UTC)
    near, far = (now + YEAR - timedelta(days=2)).isoformat(), (now + YEAR + timedelta(days=2)).isoformat()
    results = api.results(viewed({"event_time": near}), viewed({"event_time": far}))
    assert [result["status"] for result in results] == ["accepted", "invalid"]
    assert results[1]["errors"] == [
        {"path": "/meta/event_time", "code": "out_of_range", "expected": "at most a year ahead", "got": "string"}
    ]


def test_control_characters_may_stand_in_payload_but_not_in_names(api: Api) -> None:
    assert result_of(api, viewed(page_path="/a\x00b\x1f"))["status"] == "accepted"
    for name in ("user_id", "anonymous_id", "session_id", "trace_id"):
        result = result_of(api, viewed({name: "a\x00b"}))
        assert (result["status"], result["errors"][0]["path"]) == ("invalid", f"/meta/{name}")
    result = result_of(api, viewed({"source": {"app": "a\nb"}}))
    assert (result["status"], result["errors"][0]["path"]) == ("invalid", "/meta/source/app")


def test_one_bad_event_of_many_harms_no_other(api: Api) -> None:
    events = [viewed() for _ in range(20)]
    events[7]["page_kind"] = "NOWHERE"
    answer = api.batch(*events)
    assert answer.status_code == 207
    statuses = [result["status"] for result in answer.json()["results"]]
    assert statuses == ["accepted"] * 7 + ["invalid"] + ["accepted"] * 12
    assert [result["event_id"] for result in answer.json()["results"]] == [
        event["meta"]["event_id"] for event in events
    ]
    assert len(api.stored()) == 19


@pytest.mark.parametrize("event", [5, "x", None, True, [], [[]], 1.5])
def test_what_is_no_object_is_one_events_fault(api: Api, event: object) -> None:
    results = api.results(event, viewed())
    assert [result["status"] for result in results] == ["invalid", "accepted"]
    assert results[0]["errors"][0]["code"] == "type"


def test_an_unknown_type_version_or_hash_is_invalid_and_could_be_mended_by_registering(api: Api) -> None:
    results = api.results(
        viewed(type="shop.NeverHeardOf"), viewed(schema_version=99), viewed(contract_hash="0" * 64), viewed(type="")
    )
    assert [(result["status"], result["reason"]) for result in results] == [
        ("invalid", "UNKNOWN_TYPE"),
        ("invalid", "UNKNOWN_VERSION"),
        ("invalid", "UNKNOWN_VERSION"),
        ("invalid", "UNKNOWN_TYPE"),
    ]
    assert all(letter.recoverable for letter in api.dead_letters())


def test_unknown_types_do_not_make_the_registry_run_hot(api: Api) -> None:
    before, started = api.shelf.loads, time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: result_of(api, viewed(type=f"shop.{uuid4().hex}")), range(24)))
    assert {answer["reason"] for answer in answers} == {"UNKNOWN_TYPE"}
    assert api.shelf.loads - before <= (time.monotonic() - started) / 0.5 + 1


def test_while_the_registry_is_away_known_events_are_accepted_and_unknown_ones_wait(api: Api) -> None:
    api.shelf.is_away = True
    results = api.results(viewed(), viewed(type="shop.New"), viewed(page_kind="NOWHERE"))
    assert [(result["status"], result.get("reason")) for result in results] == [
        ("accepted", None),
        ("retry", "REGISTRY_UNAVAILABLE"),
        ("invalid", "INVALID"),
    ]
    answer = api.batch(viewed(type="shop.New"))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


def test_a_shared_type_is_no_event(api: Api) -> None:
    results = api.results(viewed(type="tallystick.Meta"), viewed(type="tallystick.DeadLetter"))
    assert [result["reason"] for result in results] == ["UNKNOWN_TYPE"] * 2


def test_an_event_larger_than_allowed_is_refused_alone_and_kept_in_part(api: Api) -> None:
    large = viewed(page_path="x" * 300_000)
    results = api.results(large, viewed())
    assert [(result["status"], result.get("reason")) for result in results] == [
        ("invalid", "TOO_LARGE"),
        ("accepted", None),
    ]
    (letter,) = api.dead_letters()
    sent = json.dumps(large).encode()
    assert (letter.payload_size, letter.is_truncated, len(letter.payload)) == (len(sent), True, 65_536)
    assert letter.payload_sha256 == hashlib.sha256(sent).hexdigest()
    assert api.post("/v1/events", large).status_code == 413


# --- the same id twice ------------------------------------------------------------------------------


def test_the_same_event_twice_in_a_batch_is_stored_once(api: Api) -> None:
    event = viewed()
    results = api.results(event, viewed(), json.loads(json.dumps(event, indent=3)))
    assert [result["status"] for result in results] == ["accepted", "accepted", "duplicate"]
    assert len(api.stored()) == 2
    assert api.batch(event, event).status_code == 200


def test_one_id_for_two_different_events_is_a_fault_of_the_second(api: Api) -> None:
    first = viewed()
    second = viewed({"event_id": first["meta"]["event_id"]}, page_path="/other")
    results = api.results(first, second)
    assert [(result["status"], result.get("reason")) for result in results] == [
        ("accepted", None),
        ("invalid", "ID_REUSED"),
    ]


def test_a_repetition_shares_the_fate_of_the_first(api: Api) -> None:
    event = viewed()
    api.tray.fate = unknown_for(event)
    results = api.results(event, event, viewed())
    assert [result["status"] for result in results] == ["retry", "retry", "accepted"]


# --- a single event, lines, validation ---------------------------------------------------------------


def test_a_single_bad_event_is_a_problem_with_its_result(api: Api) -> None:
    answer = api.post("/v1/events", viewed(page_kind="NOWHERE"))
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    problem = answer.json()
    assert problem["results"][0]["errors"][0]["path"] == "/page_kind"
    assert "NOWHERE" not in answer.text


@pytest.mark.parametrize(
    ("event", "detail"),
    [
        (lambda: ordered(total=12.5), "/total must be string, and is number"),
        (lambda: ordered(total="12.505"), "/total is out of range: send at most 2 digits behind the point"),
        (lambda: ordered(total="x"), "/total is not written as it must be: send decimal, as"),
        (
            lambda: ordered(nonsense=1),
            "the contract has no field /nonsense: leave it out, or name a version that has it",
        ),
        (lambda: viewed({"event_id": None}), "/meta/event_id must be string, and is null"),
        (lambda: viewed(type="shop.No"), "/type names no event that is registered: check the name, or register its"),
        (lambda: viewed(schema_version=99), "/schema_version names no version that is registered: register it"),
        (lambda: ordered(a=1, b=2, c=3, d=4), "; and 1 more, see results"),
    ],
)
def test_the_detail_of_a_problem_says_what_where_and_how(api: Api, event: Callable[[], Any], detail: str) -> None:
    problem = api.post("/v1/events", event()).json()
    assert detail in problem["detail"]
    assert len(problem["detail"]) <= 256


@pytest.mark.parametrize("path", ["x" * 500, "/" * 400, "\u0000"])
def test_the_detail_of_a_hostile_field_stays_short(api: Api, path: str) -> None:
    problem = api.post("/v1/events", viewed() | {path: 1}).json()
    assert 0 < len(problem["detail"]) <= 256


def test_an_event_that_kafka_refuses_for_good_is_told_so(api: Api) -> None:
    api.tray.fate = lambda _: Delivery.REFUSED
    problem = api.post("/v1/events", viewed()).json()
    assert (problem["results"][0]["reason"], "will not help" in problem["detail"]) == ("NOT_STORABLE", True)


def test_in_lines_a_broken_line_harms_no_other(api: Api) -> None:
    lines = [
        json.dumps(viewed()).encode(),
        b'{"type": ',
        b"\xff\xfe",
        b'{"a": NaN}',
        b"",
        json.dumps(viewed()).encode(),
    ]
    answer = api.post("/v1/batch", b"\n".join(lines) + b"\r\n", content_type="application/x-ndjson")
    assert answer.status_code == 207
    assert [(result["status"], result.get("reason")) for result in answer.json()["results"]] == [
        ("accepted", None),
        *[("invalid", "MALFORMED_JSON")] * 3,
        ("accepted", None),
    ]
    assert [letter.batch_index for letter in api.dead_letters()] == [1, 2, 3]


def test_validation_answers_the_same_and_stores_nothing(api: Api) -> None:
    events = [viewed(), viewed(page_kind="NOWHERE"), viewed(type="shop.No")]
    expected = api.results(*events)
    api.tray.reset()
    for content in ({"batch": events}, b"\n".join(json.dumps(event).encode() for event in events)):
        kind = "application/json" if isinstance(content, dict) else "application/x-ndjson"
        answer = api.post("/v1/validate", content, content_type=kind)
        assert (answer.status_code, answer.json()["results"]) == (207, expected)
    assert api.post("/v1/validate", events[0]).json()["results"] == expected[:1]
    assert api.tray.records == []


# --- dead letters -----------------------------------------------------------------------------------


def test_a_dead_letter_tells_everything_but_values(api: Api) -> None:
    event = viewed(page_kind="SECRET-VALUE")
    answer = api.batch(event, key="shop", X_Request_Id="request-7")
    (letter,) = api.dead_letters()
    assert (letter.stage, letter.reason, letter.recoverable) == ("VALIDATE", "INVALID", False)
    assert (letter.event_id, letter.event_type) == (event["meta"]["event_id"], "shop.PageViewed")
    assert letter.schema_id == api.shelf.id_of(PageViewed.SUBJECT, PageViewed.CONTRACT_HASH)
    assert (letter.source, letter.request_id, letter.batch_index) == ("shop-web", "request-7", 0)
    assert letter.received_at == letter.failed_at
    assert (letter.is_truncated, json.loads(letter.payload)) == (False, event)
    assert all("SECRET" not in str(error) for error in letter.errors)
    assert "SECRET" not in answer.text
    (record,) = api.stored("tallystick.dead-letters")
    assert dict(record.headers) == {"event_type": "tallystick.DeadLetter", "reason": "INVALID"}


def test_of_many_violations_the_first_twenty_are_told(api: Api) -> None:
    made_up = {f"field_{number}_{'x' * 500}": 1 for number in range(40)}
    result = result_of(api, viewed() | made_up)
    assert len(result["errors"]) == 20
    assert all(len(error["path"]) <= 256 for error in result["errors"])
    (letter,) = api.dead_letters()
    assert len(letter.errors) == 20


# --- Kafka's answers --------------------------------------------------------------------------------


def test_an_event_of_unknown_fate_is_to_be_sent_again(api: Api) -> None:
    unlucky = viewed()
    api.tray.fate = unknown_for(unlucky)
    results = api.results(viewed(), unlucky)
    assert [result["status"] for result in results] == ["accepted", "retry"]


def test_a_bad_event_whose_dead_letter_is_not_stored_is_to_be_sent_again(api: Api) -> None:
    api.tray.fate = lambda record: Delivery.UNKNOWN if "dead" in record.topic else Delivery.STORED
    results = api.results(viewed(), viewed(page_kind="NOWHERE"))
    assert [result["status"] for result in results] == ["accepted", "retry"]


def test_a_request_of_which_nothing_is_known_is_answered_504(api: Api) -> None:
    api.tray.fate = lambda _: Delivery.UNKNOWN
    for answer in (api.batch(viewed(), viewed()), api.post("/v1/events", viewed())):
        assert (answer.status_code, answer.json()["type"]) == (504, "urn:tallystick:problem:unknown-fate")
        assert answer.headers["retry-after"] == "1"


def test_an_event_that_kafka_refuses_for_good_is_rejected(api: Api) -> None:
    api.tray.fate = lambda _: Delivery.REFUSED
    assert result_of(api, viewed())["status"] == "rejected"
