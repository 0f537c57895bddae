"""`tallystick generate`, `register` and `experiments`, as a person types them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from tests.sdk.collecting import Collector, serving

from tallystick.contracts import load_experiments
from tallystick.dev.definitions import definition_event, definition_id
from tallystick.dev.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]


def tallystick(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tallystick.cli", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=300)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("schemas", "experiments"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def add_field(project: Path, name: str, kind: object, **properties: object) -> None:
    path = project / "schemas" / "shop" / "PageViewed.avsc"
    schema = json.loads(path.read_text())
    schema["fields"].append({"name": name, "type": kind, **properties})
    path.write_text(json.dumps(schema))


# --- generate ----------------------------------------------------------------------------------------


def test_generate_writes_checks_and_finds_drift(project: Path) -> None:
    missing = tallystick("generate", "--check", cwd=project)
    assert missing.returncode == 1
    assert "tallystick/events/shop/page_viewed.py: missing" in missing.stdout
    assert tallystick("generate", cwd=project).returncode == 0
    assert not (project / "sdk" / "tallystick" / "__init__.py").exists()
    assert tallystick("generate", "--check", cwd=project).returncode == 0
    assert "nothing to do" in tallystick("generate", cwd=project).stdout

    add_field(project, "scroll_depth", ["null", "int"], default=None)
    drift = tallystick("generate", "--check", cwd=project)
    assert drift.returncode == 1
    assert "tallystick/events/shop/page_viewed.py: different" in drift.stdout
    assert "fix: tallystick generate" in drift.stderr


def test_generate_removes_what_it_wrote_for_contracts_that_are_gone_and_nothing_else(project: Path) -> None:
    tallystick("generate", "--out", "lib", "--package", "acme.events", cwd=project)
    package = project / "lib" / "acme" / "events"
    (package / "game" / "by_hand.py").write_text("# mine\n")
    (package / "shop" / "by_hand.py").write_text("# mine\n")
    shutil.rmtree(project / "schemas" / "shop")
    for each in (project / "schemas" / "game").glob("RoundsPlayed.*"):
        each.unlink()

    done = tallystick("generate", "--out", "lib", "--package", "acme.events", cwd=project)

    assert "removed acme/events/shop/order_completed.py" in done.stdout
    assert [each.name for each in (package / "shop").iterdir()] == ["by_hand.py"]
    assert not (package / "game" / "rounds_played.py").exists()
    assert (package / "game" / "by_hand.py").exists()
    assert not (project / "lib" / "acme" / "__init__.py").exists()


def test_generate_tells_every_fault_and_no_stack(project: Path) -> None:
    (project / "schemas" / "shop" / "Broken.avsc").write_text("{")
    add_field(project, "a-b", "int")
    done = tallystick("generate", cwd=project)
    assert done.returncode == 1
    assert "schemas/shop/Broken.avsc:1:2: is not JSON: the file ends" in done.stderr
    assert "schemas/shop/PageViewed.avsc: " in done.stderr
    assert "Traceback" not in done.stderr
    assert tallystick("generate", "--package", "no-package", cwd=project).returncode == 2
    assert tallystick("generate", "--schemas", "nowhere", cwd=project).returncode == 2


def test_generate_tells_where_it_cannot_write(project: Path) -> None:
    (project / "sdk").write_text("a file")
    done = tallystick("generate", cwd=project)
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


# --- register ----------------------------------------------------------------------------------------


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[str]:
    port = free_port()
    database = f"sqlite:///{tmp_path / 'registry.db'}"
    command = [sys.executable, "-m", "tallystick.cli", "serve", "registry", "--port", str(port), "--database", database]
    with (tmp_path / "registry.log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        url = f"http://127.0.0.1:{port}"
        until = time.monotonic() + 120
        while not _answers(url):
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.1)
        yield url
        process.terminate()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/subjects", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def test_register_adds_what_is_new_and_a_second_time_nothing(project: Path, registry: str) -> None:
    first = tallystick("register", "--registry", registry, cwd=project)
    assert first.returncode == 0, first.stderr
    assert "created   shop.PageViewed id " in first.stdout
    assert "tallystick.DeadLetter" in first.stdout
    assert "tallystick.Meta" not in first.stdout

    second = tallystick("register", "--registry", registry, "--format", "json", cwd=project)
    subjects = json.loads(second.stdout)["subjects"]
    assert {each["outcome"] for each in subjects} == {"unchanged"}
    assert {each["version"] for each in subjects} == {1}
    level = httpx.get(f"{registry}/config/shop.PageViewed").json()
    assert level == {"compatibilityLevel": "FULL_TRANSITIVE"}

    add_field(project, "scroll_depth", ["null", "int"], default=None)
    third = tallystick("register", "--registry", registry, cwd=project)
    assert "created   shop.PageViewed" in third.stdout
    assert "version 2" in third.stdout


def test_register_refuses_what_breaks_readers_and_says_why(project: Path, registry: str) -> None:
    tallystick("register", "--registry", registry, cwd=project)
    add_field(project, "region", "string")
    done = tallystick("register", "--registry", registry, cwd=project)
    assert done.returncode == 1
    assert "1 refused, 7 unchanged" in done.stdout
    assert "region" in done.stdout
    assert "the new schema cannot read what version 1 wrote" in done.stdout


def test_register_without_a_registry_is_no_success(project: Path) -> None:
    done = tallystick("register", "--registry", f"http://127.0.0.1:{free_port()}", cwd=project)
    assert done.returncode == 2
    assert "does not answer" in done.stderr
    assert "Traceback" not in done.stderr


# --- experiments -------------------------------------------------------------------------------------


def test_check_is_content_with_the_projects_own_experiments(project: Path) -> None:
    done = tallystick("experiments", "check", cwd=project)
    assert done.returncode == 0, done.stderr
    assert "ok checkout_cta phase 1 version 1" in done.stdout


def test_check_tells_what_the_contracts_do_not_bear_out(project: Path) -> None:
    path = project / "experiments" / "checkout_cta.yaml"
    path.write_text(path.read_text().replace("order_conversion", "order_conversions"))
    done = tallystick("experiments", "check", cwd=project)
    assert done.returncode == 1
    assert "did you mean 'order_conversion'?" in done.stderr


def test_publishing_twice_sends_the_same_events(project: Path) -> None:
    with serving(Collector()) as collector:
        for _ in range(2):
            options = ("--endpoint", collector.url, "--write-key", "k", "--source", "tests")
            done = tallystick("experiments", "publish", *options, cwd=project)
            assert done.returncode == 0, done.stderr
            assert "published checkout_cta phase 1 version 1" in done.stdout
    expected = {str(definition_id(each)) for each in load_experiments(project / "experiments")}
    assert set(collector.accepted) == expected
    assert len(collector.accepted) == 2 * len(expected)
    first, second = (
        {each["meta"]["event_id"]: each for each in half}
        for half in (collector.bodies[: len(expected)], collector.bodies[len(expected) :])
    )
    assert first == second


def test_publish_tells_what_is_refused(project: Path) -> None:
    with serving(Collector()) as collector:
        collector.respond = lambda events: (
            207,
            {},
            [{"event_id": each["meta"]["event_id"], "status": "rejected", "reason": "NOT_ALLOWED"} for each in events],
        )
        options = ("--endpoint", collector.url, "--write-key", "k")
        done = tallystick("experiments", "publish", *options, cwd=project)
    assert done.returncode == 1
    assert "refused checkout_cta phase 1 version 1: NOT_ALLOWED" in done.stderr


def test_a_definition_is_another_event_as_soon_as_it_says_something_else(project: Path) -> None:
    path = project / "experiments" / "checkout_cta.yaml"
    before = {each.experiment_key: definition_id(each) for each in load_experiments(path.parent)}
    path.write_text(path.read_text().replace('"0.5"', '"0.50"'))
    same = {each.experiment_key: definition_id(each) for each in load_experiments(path.parent)}
    assert same == before
    path.write_text(path.read_text().replace("version: 1", "version: 2"))
    after = {each.experiment_key: definition_id(each) for each in load_experiments(path.parent)}
    assert {key for key in before if before[key] != after[key]} == {"checkout_cta"}


def test_a_definitions_event_says_what_the_file_says() -> None:
    for definition in load_experiments(ROOT / "experiments"):
        event = definition_event(definition)
        assert [each.weight for each in event.variants] == [each.weight for each in definition.variants]
        assert event.start_at == definition.start_at
        assert event.multiple_exposure == definition.multiple_exposure
        assert event.metrics == definition.metrics
