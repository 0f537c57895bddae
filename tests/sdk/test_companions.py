"""What comes with the client: the awaitable one, exposures, middleware, and the fixture for tests."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tallystick.events.shop import ExperimentExposed, PageViewed
from tallystick.events.shop.experiment_exposed import AssignmentReason, Platform
from tallystick.events.shop.page_viewed import PageKind
from tallystick.sdk import AsyncEventClient, ClientOptions, EventClient, FlushResult
from tallystick.sdk.errors import OptionsError
from tallystick.sdk.middleware import Context, EventContext, WsgiEventContext
from tallystick.sdk.testing import MemoryTransport

if TYPE_CHECKING:
    from tallystick.sdk.testing import Tracked


def viewed() -> PageViewed:
    return PageViewed(page_path="/", page_kind=PageKind.HOME)


def exposed(variant: str, unit: str = "u1", experiment: str = "checkout_cta") -> ExperimentExposed:
    return ExperimentExposed(
        experiment_key=experiment,
        variant_key=variant,
        unit_id=unit,
        assignment_reason=AssignmentReason.RANDOM,
        platform=Platform.WEB,
    )


@pytest.mark.parametrize("on_full", ["drop_newest", "block"])
def test_the_awaitable_client_does_what_the_other_does(on_full: Any) -> None:  # noqa: ANN401 - an option's literal
    transport = MemoryTransport()

    async def run() -> FlushResult:
        options = ClientOptions(on_full=on_full)
        async with AsyncEventClient(EventClient(source="s", transport=transport, options=options)) as client:
            with client.context(user_id="inner"):
                await asyncio.gather(*(client.track(viewed()) for _ in range(20)))
            await client.track_now(viewed(), user_id="now")
            result = await client.flush()
            assert client.stats().delivered == 21
        return result

    assert asyncio.run(run()) == FlushResult(delivered=21, pending=0, failed=0)
    users = [event.meta.user_id for event in transport.events_of(PageViewed) if event.meta]
    assert sorted(user or "" for user in users) == ["inner"] * 20 + ["now"]
    assert transport.is_closed


def test_waiting_for_a_flush_does_not_hold_up_the_loop() -> None:
    transport = MemoryTransport()
    transport.fail_next(5)

    async def run() -> int:
        ticks = 0
        options = ClientOptions(backoff=(0.1, 0.1))
        async with AsyncEventClient(EventClient(source="s", transport=transport, options=options)) as client:
            await client.track(viewed())
            flushing = asyncio.create_task(client.flush())
            while not flushing.done():
                await asyncio.sleep(0.005)
                ticks += 1
        return ticks

    assert asyncio.run(run()) > 5


def test_an_exposure_is_sent_once_and_a_change_of_variant_is_never_lost(tracked: Tracked) -> None:
    sequence = ["A", "A", "B", "B", "A", "A"]
    sent = [tracked.client.expose(exposed(variant), user_id="u1") for variant in sequence]
    assert [identity is not None for identity in sent] == [True, False, True, False, True, False]
    assert tracked.client.expose(exposed("A", unit="u2")) is not None
    assert tracked.client.expose(exposed("A", experiment="other")) is not None
    assert [event.variant_key for event in tracked.events_of(ExperimentExposed)] == ["A", "B", "A", "A", "A"]


def test_what_is_no_exposure_cannot_be_exposed(tracked: Tracked) -> None:
    with pytest.raises(OptionsError, match=r"shop\.PageViewed is no exposure"):
        tracked.client.expose(viewed())


def identify(headers: Any) -> Context:  # noqa: ANN401 - a mapping
    return Context(user_id=headers.get("x-user"))


def test_behind_asgi_middleware_events_concern_the_requests_user(tracked: Tracked) -> None:
    async def app(_scope: Any, _receive: Any, _send: Any) -> None:  # noqa: ANN401 - ASGI
        await asyncio.sleep(0)
        tracked.client.track(viewed())

    wrapped = EventContext(app, identify=identify)

    async def request(user: bytes) -> None:
        scope = {"type": "http", "headers": [(b"X-User", user), (b"traceparent", b"00-trace")]}
        await wrapped(scope, None, None)  # type: ignore[arg-type]  # the application uses neither

    async def run() -> None:
        await asyncio.gather(request(b"u1"), request(b"u2"))

    asyncio.run(run())
    tracked.client.track(viewed())
    metas = [event.meta for event in tracked.events_of(PageViewed) if event.meta]
    assert sorted((meta.user_id or "", meta.trace_id or "") for meta in metas) == [
        ("", ""),
        ("u1", "00-trace"),
        ("u2", "00-trace"),
    ]


def test_behind_wsgi_middleware_events_concern_the_requests_user(tracked: Tracked) -> None:
    def app(_environ: Any, _start: Any) -> list[bytes]:  # noqa: ANN401 - WSGI
        tracked.client.track(viewed())
        return [b""]

    WsgiEventContext(app, identify=identify)({"HTTP_X_USER": "u1", "wsgi.version": (1, 0)}, print)
    tracked.client.track(viewed())
    assert [event.meta.user_id for event in tracked.events_of(PageViewed) if event.meta] == ["u1", None]
