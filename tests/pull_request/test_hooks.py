"""What stands between a mistake and the main branch: hooks, the action, workflows, and what `init` makes of them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from tallystick.cli import init, main

PROGRAMS = Path(sys.prefix) / "bin"
_GIT = {
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
}

_MANUAL = ("--hook-stage", "manual")


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, **_GIT, "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1", **more}


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, env=environment(), check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """What `init` makes, as the main branch of a repository, on a branch of its own."""
    folder = tmp_path / "contracts"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    done = CliRunner().invoke(init.command, [str(folder), "--owner", "web", "--organisation", "acme"])
    assert done.exit_code == 0, done.output
    event = '{"type": "record", "name": "Sold", "namespace": "shop", "doc": "It was sold.", "fields": [%s]}'
    meta = '{"name": "meta", "type": "tallystick.Meta", "doc": "Who, when and where."}'
    count = '{"name": "item_count", "type": "int", "doc": "How many articles were sold."}'
    (folder / "schemas/shop/Sold.avsc").write_text(event % f"{meta}, {count}")
    subprocess.run([PROGRAMS / "tallystick", "fmt"], cwd=folder, check=True, capture_output=True)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "first")
    git(folder, "switch", "--quiet", "--create", "change")
    return folder


def mistaken(folder: Path) -> None:
    """A field of another type: lint minds the style of its name, `breaking` the type."""
    path = folder / "schemas/shop/Sold.avsc"
    path.write_text(path.read_text().replace('"item_count", "type": "int"', '"ItemCount", "type": "string"'))


def pre_commit(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROGRAMS / "pre-commit", "run", "--all-files", *words],
        cwd=folder,
        env=environment(PRE_COMMIT_HOME=str(folder.parent / "cache")),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def document(path: Path) -> Any:  # noqa: ANN401 - YAML
    return yaml.safe_load(path.read_text())


# --- hooks ------------------------------------------------------------------------------------------


def test_the_hooks_of_a_new_repository_pass_and_stop_a_mistake(repository: Path) -> None:
    assert pre_commit(repository).returncode == 0
    mistaken(repository)
    git(repository, "add", "--all")
    done = pre_commit(repository)
    assert (done.returncode, "error[N002]" in done.stdout) == (1, True)
    assert "item_count" in pre_commit(repository, "--hook-stage", "pre-push").stdout


def test_the_hooks_that_others_take_from_here_do_the_same(repository: Path, root: Path) -> None:
    """Run from the installed program, as their own environments would have to be downloaded."""
    hooks = document(root / ".pre-commit-hooks.yaml")
    local = [{**hook, "language": "system", "additional_dependencies": []} for hook in hooks]
    (repository / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [{"repo": "local", "hooks": local}]}))
    (repository / "schemas/shop/Sold.avsc").write_text(
        (repository / "schemas/shop/Sold.avsc").read_text().replace("int", "double", 1)
    )
    (repository / "schemas/shop/_domain.yaml").write_text("owner: stores\n")
    git(repository, "add", "--all")
    said = re.findall(r"^(tallystick .*?)\.+(Passed|Failed)$", pre_commit(repository, *_MANUAL).stdout, re.MULTILINE)
    assert dict(said) == {
        "tallystick fmt": "Passed",
        "tallystick lint": "Passed",
        "tallystick generate --check": "Failed",  # nothing is generated there
        "tallystick codeowners": "Failed",  # it was written, so the commit has to be made again
        "tallystick breaking": "Failed",
    }


def test_the_hooks_are_what_pre_commit_takes_and_call_commands_that_exist(root: Path) -> None:
    path = root / ".pre-commit-hooks.yaml"
    done = subprocess.run([PROGRAMS / "pre-commit", "validate-manifest", path], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, b"")
    for hook in document(path):
        program, name, *_ = hook["entry"].split()
        assert (program, hook["id"]) == ("tallystick", f"tallystick-{name}")
        assert name in main.COMMANDS
        assert hook["additional_dependencies"] == [".[cli]"]
        assert re.search(hook["files"], "schemas/shop/Sold.avsc")


# --- the action -------------------------------------------------------------------------------------


def steps_of(root: Path) -> dict[str, dict[str, Any]]:
    action = document(root / "action.yml")
    assert action["runs"]["using"] == "composite"
    return {step["name"]: step for step in action["runs"]["steps"] if "run" in step}


def run_step(step: dict[str, Any], folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """Run a step of the action as a runner does: its variables are filled from the inputs."""
    variables = {
        name: re.sub(r"\$\{\{ inputs\.([a-z-]+) \}\}", lambda match: inputs.get(match[1], ""), value)
        for name, value in step.get("env", {}).items()
    }
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=folder,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_action_marks_at_the_line_what_is_wrong_and_what_a_change_breaks(repository: Path, root: Path) -> None:
    steps = steps_of(root)
    for name in ("Format", "Lint", "Breaking changes", "Owners"):
        assert run_step(steps[name], repository).returncode == 0, name
    mistaken(repository)
    lint = run_step(steps["Lint"], repository, paths="schemas/shop schemas/tallystick")
    assert lint.returncode == 1
    assert lint.stdout.startswith("::error file=schemas/shop/Sold.avsc,line=")
    broken = run_step(steps["Breaking changes"], repository, against="main", category="WIRE")
    assert (broken.returncode, "::error file=schemas/shop/Sold.avsc,line=" in broken.stdout) == (1, True)


def test_the_action_uses_every_input_and_none_that_it_does_not_declare(root: Path) -> None:
    text = (root / "action.yml").read_text()
    used = set(re.findall(r"inputs\.([a-z-]+)", text))
    assert used == set(document(root / "action.yml")["inputs"])


def test_no_text_of_a_caller_becomes_a_command_of_the_action(root: Path) -> None:
    for name, step in steps_of(root).items():
        assert "${{" not in step["run"], name
        assert step["shell"] == "bash", name
    hostile = run_step(steps_of(root)["Breaking changes"], root, against="$(touch /tmp/no); touch /tmp/no")
    assert (hostile.returncode, "$(touch" in hostile.stderr) == (2, True)


# --- workflows --------------------------------------------------------------------------------------


def workflows(root: Path, repository: Path) -> list[Path]:
    return [*sorted((root / ".github/workflows").glob("*.yml")), repository / ".github/workflows/contracts.yml"]


def test_workflows_are_bounded_pinned_and_may_read_only(root: Path, repository: Path) -> None:
    for path in workflows(root, repository):
        flow = document(path)
        assert flow["permissions"] == {"contents": "read"}, path
        assert {"push", "pull_request"} <= set(flow[True]), path  # YAML 1.1 reads `on` as yes
        for name, job in flow["jobs"].items():
            assert job["timeout-minutes"] <= 45, name
            used = [step["uses"] for step in job["steps"] if "uses" in step]
            assert [each for each in used if not re.fullmatch(r"\./|[\w-]+/[\w-]+@v\d+", each)] == [], name
            assert all(("run" in step) != ("uses" in step) for step in job["steps"]), name


def test_commands_of_the_new_workflow_pass_in_the_new_repository(repository: Path) -> None:
    (job,) = document(repository / ".github/workflows/contracts.yml")["jobs"].values()
    commands = [step["run"] for step in job["steps"] if "run" in step and step["run"].startswith("tallystick")]
    assert len(commands) == 4
    for each in commands:
        done = subprocess.run(
            ["sh", "-c", each], cwd=repository, env=environment(), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (each, done.stdout, done.stderr)


def test_our_own_pull_requests_go_through_the_action(root: Path) -> None:
    jobs = document(root / ".github/workflows/ci.yml")["jobs"]
    (step,) = [step for step in jobs["contracts"]["steps"] if step.get("uses") == "./"]
    assert set(step["with"]) <= set(document(root / "action.yml")["inputs"])


def test_a_part_of_another_repository_gets_no_files_that_only_count_at_its_root(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    CliRunner().invoke(init.command, [str(tmp_path / "inner")])
    assert (tmp_path / "inner" / "tallystick.toml").exists()
    assert not (tmp_path / "inner" / ".github").exists()
