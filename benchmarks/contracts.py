"""How fast contracts are checked: lint and breaking over many schemas, parsing and comparing beside others.

    python benchmarks/contracts.py [--schemas 1000] [--runs 3]

Everything runs in this one process and is counted in CPU time, the best of some runs, so that ratios mean something on
a busy machine: lint and breaking as the commands do them (files read, findings written as text), beside
`fastavro.parse_schema` of the same texts as self-contained schemas; our parser beside fastavro's; our compatibility
check beside Java's, which is counted as CPU time of its thread, after a warm-up. Starting the command line is counted
in CPU time of the process.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fastavro

from tallystick.cli._comparing import compare
from tallystick.cli._findings import render
from tallystick.cli._linting import lint_paths
from tallystick.contracts import compatibility, load_catalog, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SCHEMAS = Path(__file__).parent.parent / "schemas"
JARS = ("avro-1.12.*", "jackson-core-2*", "jackson-databind-2*", "jackson-annotations-2*", "slf4j-api-2*")
MONEY = {"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 2}
MOMENT = {"type": "long", "logicalType": "timestamp-micros"}
VERBS = ("Placed", "Viewed", "Added", "Removed", "Returned", "Paid", "Started", "Ended", "Opened", "Closed")
# The two parse the same texts, and only the comparing is counted.
JAVA = """
import java.lang.management.*; import java.nio.file.*; import java.util.*; import org.apache.avro.*;
public final class Compare {
  public static void main(String[] args) throws Exception {
    List<Schema> schemas = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of(args[0]))) schemas.add(new Schema.Parser().parse(line));
    ThreadMXBean clock = ManagementFactory.getThreadMXBean();
    int pairs = schemas.size() / 2, found = 0;
    double best = Double.MAX_VALUE;
    for (int run = 0; run < 8; run++) {
      long start = clock.getCurrentThreadCpuTime();
      for (int i = 0; i < pairs; i++)
        found += SchemaCompatibility.checkReaderWriterCompatibility(schemas.get(2 * i), schemas.get(2 * i + 1))
          .getResult().getIncompatibilities().size();
      best = Math.min(best, (clock.getCurrentThreadCpuTime() - start) / 1e9);
    }
    System.out.println(pairs / best);
  }
}
"""


def event(number: int, source: random.Random) -> dict[str, Any]:
    """A contract as teams write it: a dozen fields, an enum, positions, docs and tags; one in ten has a warning."""
    name = f"Thing{number}{source.choice(VERBS)}"
    fields: list[dict[str, Any]] = [
        {"name": "meta", "type": "tallystick.Meta", "doc": "Who, when and where; filled by the SDK."},
        {"name": "customer_id", "type": "string", "doc": "User it is about.", "confluent:tags": ["PSEUDONYM"]},
        {"name": "total", "type": MONEY, "doc": "What the customer paid."},
        {"name": "created_at", "type": MOMENT, "doc": "When the thing was made."},
        {"name": "state", "type": _state(name), "doc": "How far the thing has come."},
        {"name": "lines", "type": {"type": "array", "items": _line(name)}, "doc": "Its positions.", "default": []},
    ]
    for index in range(source.randint(4, 10)):
        kind = "string" if not index and number % 10 == 0 else source.choice(("int", "long", "boolean", "double"))
        prefix = "is_part" if kind == "boolean" else "part"
        doc = f"Detail {index} of the thing, as it was at that time."
        fields.append({"name": f"{prefix}_{index}", "type": ["null", kind], "doc": doc, "default": None})
    return {
        "type": "record",
        "name": name,
        "namespace": f"area{number % 20}",
        "doc": f"The thing of number {number} went one step further.",
        "fields": fields,
    }


def _state(name: str) -> dict[str, Any]:
    symbols = ["UNKNOWN", "NEW", "OPEN", "DONE", "CANCELLED"]
    return {"type": "enum", "name": f"{name}State", "doc": "State of it.", "symbols": symbols, "default": "UNKNOWN"}


def _line(name: str) -> dict[str, Any]:
    fields = [
        {"name": "quantity", "type": "int", "doc": "How many pieces."},
        {"name": "unit_price", "type": MONEY, "doc": "Price of one piece."},
    ]
    return {"type": "record", "name": f"{name}Line", "doc": "One position of it.", "fields": fields}


def write(folder: Path, events: Sequence[dict[str, Any]]) -> None:
    """Write a repository of contracts."""
    shutil.copytree(SCHEMAS / "tallystick", folder / "schemas" / "tallystick")
    shutil.copy(SCHEMAS / "tags.yaml", folder / "schemas" / "tags.yaml")
    for each in events:
        home = folder / "schemas" / each["namespace"]
        home.mkdir(exist_ok=True)
        (home / "_domain.yaml").write_text("owner: a-team\nstatus: active\n")
        (home / f"{each['name']}.avsc").write_text(json.dumps(each, indent=2) + "\n")


def seconds(work: Callable[[], object], runs: int) -> float:
    """The least CPU time of some runs."""
    best = float("inf")
    for _ in range(runs):
        gc.collect()
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def started(command: Sequence[str], runs: int) -> tuple[float, float]:
    """The least CPU time and the least time by the clock that a command takes."""
    cpu = clock = float("inf")
    for _ in range(runs):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        clock = min(clock, time.monotonic() - start)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = min(cpu, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    return cpu, clock


def java_rate(folder: Path, texts: Sequence[str]) -> float | None:
    """How many pairs Java compares in a second; None where there is no Java."""
    spec = find_spec("pyspark")
    if spec is None or spec.origin is None or shutil.which("javac") is None:
        return None
    jars = [str(next((Path(spec.origin).parent / "jars").glob(f"{each}.jar"))) for each in JARS]
    (folder / "Compare.java").write_text(JAVA)
    (folder / "texts").write_text("\n".join(texts))
    path = os.pathsep.join([*jars, str(folder)])
    subprocess.run(["javac", "-proc:none", "-nowarn", "-cp", path, str(folder / "Compare.java")], check=True)
    command = ["java", "-Xmx1g", "-cp", path, "Compare", str(folder / "texts")]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="How fast contracts are checked.")
    parser.add_argument("--schemas", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    source = random.Random(20261122)
    events = [event(number, source) for number in range(options.schemas)]
    with tempfile.TemporaryDirectory() as place:
        old, new = Path(place, "old"), Path(place, "new")
        write(old, events)
        for each in events[::10]:  # one contract in ten has changed
            each["fields"].append({"name": "note", "type": ["null", "int"], "doc": "A late thought.", "default": None})
        write(new, events)
        measure(Path(place), old, new, options.runs)


def measure(place: Path, old: Path, new: Path, runs: int) -> None:
    """Print one line for each figure."""
    before, after = (load_catalog(each / "schemas") for each in (old, new))
    texts = [each.text for each in after]
    pairs = [(mine, before[mine.name]) for mine in after]
    lint_report = lint_paths([new / "schemas"])
    print(f"{len(texts)} schemas, {sum(map(len, texts)) / 1e6:.1f} MB self-contained")
    parsed = seconds(lambda: [fastavro.parse_schema(json.loads(each)) for each in texts], runs)
    print(f"fastavro.parse_schema          {parsed:8.3f} s")
    lint = seconds(lambda: render("text", lint_paths([new / "schemas"])), runs)
    print(f"lint                           {lint:8.3f} s   {len(lint_report.findings)} findings")
    breaking = seconds(lambda: render("text", compare(new / "schemas", str(old)).report), runs)
    found = len(compare(new / "schemas", str(old)).report.findings)
    print(f"breaking, a tenth changed      {breaking:8.3f} s   {found} findings")
    print(f"lint + breaking                {lint + breaking:8.3f} s   {(lint + breaking) / parsed:.1f} x fastavro")
    ours = seconds(lambda: [parse(each) for each in texts], runs)
    print(f"parse                          {ours:8.3f} s   {ours / parsed:.1f} x fastavro")
    compared = seconds(lambda: [compatibility(reader=a.schema, writer=b.schema) for a, b in pairs], runs)
    print(f"compatibility            {len(pairs) / compared:12,.0f} /s")
    java = java_rate(place, [text for a, b in pairs for text in (a.text, b.text)])
    print(f"compatibility, Java      {java:12,.0f} /s" if java else "compatibility, Java: no Java compiler here")
    command = [sys.executable, "-m", "tallystick.cli"]
    for told, arguments in (
        ("--help", ["--help"]),
        ("lint of one file", ["lint", str(SCHEMAS / "shop/ExperimentExposed.avsc")]),
        ("lint of one, rules", ["lint", str(SCHEMAS / "shop/OrderCompleted.avsc")]),
    ):
        cpu, clock = started([*command, *arguments], 5)
        print(f"tallystick {told:20}{cpu:8.3f} s   {clock:.3f} s by the clock")


if __name__ == "__main__":
    main()
