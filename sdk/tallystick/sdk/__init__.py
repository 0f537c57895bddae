"""What applications install: typed events in, nothing lost on the way.

client = EventClient(endpoint="https://events.example.com", write_key="...", source="shop-web")
client.track(OrderCompleted(order_id="o1", ...), user_id="u1")

A name is imported when it is first asked for: whoever needs the event classes only does not wait for the client.
"""

from typing import TYPE_CHECKING

from tallystick.contracts.lazy import lazily

if TYPE_CHECKING:
    from tallystick.sdk._messages import FlushResult
    from tallystick.sdk._pipeline import Stats
    from tallystick.sdk.async_client import AsyncEventClient
    from tallystick.sdk.client import EventClient
    from tallystick.sdk.ids import stable_id, uuid7
    from tallystick.sdk.options import ClientOptions, Fault, Lost
else:
    __getattr__, __dir__ = lazily(
        __name__,
        {
            "_messages": ("FlushResult",),
            "_pipeline": ("Stats",),
            "async_client": ("AsyncEventClient",),
            "client": ("EventClient",),
            "ids": ("stable_id", "uuid7"),
            "options": ("ClientOptions", "Fault", "Lost"),
        },
    )


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
