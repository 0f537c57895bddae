"""Opens the Spark session that all jobs share, with every setting that a job relies on."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from importlib import resources
from typing import TYPE_CHECKING, Final

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from tallystick.streaming.errors import SessionError
from tallystick.streaming.jars import fetch
from tallystick.streaming.java import find_java

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

__all__ = ["SessionOptions", "open_session"]

_SETTINGS: Final = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.sql.session.timeZone": "UTC",
    # Small shuffles, and few of them: planning each anew after every stage costs a third of a micro-batch's time.
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.databricks.delta.snapshotPartitions": "2",
    # Our reads are scans; to ask each file's statistics first costs a query before every query.
    "spark.databricks.delta.stats.skipping": "false",
    # A task of ours holds dozens of small hash tables and sorters at once; each takes a page, by default of 32 MiB.
    "spark.buffer.pageSize": "1m",
    # A batch runs more generated classes than the hundred that Spark keeps: each would be compiled anew every time.
    "spark.sql.codegen.cache.maxEntries": "4000",
    # A device's clock may say the year 5; it is stored as it came.
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.streaming.metricsEnabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.ui.enabled": "false",
    "spark.ui.host": "127.0.0.1",
}
# A local session talks to itself only.
_LOCAL: Final = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
}
_S3: Final = {
    "spark.hadoop.fs.s3a.path.style.access": "true",
    "spark.hadoop.fs.s3a.connection.ssl.enabled": "true",
    "spark.hadoop.fs.s3a.change.detection.mode": "none",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOptions:
    """How to open a session.

    Attributes:
        master: Spark's master, such as `local[2]` or `spark://host:7077`.
        lake: The lake's address: one at `s3a://` needs more jars and settings.
        memory: Memory of the driver.
        settings: Further Spark settings, which win over ours.
        environ: Where `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL` and `AWS_REGION` are looked up; credentials are found
            by the AWS library itself.
    """

    master: str = "local[2]"
    lake: str = ""
    memory: str = "2g"
    settings: Mapping[str, str] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)


def open_session(options: SessionOptions, *, fetch_jars: Callable[[str], Sequence[Path]] = fetch) -> SparkSession:
    """Open a session, or return the one that this process has.

    Raises:
        TallystickError: There is no fitting Java, a jar cannot be fetched, or Spark does not start.
    """
    java = find_java()
    os.environ["JAVA_HOME"] = str(java.home)
    on_s3 = options.lake.startswith("s3a://")
    jars = [jar for lock in (("spark", "s3a") if on_s3 else ("spark",)) for jar in fetch_jars(lock)]
    local = options.master.startswith("local")
    if local:
        # The workers shall be this very Python, not the first one on PATH.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    settings = {
        **_SETTINGS,
        **(_LOCAL if local else {}),
        **(_s3_settings(options.environ) if on_s3 else {}),
        "spark.jars": ",".join(map(str, jars)),
        "spark.driver.memory": options.memory,
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={_log_settings()}",
        **options.settings,
    }
    builder = SparkSession.builder.master(options.master).appName("tallystick")
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except (PySparkException, OSError, RuntimeError) as error:
        raise SessionError(str(error).partition("\n")[0]) from error


def _s3_settings(environ: Mapping[str, str]) -> dict[str, str]:
    settings = dict(_S3)
    endpoint = environ.get("AWS_ENDPOINT_URL_S3") or environ.get("AWS_ENDPOINT_URL")
    if endpoint:
        settings["spark.hadoop.fs.s3a.endpoint"] = endpoint
        settings["spark.hadoop.fs.s3a.connection.ssl.enabled"] = str(endpoint.startswith("https:")).lower()
    region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or "us-east-1"
    settings["spark.hadoop.fs.s3a.endpoint.region"] = region
    return settings


def _log_settings() -> str:
    return str(resources.files("tallystick.streaming") / "log4j2.properties")
