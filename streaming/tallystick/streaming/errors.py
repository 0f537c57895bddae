"""What can go wrong with the streaming jobs and be mended by a person.

TallystickError
└── StreamingError
    ├── SessionError            Spark does not start
    ├── LakeError               the lake cannot be read or written, or a table in it is missing
    ├── BrokerUnavailableError       nothing answers at the Kafka address
    ├── TopicMissingError            Kafka has no such topic
    ├── OffsetsLostError             Kafka no longer holds records that Bronze has not read
    ├── TableMismatchError      a contract changed in a way that its table cannot follow
    ├── CheckpointLostError          Silver has rows, but the record of what it has read is gone
    └── JobFailedError               a Spark job failed for another reason

An event that cannot be read is no error: it becomes a row of `rejects`.
"""

from __future__ import annotations

from tallystick.contracts.errors import TallystickError

__all__ = [
    "BrokerUnavailableError",
    "CheckpointLostError",
    "JobFailedError",
    "LakeError",
    "OffsetsLostError",
    "SessionError",
    "StreamingError",
    "TableMismatchError",
    "TopicMissingError",
]


class StreamingError(TallystickError):
    """The root of what the streaming jobs raise."""


class SessionError(StreamingError):
    """Spark does not start."""

    def __init__(self, cause: str) -> None:
        super().__init__(f"Spark does not start: {cause}", fix="check --master, free memory and `java -version`")


class LakeError(StreamingError):
    """The lake cannot be read or written."""

    def __init__(self, path: str, cause: str, *, fix: str = "check --lake and the permissions of that place") -> None:
        super().__init__(f"the lake at {path} cannot be used: {cause}", fix=fix)
        self.path = path


class BrokerUnavailableError(StreamingError):
    """Nothing answers at the Kafka address."""

    def __init__(self, address: str, cause: str) -> None:
        super().__init__(
            f"no Kafka answers at {address}: {cause}", fix="start one with `tallystick dev up`, or correct --kafka"
        )
        self.address = address


class TopicMissingError(StreamingError):
    """Kafka has no such topic."""

    def __init__(self, topics: tuple[str, ...], address: str) -> None:
        names = ", ".join(topics)
        super().__init__(
            f"Kafka at {address} has no topic {names}", fix="create it (`tallystick dev up` does), or correct --topics"
        )
        self.topics = topics


class OffsetsLostError(StreamingError):
    """Kafka no longer holds records that Bronze has not read."""

    def __init__(self, cause: str) -> None:
        super().__init__(
            f"Kafka no longer holds records that Bronze still has to read: {cause}",
            fix="restore the topic; where that is impossible, delete Bronze's checkpoint: it goes on from Bronze",
        )


class CheckpointLostError(StreamingError):
    """Silver has rows, but the record of what it has read is gone."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"Silver has tables, but its checkpoint {path} is missing: appending now could write rows twice",
            fix="restore the checkpoint, or build Silver anew with `tallystick stream silver --rebuild`",
        )


class TableMismatchError(StreamingError):
    """A contract changed in a way that its table cannot follow."""

    def __init__(self, table: str, column: str, held: str, wanted: str) -> None:
        super().__init__(
            f"{table} holds {column} as {held}, and the contract now says {wanted}",
            fix="build Silver anew with `tallystick stream silver --rebuild`",
        )
        self.table = table
        self.column = column


class JobFailedError(StreamingError):
    """A Spark job failed for a reason that has no name of its own here."""

    def __init__(self, job: str, cause: str) -> None:
        super().__init__(
            f"{job} failed: {cause}", fix="the log above tells the details; the job may simply be started again"
        )
