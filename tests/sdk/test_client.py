"""What the client promises about queue, batches, retries and reports."""

from __future__ import annotations

import json
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError
from typing_extensions import override

from tallystick.events.shop import PageViewed
from tallystick.events.shop.page_viewed import PageKind
from tallystick.sdk import ClientOptions, EventClient, Fault, FlushResult, Lost, stable_id, uuid7
from tallystick.sdk._answers import read_answer
from tallystick.sdk.errors import ClosedError, NotDeliveredError, OptionsError, QueueFullError
from tallystick.sdk.testing import MemoryTransport
from tallystick.sdk.transport import Answer, FieldFault, Result, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.sdk.collecting import Collector

    from tallystick.sdk.options import OnFull
    from tallystick.sdk.record import Event
    from tallystick.sdk.transport import Outgoing


def viewed(path: str = "/") -> PageViewed:
    return PageViewed(page_path=path, page_kind=PageKind.HOME)


def client_of(transport: MemoryTransport, **options: object) -> EventClient:
    settings: dict[str, Any] = {"backoff": (0.01, 0.02), "flush_interval": 0.02, "raise_errors": True} | options
    return EventClient(source="shop-web", transport=transport, options=ClientOptions(**settings))


class Stuck(MemoryTransport):
    """Holds every batch until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.free = threading.Event()

    @override
    def send(self, batch: Sequence[Outgoing], timeout: float) -> Answer:
        self.free.wait(10)
        return super().send(batch, timeout)


# --- what is sent ---------------------------------------------------------------------------------


def test_an_event_arrives_with_its_meta_filled() -> None:
    transport = MemoryTransport()
    moment = datetime(2026, 1, 6, 10, 15, 30, tzinfo=UTC)
    with EventClient(source="shop-web", release="1.2", environment="test", transport=transport) as client:
        identity = client.track(
            viewed(), user_id="u1", anonymous_id="a1", session_id="s1", event_time=moment, attributes={"k": "v"}
        )
        client.flush()
    (event,) = transport.events_of(PageViewed)
    assert event.meta is not None
    assert event.meta.event_id == identity
    assert event.meta.event_time == moment
    assert (event.meta.user_id, event.meta.anonymous_id, event.meta.session_id) == ("u1", "a1", "s1")
    assert (event.meta.source.app, event.meta.source.version, event.meta.source.environment) == (
        "shop-web",
        "1.2",
        "test",
    )
    assert event.meta.source.sdk is not None
    assert event.meta.source.sdk.startswith("tallystick-python/")
    assert dict(event.meta.attributes) == {"k": "v"}
    assert event.with_meta(event.meta).page_path == "/"


def test_history_keeps_the_times_it_is_given() -> None:
    transport = MemoryTransport()
    at = datetime(2026, 1, 6, tzinfo=UTC)
    with client_of(transport) as client:
        client.track(viewed(), event_time=at, sent_at=at + timedelta(1), received_at=at + timedelta(2))
        client.flush()
    (event,) = transport.events_of(PageViewed)
    assert event.meta is not None
    assert (event.meta.sent_at, event.meta.received_at) == (at + timedelta(1), at + timedelta(2))


def test_an_identity_that_is_given_is_kept_as_text_or_uuid() -> None:
    transport = MemoryTransport()
    with client_of(transport) as client:
        ids = [uuid4(), uuid4()]
        assert [client.track(viewed(), event_id=ids[0]), client.track(viewed(), event_id=str(ids[1]))] == ids
        client.flush()
    assert [event.event_id for event in transport.sent] == list(map(str, ids))


def test_an_event_that_has_its_meta_is_sent_as_it_is() -> None:
    transport = MemoryTransport()
    with client_of(transport) as client:
        client.track(viewed(), user_id="u1")
        client.flush()
        (first,) = transport.events_of(PageViewed)
        assert first.meta is not None
        assert client.track(first, user_id="somebody else") == first.meta.event_id
        client.flush()
    assert transport.sent[0] == transport.sent[1]


def test_the_context_says_whom_events_concern_and_ends_with_its_block() -> None:
    transport = MemoryTransport()
    with client_of(transport) as client:
        with client.context(user_id="outer", session_id="s"), client.context(user_id="inner", trace_id="t"):
            client.track(viewed())
            client.track(viewed(), user_id="explicit")
        client.track(viewed())
        client.flush()
    metas = [event.meta for event in transport.events_of(PageViewed)]
    assert [(meta.user_id, meta.session_id, meta.trace_id) for meta in metas if meta] == [
        ("inner", "s", "t"),
        ("explicit", "s", "t"),
        (None, None, None),
    ]


def test_a_context_of_one_thread_is_not_seen_by_another() -> None:
    transport = MemoryTransport()
    with client_of(transport) as client:
        with client.context(user_id="mine"):
            thread = threading.Thread(target=client.track, args=(viewed(),))
            thread.start()
            thread.join()
        client.flush()
    (event,) = transport.events_of(PageViewed)
    assert event.meta is not None
    assert event.meta.user_id is None


def test_before_send_may_change_or_suppress_an_event() -> None:
    transport = MemoryTransport()

    def censor(event: Event) -> Event | None:
        assert isinstance(event, PageViewed)
        return None if event.page_path == "/secret" else event.model_copy(update={"page_path": "/changed"})

    with client_of(transport, before_send=censor) as client:
        client.track(viewed("/secret"))
        client.track(viewed("/other"))
        client.flush()
    assert [event.page_path for event in transport.events_of(PageViewed)] == ["/changed"]


def test_sampling_keeps_all_events_of_a_user_or_none() -> None:
    transport = MemoryTransport()
    with client_of(transport, sample_rate=0.3) as client:
        for number in range(2000):
            client.track(viewed(), user_id=f"u{number % 200}")
        client.flush()
    per_user: dict[str, int] = {}
    for event in transport.events_of(PageViewed):
        assert event.meta is not None
        assert event.meta.user_id is not None
        per_user[event.meta.user_id] = per_user.get(event.meta.user_id, 0) + 1
    assert set(per_user.values()) == {10}
    assert 30 <= len(per_user) <= 90


def test_a_client_that_is_not_enabled_sends_nothing() -> None:
    transport = MemoryTransport()
    with client_of(transport, enabled=False) as client:
        assert isinstance(client.track(viewed()), UUID)
        assert client.flush() == FlushResult(0, 0, 0)
    assert transport.attempts == 0
    assert transport.is_closed


# --- batches ----------------------------------------------------------------------------------------


def test_a_batch_goes_when_it_is_full_and_not_before() -> None:
    transport = MemoryTransport()
    with client_of(transport, flush_at=10, flush_interval=60.0, concurrency=1) as client:
        for _ in range(9):
            client.track(viewed())
        time.sleep(0.1)
        assert transport.attempts == 0
        client.track(viewed())
        wait_until(lambda: len(transport.sent) == 10)
        assert transport.attempts == 1


def test_an_event_waits_no_longer_than_the_interval() -> None:
    transport = MemoryTransport()
    with client_of(transport, flush_at=500, flush_interval=0.05) as client:
        client.track(viewed())
        wait_until(lambda: len(transport.sent) == 1)


def test_a_batch_stays_below_its_bytes() -> None:
    sizes: list[int] = []

    class Measuring(MemoryTransport):
        @override
        def send(self, batch: Sequence[Outgoing], timeout: float) -> Answer:
            sizes.append(sum(len(event.body) for event in batch))
            return super().send(batch, timeout)

    transport = Measuring()
    with client_of(transport, max_batch_bytes=3000, flush_at=500) as client:
        for _ in range(50):
            client.track(viewed("/" + "x" * 200))
        assert client.flush().delivered == 50
    assert max(sizes) <= 3000
    assert len(sizes) > 10


def test_a_batch_that_is_too_large_for_the_server_is_sent_in_parts() -> None:
    transport = MemoryTransport()
    refused = Result(Status.REJECTED, "HTTP 413")
    transport.answer_next(Answer.same(refused, 8, too_large=True))
    transport.answer_next(Answer.same(refused, 4, too_large=True))
    with client_of(transport, flush_at=8, concurrency=1, flush_interval=60.0) as client:
        for _ in range(8):
            client.track(viewed())
        assert client.flush() == FlushResult(delivered=8, pending=0, failed=0)
    assert transport.attempts == 5


def test_one_event_that_is_too_large_for_the_server_is_lost_alone() -> None:
    lost: list[Lost] = []
    transport = MemoryTransport()
    transport.answer_next(Answer.same(Result(Status.REJECTED, "HTTP 413"), 2, too_large=True))
    transport.answer_next(Answer.same(Result(Status.REJECTED, "HTTP 413"), 1, too_large=True))
    with client_of(transport, flush_at=2, concurrency=1, flush_interval=60.0, on_drop=lost.append) as client:
        ids = [str(client.track(viewed())) for _ in range(2)]
        assert client.flush() == FlushResult(delivered=1, pending=0, failed=1)
    assert [(each.event_id, each.reason) for each in lost] == [(ids[0], "HTTP 413")]


# --- results and retries ----------------------------------------------------------------------------


def test_only_what_is_to_be_retried_is_sent_again_with_the_same_body() -> None:
    bodies: list[list[bytes]] = []

    class Recording(MemoryTransport):
        @override
        def send(self, batch: Sequence[Outgoing], timeout: float) -> Answer:
            bodies.append([event.body for event in batch])
            return super().send(batch, timeout)

    transport = Recording()
    fault = FieldFault("/total", "type", "string", "number")
    mixed = (
        Result(Status.ACCEPTED),
        Result(Status.RETRY, "UNKNOWN_FATE"),
        Result(Status.INVALID, "INVALID", (fault,)),
        Result(Status.DUPLICATE),
        Result(Status.REJECTED, "NOT_ALLOWED"),
    )
    transport.answer_next(Answer(results=mixed))
    lost: list[Lost] = []
    faults: list[Fault] = []
    options = {"flush_at": 5, "flush_interval": 60.0, "on_drop": lost.append, "on_error": faults.append}
    with client_of(transport, **options) as client:
        ids = [str(client.track(viewed())) for _ in range(5)]
        assert client.flush() == FlushResult(delivered=3, pending=0, failed=2)
        stats = client.stats()
    assert [len(batch) for batch in bodies] == [5, 1]
    assert bodies[1][0] == bodies[0][1]
    assert sorted((each.event_id, each.reason, each.errors) for each in lost) == sorted(
        [(ids[2], "INVALID", (fault,)), (ids[4], "NOT_ALLOWED", ())]
    )
    assert faults == [Fault("UNKNOWN_FATE", 1, 1)]
    assert (stats.tracked, stats.delivered, stats.duplicates, stats.waiting) == (5, 3, 1, 0)
    assert stats.lost == {"INVALID": 1, "NOT_ALLOWED": 1}


def test_failures_are_retried_until_the_server_is_back() -> None:
    transport = MemoryTransport()
    transport.fail_next(6)
    with client_of(transport, concurrency=1) as client:
        client.track(viewed())
        assert client.flush() == FlushResult(delivered=1, pending=0, failed=0)
        assert client.stats().attempts_failed == 6


def test_retry_after_is_a_floor_even_for_those_in_a_hurry() -> None:
    transport = MemoryTransport()
    transport.answer_next(Answer.same(Result(Status.RETRY, "HTTP 429"), 1, retry_after=0.5))
    with client_of(transport) as client:
        started = time.monotonic()
        client.track(viewed())
        assert client.flush().delivered == 1
        assert time.monotonic() - started >= 0.5


def test_an_event_that_cannot_be_delivered_is_given_up_in_the_end() -> None:
    transport = MemoryTransport()
    transport.fail_next(10_000)
    lost: list[Lost] = []
    with client_of(transport, max_retry_age=0.2, on_drop=lost.append) as client:
        client.track(viewed())
        assert client.flush() == FlushResult(delivered=0, pending=0, failed=1)
    assert [each.reason for each in lost] == ["retried too long: told to fail"]


@pytest.mark.parametrize(
    ("told", "warnings"), [({}, 1), ({"on_drop": lambda _: None}, 0)], ids=["nobody", "a listener"]
)
def test_the_log_warns_of_a_lost_event_where_nobody_else_is_told(
    told: dict[str, Any], warnings: int, caplog: pytest.LogCaptureFixture
) -> None:
    transport = MemoryTransport()
    transport.fail_next(10_000)
    with client_of(transport, max_retry_age=0.2, **told) as client:
        client.track(viewed())
        assert client.flush().failed == 1
    assert sum("is lost" in record.message for record in caplog.records if record.levelname == "WARNING") == warnings


def test_a_transport_that_raises_loses_nothing() -> None:
    class Broken(MemoryTransport):
        @override
        def send(self, batch: Sequence[Outgoing], timeout: float) -> Answer:
            if self.attempts < 3:
                self.attempts += 1
                raise RuntimeError
            return super().send(batch, timeout)

    transport = Broken()
    with client_of(transport) as client:
        client.track(viewed())
        assert client.flush().delivered == 1


def test_listeners_that_raise_do_no_harm() -> None:
    def broken(_: object) -> None:
        raise RuntimeError

    transport = MemoryTransport()
    transport.fail_next(2)
    with client_of(transport, on_error=broken, on_drop=broken) as client:
        client.track(viewed())
        assert client.flush().delivered == 1


# --- a full queue -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on_full", "kept"), [("drop_newest", slice(0, 10)), ("drop_oldest", slice(10, 20))], ids=["newest", "oldest"]
)
def test_a_full_queue_drops_the_newest_or_the_oldest_and_tells_of_each_once(on_full: OnFull, kept: slice) -> None:
    transport = Stuck()
    lost: list[Lost] = []
    options = {"max_queue_size": 10, "flush_at": 500, "flush_interval": 60.0}
    with client_of(transport, on_full=on_full, on_drop=lost.append, **options) as client:
        ids = [str(client.track(viewed())) for _ in range(20)]
        transport.free.set()
        assert client.flush() == FlushResult(delivered=10, pending=0, failed=10)
    assert [event.event_id for event in transport.sent] == ids[kept]
    assert sorted(each.event_id for each in lost) == sorted(set(ids) - set(ids[kept]))
    assert {each.reason for each in lost} == {"queue full"}


def test_a_full_queue_may_raise() -> None:
    transport = Stuck()
    with client_of(transport, on_full="raise", max_queue_size=2) as client:
        client.track(viewed())
        client.track(viewed())
        with pytest.raises(QueueFullError):
            client.track(viewed())
        transport.free.set()


def test_a_full_queue_may_make_the_caller_wait_and_loses_nothing() -> None:
    transport = MemoryTransport()
    with client_of(transport, on_full="block", max_queue_size=10, flush_at=5) as client:
        for _ in range(300):
            client.track(viewed())
        assert client.flush() == FlushResult(delivered=300, pending=0, failed=0)


def test_the_queue_is_bounded_in_bytes_too() -> None:
    transport = Stuck()
    lost: list[Lost] = []
    with client_of(transport, max_queue_bytes=5000, on_drop=lost.append, flush_interval=60.0) as client:
        for _ in range(20):
            client.track(viewed("/" + "x" * 1000))
        transport.free.set()
        result = client.flush()
    assert 0 < result.delivered < 5
    assert result.delivered + len(lost) == 20


def test_dropping_the_oldest_keeps_to_the_bytes_too() -> None:
    transport = Stuck()
    lost: list[Lost] = []
    options = {"max_queue_bytes": 5000, "flush_interval": 60.0, "on_full": "drop_oldest"}
    with client_of(transport, on_drop=lost.append, **options) as client:
        ids = [str(client.track(viewed("/" + "x" * 1000))) for _ in range(20)]
        wait_until(lambda: len(lost) >= 16)
        transport.free.set()
        client.flush()
    assert [event.event_id for event in transport.sent] == ids[-len(transport.sent) :]
    assert 0 < len(transport.sent) < 5


def test_an_event_larger_than_allowed_is_lost_and_told() -> None:
    lost: list[Lost] = []
    with client_of(MemoryTransport(), max_event_bytes=1000, on_drop=lost.append) as client:
        client.track(viewed("/" + "x" * 1000))
        client.flush()
    assert [each.reason for each in lost] == ["too large"]


# --- flush, close, wait -----------------------------------------------------------------------------


def test_a_flush_that_runs_out_of_time_tells_what_is_pending_and_the_next_one_what_became_of_it() -> None:
    transport = Stuck()
    with client_of(transport) as client:
        for _ in range(3):
            client.track(viewed())
        assert client.flush(timeout=0.1) == FlushResult(delivered=0, pending=3, failed=0)
        transport.free.set()
        assert client.flush() == FlushResult(delivered=3, pending=0, failed=0)
        assert client.flush() == FlushResult(delivered=0, pending=0, failed=0)


def test_flush_counts_what_went_by_itself_before() -> None:
    transport = MemoryTransport()
    with client_of(transport) as client:
        client.track(viewed())
        wait_until(lambda: len(transport.sent) == 1)
        assert client.flush() == FlushResult(delivered=1, pending=0, failed=0)


def test_close_tells_what_it_could_not_deliver_and_keeps_to_its_time() -> None:
    transport = MemoryTransport()
    transport.fail_next(10_000)
    lost: list[Lost] = []
    client = client_of(transport, on_drop=lost.append)
    ids = {str(client.track(viewed())) for _ in range(5)}
    started = time.monotonic()
    assert client.close(timeout=0.3) == FlushResult(delivered=0, pending=0, failed=5)
    assert time.monotonic() - started < 2.0
    assert {each.event_id for each in lost} == ids
    assert {each.reason for each in lost} == {"shutdown"}
    assert len(lost) == 5
    assert transport.is_closed
    assert client.close() == FlushResult(0, 0, 0)


def test_tracking_after_the_end_is_told_once() -> None:
    lost: list[Lost] = []
    client = client_of(MemoryTransport(), on_drop=lost.append, raise_errors=False)
    client.track(viewed())
    client.close()
    client.track(viewed())
    assert [each.reason for each in lost] == ["closed"]
    strict = client_of(MemoryTransport())
    strict.close()
    with pytest.raises(ClosedError):
        strict.track(viewed())


def test_track_now_returns_when_the_event_is_durable() -> None:
    transport = MemoryTransport()
    with client_of(transport, flush_interval=60.0) as client:
        identity = client.track_now(viewed(), user_id="u")
        assert [event.event_id for event in transport.sent] == [str(identity)]


def test_track_now_tells_why_an_event_was_refused() -> None:
    transport = MemoryTransport()
    transport.fail_next(1, Result(Status.INVALID, "INVALID"))
    with client_of(transport) as client, pytest.raises(NotDeliveredError, match="INVALID"):
        client.track_now(viewed())


def test_track_now_does_not_wait_for_ever() -> None:
    transport = Stuck()
    with client_of(transport, shutdown_timeout=5.0) as client:
        with pytest.raises(NotDeliveredError, match="no answer in time"):
            client.track_now(viewed(), timeout=0.1)
        transport.free.set()


# --- mistakes ---------------------------------------------------------------------------------------


def test_a_bad_argument_is_raised_in_tests_and_told_in_production() -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 - the mistake under test
    lost: list[Lost] = []
    with client_of(MemoryTransport()) as client, pytest.raises(ValidationError):
        client.track(viewed(), event_time=naive)
    with client_of(MemoryTransport(), raise_errors=False, on_drop=lost.append) as client:
        client.track(viewed(), event_time=naive)
        client.track("no event")  # type: ignore[arg-type]  # the mistake under test
        client.track(viewed(), event_id="no uuid")
        client.flush()
    assert [each.reason.partition(":")[0] for each in lost] == ["invalid"] * 3


@pytest.mark.parametrize(
    "options",
    [
        {"max_queue_size": 0},
        {"flush_at": 501},
        {"flush_at": 0},
        {"flush_interval": -1.0},
        {"on_full": "explode"},
        {"sample_rate": 1.1},
        {"backoff": (2.0, 1.0)},
        {"concurrency": 0},
    ],
)
def test_an_option_that_cannot_work_is_refused_by_name(options: dict[str, Any]) -> None:
    with pytest.raises(OptionsError, match=next(iter(options))):
        ClientOptions(**options)


@pytest.mark.parametrize("endpoint", ["", "localhost", "ftp://x", "http://", "http://[", None])
def test_an_endpoint_that_is_none_is_refused(endpoint: str | None) -> None:
    with pytest.raises(OptionsError):
        EventClient(source="s", endpoint=endpoint, write_key="k")


# --- over HTTP --------------------------------------------------------------------------------------


def http_client(collector: Collector, **options: object) -> EventClient:
    settings: dict[str, Any] = {"backoff": (0.01, 0.02), "flush_interval": 0.02} | options
    return EventClient(source="shop-web", endpoint=collector.url, write_key="secret", options=ClientOptions(**settings))


def test_over_http_a_batch_is_packed_and_carries_key_and_time(collector: Collector) -> None:
    with http_client(collector) as client:
        for _ in range(20):
            client.track(viewed(), user_id="u1")
        assert client.flush().delivered == 20
    headers = collector.requests[-1]
    assert headers["authorization"] == "Bearer secret"
    assert headers["content-encoding"] == "gzip"
    assert abs(datetime.fromisoformat(headers["x-sent-at"]) - datetime.now(tz=UTC)) < timedelta(seconds=30)
    body = collector.bodies[0]
    assert (body["type"], body["contract_hash"]) == (PageViewed.SUBJECT, PageViewed.CONTRACT_HASH)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408, 425, 429])
def test_over_http_a_passing_failure_is_retried(collector: Collector, status: int) -> None:
    answers = iter([(status, {}, None), (status, {"Retry-After": "0"}, None)])
    collector.respond = lambda _: next(answers, (200, {}, None))
    with http_client(collector) as client:
        client.track(viewed())
        assert client.flush() == FlushResult(delivered=1, pending=0, failed=0)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 415])
def test_over_http_a_refusal_is_told_and_not_repeated(collector: Collector, status: int) -> None:
    lost: list[Lost] = []
    collector.respond = lambda _: (status, {}, None)
    with http_client(collector, on_drop=lost.append) as client:
        client.track(viewed())
        assert client.flush() == FlushResult(delivered=0, pending=0, failed=1)
    assert [each.reason for each in lost] == [f"HTTP {status}"]
    assert len(collector.requests) == 1


def test_a_refused_key_is_told_with_what_the_api_says_about_it() -> None:
    problem = {"title": "Unauthorized", "detail": "a valid write key is needed", "request_id": "r-1"}
    (result,) = read_answer(401, {}, json.dumps(problem).encode(), 1).results
    assert result == Result(Status.REJECTED, "HTTP 401 Unauthorized: a valid write key is needed")
    # Elsewhere the detail differs from event to event, and reasons are counted.
    (result,) = read_answer(404, {}, json.dumps({**problem, "title": "Not Found"}).encode(), 1).results
    assert result.reason == "HTTP 404 Not Found"


def test_over_http_an_answer_that_does_not_fit_the_question_says_nothing(collector: Collector) -> None:
    unfit: list[list[dict[str, Any]]] = [[{"status": "accepted"}], [{"status": "nonsense"}] * 2]
    collector.respond = lambda _: (207, {}, unfit.pop()) if unfit else (200, {}, None)
    with http_client(collector, flush_at=2, flush_interval=60.0) as client:
        client.track(viewed())
        client.track(viewed())
        assert client.flush() == FlushResult(delivered=2, pending=0, failed=0)
    assert len(collector.requests) == 3


# --- identities -------------------------------------------------------------------------------------


def test_new_identities_are_of_version_7_and_sort_by_time() -> None:
    first = uuid7()
    time.sleep(0.005)
    second = uuid7()
    assert (first.version, first.variant, second.version) == (7, "specified in RFC 4122", 7)
    assert first < second
    assert len({uuid7() for _ in range(10_000)}) == 10_000


def test_a_stable_identity_depends_on_each_part_and_on_nothing_else() -> None:
    assert stable_id("order", "1") == stable_id("order", "1")
    assert len({stable_id("a", "bc"), stable_id("ab", "c"), stable_id("abc"), stable_id("a", "b", "c")}) == 4


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.005)
    assert condition()
