"""Alembic's entry: runs the migrations on the connection that the store hands over."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"], render_as_batch=True)
# The store has begun the transaction: a migration happens as a whole or not at all.
context.run_migrations()
