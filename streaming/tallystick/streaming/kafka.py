"""What Bronze asks Kafka before it reads: whether it is there, and where each partition stands."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, cast

from py4j.protocol import Py4JJavaError

from tallystick.streaming.errors import BrokerUnavailableError, TopicMissingError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pyspark.sql import SparkSession

__all__ = ["check_reachable", "partitions"]

_CONNECT_SECONDS: Final = 5.0
# Its port has answered by then; a broker, or a JVM here, that has little of its machine takes a while to say more.
_ANSWER_SECONDS: Final = 30.0


def check_reachable(servers: str) -> None:
    """Make sure that one of the addresses `host:port,host:port` takes a connection.

    Raises:
        BrokerUnavailableError: None does.
    """
    cause = "no address given"
    for server in filter(None, (part.strip() for part in servers.split(","))):
        host, _, port = server.rpartition(":")
        if not host or not port.isdigit():
            raise BrokerUnavailableError(server, "this is not HOST:PORT")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=_CONNECT_SECONDS).close()
        except OSError as error:
            cause = error.strerror or str(error)
        else:
            return
    raise BrokerUnavailableError(servers, cause)


def partitions(spark: SparkSession, servers: str, topics: tuple[str, ...]) -> Mapping[str, tuple[int, ...]]:
    """The partitions of each topic.

    Raises:
        BrokerUnavailableError: Kafka gives no answer.
        TopicMissingError: There is no such topic.
    """
    with _admin(spark, servers) as admin:
        try:
            known = set(admin.listTopics().names().get())
            missing = tuple(topic for topic in topics if topic not in known)
            if missing:
                raise TopicMissingError(missing, servers)
            described = admin.describeTopics(list(topics)).allTopicNames().get()
        except Py4JJavaError as error:
            raise BrokerUnavailableError(servers, str(error.java_exception.getMessage())) from None
        return {topic: tuple(sorted(each.partition() for each in described[topic].partitions())) for topic in topics}


@contextmanager
def _admin(spark: SparkSession, servers: str) -> Iterator[Any]:
    jvm = cast("Any", spark)._jvm  # noqa: SLF001 - the Kafka client of Spark's own source, in the JVM
    properties = jvm.java.util.Properties()
    patience = str(int(_ANSWER_SECONDS * 1000))
    settings = {
        "bootstrap.servers": servers,
        "request.timeout.ms": patience,
        "default.api.timeout.ms": patience,
    }
    for name, value in settings.items():
        properties.setProperty(name, value)
    admin = jvm.org.apache.kafka.clients.admin.Admin.create(properties)
    try:
        yield admin
    finally:
        admin.close()
