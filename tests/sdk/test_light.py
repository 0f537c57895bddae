"""What applications install stays light: the SDK works with nothing but its own few dependencies."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import sys

ALLOWED = {"tallystick", "httpx", "httpcore", "h11", "anyio", "certifi", "idna", "sniffio", "pydantic", "pydantic_core",
           "annotated_types", "typing_extensions", "typing_inspection", "_distutils_hack"}

class OnlyLight:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in ALLOWED and top not in sys.stdlib_module_names and not top.startswith("_sysconfigdata"):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, OnlyLight())
from tallystick.events.shop import PageViewed
from tallystick.events.shop.page_viewed import PageKind
from tallystick.sdk import ClientOptions, EventClient
from tallystick.sdk.middleware import EventContext
from tallystick.sdk.registry import RegistryClient
from tallystick.sdk.testing import MemoryTransport

RegistryClient("http://127.0.0.1:1")
EventClient(source="s", endpoint="http://127.0.0.1:1", write_key="k").close()
with EventClient(source="s", transport=MemoryTransport()) as client:
    client.track(PageViewed(page_path="/", page_kind=PageKind.HOME))
    assert client.flush().delivered == 1
"""


def test_the_sdk_needs_nothing_but_its_own_dependencies() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr


def test_pytest_finds_the_fixture_and_does_not_wait_for_the_sdk(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text(
        "import sys\n"
        "def test_nobody_asked(): assert not [m for m in sys.modules if m in ('httpx', 'tallystick.sdk.client')]\n"
        "def test_asked(tracked): assert tracked.client.flush().failed == 0\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:schemathesis", "-p", "no:anyio", "test_one.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, "2 passed" in done.stdout) == (0, True), done.stdout
