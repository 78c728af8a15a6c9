"""Sources that fall ill on a made-up clock: each is reported in words, in time, and is over when it recovers."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from ailing import FAULTS, HOUR, UTC_START, admit

from state import health
from state.database import open_writer

WEEKS = 4
CHANGED = UTC_START + timedelta(weeks=WEEKS, days=1, hours=2)


def _office_hours(weeks):
    rng = random.Random(1)
    days = [UTC_START + timedelta(days=day) for day in range(7 * weeks) if day % 7 < 5]
    return sorted(day + timedelta(hours=rng.uniform(1, 11)) for day in days for _ in range(6))


@pytest.fixture(scope="module")
def healthy(tmp_path_factory):
    """Give a source that was watched for four weeks."""
    with open_writer(tmp_path_factory.mktemp("ward") / "state.db") as db, db.atomic():
        ward = admit(db, _office_hours(2 * WEEKS), UTC_START)
        assert ward.live(CHANGED) == []
        yield ward


@pytest.fixture
def ward(healthy):
    """Give the healthy source for one test, and forget what the test does to it."""
    now = healthy.now
    healthy.db.execute("SAVEPOINT well")
    yield healthy
    healthy.db.execute("ROLLBACK TO well")
    healthy.db.execute("RELEASE well")
    healthy.now, healthy.since = now, None
    healthy.ill = healthy.grade = healthy.page = healthy.redirect = healthy.cut_off = None


@pytest.mark.parametrize("name", FAULTS)
def test_a_source_that(name, ward):
    fall_ill, kind = FAULTS[name]
    usual = ward.usual_gap()
    assert 40 * HOUR < usual < 80 * HOUR  # a weekend
    ward.since = ward.now
    fall_ill(ward)
    opened = ward.live(ward.now + 2 * usual)
    assert kind in [finding.kind for finding in opened]
    (finding,) = [finding for finding in health.open_findings(ward.db) if finding.kind == kind] or opened[:1]
    assert "\n" not in finding.reason + finding.evidence
    assert len(finding.reason) > 20


@pytest.mark.parametrize("name", ["falls silent", "shows nothing", "shortens its articles", "is gone"])
def test_a_finding_closes_by_itself_when_the_source_recovers(name, ward):
    fall_ill, kind = FAULTS[name]
    ward.since = ward.now
    fall_ill(ward)
    ward.live(ward.now + timedelta(days=6))
    assert kind in {finding.kind for finding in health.open_findings(ward.db)}
    ward.ill = ward.grade = ward.page = ward.redirect = ward.cut_off = None
    ward.live(ward.now + timedelta(days=4))
    assert health.open_findings(ward.db, "gd") == []
    assert kind in {finding.kind for finding in health.findings_since(ward.db, ward.since) if finding.closed}


def test_a_healthy_source_is_not_reported(ward):
    assert ward.live(ward.now + timedelta(days=14)) == []
