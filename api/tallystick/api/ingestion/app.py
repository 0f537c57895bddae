"""Puts the ingestion API together."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING

from fastapi import FastAPI

from tallystick.api._server import RequestIds
from tallystick.api.ingestion import openapi, problems
from tallystick.api.ingestion.counting import Counting
from tallystick.api.ingestion.limits import Limits
from tallystick.api.ingestion.metrics import Metrics
from tallystick.api.ingestion.page import page_route
from tallystick.api.ingestion.parts import Parts, Topics
from tallystick.api.ingestion.rates import Rates
from tallystick.api.ingestion.routes import router
from tallystick.api.ingestion.service import Ingestion

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tallystick.api.ingestion.feed import Feed
    from tallystick.api.ingestion.keys import KeyFile
    from tallystick.api.ingestion.producer import Producing

__all__ = ["create_app"]


def create_app(
    *,
    feed: Feed,
    producing: Producing,
    keys: KeyFile,
    topics: Topics | None = None,
    limits: Limits | None = None,
) -> FastAPI:
    """Make the application; it closes what it was given when it ends.

    Args:
        feed: Where contracts come from.
        producing: The way into Kafka.
        keys: Who may send.
        topics: Where records go.
        limits: Bounds.
    """
    topics = topics or Topics()
    limits = limits or Limits()
    metrics = Metrics(feed, producing)
    ingestion = Ingestion(
        feed=feed, producing=producing, metrics=metrics, limits=limits, dead_letter_topic=topics.dead_letters
    )
    app = FastAPI(
        title="Tallystick ingestion API",
        version=version("tallystick"),
        description=openapi.DESCRIPTION,
        lifespan=lambda _: _living(feed, keys, producing),
        redirect_slashes=False,
        docs_url=None,  # FastAPI's pages load their scripts from other people's servers
        redoc_url=None,
    )
    app.state.parts = Parts(
        feed=feed, keys=keys, ingestion=ingestion, metrics=metrics, rates=Rates(), topics=topics, limits=limits
    )
    app.include_router(router)
    app.router.routes.append(page_route())
    problems.install(app)
    app.openapi = openapi.describe(app)  # type: ignore[method-assign]  # FastAPI's documented way
    app.add_middleware(Counting, metrics=metrics)
    app.add_middleware(RequestIds)
    return app


@asynccontextmanager
async def _living(feed: Feed, keys: KeyFile, producing: Producing) -> AsyncIterator[None]:
    """Watch registry and keys while the application lives; at its end deliver what is under way."""
    watchers = [asyncio.create_task(feed.run()), asyncio.create_task(keys.run())]
    yield
    for watcher in watchers:
        watcher.cancel()
    await asyncio.to_thread(producing.close)
