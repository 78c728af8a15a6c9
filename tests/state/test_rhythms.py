"""Counts by hour of the week, kept between polls."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from state import rhythms
from state.database import open_writer
from state.rhythms import SLOTS, Rhythm

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_a_rhythm_is_kept_by_source_and_a_new_one_is_empty(tmp_path):
    counts = tuple(slot / 7 for slot in range(SLOTS))
    rhythm = Rhythm(NOW - timedelta(days=3), NOW, counts)
    with open_writer(tmp_path / "state.db") as db:
        assert rhythms.load(db, "gd", NOW) == Rhythm(NOW, NOW)
        rhythms.store(db, "gd", Rhythm(NOW, NOW))
        rhythms.store(db, "gd", rhythm)
        kept = rhythms.load(db, "gd", NOW)
        assert (kept.since, kept.at) == (rhythm.since, rhythm.at)
        assert max(abs(a - b) for a, b in zip(kept.counts, counts, strict=True)) < 1e-4
        assert rhythms.load_all(db) == {"gd": kept}
