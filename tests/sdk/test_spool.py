"""With a spool not even `kill -9` loses an event, nor an outage longer than the process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.sdk.collecting import Collector, serving

from tallystick.events.shop import PageViewed
from tallystick.events.shop.page_viewed import PageKind
from tallystick.sdk import ClientOptions, EventClient, FlushResult, Lost
from tallystick.sdk._segments import SUFFIX
from tallystick.sdk.errors import OptionsError
from tallystick.sdk.testing import MemoryTransport

if TYPE_CHECKING:
    from pathlib import Path

NOWHERE = "http://127.0.0.1:9"

PROGRAM = """
    import os, signal, sys, time
    from tallystick.events.shop import PageViewed
    from tallystick.events.shop.page_viewed import PageKind
    from tallystick.sdk import ClientOptions, EventClient

    url, spool, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    options = ClientOptions(spool_dir=spool, shutdown_timeout=0.5, backoff=(0.05, 0.1))
    client = EventClient(endpoint=url, write_key="k", source="test", options=options)
    for number in range(count):
        client.track(PageViewed(page_path=f"/{os.getpid()}/{number}", page_kind=PageKind.HOME))
    print("tracked", flush=True)
"""


def start(end: str, url: str, spool: Path, count: int) -> subprocess.Popen[str]:
    program = textwrap.dedent(PROGRAM) + end
    command = [sys.executable, "-c", program, url, str(spool), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def files(spool: Path) -> list[Path]:
    return sorted(spool.glob(f"*{SUFFIX}"))


def viewed(path: str = "/") -> PageViewed:
    return PageViewed(page_path=path, page_kind=PageKind.HOME)


def client_of(transport: MemoryTransport, spool: Path, **options: Any) -> EventClient:  # noqa: ANN401 - any option
    settings: dict[str, Any] = {"backoff": (0.01, 0.05), "flush_interval": 0.02, "shutdown_timeout": 0.3} | options
    return EventClient(source="test", transport=transport, options=ClientOptions(spool_dir=spool, **settings))


def wait_for(condition: Any, seconds: float = 15.0) -> None:  # noqa: ANN401 - anything that can be asked
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    assert condition()


@pytest.mark.parametrize(
    ("end", "code"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
        ("os._exit(0)", 0),
        ("os.kill(os.getpid(), signal.SIGTERM); time.sleep(60)", -signal.SIGTERM),
        ("", 0),
    ],
    ids=["SIGKILL", "os._exit", "SIGTERM", "exit"],
)
def test_what_a_process_could_not_deliver_the_next_one_does(tmp_path: Path, end: str, code: int) -> None:
    process = start(end, NOWHERE, tmp_path, 1000)
    process.communicate(timeout=60)
    assert process.returncode == code
    assert files(tmp_path)
    transport = MemoryTransport()
    with client_of(transport, tmp_path, concurrency=1) as client:
        wait_for(lambda: len(transport.sent) >= 1000)
        client.flush()
    assert len({event.event_id for event in transport.sent}) == 1000
    numbers = [int(event.page_path.rpartition("/")[2]) for event in transport.events_of(PageViewed)]
    assert numbers == list(range(1000)), "oldest first"
    assert files(tmp_path) == []


def test_processes_that_share_a_spool_and_die_in_droves_lose_nothing(tmp_path: Path) -> None:
    processes = [start("time.sleep(60)", NOWHERE, tmp_path, 200) for _ in range(5)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "tracked\n"
        process.kill()
    for process in processes:
        process.communicate(timeout=30)
    with serving(Collector()) as collector:
        heirs = [start("client.flush(20); time.sleep(1)", collector.url, tmp_path, 100) for _ in range(3)]
        for heir in heirs:
            heir.communicate(timeout=90)
        assert len(set(collector.accepted)) == 5 * 200 + 3 * 100
        assert len(collector.accepted) == len(set(collector.accepted)), "no file has two heirs"
    assert files(tmp_path) == []


def test_a_living_process_keeps_its_own(tmp_path: Path) -> None:
    first, second = MemoryTransport(), MemoryTransport()
    first.fail_next(10_000)
    with client_of(first, tmp_path) as owner:
        owner.track(viewed())
        wait_for(lambda: first.attempts > 0)
        with client_of(second, tmp_path) as neighbour:
            neighbour.track(viewed())
            neighbour.flush()
            time.sleep(0.3)
            assert len(second.sent) == 1


def test_what_is_delivered_leaves_no_file(tmp_path: Path) -> None:
    transport = MemoryTransport()
    with client_of(transport, tmp_path) as client:
        for _ in range(100):
            client.track(viewed())
        client.flush()
        wait_for(lambda: files(tmp_path) == [])
        client.track(viewed())
        client.flush()
    assert len(transport.sent) == 101
    assert files(tmp_path) == []


def test_what_finds_no_room_in_memory_waits_on_disk(tmp_path: Path) -> None:
    transport = MemoryTransport()
    transport.fail_next(20)
    lost: list[Lost] = []
    with client_of(
        transport, tmp_path, max_queue_size=10, flush_at=5, on_drop=lost.append, shutdown_timeout=20
    ) as client:
        for number in range(500):
            client.track(viewed(f"/{number}"))
        assert client.flush(30) == FlushResult(delivered=500, pending=0, failed=0)
    assert {event.page_path for event in transport.events_of(PageViewed)} == {f"/{number}" for number in range(500)}
    assert len(transport.sent) == 500
    assert lost == []
    assert files(tmp_path) == []


def test_closing_leaves_behind_only_what_was_not_delivered(tmp_path: Path) -> None:
    transport = MemoryTransport()
    client = client_of(transport, tmp_path, flush_at=10, flush_interval=60.0, max_queue_size=40)
    for _ in range(30):
        client.track(viewed())
    client.flush()
    transport.fail_next(10_000)
    open_ids = {str(client.track(viewed())) for _ in range(100)}
    result = client.close()
    assert (result.delivered, result.failed) == (0, 0)
    assert len(files(tmp_path)) == 1
    heir = MemoryTransport()
    with client_of(heir, tmp_path) as next_client:
        wait_for(lambda: len(heir.sent) == 100)
        next_client.flush()
    assert {event.event_id for event in heir.sent} == open_ids
    assert files(tmp_path) == []


def test_lines_that_a_crash_tore_spoil_no_other(tmp_path: Path) -> None:
    process = start("os.kill(os.getpid(), signal.SIGKILL)", NOWHERE, tmp_path, 50)
    process.communicate(timeout=60)
    (path,) = files(tmp_path)
    lines = path.read_bytes().split(b"\n")
    lines[1] = lines[1][: len(lines[1]) // 2]
    path.write_bytes(b"\xff\x00garbage" + b"\n".join(lines) + b"\n0000 torn")
    (tmp_path / f"nonsense{SUFFIX}").write_bytes(os.urandom(5000))
    (tmp_path / "stranger.txt").write_text("mine")
    transport = MemoryTransport()
    with client_of(transport, tmp_path):
        wait_for(lambda: len(transport.sent) >= 49)
    assert len(transport.sent) == 49
    assert [each.name for each in tmp_path.iterdir()] == ["stranger.txt"]


def test_a_full_spool_falls_back_to_memory(tmp_path: Path) -> None:
    transport = MemoryTransport()
    transport.fail_next(3)
    with client_of(transport, tmp_path, spool_max_bytes=2000, shutdown_timeout=20) as client:
        for _ in range(200):
            client.track(viewed())
        assert client.flush(20).delivered == 200


def test_a_spool_is_for_its_user_only(tmp_path: Path) -> None:
    transport = MemoryTransport()
    transport.fail_next(10_000)
    with client_of(transport, tmp_path / "spool") as client:
        client.track(viewed())
        assert (tmp_path / "spool").stat().st_mode & 0o077 == 0
        assert all(path.stat().st_mode & 0o077 == 0 for path in files(tmp_path / "spool"))


def test_a_folder_that_cannot_be_used_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OptionsError, match="spool_dir"):
        client_of(MemoryTransport(), tmp_path / "file")


def test_a_forked_child_has_files_of_its_own(tmp_path: Path) -> None:
    program = """
pid = os.fork()
if pid == 0:
    for number in range(300):
        client.track(PageViewed(page_path=f"/{os.getpid()}/{number}", page_kind=PageKind.HOME))
    os._exit(0)
os.waitpid(pid, 0)
os.kill(os.getpid(), signal.SIGKILL)
"""
    process = start(program, NOWHERE, tmp_path, 200)
    process.communicate(timeout=60)
    transport = MemoryTransport()
    with client_of(transport, tmp_path):
        wait_for(lambda: len(transport.sent) >= 500)
    assert len({event.event_id for event in transport.sent}) == len(transport.sent) == 500
