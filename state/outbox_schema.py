"""Lay out the tables of the outbox: alerts, deliveries, attempts, the condition of destinations, mutes."""

from __future__ import annotations

SCHEMA: tuple[str, ...] = (
    """CREATE TABLE alerts (
        id TEXT PRIMARY KEY,
        story_id TEXT NOT NULL,
        rule TEXT NOT NULL,
        subscription TEXT NOT NULL,
        article_url TEXT NOT NULL,
        created TEXT NOT NULL,
        reason TEXT NOT NULL,
        UNIQUE (story_id, rule, subscription)
    ) STRICT""",
    "CREATE INDEX alerts_created ON alerts (created)",
    "CREATE INDEX alerts_subscription ON alerts (subscription, created)",
    """CREATE TABLE deliveries (
        id TEXT PRIMARY KEY,
        destination TEXT NOT NULL,
        subscription TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('held', 'due', 'leased', 'delivered', 'parked', 'dropped')),
        created TEXT NOT NULL,
        due_at TEXT NOT NULL,
        since TEXT,
        attempts INTEGER NOT NULL DEFAULT 0,
        last_error TEXT,
        finished_at TEXT,
        held_for TEXT,
        notice TEXT
    ) STRICT""",
    """CREATE INDEX deliveries_open ON deliveries (destination, due_at)
       WHERE state IN ('held', 'due', 'leased')""",
    "CREATE INDEX deliveries_state ON deliveries (state, created)",
    "CREATE INDEX deliveries_created ON deliveries (created)",
    """CREATE TABLE delivery_alerts (
        delivery_id TEXT NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
        alert_id TEXT NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
        change TEXT,
        PRIMARY KEY (delivery_id, alert_id)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX delivery_alerts_alert ON delivery_alerts (alert_id)",
    """CREATE TABLE attempts (
        delivery_id TEXT NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
        at TEXT NOT NULL,
        outcome TEXT NOT NULL,
        why TEXT NOT NULL,
        took_ms INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX attempts_delivery ON attempts (delivery_id)",
    """CREATE TABLE destinations (
        id TEXT PRIMARY KEY,
        failures INTEGER NOT NULL DEFAULT 0,
        failing_since TEXT,
        open_until TEXT,
        disabled_at TEXT,
        why TEXT
    ) STRICT""",
    """CREATE TABLE mutes (
        kind TEXT NOT NULL,
        value TEXT NOT NULL,
        until TEXT NOT NULL,
        comment TEXT NOT NULL,
        created TEXT NOT NULL,
        PRIMARY KEY (kind, value)
    ) STRICT, WITHOUT ROWID""",
)

LOSSES: tuple[str, ...] = (
    "ALTER TABLE destinations ADD COLUMN failed_at TEXT",
    "ALTER TABLE destinations ADD COLUMN losses INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE destinations ADD COLUMN losing_since TEXT",
    "ALTER TABLE destinations ADD COLUMN lost_at TEXT",
)
"""What a destination is disabled for, beside how long it has failed."""
