"""A hub on loopback, a daemon, and a feed that is looked at once an hour unless the hub rings."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import socket
import urllib.request
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode

import pytest
from loopback import http
from press import page, rss, story

from crawler.agenda import Agenda
from crawler.configuration.load import load_configuration
from state import hubs, sources
from state.sources import Poll
from state.writer import Writer

HOUR = timedelta(hours=1)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def send(url, body=None, **headers):
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=20) as answer:
        return answer.read()


@pytest.fixture
def feed(loopback):
    """Serve a feed that offers a hub, and the hub."""
    titles = {"/1.html": story(1)}
    pages = {}
    pages["/hub"] = http("", 202)
    site = loopback.site(pages)
    link = f'<{site}/hub>; rel="hub", <{site}/feed>; rel="self"'
    pages["/feed"] = lambda _: rss(site, titles, Link=link)

    def publish(number):
        titles[f"/{number}.html"] = story(number)
        pages[f"/{number}.html"] = page(story(number))

    publish(1)
    source = {
        "id": "news",
        "kind": "feed",
        "url": f"{site}/feed",
        "every": "1h",
        "adaptive": False,
        "baseline": False,
    }
    return source, publish


def stored(desk):
    return [row["url"].rpartition("/")[2] for row in desk.rows("export", "articles")]


def asked(loopback):
    return [
        {name: value[0] for name, value in parse_qs(one.body.decode()).items()} for one in loopback.of("/hub")
    ]


def test_a_hub_is_asked_for_a_feed_and_left_when_that_is_switched_off(desk, feed, loopback):
    source, _ = feed
    listen = f"127.0.0.1:{free_port()}"
    websub = {"public_url": f"http://{listen}/websub/", "listen": listen}
    desk.write(sources=[source], websub=websub)
    daemon = desk.daemon()
    (form,) = desk.until(lambda: asked(loopback), daemon)
    assert (form["hub.mode"], form["hub.topic"]) == ("subscribe", source["url"])
    desk.until(lambda: stored(desk) == ["1.html"], daemon)

    verification = {
        "hub.mode": "subscribe",
        "hub.topic": source["url"],
        "hub.challenge": "abc",
        "hub.lease_seconds": "86400",
    }
    assert send(f"{form['hub.callback']}?{urlencode(verification)}") == b"abc"
    desk.write(sources=[source | {"enabled": False}], websub=websub)
    daemon.send_signal(1)
    *_, leaving = desk.until(lambda: len(asked(loopback)) > 1 and asked(loopback), daemon)
    assert (leaving["hub.mode"], leaving["hub.callback"]) == ("unsubscribe", form["hub.callback"])
    verification = {"hub.mode": "unsubscribe", "hub.topic": source["url"], "hub.challenge": "bye"}
    assert send(f"{form['hub.callback']}?{urlencode(verification)}") == b"bye"
    secret, token = form["hub.secret"], form["hub.callback"].rpartition("/")[2]
    log = (desk.folder / "daemon.log").read_text("utf-8")
    assert secret not in log
    assert token not in log


def test_a_ring_makes_a_feed_looked_at_that_was_not_due_for_hours(desk, feed):
    source, _ = feed
    listen, now = f"127.0.0.1:{free_port()}", datetime.now(UTC)
    desk.write(sources=[source], websub={"public_url": f"http://{listen}", "listen": listen})
    configuration = load_configuration(desk.file)
    with Writer(configuration.state) as writer:
        asyncio.run(Agenda(writer, configuration.sources).register(now))
        writer.run_now(sources.record_poll, Poll("news", now - HOUR, now + 5 * HOUR))
        writer.run_now(hubs.offer, "news", "https://hub.example/", source["url"], now)
        writer.run_now(hubs.ask, "news", "subscribe", "token", "secret", now)
        writer.run_now(hubs.verify, "news", "subscribe", 240 * HOUR, now)
    daemon = desk.daemon()
    push = b"<anything/>"
    send(f"http://{listen}/token", push, **{"X-Hub-Signature": "sha256=00"})
    signature = hmac.new(b"secret", push, hashlib.sha256).hexdigest()
    assert desk.until(lambda: desk.told("push with a strange signature"), daemon)
    assert stored(desk) == []
    send(f"http://{listen}/token", push, **{"X-Hub-Signature": f"sha256={signature}"})
    desk.until(lambda: stored(desk) == ["1.html"], daemon)


def test_without_a_public_address_nothing_is_said_and_nothing_listens(desk, feed, loopback):
    source, _ = feed
    desk.write(sources=[source])
    daemon = desk.daemon()
    desk.until(lambda: stored(desk) == ["1.html"], daemon)
    assert asked(loopback) == []
    assert "hub" not in (desk.folder / "daemon.log").read_text("utf-8")


def test_an_address_that_cannot_be_listened_on_is_told_with_its_line(desk, feed):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        desk.write(sources=[feed[0]], websub={"public_url": "https://monitor.example/", "listen": listen})
        refused = desk.run("run")
    assert refused.code == 4
    assert f"{listen} cannot be listened on" in refused.err
    assert "websub.listen" in refused.err
