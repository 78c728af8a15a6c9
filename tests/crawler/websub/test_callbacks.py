"""What hubs and strangers get from the addresses that hubs were given."""

from __future__ import annotations

import hashlib
import hmac
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from crawler.websub.callbacks import MOST_BYTES, Callbacks, is_signed
from state.hubs import Subscription

TOPIC = "https://news.example/feed"
ACTIVE = Subscription(
    "news",
    "https://hub.example/",
    TOPIC,
    "active",
    None,
    "token",
    "secret",
    datetime.now(UTC),
    None,
    0,
    0,
    None,
)


def signed(body, method="sha256", secret="secret"):
    return {
        "X-Hub-Signature": f"{method}={hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()}"
    }


@pytest.fixture
async def hub():
    """Give a client that asks as a hub does, the subscription it meets, and what was made of it."""

    class Hub:
        known = ACTIVE
        heard: list

        async def get(self, token="token", **query):
            asked = {f"hub.{name}": value for name, value in query.items()}
            async with self.session.get(f"{self.at}/prefix/{token}", params=asked) as answer:
                return answer.status, await answer.text()

        async def post(self, body, headers, token="token"):
            async with self.session.post(f"{self.at}/{token}", data=body, headers=headers) as answer:
                return answer.status

    ours, ours.heard = Hub(), []

    def note(what):
        async def noted(_, *more):
            ours.heard.append((what, *more))

        return noted

    callbacks = Callbacks(
        lambda: {"token": ours.known},
        verified=note("verified"),
        denied=note("denied"),
        rang=note("rang"),
        strange=note("strange"),
    )
    await callbacks.open("127.0.0.1", 0)
    port = callbacks._runner.addresses[0][1]
    ours.at = f"http://127.0.0.1:{port}"
    async with aiohttp.ClientSession() as ours.session:
        yield ours
    await callbacks.close()


async def test_what_was_asked_for_is_verified_by_its_challenge(hub):
    hub.known = replace(ACTIVE, awaits="subscribe")
    assert await hub.get(mode="subscribe", topic=TOPIC, challenge="<b>x", lease_seconds="86400") == (
        200,
        "<b>x",
    )
    assert hub.heard == [("verified", "subscribe", timedelta(days=1))]


@pytest.mark.parametrize(
    ("said", "lease"),
    [
        (None, timedelta(days=10)),
        ("1", timedelta(minutes=5)),
        ("9" * 400, timedelta(days=90)),
        ("-5", timedelta(days=10)),
    ],
)
async def test_absurd_leases_are_bounded(hub, said, lease):
    hub.known = replace(ACTIVE, awaits="subscribe")
    asked = {"lease_seconds": said} if said else {}
    await hub.get(mode="subscribe", topic=TOPIC, challenge="x", **asked)
    assert hub.heard == [("verified", "subscribe", lease)]


@pytest.mark.parametrize(
    ("awaits", "token", "query"),
    [
        (None, "token", {"mode": "subscribe", "topic": TOPIC, "challenge": "x"}),
        ("subscribe", "token", {"mode": "unsubscribe", "topic": TOPIC, "challenge": "x"}),
        ("subscribe", "token", {"mode": "subscribe", "topic": "https://else.example/", "challenge": "x"}),
        ("subscribe", "guess", {"mode": "subscribe", "topic": TOPIC, "challenge": "x"}),
        ("subscribe", "token", {"mode": "subscribe", "topic": TOPIC}),
        ("subscribe", "token", {"topic": TOPIC, "challenge": "x"}),
    ],
    ids=["not asked", "the other mode", "another topic", "unknown", "no challenge", "no mode"],
)
async def test_nothing_else_is_verified(hub, awaits, token, query):
    hub.known = replace(ACTIVE, awaits=awaits)
    assert (await hub.get(token, **query))[0] == 404
    assert hub.heard == []


async def test_a_denial_is_heard(hub):
    assert (await hub.get(mode="denied", topic=TOPIC, reason="no"))[0] == 200
    assert hub.heard == [("denied",)]


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
async def test_a_signed_push_rings(hub, method):
    assert await hub.post(b"<feed/>", signed(b"<feed/>", method)) == 202
    assert hub.heard == [("rang",)]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Hub-Signature": "sha256="},
        {"X-Hub-Signature": "md5=1"},
        signed(b"other"),
        signed(b"<feed/>", secret="x"),
    ],
    ids=["none", "empty", "another method", "of another body", "of another secret"],
)
async def test_a_push_with_a_strange_signature_is_only_counted(hub, headers):
    assert await hub.post(b"<feed/>", headers) == 202
    assert hub.heard == [("strange",)]


async def test_a_push_nobody_asked_for_tells_the_hub_to_stop(hub):
    assert await hub.post(b"<feed/>", signed(b"<feed/>"), token="guess") == 410
    assert hub.heard == []


async def test_a_push_that_is_too_large_is_refused(hub):
    assert await hub.post(io.BytesIO(b"x" * (MOST_BYTES + 1)), {}) == 413
    assert hub.heard == []


def test_a_signature_of_no_ascii_is_none():
    assert not is_signed(b"", "sha256=ß", "secret")
