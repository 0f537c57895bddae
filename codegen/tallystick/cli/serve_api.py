"""`tallystick serve api`: run the ingestion API."""

from __future__ import annotations

from pathlib import Path

import click

from tallystick.contracts.errors import TallystickError

__all__ = ["command"]


@click.command("api", epilog="A keys file is made with: tallystick keys add NAME --source APP --file FILE")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option("--kafka", default="127.0.0.1:9092", show_default=True, help="Bootstrap servers.")
@click.option(
    "--kafka-property",
    "kafka_properties",
    multiple=True,
    metavar="NAME=VALUE",
    help="A setting of librdkafka, such as security.protocol=SSL; may be repeated.",
)
@click.option("--registry", default="http://127.0.0.1:8081", show_default=True, help="Address of the schema registry.")
@click.option("--keys", type=click.Path(path_type=Path), help="Write keys, as `tallystick keys add` writes them.")
@click.option("--topic", default="tallystick.events", show_default=True, help="Where events go.")
@click.option(
    "--dead-letter-topic", default="tallystick.dead-letters", show_default=True, help="Where refused ones go."
)
@click.option("--tls-certificate", type=click.Path(path_type=Path), help="PEM chain; with it the API speaks TLS.")
@click.option("--tls-key", type=click.Path(path_type=Path), help="The certificate's private key, PEM.")
@click.option("--log-level", type=click.Choice(["debug", "info", "warning", "error"]), default="info")
def command(  # noqa: PLR0913 - one parameter for each option
    *,
    host: str,
    port: int,
    kafka: str,
    kafka_properties: tuple[str, ...],
    registry: str,
    keys: Path | None,
    topic: str,
    dead_letter_topic: str,
    tls_certificate: Path | None,
    tls_key: Path | None,
    log_level: str,
) -> None:
    """Run the ingestion API: events in over HTTP, out to Kafka."""
    if keys is None:
        raise TallystickError(
            "the ingestion API takes events only under a write key, and no --keys FILE is given",
            fix="make a key: tallystick keys add NAME --source APP --file keys.json",
        )
    from tallystick.api._server import Listener, run
    from tallystick.api.ingestion.app import create_app
    from tallystick.api.ingestion.feed import Feed, RegistryLoader
    from tallystick.api.ingestion.keys import KeyFile
    from tallystick.api.ingestion.parts import Topics
    from tallystick.api.ingestion.producer import KafkaProducer
    from tallystick.sdk.registry import RegistryClient

    listener = Listener(host=host, port=port, certificate=tls_certificate, private_key=tls_key)
    app = create_app(
        keys=KeyFile(keys),
        feed=Feed(RegistryLoader(RegistryClient(registry))),
        producing=KafkaProducer(kafka, topic=topic, settings=_settings(kafka_properties)),
        topics=Topics(events=topic, dead_letters=dead_letter_topic),
    )
    run(app, listener, name="api", log_level=log_level)


def _settings(properties: tuple[str, ...]) -> dict[str, str]:
    pairs = [each.partition("=") for each in properties]
    if any(not separator for _, separator, _ in pairs):
        raise click.BadParameter("give NAME=VALUE", param_hint="--kafka-property")
    return {name: value for name, _, value in pairs}
