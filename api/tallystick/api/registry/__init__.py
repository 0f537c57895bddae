"""The schema registry: Confluent's REST API for Avro, on SQLite or PostgreSQL.

The core is plain functions over one `Transaction` (registering, reading, deletion, settings, modes, checking, listing);
`store` opens databases, `http` is the door. docs/registry.md tells the whole story.
"""
