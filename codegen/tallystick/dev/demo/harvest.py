"""Reads back what the pipeline made of the traffic: Bronze's, Silver's and Gold's tables, and the API's answers."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from tallystick.dev.demo.findings import Findings, Rejection
from tallystick.dev.demo.goldreader import trial_findings
from tallystick.dev.demo.lakereader import LakeReader
from tallystick.dev.demo.sending import STRAYS, Sender
from tallystick.dev.demo.truth import LATENESS_BUCKETS
from tallystick.events.tallystick import ExperimentDefined

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from tallystick.dev.demo.sending import Answer
    from tallystick.dev.demo.setting import Trial

__all__ = ["harvest"]

_REFUSED: Final = "invalid"
_LONGEST_EXAMPLE: Final = 600
_MICROSECOND: Final = timedelta(microseconds=1)


def harvest(lake: Path, trials: Sequence[Trial], sender: Sender, *, definitions: int) -> Findings:
    """Collect everything that the truth can be held against.

    Args:
        lake: The lake's folder.
        trials: The experiments to look at.
        sender: Knows the API's answers.
        definitions: How many experiment definitions were published.
    """
    reader = LakeReader(lake)
    silver = reader.sizes("silver")
    return Findings(
        accepted=sender.accepted,
        definitions=definitions,
        rejected=Counter(answer.reason for answer in sender.answers if answer.status == _REFUSED),
        undecodable=reader.counts("SELECT reason, count(*) FROM silver.rejects GROUP BY reason"),
        bronze=reader.sizes("bronze")["events"],
        silver=silver,
        gold=reader.sizes("gold"),
        events=_events(reader),
        versions=_versions(reader),
        lateness=_lateness(reader),
        outcomes=reader.counts("SELECT metric_key, count(*) FROM silver.outcomes GROUP BY metric_key"),
        uncovered=reader.counts("SELECT metric_key, in_no_experiment FROM silver.outcome_coverage"),
        conflicts=silver.get("event_id_conflicts", 0),
        rejections=(*_refusals(sender.answers), *_undecodable(reader)),
        trials={trial.key: trial_findings(reader, trial) for trial in trials},
    )


def _events(reader: LakeReader) -> dict[str, int]:
    events = reader.counts("SELECT event_type, count(*) FROM silver.events GROUP BY event_type")
    return {name: number for name, number in events.items() if name != ExperimentDefined.SUBJECT}


def _versions(reader: LakeReader) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    sql = "SELECT event_type, schema_id, count(*) AS n FROM silver.events GROUP BY ALL ORDER BY ALL"
    for row in reader.rows(sql):
        found[row["event_type"]][str(row["schema_id"])] = row["n"]
    return {name: versions for name, versions in found.items() if len(versions) > 1}


def _lateness(reader: LakeReader) -> dict[str, int]:
    late = "epoch_us(received_at) - epoch_us(event_time)"
    cases = " ".join(f"WHEN {late} < {bound // _MICROSECOND} THEN '{name}'" for bound, name in LATENESS_BUCKETS)
    return reader.counts(
        f"SELECT CASE {cases} END AS bucket, count(*) FROM silver.events "  # noqa: S608 - constants of ours
        f"WHERE event_type <> '{ExperimentDefined.SUBJECT}' GROUP BY bucket"
    )


def _refusals(answers: Iterable[Answer]) -> list[Rejection]:
    """One entry per kind of mistake, with the first line of it as the example."""
    counts: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], bytes] = {}
    for answer in answers:
        key = (answer.reason or answer.status, answer.line.fault)
        counts[key] += 1
        examples.setdefault(key, answer.line.line)
    return [
        Rejection(
            "API", reason, number, fault, examples[reason, fault].decode(errors="backslashreplace")[:_LONGEST_EXAMPLE]
        )
        for (reason, fault), number in counts.items()
    ]


def _undecodable(reader: LakeReader) -> list[Rejection]:
    """What Spark rejected, with the raw bytes from Bronze and what we know about who put them there."""
    rows = reader.rows(
        'SELECT r.reason, b.value FROM silver.rejects r JOIN bronze.events b USING (topic, partition, "offset")'
    )
    faults = {make(known): fault for fault, make, _ in STRAYS for known in _schema_ids(rows)}
    return [
        Rejection("Spark", row["reason"], 1, faults.get(row["value"], ""), (row["value"] or b"").hex(" ", 1)[:120])
        for row in rows
    ]


def _schema_ids(rows: Iterable[dict[str, bytes | None]]) -> set[int]:
    return {int.from_bytes((row["value"] or b"")[1:5]) for row in rows}
