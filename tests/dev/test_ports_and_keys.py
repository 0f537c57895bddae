"""Ports are judged before a part is started on them; the write key is kept for its owner."""

from __future__ import annotations

import hashlib
import json
import socket
import stat
from typing import TYPE_CHECKING

import pytest

from tallystick.dev.broker import _cluster_id
from tallystick.dev.errors import PortBusyError
from tallystick.dev.keys import make_key, read_key
from tallystick.dev.ports import HOST, is_free, require_free

if TYPE_CHECKING:
    from pathlib import Path


def test_a_port_that_something_listens_on_is_refused_with_the_option_that_mends_it() -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
        assert not is_free(port)
        with pytest.raises(PortBusyError) as caught:
            require_free(port, "--api-port")
    assert str(port) in caught.value.message
    assert "\n" not in caught.value.message
    assert "--api-port" in caught.value.fix


def test_a_port_on_all_interfaces_counts_as_busy_on_loopback() -> None:
    with socket.create_server(("", 0)) as server:
        assert not is_free(server.getsockname()[1])


def test_a_port_whose_connections_are_only_dying_is_free() -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection((HOST, port)):
            accepted, _ = server.accept()
            accepted.close()
    assert is_free(port)


def test_the_key_is_made_once_and_only_its_hash_reaches_the_keys_file(tmp_path: Path) -> None:
    keys = make_key(tmp_path)
    key = read_key(tmp_path)
    assert key is not None
    assert make_key(tmp_path) == keys
    assert read_key(tmp_path) == key
    text = keys.read_text()
    assert key not in text
    assert json.loads(text)["keys"][0]["sha256"] == hashlib.sha256(key.encode()).hexdigest()


def test_only_the_owner_can_read_the_key(tmp_path: Path) -> None:
    make_key(tmp_path)
    assert stat.S_IMODE((tmp_path / "write_key").stat().st_mode) == 0o600


@pytest.mark.parametrize("lost", ["write_key", "keys.json"])
def test_a_pair_that_lost_one_half_is_made_anew(tmp_path: Path, lost: str) -> None:
    make_key(tmp_path)
    (tmp_path / lost).unlink()
    keys = make_key(tmp_path)
    key = read_key(tmp_path)
    assert key is not None
    assert hashlib.sha256(key.encode()).hexdigest() in keys.read_text()


def test_no_cluster_id_looks_like_an_option() -> None:
    assert not [each for each in (_cluster_id() for _ in range(2_000)) if each.startswith("-") or len(each) != 22]
