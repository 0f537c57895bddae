"""What applications install: typed events in, nothing lost on the way.

client = EventClient(endpoint="https://events.example.com", write_key="...", source="shop-web")
client.track(OrderCompleted(order_id="o1", ...), user_id="u1")
"""

from tallystick.sdk._messages import FlushResult
from tallystick.sdk._pipeline import Stats
from tallystick.sdk.async_client import AsyncEventClient
from tallystick.sdk.client import EventClient
from tallystick.sdk.ids import stable_id, uuid7
from tallystick.sdk.options import ClientOptions, Fault, Lost

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
