"""The first shape of the database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# Names are compared by code point on every database, whatever the locale of the server.
NAME = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Create everything."""
    _create_contents()
    _create_places()
    _create_bookkeeping()


def downgrade() -> None:
    """Drop everything."""
    for table in ("audit", "changes", "clock", "settings", "refs", "versions", "issued", "schemas", "contexts"):
        op.drop_table(table)


def _create_contents() -> None:
    op.create_table(
        "contexts",
        sa.Column("name", NAME, primary_key=True),
        sa.Column("last_id", sa.Integer, nullable=False),
        sa.Column("listed", sa.Boolean, nullable=False),
    )
    op.create_table(
        "schemas",
        sa.Column("context", NAME, sa.ForeignKey("contexts.name"), primary_key=True),
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("guid", sa.String(36), nullable=False, index=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("parts", sa.Text),
        sa.Index("ix_schemas_digest", "context", "digest"),
    )
    op.create_table(
        "issued",
        sa.Column("context", NAME, primary_key=True),
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("id", sa.Integer, nullable=False),
        _of_schema(ondelete="CASCADE"),
        sa.Index("ux_issued_id", "context", "id", unique=True),
    )


def _create_places() -> None:
    op.create_table(
        "versions",
        sa.Column("subject", NAME, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("context", NAME, nullable=False),
        sa.Column("name", NAME, nullable=False, index=True),
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("deleted", sa.Boolean, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        _of_schema(),
        sa.Index("ix_versions_id", "context", "id"),
    )
    op.create_table(
        "refs",
        sa.Column("context", NAME, primary_key=True),
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("subject", NAME, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        _of_schema(ondelete="CASCADE"),
        sa.Index("ix_refs_target", "subject", "version"),
    )


def _create_bookkeeping() -> None:
    op.create_table(
        "settings",
        sa.Column("subject", NAME, primary_key=True),
        sa.Column("config", sa.Text),
        sa.Column("mode", sa.String(24)),
    )
    clock = op.create_table(
        "clock",
        sa.Column("only", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("tick", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(clock, [{"only": 1, "tick": 0}])
    op.create_table(
        "changes",
        sa.Column("tick", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("key", NAME, primary_key=True),
    )
    op.create_table(
        "audit",
        sa.Column("tick", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("who", sa.String, nullable=False),
        sa.Column("request_id", sa.String, nullable=False),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("subject", NAME, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
    )


def _of_schema(*, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["context", "id"], ["schemas.context", "schemas.id"], ondelete=ondelete)
