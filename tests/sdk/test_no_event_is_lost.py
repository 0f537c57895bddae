"""The ends of a process, in real processes: each test counts what arrived, and nothing may be missing."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import textwrap
import time

import pytest
from tests.sdk.collecting import Collector, serving

PREAMBLE = """
    import multiprocessing, os, signal, sys, threading, time
    from tallystick.events.shop import PageViewed
    from tallystick.events.shop.page_viewed import PageKind
    from tallystick.sdk import ClientOptions, EventClient

    def track(client, count):
        for number in range(count):
            client.track(PageViewed(page_path=f"/{number}", page_kind=PageKind.HOME), user_id="u1")

    def idle():
        # Not one long sleep: Python would handle a signal that comes just before it when it is over.
        while True:
            time.sleep(0.05)

    options = ClientOptions(shutdown_timeout=30.0)
    client = EventClient(endpoint=sys.argv[1], write_key="k", source="test", options=options)
"""


def start(script: str, url: str) -> subprocess.Popen[str]:
    program = textwrap.dedent(PREAMBLE) + textwrap.dedent(script)
    return subprocess.Popen([sys.executable, "-c", program, url], stdout=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> int:
    process.communicate(timeout=60)
    return process.returncode


def expect_all(collector: Collector, count: int) -> None:
    assert len(set(collector.accepted)) == count
    assert len(collector.accepted) == count, "nothing is sent twice without need"


def test_a_plain_exit_loses_nothing(collector: Collector) -> None:
    assert finish(start("track(client, 1000)", collector.url)) == 0
    expect_all(collector, 1000)


def test_sys_exit_loses_nothing(collector: Collector) -> None:
    assert finish(start("track(client, 1000)\nsys.exit(3)", collector.url)) == 3
    expect_all(collector, 1000)


def test_an_uncaught_exception_loses_nothing(collector: Collector) -> None:
    process = start("sys.excepthook = lambda *_: None\ntrack(client, 1000)\nraise RuntimeError", collector.url)
    assert finish(process) == 1
    expect_all(collector, 1000)


def test_sigterm_loses_nothing_and_still_ends_the_process_by_the_signal(collector: Collector) -> None:
    process = start("track(client, 1000)\nprint('ready', flush=True)\nidle()", collector.url)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    assert finish(process) == -signal.SIGTERM
    expect_all(collector, 1000)


def test_sigterm_amid_tracking_loses_nothing_that_was_tracked(collector: Collector) -> None:
    script = """
        tracked = 0
        def tell(number, frame):
            print(tracked, flush=True)
            os._exit(0)
        signal.signal(signal.SIGTERM, tell)
        client = EventClient(endpoint=sys.argv[1], write_key="k", source="test", options=options)
        print("ready", flush=True)
        while True:
            track(client, 1)
            tracked += 1
    """
    process = start(script, collector.url)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(1.0)
    process.send_signal(signal.SIGTERM)
    tracked = int(process.stdout.readline())
    assert finish(process) == 0
    # The handler may interrupt between `track` and the count of it.
    assert tracked > 100
    assert len(set(collector.accepted)) in {tracked, tracked + 1}


def test_the_applications_own_handler_of_sigterm_is_called_after_the_events_are_safe(collector: Collector) -> None:
    script = """
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
        client = EventClient(endpoint=sys.argv[1], write_key="k", source="test", options=options)
        track(client, 500)
        print("ready", flush=True)
        idle()
    """
    process = start(script, collector.url)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    assert finish(process) == 7
    expect_all(collector, 500)


def test_a_handler_that_replaces_ours_loses_nothing_either(collector: Collector) -> None:
    script = """
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        track(client, 500)
        print("ready", flush=True)
        idle()
    """
    process = start(script, collector.url)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    assert finish(process) == 0
    expect_all(collector, 500)


IN_CHILD = """
pid = os.fork()
if pid == 0:
    track(client, 300)
    {end}
os.waitpid(pid, 0)
"""
IN_PROCESS = """
process = multiprocessing.get_context("fork").Process(target=track, args=(client, 300))
process.start()
process.join()
"""
IN_POOL = """
pool = multiprocessing.get_context("fork").Pool(1)
pool.apply(in_pool)
pool.{end}()
pool.join()
"""


@pytest.mark.parametrize(
    "child",
    [
        IN_CHILD.format(end="sys.exit(0)"),
        IN_CHILD.format(end="client.close(); os._exit(0)"),
        IN_PROCESS,
        IN_POOL.format(end="close"),
        IN_POOL.format(end="terminate"),
    ],
    ids=["os.fork", "os._exit after close", "Process", "Pool", "terminated Pool"],
)
def test_a_forked_child_loses_nothing_and_sends_nothing_of_its_parents(collector: Collector, child: str) -> None:
    script = f"def in_pool():\n    track(client, 300)\ntrack(client, 100)\n{child}\ntrack(client, 100)"
    assert finish(start(script, collector.url)) == 0
    expect_all(collector, 500)


def test_a_burst_loses_nothing(collector: Collector) -> None:
    assert finish(start("track(client, 20_000)", collector.url)) == 0
    expect_all(collector, 20_000)


def test_threads_that_track_at_once_lose_nothing(collector: Collector) -> None:
    script = """
        threads = [threading.Thread(target=track, args=(client, 500)) for _ in range(8)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
    """
    assert finish(start(script, collector.url)) == 0
    expect_all(collector, 4000)


def test_an_outage_loses_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    collector = Collector(url=f"http://127.0.0.1:{port}")
    process = start("track(client, 300)\ntime.sleep(6)\nclient.flush(30)", collector.url)
    time.sleep(5)
    with serving(collector, port):
        assert finish(process) == 0
        expect_all(collector, 300)
