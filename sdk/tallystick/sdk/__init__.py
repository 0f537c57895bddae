"""What applications install: typed events in, nothing lost on the way.

client = EventClient(endpoint="https://events.example.com", write_key="...", source="shop-web")
client.track(OrderCompleted(order_id="o1", ...), user_id="u1")

A name is imported when it is first asked for: whoever needs the event classes only does not wait for the client.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tallystick.sdk._messages import FlushResult
    from tallystick.sdk._pipeline import Stats
    from tallystick.sdk.async_client import AsyncEventClient
    from tallystick.sdk.client import EventClient
    from tallystick.sdk.ids import stable_id, uuid7
    from tallystick.sdk.options import ClientOptions, Fault, Lost
else:
    _HOMES = {
        "_messages": ("FlushResult",),
        "_pipeline": ("Stats",),
        "async_client": ("AsyncEventClient",),
        "client": ("EventClient",),
        "ids": ("stable_id", "uuid7"),
        "options": ("ClientOptions", "Fault", "Lost"),
    }
    _HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

    def __getattr__(name: str) -> object:
        if name not in _HOME_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = globals()[name] = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})


__all__ = [
    "AsyncEventClient",
    "ClientOptions",
    "EventClient",
    "Fault",
    "FlushResult",
    "Lost",
    "Stats",
    "stable_id",
    "uuid7",
]
