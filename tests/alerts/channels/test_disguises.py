"""An inside address in any disguise gets no webhook, no heartbeat and nothing from Apprise's services."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from disguises import INSIDE, Inside, disguises

from alerts.channels.webhook import WebhookSettings, open_webhook
from alerts.credentials import Surroundings
from alerts.heartbeat import Heartbeat
from alerts.outcome import Refused, RetryLater
from state.errors import ConfigurationError

FORMS = disguises(INSIDE)[:: 1 if os.environ.get("YUEWATCH_EVERY_DISGUISE") else 20]
SECRET = Surroundings(environ={"HOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})
# What every service of Apprise connects with, under the watch of our child process.
CHILD = """
import json, sys
from alerts.channels.apprise_child import watch_connections
refused = watch_connections(())
import requests
reached = 0
for url in json.load(sys.stdin):
    try:
        requests.post(url, timeout=1)
        reached += 1
    except Exception:
        pass
print(json.dumps([reached, len(refused)]))
"""


@pytest.fixture(scope="module")
def inside():
    """Listen on an inside address."""
    listening = Inside()
    yield listening
    listening.close()


def test_no_disguise_gets_a_webhook(inside, message):
    refused = 0
    for url in inside.addresses(FORMS):
        try:
            settings = WebhookSettings(type="webhook", url=url, secret_env="HOOK_SECRET", timeout="1s")
            outcome = open_webhook("destinations.hook", settings, SECRET, ())(message)
        except (ConfigurationError, ValueError):
            refused += 1
        else:
            refused += isinstance(outcome, Refused | RetryLater)
    assert (refused, inside.visits()) == (len(FORMS), 0)
    sys.stdout.write(f"\nwebhook: {len(FORMS)} forms, 0 connections\n")


def test_no_disguise_gets_a_heartbeat(inside):
    answers = [Heartbeat(url).beat(well=True) for url in inside.addresses(FORMS)]
    assert (answers.count(None), inside.visits()) == (0, 0)
    sys.stdout.write(f"\nheartbeat: {len(FORMS)} forms, 0 connections\n")


def test_no_disguise_gets_what_a_service_of_apprise_sends(inside):
    done = subprocess.run(
        [sys.executable, "-c", CHILD],
        input=json.dumps(inside.addresses(FORMS)),
        capture_output=True,
        text=True,
        check=True,
    )
    reached, refused = json.loads(done.stdout)
    assert (reached, inside.visits()) == (0, 0)
    sys.stdout.write(f"\nApprise: {len(FORMS)} forms, 0 connections\n")
    assert refused > len(FORMS) / 3
