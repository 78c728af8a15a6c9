"""Promises under test: what was published is never forgotten, every alert arrives, and none arrives under two ids.

The daemon is killed with SIGKILL at random moments of crawling, reading and delivering, and started again each time;
a site town publishes all the while, and the receiver refuses every tenth request.
"""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from town import Town

PACK = Path(__file__).parents[1] / "packs" / "robots"
LONGEST_LIFE = 3.0
DRAIN = 90


@pytest.mark.crash
def test_kill_9_at_random_moments_loses_no_alert_and_doubles_none_by_id(kills, tmp_path):
    dice = random.Random(kills)
    with Town() as town:
        config = _configure(town, tmp_path)
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
    print(f"\n{kills} kills: {len(published)} published, {len(published - told)} lost, {repeats} raw repeats")
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
    assert daemon.wait(timeout=10) == 0
    return told


def _configure(town, folder):
    (folder / "secret").write_text("whsec_c2VjcmV0LWZvci10aGUtY3Jhc2gtdGVzdHMhIQ==\n")
    (folder / "secret").chmod(0o600)
    settings = {
        "state": str(folder / "state.db"),
        "pack": str(PACK),
        "pack_sources": False,
        "sources": [
            {
                "id": f"site-{site.number}",
                "kind": "feed",
                "url": f"{site.base}/feed.xml",
                "every": "1s",
                "baseline": False,
            }
            for site in town.sites
        ],
        "fetching": {"delay": "0s", "allow_addresses": ["127.0.0.1"]},
        "subscriptions": [{"id": "all", "destinations": ["hook"]}],
        "destinations": {
            "hook": {
                "type": "webhook",
                "url": f"{town.receiver.base}/",
                "secret_file": str(folder / "secret"),
                "allow": ["127.0.0.1"],
                "retry": ["200ms", "1s", "1s", "1s", "1s", "1s", "1s", "1s"],
            }
        },
    }
    path = folder / "yuewatch.yaml"
    path.write_text(yaml.safe_dump(settings))
    return path
