"""Keep what people said of alerts, and what it says of the rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from sqlite_utils import Database

from state.times import stamp

Verdict = Literal["good", "wrong", "duplicate"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

SCHEMA = (
    """CREATE TABLE verdicts (
        alert_id TEXT PRIMARY KEY,
        verdict TEXT NOT NULL CHECK (verdict IN ('good', 'wrong', 'duplicate')),
        judged_at TEXT NOT NULL
    ) STRICT""",
)


@dataclass(frozen=True, slots=True)
class Judged:
    """Count the verdicts on one rule's alerts."""

    good: int = 0
    wrong: int = 0
    duplicate: int = 0

    @property
    def precision(self) -> float | None:
        """Give the share of judged alerts that were right; None before the first. A duplicate is right, but once too often."""
        judged = self.good + self.wrong + self.duplicate
        return (self.good + self.duplicate) / judged if judged else None


def judge(db: Database, alert_id: str, verdict: Verdict, now: datetime) -> bool:
    """Record a verdict, in place of an earlier one; give False where there is no such alert."""
    if db.execute("SELECT 1 FROM alerts WHERE id = ?", [alert_id]).fetchone() is None:
        return False
    db.execute(
        """INSERT INTO verdicts (alert_id, verdict, judged_at) VALUES (?, ?, ?)
           ON CONFLICT (alert_id) DO UPDATE SET verdict = excluded.verdict, judged_at = excluded.judged_at""",
        [alert_id, verdict, stamp(now)],
    )
    return True


def by_rule(db: Database) -> dict[str, Judged]:
    """Count the verdicts by rule."""
    rows = db.query(
        """SELECT rule, sum(verdict = 'good') AS good, sum(verdict = 'wrong') AS wrong, sum(verdict = 'duplicate') AS duplicate
           FROM verdicts JOIN alerts ON alerts.id = alert_id GROUP BY rule"""
    )
    return {row["rule"]: Judged(row["good"], row["wrong"], row["duplicate"]) for row in rows}
