"""Tells people why bytes are no record: a second decoder, in Python, reads what Spark could only refuse.

It names the kind of the fault and where in the bytes it stands, never the bytes themselves.
"""

from __future__ import annotations

import json
import sys
from io import BytesIO
from typing import TYPE_CHECKING

from pyspark import cloudpickle
from pyspark.sql import functions as sf
from pyspark.sql.types import StringType

from tallystick.contracts.wire import HEADER_SIZE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyspark.sql import Column

__all__ = ["explain", "explained"]

# A cluster's executors have no tallystick: the functions travel as they are, not by name.
cloudpickle.register_pickle_by_value(sys.modules[__name__])  # type: ignore[no-untyped-call]  # has no types


def explain(value: bytes, writer: str) -> str:
    """Say in a sentence why a framed value is no record of its writer's schema."""
    try:
        import fastavro
    except ImportError:
        return "the body is no record of its schema"
    body = BytesIO(value[HEADER_SIZE:])
    size = len(value) - HEADER_SIZE
    try:
        fastavro.schemaless_reader(body, json.loads(writer), None)
    except EOFError:
        return f"the body ends after {size} bytes, in the middle of the record"
    except (ValueError, IndexError, OverflowError, KeyError, TypeError, ArithmeticError, MemoryError) as error:
        return f"the body is no record of its schema: {type(error).__name__} at byte {body.tell()} of {size}"
    left = size - body.tell()
    if left:
        return f"{left} bytes are left after the record of {body.tell()} bytes"
    return "the record holds a value that Spark cannot represent"


def explained(writers: Mapping[int, str]) -> Column:
    """The explanation as a column, from `raw` and `schema_id`; only rejected rows ask for it."""
    texts = dict(writers)
    of_row = sf.udf(
        lambda value, schema_id: explain(bytes(value), texts[schema_id]) if value and schema_id in texts else None,
        StringType(),
    )
    return of_row(sf.col("raw"), sf.col("schema_id"))
