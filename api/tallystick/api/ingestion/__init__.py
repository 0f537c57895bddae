"""The ingestion API: takes events over HTTP, holds them against their contracts, and puts them into Kafka.

`app.create_app` puts it together. This module imports nothing, so that those who only need `keys` do not load the rest.
"""
