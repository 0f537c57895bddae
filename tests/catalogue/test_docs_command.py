"""`tallystick docs`: what it writes, what it leaves alone, and what it says when it cannot."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result
from tests.conftest import ROOT
from tests.registry.conftest import running

from tallystick.cli._site_files import MANIFEST
from tallystick.cli.docs import command
from tallystick.contracts import load_catalog
from tallystick.contracts.errors import TallystickError
from tallystick.sdk.registry import RegistryClient

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    shutil.copytree(ROOT / "schemas", folder / "schemas")
    shutil.copytree(ROOT / "experiments", folder / "experiments")
    return folder


def docs(repository: Path, out: Path, *options: str) -> Result:
    arguments = ["--schemas", str(repository / "schemas"), "--out", str(out), *options]
    return CliRunner().invoke(command, arguments, catch_exceptions=True)


def refusal(repository: Path, out: Path, *options: str) -> TallystickError:
    error = docs(repository, out, *options).exception
    assert isinstance(error, TallystickError)
    assert "\n" not in error.message
    assert error.fix
    return error


def contents(folder: Path) -> dict[str, bytes]:
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def git(folder: Path, *arguments: str) -> None:
    settings = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *settings, *arguments], cwd=folder, check=True, capture_output=True)


def test_it_writes_a_site_and_a_second_time_nothing(repository: Path, tmp_path: Path) -> None:
    first = docs(repository, tmp_path / "site")
    assert first.exit_code == 0, first.output
    before = contents(tmp_path / "site")
    assert {"index.html", "events/shop.OrderCompleted.html", MANIFEST} <= before.keys()
    second = docs(repository, tmp_path / "site")
    assert "wrote 0 files" in second.output
    assert contents(tmp_path / "site") == before


def test_what_is_no_longer_wanted_goes_and_what_others_put_there_stays(repository: Path, tmp_path: Path) -> None:
    out = tmp_path / "site"
    docs(repository, out)
    (out / "CNAME").write_text("events.example.org")
    (out / "events" / "mine.html").write_text("mine")
    edited = out / "events" / "game.GateExposed.html"
    edited.write_text("edited")
    shutil.rmtree(repository / "schemas" / "game")
    done = docs(repository, out, "--experiments", str(repository / "schemas" / "shop" / "none"))
    assert isinstance(done.exception, TallystickError)  # an experiments folder that was named has to be there
    assert docs(repository, out).exit_code == 0
    left = contents(out)
    assert "events/game.PlayerReturned.html" not in left
    assert left["CNAME"] == b"events.example.org"
    assert left["events/mine.html"] == b"mine"
    assert left["events/game.GateExposed.html"] == b"edited"


def test_a_folder_with_files_of_others_is_refused_and_left_alone(repository: Path, tmp_path: Path) -> None:
    out = tmp_path / "home"
    out.mkdir()
    (out / "index.html").write_text("mine")
    assert "did not write" in refusal(repository, out).message
    assert contents(out) == {"index.html": b"mine"}


def test_a_file_of_others_in_its_way_is_refused(repository: Path, tmp_path: Path) -> None:
    out = tmp_path / "site"
    out.mkdir()
    (out / MANIFEST).write_text("")
    (out / "index.html").write_text("mine")
    assert "index.html was not written by" in refusal(repository, out).message
    assert (out / "index.html").read_text() == "mine"


def test_a_list_of_files_that_points_elsewhere_removes_nothing(repository: Path, tmp_path: Path) -> None:
    out, victim = tmp_path / "site", tmp_path / "victim.txt"
    docs(repository, out)
    victim.write_text("keep")
    digest = "6ca5d0a8a5c0bd42cb7e1d3fb8fcfd9db4b7f0d39a9d9b4c2fb8cc5bb4c8f6e1"
    with (out / MANIFEST).open("a") as manifest:
        manifest.write(f"{digest}  ../victim.txt\n{digest}  {victim}\n")
    assert docs(repository, out).exit_code == 0
    assert victim.read_text() == "keep"


def test_it_does_not_write_through_a_link(repository: Path, tmp_path: Path) -> None:
    out, other = tmp_path / "site", tmp_path / "other"
    out.mkdir()
    other.mkdir()
    (out / MANIFEST).write_text("")
    (out / "events").symlink_to(other)
    assert "leads to another folder" in refusal(repository, out).message
    assert contents(other) == {}


def test_no_schemas_an_out_that_is_a_file_and_an_unreachable_registry(
    repository: Path, tmp_path: Path, free_port: int
) -> None:
    assert "no such folder" in str(docs(tmp_path / "nothing", tmp_path / "site").exception)
    (tmp_path / "file").write_text("")
    assert "is no folder" in refusal(repository, tmp_path / "file").message
    error = refusal(repository, tmp_path / "site", "--registry", f"http://127.0.0.1:{free_port}")
    assert error.exit_code == 2
    assert not (tmp_path / "site").exists()


# --- versions ------------------------------------------------------------------------------------------------


def page(out: Path, name: str) -> str:
    return (out / "events" / f"{name}.html").read_text()


def edit(path: Path, **field: object) -> None:
    schema = json.loads(path.read_text())
    schema["fields"].append(field)
    path.write_text(json.dumps(schema, indent=2))


def test_versions_come_from_git_follow_a_renamed_file_and_end_with_what_is_not_committed(
    repository: Path, tmp_path: Path
) -> None:
    git(repository, "init", "-q", "-b", "main")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "Begin <b>")
    old, new = (repository / "schemas" / "shop" / name for name in ("PageViewed.avsc", "PageShown.avsc"))
    old.write_text(json.dumps(json.loads(old.read_text()), indent=4))
    git(repository, "commit", "-q", "-a", "-m", "Only the form")
    git(repository, "mv", str(old), str(new))
    git(repository, "mv", str(old.with_suffix(".yaml")), str(new.with_suffix(".yaml")))
    new.write_text(new.read_text().replace('"PageViewed"', '"PageShown"'))
    git(repository, "commit", "-q", "-a", "-m", "Rename it")
    edit(new, name="scroll_depth", type=["null", "int"], doc="How far down.", default=None)
    done = docs(repository, tmp_path / "site")
    assert "versions: from git" in done.output
    text = page(tmp_path / "site", "shop.PageShown")
    assert text.index("not committed yet") < text.index("Rename it") < text.index("Begin &lt;b&gt;")
    assert "Only the form" not in text
    assert "scroll_depth added" in text
    assert "name changed" in text


def test_without_git_there_is_the_present_version(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    done = docs(repository, tmp_path / "site")
    assert "no history in git" in done.output
    assert "present version" in page(tmp_path / "site", "shop.PageViewed")


def test_versions_come_from_a_registry_and_end_with_what_is_not_registered(repository: Path, tmp_path: Path) -> None:
    path = repository / "schemas" / "shop" / "PageViewed.avsc"
    with running(tmp_path / "log", "--database", f"sqlite:///{tmp_path / 'registry.db'}") as registry:
        with RegistryClient(registry.url) as client:
            client.register("shop.PageViewed", load_catalog(repository / "schemas")["shop.PageViewed"].text)
            edit(path, name="scroll_depth", type=["null", "int"], doc="How far down.", default=None)
            client.register("shop.PageViewed", load_catalog(repository / "schemas")["shop.PageViewed"].text)
        done = docs(repository, tmp_path / "site", "--registry", registry.url)
        edit(path, name="zoom_level", type=["null", "int"], doc="How near.", default=None)
        docs(repository, tmp_path / "later", "--registry", registry.url)
    assert "versions: from the registry" in done.output
    text = page(tmp_path / "site", "shop.PageViewed")
    assert text.index("version 2") < text.index("scroll_depth added") < text.index("version 1")
    assert "not registered yet" not in text
    assert "not registered yet" in page(tmp_path / "site", "shop.OrderCompleted")
    later = page(tmp_path / "later", "shop.PageViewed")
    assert later.index("not registered yet") < later.index("zoom_level added") < later.index("version 2")
