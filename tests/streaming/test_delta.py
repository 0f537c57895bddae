"""What the door to Delta tables promises about frames that are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyspark.sql import functions as sf
from pyspark.sql.types import LongType

from tallystick.streaming import delta

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark


def test_a_frame_that_is_kept_is_not_computed_again_when_a_table_that_it_reads_is_written(
    spark: SparkSession, tmp_path: Path
) -> None:
    path = str(tmp_path / "table")
    spark.range(3).write.format("delta").save(path)
    computed = spark.sparkContext.accumulator(0)

    def count(number: int) -> int:
        computed.add(1)
        return number

    counted = spark.range(10).withColumn("counted", sf.udf(count, LongType())("id"))
    kept = counted.join(delta.snapshot(spark, path), "id", "left").persist()
    try:
        assert kept.count() == 10
        delta.append(spark.range(3, 5), path, delta.Batch("g", 0))
        assert kept.count() == 10
        assert delta.snapshot(spark, path).count() == 5
    finally:
        kept.unpersist()
    assert computed.value == 10
