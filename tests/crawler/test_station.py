"""What the parts that are wired together do as one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawler.configuration.settings import Settings
from crawler.station import forget
from state.database import open_writer
from state.standing import Mute, mute, mutes
from state.times import stamp

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def db(tmp_path):
    with open_writer(tmp_path / "state.db") as opened:
        yield opened


def test_what_ended_longer_ago_than_the_limits_is_forgotten_and_nothing_else(db):
    def age(days):
        return NOW - timedelta(days=days)

    for source, end in (("long over", age(91)), ("over", age(89)), ("lasts", NOW + timedelta(days=1))):
        mute(db, Mute("source", source, end, "noise", age(300)))
    for source, closed in (("old", stamp(age(401))), ("late", stamp(age(399))), ("sick", None)):
        db.execute(
            "INSERT INTO findings (source_id, kind, reason, evidence, opened, closed) VALUES (?, 'quiet', '', '', ?, ?)",
            [source, stamp(age(500)), closed],
        )
    assert forget(db, Settings(), NOW) == 2
    assert [one.value for one in mutes(db, age(95))] == ["over", "lasts"]
    assert [row["source_id"] for row in db.query("SELECT source_id FROM findings")] == ["late", "sick"]
    assert forget(db, Settings(), NOW) == 0
