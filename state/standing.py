"""Tell what stands at the moment an article is routed: mutes, and what each destination was sent of late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from sqlite_utils import Database

from state.held import leave_out_muted
from state.times import instant, instant_or_none, stamp

MuteKind = Literal["rule", "organisation", "source", "story", "subscription"]
_LOOK_BACK = timedelta(days=3)
"""How old a message may be that others keep their distance from: it is held for an interval of up to a day, over quiet
hours too, and its own interval begins when it is sent."""


@dataclass(frozen=True, slots=True)
class Mute:
    """Silence what concerns one rule, organisation, source, story or subscription, until a time, for a stated reason."""

    kind: MuteKind
    value: str
    until: datetime
    comment: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """Count what went to one destination for one subscription.

    `this_hour` counts messages of the last 60 minutes that were not digests, for whatever subscription they went out;
    `last` is the time of the latest message, `open_group` the release of a group still being held.
    """

    this_hour: int = 0
    last: datetime | None = None
    open_group: datetime | None = None


NOTHING_SENT = Sent()


@dataclass(frozen=True, slots=True)
class Standing:
    """Hold the mutes that stand, and what was sent by subscription and destination.

    `followers` names the subscriptions that were told of an earlier stage of the policy in question; `this_hour` counts
    what went to each destination, because a message that several subscriptions share is stored under one of them;
    `informed` names for a rule the subscriptions to which its match is no news.
    """

    mutes: tuple[Mute, ...] = ()
    sent: Mapping[tuple[str, str], Sent] = field(default_factory=dict)
    followers: frozenset[str] = frozenset()
    this_hour: Mapping[str, int] = field(default_factory=dict)
    informed: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def sent_to(self, subscription: str, destination: str) -> Sent:
        """Give what a subscription has to reckon with at a destination."""
        own = self.sent.get((subscription, destination), NOTHING_SENT)
        return replace(own, this_hour=self.this_hour.get(destination, 0))


NOTHING_STANDS = Standing()


def standing(db: Database, now: datetime) -> Standing:
    """Give what stands at `now`."""
    rows = db.query(
        """SELECT subscription, destination,
               max(CASE WHEN state <> 'held' THEN coalesce(since, due_at) END) AS last,
               max(CASE WHEN state = 'held' AND held_for = 'grouped' THEN due_at END) AS open_group
           FROM deliveries WHERE created > ? AND state <> 'dropped' GROUP BY subscription, destination""",
        [stamp(now - _LOOK_BACK)],
    )
    sent = {
        (row["subscription"], row["destination"]): Sent(
            last=instant_or_none(row["last"]), open_group=instant_or_none(row["open_group"])
        )
        for row in rows
    }
    return Standing(mutes(db, now), sent, this_hour=_this_hour(db, now))


def _this_hour(db: Database, now: datetime) -> dict[str, int]:
    rows = db.execute(
        """SELECT destination, count(*) FROM deliveries
           WHERE created > ? AND held_for IS NULL AND notice IS NULL AND state <> 'dropped' GROUP BY destination""",
        [stamp(now - timedelta(hours=1))],
    )
    return dict(rows.fetchall())


def mutes(db: Database, now: datetime) -> tuple[Mute, ...]:
    """Give the mutes that have not ended, the one that ends first first."""
    rows = db.query("SELECT * FROM mutes WHERE until > ? ORDER BY until, kind, value", [stamp(now)])
    return tuple(
        Mute(row["kind"], row["value"], instant(row["until"]), row["comment"], instant(row["created"]))
        for row in rows
    )


def mute(db: Database, silence: Mute) -> int:
    """Silence something; one mute on a thing stands at a time, the later word counts.

    What is held already and would leave before the mute ends is left out of its message, for good; its number is given.
    """
    db.execute(
        "INSERT OR REPLACE INTO mutes (kind, value, until, comment, created) VALUES (?, ?, ?, ?, ?)",
        [silence.kind, silence.value, stamp(silence.until), silence.comment, stamp(silence.created)],
    )
    return leave_out_muted(db, silence.kind, silence.value, silence.until)


def unmute(db: Database, kind: MuteKind, value: str) -> bool:
    """End a mute; tell whether there was one."""
    return db.execute("DELETE FROM mutes WHERE kind = ? AND value = ?", [kind, value]).rowcount > 0
