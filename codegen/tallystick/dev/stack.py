"""The dev stack: broker, registry, contracts, API; brought up in this order, ready one after the other.

    with Stack(StackOptions(folder=Path(".tallystick"))) as status:
        EventClient(endpoint=status.api, write_key=status.write_key, source="shop-web")

Everything it starts belongs to one folder, so a second `up` finds it, and `down` ends it and nothing else.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tallystick.contracts import load_catalog
from tallystick.dev.broker import BROKER, Broker
from tallystick.dev.errors import ContractRefusedError, PartDiedError
from tallystick.dev.keys import make_key, read_key
from tallystick.dev.parts import answers, serve, wait_until_ready
from tallystick.dev.ports import HOST, free_port, is_free, require_free
from tallystick.dev.processes import Processes
from tallystick.dev.registration import Outcome, register_all
from tallystick.dev.topics import create_topics, is_ready
from tallystick.sdk.registry import RegistryClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType

    from tallystick.streaming.jars import JarProgress

__all__ = ["API", "BROKER", "PARTS", "REGISTRY", "Stack", "StackOptions", "StackStatus"]

REGISTRY: Final = "registry"
API: Final = "api"
PARTS: Final = (BROKER, REGISTRY, API)
_STATE: Final = "stack.json"


def _silent(_: object) -> None:
    """What an observer does when nobody observes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackOptions:
    """Where the stack lives and what it uses.

    Attributes:
        folder: Holds its data, its logs and its pid files.
        kafka_port: The broker's port; 0 takes a free one, here as with the other two.
        registry_port: The registry's port.
        api_port: The API's port.
        kafka: Bootstrap servers of a Kafka that exists; then no broker is started.
        registry: URL of a registry that exists; then none is started.
        schemas: The contracts to register.
        tethered: Whether the processes end with the thread that calls `up`, even when it is killed.
        on_step: Told in words what happens next.
        on_jars: Told how far the jars are, when some have to be fetched.
    """

    folder: Path
    kafka_port: int = 9092
    registry_port: int = 8081
    api_port: int = 8000
    kafka: str | None = None
    registry: str | None = None
    schemas: Path = Path("schemas")
    tethered: bool = False
    on_step: Callable[[str], None] = _silent
    on_jars: Callable[[JarProgress], None] = _silent


@dataclass(frozen=True, slots=True, kw_only=True)
class StackStatus:
    """Where everything is, and whether it works.

    Attributes:
        ready: Whether broker, registry and API all answer.
        kafka: The bootstrap servers.
        registry: The registry's URL.
        api: The API's URL.
        write_key: A key that the API takes.
        pids: The processes of this folder that live, by part.
    """

    ready: bool
    kafka: str | None = None
    registry: str | None = None
    api: str | None = None
    write_key: str | None = None
    pids: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> str:
        """The form that `tallystick dev status --format json` prints."""
        return json.dumps(asdict(self), indent=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """What `up` has to know of one part.

    Attributes:
        name: Its name.
        given: The address of one that exists, if one was named.
        port: The port for one of ours; 0 for a free one.
        option: The option that chooses the port.
        scheme: What its address starts with.
        start: Starts one of ours at a port.
        is_ready: Whether the one at an address works.
        prepare: What it has to be given before the next part can use it.
    """

    name: str
    given: str | None
    port: int
    option: str
    scheme: str
    start: Callable[[int], None]
    is_ready: Callable[[str], bool]
    prepare: Callable[[str], None] = _silent


class Stack:
    """A broker, a registry with the contracts in it, and an API, on loopback.

    Args:
        options: Where it lives and what it uses.
    """

    def __init__(self, options: StackOptions) -> None:
        self.options = options
        self.folder = options.folder.resolve()
        self._processes = Processes(self.folder, tethered=options.tethered)

    def up(self) -> StackStatus:
        """Start what does not run yet, and wait until everything is ready.

        Raises:
            DevError: A part did not come up; the parts that this call started are ended again.
        """
        with self._processes.alone():
            before = self._pids()
            try:
                for part in self._parts():
                    self._bring_up(part)
            except BaseException:
                self._stop(name for name in reversed(PARTS) if name not in before)
                raise
        return self.status()

    def down(self) -> tuple[str, ...]:
        """End the processes of this folder, the last one first; their data stays.

        Returns:
            The parts that were running.
        """
        with self._processes.alone():
            return self._stop(reversed(PARTS))

    def status(self) -> StackStatus:
        """Ask every part how it is."""
        addresses = self._addresses()
        ready = all(part.name in addresses and part.is_ready(addresses[part.name]) for part in self._parts())
        return StackStatus(
            ready=ready,
            kafka=addresses.get(BROKER),
            registry=addresses.get(REGISTRY),
            api=addresses.get(API),
            write_key=read_key(self.folder),
            pids=self._pids(),
        )

    def __enter__(self) -> StackStatus:
        """Bring it up."""
        return self.up()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Bring it down, whatever happened meanwhile."""
        self.down()

    def _parts(self) -> tuple[_Part, ...]:
        """The parts, in the order in which they need each other."""
        options = self.options
        return (
            _Part(
                name=BROKER,
                given=options.kafka,
                port=options.kafka_port,
                option="--kafka-port",
                scheme="",
                start=self._start_broker,
                is_ready=is_ready,
                prepare=create_topics,
            ),
            _Part(
                name=REGISTRY,
                given=options.registry,
                port=options.registry_port,
                option="--registry-port",
                scheme="http://",
                start=self._start_registry,
                is_ready=lambda address: answers(f"{address}/subjects"),
                prepare=self._register,
            ),
            _Part(
                name=API,
                given=None,
                port=options.api_port,
                option="--api-port",
                scheme="http://",
                start=self._start_api,
                is_ready=lambda address: answers(f"{address}/readyz"),
            ),
        )

    def _bring_up(self, part: _Part) -> None:
        address = part.given or self._place(part)
        if address != self._addresses().get(part.name):
            # Whatever runs and relies on this part looks for it at the old address.
            self._stop(reversed(PARTS[PARTS.index(part.name) :]))
        self._remember(part.name, address)
        if not part.given and not self._processes.find(part.name):
            self.options.on_step(f"starting the {part.name} at {address}")
            part.start(_port(address))
        wait_until_ready(part.name, address, is_ready=part.is_ready, check=lambda: self._require_alive(part))
        part.prepare(address)

    def _place(self, part: _Part) -> str:
        """Where one of ours shall be: at its option's port, else where it is or was, else at any free port."""
        known = self._addresses().get(part.name)
        if known and self._processes.find(part.name) and part.port in {0, _port(known)}:
            return known
        port = part.port or (_port(known) if known and is_free(_port(known)) else free_port())
        require_free(port, part.option)
        return f"{part.scheme}{HOST}:{port}"

    def _require_alive(self, part: _Part) -> None:
        if not part.given and self._processes.find(part.name) is None:
            raise PartDiedError(part.name, str(self._processes.log(part.name)), self._processes.tail(part.name))

    def _start_broker(self, port: int) -> None:
        broker = Broker(folder=self.folder / "kafka", processes=self._processes, port=port)
        broker.start(on_jars=self.options.on_jars)

    def _start_registry(self, port: int) -> None:
        database = f"sqlite:///{self.folder / 'registry.db'}"
        serve(self._processes, REGISTRY, port=port, options={"database": database})

    def _register(self, address: str) -> None:
        self.options.on_step(f"registering the contracts of {self.options.schemas}")
        catalog = load_catalog(self.options.schemas)
        with RegistryClient(address) as registry:
            for found in register_all(catalog.messages, registry):
                if found.outcome is Outcome.REFUSED:
                    raise ContractRefusedError(found.subject, found.reasons)

    def _start_api(self, port: int) -> None:
        addresses = self._addresses()
        options = {"kafka": addresses[BROKER], "registry": addresses[REGISTRY], "keys": str(make_key(self.folder))}
        serve(self._processes, API, port=port, options=options)

    def _stop(self, names: Iterable[str]) -> tuple[str, ...]:
        return tuple(name for name in names if self._processes.stop(name))

    def _pids(self) -> dict[str, int]:
        found = ((name, self._processes.find(name)) for name in PARTS)
        return {name: running.pid for name, running in found if running}

    def _addresses(self) -> dict[str, str]:
        """Where the parts are, or were when they last ran."""
        file = self.folder / _STATE
        return dict(json.loads(file.read_bytes())) if file.is_file() else {}

    def _remember(self, name: str, address: str) -> None:
        draft = self.folder / f"{_STATE}.new"
        draft.write_text(json.dumps(self._addresses() | {name: address}, indent=2) + "\n", encoding="utf-8")
        draft.replace(self.folder / _STATE)


def _port(address: str) -> int:
    return int(address.rpartition(":")[2])
