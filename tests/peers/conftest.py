"""The registries that the rest of Tallystick has to get along with: ours, Apicurio's, and the strictest thinkable."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from tests.peers import apicurio, strict
from tests.registry.conftest import running as registry

from tallystick.sdk.registry import RegistryClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path


@dataclass(frozen=True)
class Peer:
    """A registry that runs.

    Attributes:
        name: Whose it is.
        url: Its address.
        incompatible_code: Its code for a schema that breaks its subject's level.
        explains: Whether it says what is wrong with one.
    """

    name: str
    url: str
    incompatible_code: int
    explains: bool


@contextmanager
def _ours(folder: Path) -> Iterator[Peer]:
    with registry(folder / "registry.log", "--database", f"sqlite:///{folder / 'registry.db'}") as process:
        yield Peer("ours", process.url, 409, explains=True)


@contextmanager
def _apicurio(folder: Path) -> Iterator[Peer]:
    with apicurio.running(folder) as url:
        yield Peer("apicurio", url, 409, explains=False)


@contextmanager
def _strict(_folder: Path) -> Iterator[Peer]:
    with strict.running() as url:
        yield Peer("strict", url, 40901, explains=False)


PEERS: dict[str, Callable[[Path], AbstractContextManager[Peer]]] = {
    "ours": _ours,
    "apicurio": _apicurio,
    "strict": _strict,
}


@pytest.fixture(scope="session", params=PEERS)
def peer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """Each registry in turn, in a process (or thread) of its own."""
    with PEERS[request.param](tmp_path_factory.mktemp(request.param)) as found:
        yield found


@pytest.fixture
def client(peer: Peer) -> Iterator[RegistryClient]:
    with RegistryClient(peer.url) as opened:
        yield opened
