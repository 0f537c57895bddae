"""The door to Delta tables: created once, appended to at most once per batch, and read at a version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from delta.tables import DeltaTable

from tallystick.streaming.tables import columns_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyspark.sql import Column, DataFrame, SparkSession
    from pyspark.sql.types import StructType

    from tallystick.streaming.tables import Table

__all__ = [
    "Batch",
    "allow_widening",
    "append",
    "delete_matches",
    "ensure",
    "ensure_columns",
    "exists",
    "is_there",
    "merge",
    "overwrite",
    "read",
    "snapshot",
    "table_version",
    "versions",
]


@dataclass(frozen=True, slots=True)
class Batch:
    """The identity of a micro-batch, the same when it is tried again.

    Attributes:
        generation: Identity of the checkpoint: with a new one the numbers begin anew.
        number: The batch's number in that checkpoint.
    """

    generation: str
    number: int


def ensure(spark: SparkSession, path: str, table: Table) -> None:
    """Create a table unless it is there."""
    ensure_columns(spark, path, columns_of(table.columns), stats=table.stats)


def ensure_columns(
    spark: SparkSession,
    path: str,
    columns: StructType,
    *,
    stats: tuple[str, ...] = (),
    partition: tuple[str, ...] = (),
    properties: Mapping[str, str] | None = None,
) -> None:
    """Create a table with these columns unless it is there.

    Args:
        spark: The session.
        path: Where it shall stand.
        columns: Its columns.
        stats: Columns whose least and greatest value each file tells; each makes every write a little dearer.
        partition: Columns that make folders.
        properties: Further Delta properties.
    """
    if exists(spark, path):
        return
    told = {"delta.dataSkippingStatsColumns": ",".join(stats)} if stats else {"delta.dataSkippingNumIndexedCols": "0"}
    builder = DeltaTable.createIfNotExists(spark).location(path).addColumns(columns)
    if partition:
        builder = builder.partitionedBy(*partition)
    for name, value in {**told, **(properties or {})}.items():
        builder = builder.property(name, value)
    builder.execute()


def append(df: DataFrame, path: str, batch: Batch, *, widen: bool = False) -> None:
    """Append rows, or do nothing if this batch has done so before.

    The transaction is told per write: set for the session, it would reach the other tables' writes as well.

    Args:
        df: The rows.
        path: The table.
        batch: The batch that they belong to; it may append to a table once.
        widen: Whether new columns are added to the table.
    """
    writer = df.write.format("delta").mode("append").option("txnAppId", batch.generation)
    writer = writer.option("txnVersion", str(batch.number))
    if widen:
        writer = writer.option("mergeSchema", "true")
    writer.save(path)


def overwrite(df: DataFrame, path: str, *, where: str | None = None) -> None:
    """Replace all rows and columns, or the rows that a condition names."""
    writer = df.write.format("delta").mode("overwrite")
    name, value = ("overwriteSchema", "true") if where is None else ("replaceWhere", where)
    writer.option(name, value).save(path)


def delete_matches(spark: SparkSession, path: str, rows: DataFrame, condition: str) -> None:
    """Delete the rows `old` for which some row `new` meets a condition."""
    table = DeltaTable.forPath(spark, path).alias("old")
    table.merge(rows.alias("new"), condition).whenMatchedDelete().execute()


def merge(
    spark: SparkSession,
    path: str,
    rows: DataFrame,
    key: tuple[str, ...],
    *,
    update: str | None = None,
    insert: str = "true",
    delete: str | None = None,
) -> None:
    """Insert, update and delete rows by their key; doing it twice leaves the table as doing it once.

    Args:
        spark: The session.
        path: The table, `old` in the conditions.
        rows: The changes, `new` in the conditions; columns with a leading underscore are for the conditions only.
        key: Columns that identify a row.
        update: When to update a row that is there; by default always.
        insert: When to insert a row that is not there; by default always.
        delete: When to delete a row that is there; by default never.
    """
    values: dict[str, str | Column] = {column: f"new.{column}" for column in rows.columns if not column.startswith("_")}
    same = " AND ".join(f"old.{column} = new.{column}" for column in key)
    merging = DeltaTable.forPath(spark, path).alias("old").merge(rows.alias("new"), same)
    if delete is not None:
        merging = merging.whenMatchedDelete(delete)
    merging.whenMatchedUpdate(update, set=values).whenNotMatchedInsert(insert, values=values).execute()


def allow_widening(spark: SparkSession, path: str) -> None:
    """Let appends make a column's type wider."""
    place = path.replace("`", "``")
    spark.sql(f"ALTER TABLE delta.`{place}` SET TBLPROPERTIES ('delta.enableTypeWidening' = 'true')")


def read(spark: SparkSession, path: str, *, version: int | None = None) -> DataFrame:
    """A table, as it is now or as it was at a version."""
    reader = spark.read.format("delta")
    return (reader if version is None else reader.option("versionAsOf", version)).load(path)


def snapshot(spark: SparkSession, path: str) -> DataFrame:
    """A table as it is now, whatever is written later: for frames that are kept (`persist`).

    Spark forgets what it keeps of a frame as soon as a table is written that the frame reads at no version, and then
    computes it again for each job that still uses it.
    """
    return read(spark, path, version=table_version(spark, path))


def versions(spark: SparkSession, folder: str) -> dict[str, int]:
    """The newest version of each table in a folder."""
    path, files = _files(spark, folder)
    names = [status.getPath().getName() for status in files.listStatus(path)] if files.exists(path) else []
    found = {name: table_version(spark, f"{folder}/{name}") for name in names}
    return {name: version for name, version in sorted(found.items()) if version is not None}


def exists(spark: SparkSession, path: str) -> bool:
    """Whether a Delta table stands at a path."""
    return table_version(spark, path) is not None


def is_there(spark: SparkSession, path: str) -> bool:
    """Whether a file or folder exists."""
    place, files = _files(spark, path)
    return bool(files.exists(place))


def table_version(spark: SparkSession, path: str) -> int | None:
    """The newest version of a table, told by the names of its log files; None where there is no table.

    `DESCRIBE HISTORY` tells the same, and costs a Spark job per table.
    """
    log, files = _files(spark, f"{path}/_delta_log")
    if not files.exists(log):
        return None
    names = (status.getPath().getName() for status in files.listStatus(log))
    return max((int(name[:-5]) for name in names if name.endswith(".json") and name[:-5].isdigit()), default=None)


def _files(spark: SparkSession, path: str) -> tuple[Any, Any]:
    """A path and its file system, as Hadoop knows them: the same for a folder and for a bucket."""
    jvm = cast("Any", spark)._jvm  # noqa: SLF001 - pyspark has no public way to its file systems
    session = cast("Any", spark)._jsparkSession  # noqa: SLF001 - with the session's settings, credentials among them
    place = jvm.org.apache.hadoop.fs.Path(path)
    return place, place.getFileSystem(session.sessionState().newHadoopConf())
