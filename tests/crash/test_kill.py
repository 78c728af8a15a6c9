"""Promises under test: what was published is never forgotten, every alert arrives, and none arrives under two ids.

The daemon is killed with SIGKILL at random moments of crawling, reading and delivering, and started again each time;
a site town publishes all the while. Every channel and way of holding is on: webhook and mail at once, groups by webhook
and by chat, digests at several minutes. Every receiver refuses every tenth request.
"""

import random
import signal
import sys
import time
from collections import Counter, defaultdict

import nursery
import pytest
from desks import Desks
from town import Town
from town_config import configure, digest_times

from state import deliveries
from state.database import open_reader

LONGEST_LIFE = 2.0
"""Of the time that starting took: on a busy machine reading needs longer, too, and lives must be worth something."""
SHORTEST_START = 1.5
LONGEST_START = 10.0
"""Seconds: daemons here start in a moment, in which nothing could be read; and a machine that stood still says nothing."""
DRAIN = 900
DIGESTS = 4


@pytest.mark.crash
def test_kill_9_at_random_moments_loses_no_alert_and_doubles_none_by_id(
    kills, minutes, tmp_path, record_property
):
    dice, enough = random.Random(kills), time.monotonic() + 60 * minutes
    digests = digest_times(DIGESTS, apart=max(1, kills // 100))
    with Town(tick=1.0, most=10 * kills) as town, Desks() as desks:
        config = configure(town, tmp_path, desks=desks, digests=digests)
        killed = 0
        while killed < kills and time.monotonic() < enough:
            _live_and_die(config, dice.uniform(0.1, LONGEST_LIFE))
            killed += 1
            if killed % 50 == 0:
                sys.stdout.write(f"\n{killed} kills, {len(town.published)} published so far")
                sys.stdout.flush()
        published = _drain(config, town, desks)
        seen = {"hook": Counter(town.receiver.seen), **desks.seen}
    carried = _carried(tmp_path)
    found = {name: _judge(carried[name], published, seen.get(name, Counter())) for name in _names(digests)}
    record_property("figures", {"kills": killed, "published": len(published), **found})
    sys.stdout.write(f"\n{killed} kills, {len(published)} published\n")
    for name, counts in found.items():
        sys.stdout.write(f"  {name}: {', '.join(f'{number} {what}' for what, number in counts.items())}\n")
    assert {name: counts["lost"] for name, counts in found.items() if counts["lost"]} == {}
    assert {name: counts["seen twice"] for name, counts in found.items() if counts["seen twice"]} == {}
    assert any(counts["deliveries"] for name, counts in found.items() if name.startswith("digest"))
    assert published - _told(town) == set()


def _names(digests):
    return ["hook", "mail", "group", "chat", *(f"digest-{moment:%H%M}" for moment in digests)]


def _carried(folder):
    """Give for each destination what its deliveries tell of: article, delivery and its state."""
    carried = defaultdict(list)
    with open_reader(folder / "state.db") as db:
        for alert, carrying in deliveries.every_alert(db):
            for delivery in carrying:
                carried[delivery.destination].append((alert.article_url, delivery.id, delivery.state))
    return carried


def _judge(carried, published, seen):
    """Compare what one destination took with what was published; a digest may be waiting for tomorrow's."""
    told = Counter(url for url, id_, _ in carried if id_ in seen)
    held = {url for url, id_, state in carried if id_ not in seen and state == "held"}
    return {
        "lost": len(published - told.keys() - held),
        "seen twice": sum(count > 1 for count in told.values()),
        "raw repeats": seen.total() - len(seen),
        "deliveries": len(seen),
        "waiting": len(held),
    }


def _told(town):
    """Give what the first webhook's bodies tell, whatever the state says."""
    return {
        alert["article_url"]
        for body in list(town.receiver.bodies.values())
        for story in body["data"]["stories"]
        for alert in story["alerts"]
    }


def _start(config):
    """Start a daemon, and wait until it says that it is running."""
    log = config.with_name("daemon.log")
    log.unlink(missing_ok=True)
    daemon = nursery.start("--config", config, "run", out=log)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (log.exists() and b'"running"' in log.read_bytes()):
        assert daemon.poll() is None, log.read_text()[-2000:]
        time.sleep(0.02)
    return daemon


def _live_and_die(config, length):
    started = time.monotonic()
    daemon = _start(config)
    time.sleep(length * min(max(time.monotonic() - started, SHORTEST_START), LONGEST_START))
    daemon.kill()
    daemon.wait()


def _drain(config, town, desks):
    """Live on until a digest has come, then until everything is read and sent but tomorrow's digests.

    Gives what was published.
    """
    daemon = _start(config)
    deadline = time.monotonic() + DRAIN
    while time.monotonic() < deadline and not any(name.startswith("digest") for name in list(desks.seen)):
        time.sleep(0.3)
    town.open = False
    published = town.published
    while time.monotonic() < deadline and not _settled(config.parent, published):
        time.sleep(0.3)
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(timeout=60) == 0  # how soon it ends is for tests of its own
    return published


def _settled(folder, published):
    with open_reader(folder / "state.db") as db:
        # Kept to what one query each can tell: the daemon under test runs beside this.
        alerted = {row["article_url"] for row in db.query("SELECT DISTINCT article_url FROM alerts")}
        waiting = db.execute(
            """SELECT count(*) FROM deliveries WHERE state IN ('due', 'leased')
               OR state = 'held' AND due_at < strftime('%Y-%m-%dT%H:%M:%f', 'now', '+20 seconds')"""
        ).fetchone()[0]
    return published <= alerted and waiting == 0
