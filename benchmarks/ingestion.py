"""How fast events go in: judging alone, the SDK alone, and (with --api and --key) the whole way into Kafka.

    python benchmarks/ingestion.py [--events 20000] [--api http://127.0.0.1:8000 --key tsk_...]

Judging and tracking are counted in CPU time, beside plain pydantic and fastavro for the same events in the same run, so
that the ratio means something on a busy machine. The whole way is counted by the clock; `tallystick dev up` gives an
API to ask.
"""

from __future__ import annotations

import argparse
import io
import json
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import fastavro
import httpx

from tallystick.api.ingestion.catalogue import Catalogue, EventType
from tallystick.api.ingestion.intake import intake_of
from tallystick.api.ingestion.judging import Circumstances, judge
from tallystick.api.ingestion.keys import Key
from tallystick.api.ingestion.limits import Limits
from tallystick.codegen import load
from tallystick.contracts import load_catalog
from tallystick.events.shop import PageViewed
from tallystick.events.shop.page_viewed import PageKind
from tallystick.sdk import ClientOptions, EventClient
from tallystick.sdk.testing import MemoryTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

BATCH = 500
CONNECTIONS = 3
SCHEMAS = Path(__file__).parent.parent / "schemas"


def event(number: int) -> bytes:
    """An event as the SDK sends it."""
    meta = {
        "event_id": str(uuid4()),
        "event_time": datetime.now(tz=UTC).isoformat(),
        "source": {"app": "bench", "version": None, "environment": None, "sdk": "bench"},
        "user_id": f"u{number}",
        "anonymous_id": None,
        "attributes": {},
    }
    fields: dict[str, Any] = {"page_path": "/", "page_kind": "HOME", "duration_ms": None, "referrer_host": None}
    head = {"type": PageViewed.SUBJECT, "contract_hash": PageViewed.CONTRACT_HASH}
    return json.dumps(head | {"meta": meta} | fields).encode()


def judging(raws: Sequence[bytes]) -> Callable[[], object]:
    """The API's own work for an event, without HTTP and Kafka."""
    catalog = load_catalog(SCHEMAS)
    classes = load(catalog)
    kinds = {
        each.name: EventType.of({1: intake_of(each, classes[each.name], version=1, schema_id=1)})
        for each in catalog.events
    }
    catalogue = Catalogue(events=kinds)
    circumstances = Circumstances(
        key=Key(name="bench", sha256="", source="*"),
        received_at=datetime.now(tz=UTC),
        sent_at=None,
        traceparent=None,
        topic="t",
        limits=Limits(),
    )
    return lambda: [judge(raw, catalogue, circumstances) for raw in raws]


def plain(raws: Sequence[bytes]) -> Callable[[], object]:
    """The least that anybody would do: validate with the class, encode its plain form with fastavro."""
    schema = fastavro.parse_schema(json.loads(PageViewed.SCHEMA))

    def run() -> None:
        for raw in raws:
            fields = json.loads(raw)
            del fields["type"], fields["contract_hash"]
            page = PageViewed.from_json(json.dumps(fields))
            fastavro.schemaless_writer(io.BytesIO(), schema, page.model_dump())

    return run


def tracking(events: int) -> Callable[[], object]:
    """The SDK's own work for an event, with a transport that does nothing."""
    options = ClientOptions(flush_at=BATCH, on_full="block", raise_errors=True)
    client = EventClient(source="bench", transport=MemoryTransport(), options=options)

    def run() -> None:
        for number in range(events):
            client.track(PageViewed(page_path="/", page_kind=PageKind.HOME), user_id=f"u{number}")
        client.flush(60)

    return run


def cpu_rate(events: int, work: Callable[[], object]) -> float:
    """Events for each second of CPU time, the best of three."""
    rates = []
    for _ in range(3):
        started = time.process_time()
        work()
        rates.append(events / (time.process_time() - started))
    return max(rates)


def post_all(api: str, key: str, raws: Sequence[bytes]) -> float:
    """Events for each second by the clock, in batches over a few connections, all acknowledged by Kafka."""
    batches = [b'{"batch":[' + b",".join(raws[at : at + BATCH]) + b"]}" for at in range(0, len(raws), BATCH)]
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}

    def send() -> None:
        with httpx.Client(headers=headers, timeout=60) as http:
            while batches:
                try:
                    body = batches.pop()
                except IndexError:
                    return
                http.post(f"{api}/v1/batch", content=body).raise_for_status()

    threads = [threading.Thread(target=send) for _ in range(CONNECTIONS)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(raws) / (time.monotonic() - started)


def track_all(api: str, key: str, events: int) -> float:
    """Events for each second by the clock, from `track` to Kafka's acknowledgement."""
    options = ClientOptions(flush_at=BATCH, on_full="block", raise_errors=True, concurrency=CONNECTIONS)
    started = time.monotonic()
    with EventClient(source="bench", endpoint=api, write_key=key, options=options) as client:
        for number in range(events):
            client.track(PageViewed(page_path="/", page_kind=PageKind.HOME), user_id=f"u{number}")
        if client.flush(300).delivered != events:
            raise SystemExit(f"not all events arrived: {client.stats()}")
    return events / (time.monotonic() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--api")
    parser.add_argument("--key")
    options = parser.parse_args()
    raws = [event(number) for number in range(options.events)]
    floor = cpu_rate(options.events, plain(raws))
    judged = cpu_rate(options.events, judging(raws))
    tracked = cpu_rate(options.events, tracking(options.events))
    print(f"pydantic and fastavro {floor:10,.0f} events per CPU second")
    print(f"the API's judgement   {judged:10,.0f} events per CPU second   {judged / floor:5.2f} x")
    print(f"the SDK's track       {tracked:10,.0f} events per CPU second   {tracked / floor:5.2f} x")
    if options.api and options.key:
        posted = post_all(options.api, options.key, raws)
        print(f"batches of {BATCH}        {posted:10,.0f} events per second, acknowledged")
        sent = track_all(options.api, options.key, options.events)
        print(f"the SDK, all the way  {sent:10,.0f} events per second")


if __name__ == "__main__":
    main()
