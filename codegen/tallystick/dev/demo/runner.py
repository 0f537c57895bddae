"""Runs a demo: brings a platform up, sends, lets Spark work in several rounds, reads the lake, compares, reports."""

from __future__ import annotations

import shutil
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tallystick.contracts import CatalogError, check_experiments, load_catalog, load_experiments
from tallystick.dev.demo.checks import compare
from tallystick.dev.demo.console import Stages
from tallystick.dev.demo.errors import DemoError
from tallystick.dev.demo.harvest import harvest
from tallystick.dev.demo.legacy import OldRelease, derive_old_release
from tallystick.dev.demo.logs import log_to
from tallystick.dev.demo.pipeline import Pipeline, open_spark, require_empty
from tallystick.dev.demo.players import players_traffic
from tallystick.dev.demo.report import Report, render
from tallystick.dev.demo.sending import Sender, stray_records
from tallystick.dev.demo.setting import Trial, trials_of
from tallystick.dev.demo.simulator import simulate
from tallystick.dev.demo.summary import summarise, to_json
from tallystick.dev.registration import Outcome, register_all
from tallystick.dev.stack import Stack, StackOptions
from tallystick.events.game import GateExposed
from tallystick.events.shop import ExperimentExposed, OrderCompleted
from tallystick.sdk.registry import RegistryClient

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rich.console import Console

    from tallystick.contracts import Catalog, ExperimentDefinition
    from tallystick.dev.demo.traffic import BadLine, Send, Traffic
    from tallystick.dev.stack import StackStatus

__all__ = ["DemoOptions", "run"]

_ROUNDS: Final = 3
_WORK: Final = ".work"
_MARKER: Final = "made-by-tallystick-demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    """What to show, and where.

    Attributes:
        out: Folder for the report and the summary.
        command: How the demo was called, for the report.
        players: A file of real players; None = the simulated shop.
        seed: Decides what is left to chance in the simulated shop.
        users: How many people have an account there.
        keep: Whether the lake and the stack's folder stay.
        schemas: The contracts.
        experiments: The definitions.
        kafka: Bootstrap servers of a Kafka that exists; else one is started.
        registry: URL of a registry that exists; else one is started.
    """

    out: Path
    command: str
    players: Path | None = None
    seed: int = 1
    users: int = 20_000
    keep: bool = False
    schemas: Path = Path("schemas")
    experiments: Path = Path("experiments")
    kafka: str | None = None
    registry: str | None = None


def run(options: DemoOptions, console: Console) -> Report:
    """Run a demo and write `report.html` and `summary.json`.

    Raises:
        TallystickError: Something keeps it from running; that figures disagree is no error but a check that failed.
    """
    work = _fresh_folder(options.out / _WORK)
    log_to(options.out / "demo.log")
    scene = _Scene.of(options, work)
    with Stages(console) as stages, ExitStack() as stack:
        with stages.part("prepare"), ThreadPoolExecutor(max_workers=2) as pool:
            # Kafka, Spark and the simulation each leave a core idle most of the time.
            traffic, spark = pool.submit(scene.traffic), pool.submit(open_spark, work / "lake")
            status = stack.enter_context(Stack(_stack_options(options, scene, work)))
            stack.callback(spark.result().stop)
        stages.finish("prepare")
        demo = _Demo(stages, scene, traffic.result(), status, Pipeline(spark.result(), work / "lake", status))
        if options.kafka:
            require_empty(options.kafka)
        report = demo.play(options.command)
    (options.out / "summary.json").write_text(to_json(summarise(report)), encoding="utf-8")
    (options.out / "report.html").write_text(render(report), encoding="utf-8")
    if not options.keep:
        shutil.rmtree(work)
    return report


@dataclass(frozen=True, slots=True)
class _Scene:
    """What is known before anything runs."""

    options: DemoOptions
    catalog: Catalog
    definitions: tuple[ExperimentDefinition, ...]
    trials: tuple[Trial, ...]
    old: OldRelease | None

    @classmethod
    def of(cls, options: DemoOptions, work: Path) -> _Scene:
        catalog, definitions = load_catalog(options.schemas), load_experiments(options.experiments)
        if faults := check_experiments(definitions, catalog):
            raise CatalogError(faults)
        exposure = (GateExposed if options.players else ExperimentExposed).SUBJECT
        mine = tuple(each for each in definitions if each.exposure_event == exposure)
        trials = trials_of(catalog, mine, exposure_event=exposure)
        changed = OrderCompleted.SUBJECT
        old = (
            None if options.players else derive_old_release(options.schemas, changed, folder=work / "contracts-before")
        )
        return cls(options, catalog, mine, trials, old)

    def traffic(self) -> Traffic:
        """Make up everything that is sent, with the truth about it."""
        if self.options.players:
            return players_traffic(self.options.players, trial=self.trials[0])
        downgrade = {"downgrade": self.old.downgrade} if self.old else {}
        return simulate(seed=self.options.seed, users=self.options.users, trials=self.trials, **downgrade)


@dataclass(frozen=True, slots=True)
class _Demo:
    """A demo on a platform that is up."""

    stages: Stages
    scene: _Scene
    traffic: Traffic
    status: StackStatus
    pipeline: Pipeline

    def play(self, command: str) -> Report:
        """Send everything, let the pipeline work, and compare."""
        stages, truth = self.stages, self.traffic.truth
        with stages.part("register"):
            self._register()
        stages.finish("register")
        sender = Sender(self.status.api or "", self.status.write_key or "")
        strays = self._rounds(sender)
        with stages.part("gold"):
            self.pipeline.gold()
        stages.finish("gold")
        with stages.part("check"):
            found = harvest(self.pipeline.folder, self.scene.trials, sender, definitions=len(self.scene.definitions))
            checks = compare(truth, found, strays=strays)
        stages.finish("check")
        return Report(self.traffic.source, command, self.scene.trials, truth, found, checks, stages.seconds)

    def _register(self) -> None:
        """Register today's contracts: where there is an older version, the API learns of the new one while it runs."""
        with RegistryClient(self.status.registry or "") as registry:
            for each in register_all(self.scene.catalog.messages, registry):
                if each.outcome is Outcome.REFUSED:
                    raise DemoError(f"the registry refuses {each.subject}: {'; '.join(each.reasons)}")

    def _rounds(self, sender: Sender) -> Mapping[str, int]:
        """Send and process in turn, so that what is late comes after its time was processed."""
        rounds = list(_rounds(self.traffic))
        strays: Mapping[str, int] = Counter()
        self._expect()
        for number, (sends, lines) in enumerate(rounds):
            with self.stages.part("send") as on_sent:
                if not number:
                    sender.definitions(self.scene.definitions)
                sender.events(sends, on_sent=on_sent)
                sender.bad_lines(lines, on_sent=on_sent)
                if number == 1 and self.scene.old:
                    strays = stray_records(self.status.kafka or "", known_id=self._known_id(self.scene.old))
            with self.stages.part("bronze") as on_rows:
                self.pipeline.bronze(on_rows)
            with self.stages.part("silver") as on_rows:
                self.pipeline.silver(on_rows)
        for stage in ("send", "bronze", "silver"):
            self.stages.finish(stage)
        return strays

    def _expect(self) -> None:
        sent = len(self.traffic.sends) + len(self.traffic.bad_lines)
        for stage in ("send", "bronze", "silver"):
            self.stages.expect(stage, sent)

    def _known_id(self, old: OldRelease) -> int:
        with RegistryClient(self.status.registry or "") as registry:
            return registry.lookup(old.subject, old.text).id


def _rounds(traffic: Traffic) -> Iterator[tuple[Sequence[Send], Sequence[BadLine]]]:
    """Cut the traffic into parts of one size, by time of arrival."""
    size = -(-len(traffic.sends) // _ROUNDS)
    lines = list(traffic.bad_lines)
    for start in range(0, len(traffic.sends), size):
        sends = traffic.sends[start : start + size]
        is_last = start + size >= len(traffic.sends)
        now = [line for line in lines if is_last or line.arrives_at <= sends[-1].arrives_at]
        lines = lines[len(now) :]
        yield sends, now


def _stack_options(options: DemoOptions, scene: _Scene, work: Path) -> StackOptions:
    return StackOptions(
        folder=work / "stack",
        kafka_port=0,
        registry_port=0,
        api_port=0,
        kafka=options.kafka,
        registry=options.registry,
        schemas=scene.old.schemas if scene.old else options.schemas,
        tethered=True,
    )


def _fresh_folder(folder: Path) -> Path:
    """Empty the folder of an earlier demo; any other folder is left alone."""
    if folder.exists():
        if not (folder / _MARKER).is_file():
            raise DemoError(f"{folder} was not made by a demo", fix="choose another folder with --out DIR")
        shutil.rmtree(folder)
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise DemoError(f"{folder}: {error.strerror}", fix="choose another folder with --out DIR") from error
    (folder / _MARKER).touch()
    return folder
