"""Promises under test: what was published is never forgotten, every alert arrives, and none arrives under two ids.

The daemon is killed with SIGKILL at random moments of crawling, reading and delivering, and started again each time;
a site town publishes all the while, and the receiver refuses every tenth request.
"""

import random
import signal
import subprocess
import sys
import time

import pytest
from town import Town
from town_config import configure

LONGEST_LIFE = 3.0
DRAIN = 300


@pytest.mark.crash
def test_kill_9_at_random_moments_loses_no_alert_and_doubles_none_by_id(kills, tmp_path, record_property):
    dice = random.Random(kills)
    with Town(tick=0.5, most=10 * kills) as town:
        config = configure(town, tmp_path)
        for _ in range(kills):
            _live_and_die(config, tmp_path, dice.uniform(0.2, LONGEST_LIFE))
        town.open = False
        published = town.published
        told = _drain(config, tmp_path, town, published)
    seen = town.receiver.seen
    by_alert = {}
    for name, body in town.receiver.bodies.items():
        for story in body["data"]["stories"]:
            for alert in story["alerts"]:
                by_alert.setdefault(alert["alert_id"], set()).add(name)
    repeats = sum(seen.values()) - len(seen)
    record_property("figures", {"kills": kills, "published": len(published), "repeats": repeats})
    sys.stdout.write(
        f"\n{kills} kills: {len(published)} published, {len(published - told)} lost, {repeats} raw repeats\n"
    )
    assert published - told == set()
    assert [alert for alert, names in by_alert.items() if len(names) > 1] == []


def _live_and_die(config, folder, seconds):
    daemon = _start(config, folder)
    deadline = time.monotonic() + 60
    while b'"running"' not in (folder / "daemon.log").read_bytes() and time.monotonic() < deadline:
        assert daemon.poll() is None, (folder / "daemon.log").read_text()[-2000:]
        time.sleep(0.02)
    time.sleep(seconds)
    daemon.kill()
    daemon.wait()


def _start(config, folder):
    with (folder / "daemon.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "crawler", "--config", str(config), "run"], stdout=log, stderr=log
        )


def _drain(config, folder, town, published):
    daemon = _start(config, folder)
    deadline = time.monotonic() + DRAIN
    told = set()
    while time.monotonic() < deadline and not published <= told:
        time.sleep(0.2)
        told = {
            alert["article_url"]
            for body in list(town.receiver.bodies.values())
            for story in body["data"]["stories"]
            for alert in story["alerts"]
        }
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(timeout=60) == 0  # how soon it ends is for tests of its own
    return told
