"""Name why an alert was sent, held back or kept silent: a decision is a value, so it can be stored, counted and shown."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Name one decision about an alert. The first group is delivered; the rest is stored and silent."""

    NEW = "new"
    """The story is new to this subscription: sent at once."""
    DIGEST = "digest"
    """The subscription wants a digest: held until its next time."""
    QUIET_HOURS = "quiet_hours"
    """It came in the subscription's quiet hours: held until they end."""
    GROUPED = "grouped"
    """It is part of a burst: held for the group's next message."""
    OVER_CAP = "over_cap"
    """The subscription's cap for the hour is reached: held for a digest of the rest."""

    UPDATE = "update"
    """A policy that this subscription was told of reached a new stage: sent, or held like any other, in the same thread."""

    BASELINE = "baseline"
    """First contact with the source: what it already holds alerts nobody."""
    OLD = "old"
    """The article is older than the rule's window."""
    BACKFILL = "backfill"
    """It was fetched to fill the archive."""
    IMPORT = "import"
    """It was imported without `--notify`."""
    MUTED = "muted"
    """A mute on its rule, story or subscription stands."""
    MUTED_ARTICLE = "muted_article"
    """A mute on its article's source, or on an organisation named there, stands."""
    NO_UPDATES = "no_updates"
    """It is a new stage of what the subscription was told of, and that asks for no such updates."""
    TOLD = "told"
    """Every destination is told of this story by another rule or subscription, earlier or at the same time."""

    @property
    def delivers(self) -> bool:
        """Tell whether an alert with this reason goes out, now or later."""
        return self in _DELIVERING

    @property
    def is_of_article(self) -> bool:
        """Tell whether it silences one article only, so that another of the same story may still be told of."""
        return self in {Reason.OLD, Reason.MUTED_ARTICLE}


_DELIVERING = frozenset(
    {
        Reason.NEW,
        Reason.DIGEST,
        Reason.QUIET_HOURS,
        Reason.GROUPED,
        Reason.OVER_CAP,
        Reason.UPDATE,
    }
)
