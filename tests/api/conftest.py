"""What the ingestion API's tests share: one running server, its doubles fresh for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.api.serving import Api, running

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def api_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with running(tmp_path_factory.mktemp("api")) as api:
        yield api


@pytest.fixture
def api(api_process: Api) -> Api:
    """A running API that nothing was sent to yet."""
    api_process.tray.reset()
    api_process.shelf.is_away = False
    return api_process
