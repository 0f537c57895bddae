"""A real Kafka broker in a process of its own: one node, KRaft, everything in one folder.

The jars come from the lock file `kafka` and never meet Spark's class path.
"""

from __future__ import annotations

import base64
import subprocess
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tallystick.dev.errors import PartDiedError
from tallystick.dev.ports import HOST, free_port
from tallystick.streaming.jars import fetch
from tallystick.streaming.java import find_java

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tallystick.dev.processes import Processes
    from tallystick.streaming.jars import JarProgress

__all__ = ["BROKER", "Broker"]

BROKER: Final = "broker"
_HEAP: Final = ("-Xms256m", "-Xmx512m")
_LOGGING: Final = """\
appender.console.type=Console
appender.console.name=console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%d %p %m (%c)%n
rootLogger.level=INFO
rootLogger.appenderRef.console.ref=console
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """One broker and its folder.

    Attributes:
        folder: Holds its data and configuration.
        processes: Starts and ends it.
        port: Where clients reach it on loopback.
    """

    folder: Path
    processes: Processes
    port: int

    @property
    def address(self) -> str:
        """What clients call the bootstrap servers."""
        return f"{HOST}:{self.port}"

    def start(self, *, on_jars: Callable[[JarProgress], None] | None = None) -> None:
        """Start it on its own data, which is laid out the first time; it is not ready yet when this returns.

        Args:
            on_jars: Told how far the jars are, when some have to be fetched.

        Raises:
            PartDiedError: Its storage could not be laid out.
        """
        class_path = ":".join(map(str, fetch("kafka", on_progress=on_jars)))
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "log4j2.properties").write_text(_LOGGING, encoding="utf-8")
        properties = self.folder / "server.properties"
        properties.write_text(self._properties(free_port()), encoding="utf-8")
        java = [
            *(str(find_java().program), *_HEAP, f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}"),
            *("-cp", class_path),
        ]
        if not (self.folder / "data" / "meta.properties").exists():
            _run([*java, "kafka.tools.StorageTool", "format", "-t", _cluster_id(), "-c", str(properties)])
        self.processes.start(BROKER, [*java, "kafka.Kafka", str(properties)])

    def _properties(self, controller_port: int) -> str:
        """One node, broker and controller in one; the controller's port may change with every start."""
        settings = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@{HOST}:{controller_port}",
            "listeners": f"PLAINTEXT://{self.address},CONTROLLER://{HOST}:{controller_port}",
            "advertised.listeners": f"PLAINTEXT://{self.address}",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "PLAINTEXT",
            "log.dirs": str(self.folder / "data"),
            "auto.create.topics.enable": "false",
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "1",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "transaction.state.log.num.partitions": "1",
            "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
        }
        return "".join(f"{name}={value}\n" for name, value in settings.items())


def _cluster_id() -> str:
    """A random id in Kafka's form: the UUID's bytes in URL-safe base64, without padding.

    None begins with a dash, which Kafka's tools would take for an option; Kafka's own generator avoids it as well.
    """
    while True:
        drawn = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode("ascii").rstrip("=")
        if not drawn.startswith("-"):
            return drawn


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode:
        raise PartDiedError(BROKER, "the lines above", (done.stdout + done.stderr)[-2000:])
