"""What a service writes to its log, and what it leaves out."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from tallystick.api._logs import configure_logs

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    before, handlers = root.level, list(root.handlers)
    yield
    configure_logs(level="warning")
    root.handlers[:] = handlers
    root.setLevel(before)


@pytest.mark.parametrize("name", ["httpx", "httpcore.connection"])
def test_the_http_clients_lines_about_each_request_stay_out(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(level="info")
    logging.getLogger(name).info("HTTP Request: GET http://127.0.0.1:8081/subjects")
    logging.getLogger(name).warning("something is wrong")
    logging.getLogger("tallystick.api").info("ours")
    written = capsys.readouterr().err
    assert "HTTP Request" not in written
    assert written.count("\n") == 2


def test_whoever_debugs_sees_them(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(level="debug")
    logging.getLogger("httpx").info("HTTP Request: GET http://127.0.0.1:8081/subjects")
    assert "HTTP Request" in capsys.readouterr().err
