"""Hold the systemd unit to its score, and to what the daemon needs."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

UNIT = "deploy/yuewatch.service"
WORST = 2.0


@pytest.fixture
def settings(root):
    """Give the unit's settings, each with its values in order."""
    found: dict[str, list[str]] = {}
    for line in (root / UNIT).read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_the_overall_exposure_is_low(root):
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", str(root / UNIT)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    if "--offline" in done.stderr:
        pytest.skip("this systemd-analyze cannot rate a file")
    found = re.search(r"Overall exposure level for yuewatch.service: ([\d.]+)", done.stdout)
    assert found is not None, done.stdout + done.stderr
    assert float(found[1]) <= WORST


def test_every_setting_says_why(root):
    """A comment stands above each setting or above the group it opens; the plainest ones explain themselves."""
    plain = {"Description", "Documentation", "ExecStart", "WantedBy"}
    lines = (root / UNIT).read_text().splitlines()
    for number, line in enumerate(lines):
        if "=" in line and not line.startswith("#") and line.partition("=")[0] not in plain:
            above = number - 1
            while lines[above] and not lines[above].startswith(("#", "[")):
                above -= 1
            assert lines[above].startswith("#"), f"{UNIT}:{number + 1} says not why: {line}"


def test_it_supervises_as_the_daemon_expects(settings):
    assert settings["Type"] == ["notify"]
    assert settings["WatchdogSec"] == ["60s"]
    assert settings["ExecReload"] == ["/bin/kill -HUP $MAINPID"]
    assert settings["KillMode"] == ["mixed"], "reading processes must not hear SIGTERM"
    assert settings["Restart"] == ["always"]


def test_bad_configuration_is_not_restarted(settings):
    assert "4" in settings["RestartPreventExitStatus"][0].split()


def test_the_sandbox_leaves_what_the_daemon_needs(settings):
    assert set(settings["RestrictAddressFamilies"][0].split()) == {"AF_INET", "AF_INET6", "AF_UNIX"}
    assert settings["StateDirectory"] == ["yuewatch"]
    assert "/var/lib/yuewatch/yuewatch.db" in settings["ExecStart"][0]


def test_it_stops_within_the_time_it_is_given(settings):
    from crawler.daemon import STOP_WITHIN

    assert settings["TimeoutStopSec"] == ["20s"]
    assert STOP_WITHIN.total_seconds() < 20
