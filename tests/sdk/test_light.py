"""What applications install stays light: the SDK works with nothing but its own few dependencies."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys

ALLOWED = {"tallystick", "httpx", "httpcore", "h11", "anyio", "certifi", "idna", "sniffio", "pydantic", "pydantic_core",
           "annotated_types", "typing_extensions", "typing_inspection", "fastavro", "_distutils_hack"}

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
