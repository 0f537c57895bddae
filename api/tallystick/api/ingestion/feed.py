"""Keeps the catalogue up to date with the registry: every version of every subject, each fetched and compiled once."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final, Protocol

import structlog
from typing_extensions import override

from tallystick.api.ingestion.catalogue import Catalogue, EventType
from tallystick.api.ingestion.intake import Intake, intake_of
from tallystick.codegen import load
from tallystick.contracts import Catalog, CatalogError, SchemaError
from tallystick.sdk.errors import RegistryError, RegistryUnavailable
from tallystick.sdk.record import Event

if TYPE_CHECKING:
    from collections.abc import Collection

    from tallystick.api.ingestion.catalogue import Wanted
    from tallystick.sdk.registry import RegistryClient

__all__ = ["Feed", "Loading", "RegistryLoader"]

_log = structlog.get_logger("tallystick.api")

# Events of unknown types make the registry be asked no oftener than this, however many there are.
_SOONEST: Final = 0.5


class Loading(Protocol):
    """Where the catalogue comes from."""

    def load(self) -> Catalogue:
        """Bring the catalogue up to date.

        Raises:
            RegistryUnavailable: Its source does not answer.
        """
        ...


class RegistryLoader(Loading):
    """Loads from a schema registry; remembers what it has seen, since a version never changes.

    Versions that are deleted from the registry go on being known: old clients still send them.

    Args:
        registry: The registry.
    """

    def __init__(self, registry: RegistryClient) -> None:
        self._registry = registry
        self._seen: dict[tuple[str, int], Intake | None] = {}
        self._ids: dict[tuple[str, str], int] = {}

    @override
    def load(self) -> Catalogue:
        for subject in self._registry.subjects():
            for version in self._registry.versions(subject):
                if (subject, version) not in self._seen:
                    self._seen[subject, version] = self._read(subject, version)
        kinds: dict[str, dict[int, Intake]] = {}
        for intake in self._seen.values():
            if intake is not None:
                kinds.setdefault(intake.event_type, {})[intake.version] = intake
        return Catalogue(events={name: EventType.of(intakes) for name, intakes in kinds.items()}, ids=dict(self._ids))

    def _read(self, subject: str, version: int) -> Intake | None:
        """Fetch and compile one version; None where it is no event, or nothing that we understand."""
        try:
            registered = self._registry.version(subject, version)
            catalog = Catalog.of_texts({f"{subject} version {version}": registered.text})
            contract = catalog[subject]
        except (RegistryError, SchemaError, CatalogError, KeyError) as error:
            _log.warning("a subject is passed over", subject=subject, version=version, error=type(error).__name__)
            return None
        self._ids[subject, contract.contract_hash] = registered.id
        if not contract.is_event:
            return None
        event = load(catalog)[subject]
        if not issubclass(event, Event):
            return None
        return intake_of(contract, event, version=version, schema_id=registered.id)


class Feed:
    """Holds the catalogue, and renews it in the background and on demand.

    Args:
        loader: Where it comes from.
        interval: Seconds between looks.
    """

    def __init__(self, loader: Loading, *, interval: float = 5.0) -> None:
        self.catalogue = Catalogue()
        self._loader = loader
        self._interval = interval
        self._loaded_at: float | None = None
        self._tried_at = float("-inf")
        self._absent: dict[Wanted, float] = {}
        self._lock = asyncio.Lock()

    @property
    def age(self) -> float | None:
        """Seconds since the registry last answered; None if it never did."""
        return None if self._loaded_at is None else time.monotonic() - self._loaded_at

    async def run(self) -> None:
        """Renew for ever."""
        while True:
            await self._renew()
            await asyncio.sleep(self._interval)

    async def look_for(self, wanted: Collection[Wanted]) -> bool:
        """Ask the registry for versions that are unknown here; returns whether it could say.

        What it was asked for in vain a moment ago it is not asked for again, so that a stream of events of an unknown
        type holds nobody up.
        """
        asked_at = time.monotonic()
        if all(asked_at - self._absent.get(each, float("-inf")) < self._interval for each in wanted):
            return True
        async with self._lock:
            # Somebody who waited in front of us may have asked just now.
            if self._tried_at < asked_at:
                await asyncio.sleep(self._tried_at + _SOONEST - asked_at)
                await self._load()
        if self._loaded_at is None or self._loaded_at < asked_at:
            return False
        self._absent.update((each, self._loaded_at) for each in wanted if self.catalogue.find(each) is None)
        return True

    async def _renew(self) -> None:
        async with self._lock:
            await self._load()

    async def _load(self) -> None:
        self._tried_at = time.monotonic()
        oldest = self._tried_at - self._interval
        self._absent = {each: moment for each, moment in self._absent.items() if moment > oldest}
        try:
            self.catalogue = await asyncio.to_thread(self._loader.load)
        except (RegistryUnavailable, RegistryError) as error:
            _log.warning("the registry cannot be read", error=str(error))
            return
        self._loaded_at = time.monotonic()
