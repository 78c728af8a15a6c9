"""`yuewatch subscribers`: from the request over the confirmation and the news to the end, through a running daemon."""

from __future__ import annotations

import re
import signal
import socket
from email import message_from_bytes, policy
from urllib.parse import unquote

import pytest
from mailserver import Controller
from press import page, rss, story

ADDRESS = "li.wei@newsroom.example"


@pytest.fixture
def mailbox():
    """Take mail on loopback."""

    class Box:
        def __init__(self):
            self.mails = []

        async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's interface
            mail = message_from_bytes(envelope.content, policy=policy.default)
            self.mails.append((envelope.rcpt_tos, mail))
            return "250 kept"

    box = Box()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        box.port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    yield box
    controller.stop()


def _destination(port, **more):
    return {
        "type": "email",
        "to": "desk@newsroom.example",
        "from": "yuewatch@newsroom.example",
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "allow": ["127.0.0.1"],
        "unsubscribe": "stop@newsroom.example",
    } | more


def test_a_subscriber_confirms_gets_news_leaves_and_is_erased(desk, mailbox, loopback):
    titles = {}
    pages = {"/feed": lambda _: rss(site, titles)}
    site = loopback.site(pages)
    desk.write(
        sources=[{"id": "gd", "kind": "feed", "url": f"{site}/feed", "every": "1s", "baseline": False}],
        subscriptions=[{"id": "desk"}],
        destinations={"mail": _destination(mailbox.port)},
        subscribers={"through": "mail"},
        reading={"deadline": "2m"},
    )
    daemon = desk.daemon()
    asked = desk.here("subscribers", "add", ADDRESS, "--subscription", "desk")
    assert asked.code == 0, asked.err
    assert ("l…@newsroom.example" in asked.out, ADDRESS in asked.out) == (True, False)
    desk.until(lambda: mailbox.mails, daemon)
    ((to, invitation),) = mailbox.mails
    assert (to, "confirm" in invitation["Subject"]) == ([ADDRESS], True)
    (row,) = desk.rows("subscribers", "list", "--json")
    assert (row["address"], row["state"]) == ("l…@newsroom.example", "pending")
    text = invitation.get_body(("plain",)).get_content()
    assert desk.here("subscribers", "confirm", re.search(r"asked you: (\S+)", text)[1]).code == 0
    assert desk.rows("subscribers", "list", "--show", "--json")[0]["address"] == ADDRESS
    assert desk.here("subscribers", "add", ADDRESS, "--subscription", "desk").code == 3

    pages["/1.html"] = page(story(1))
    titles["/1.html"] = story(1)
    desk.until(lambda: len(mailbox.mails) > 1, daemon)
    to, news = mailbox.mails[1]
    assert (to, story(1) in news["Subject"]) == ([ADDRESS], True)
    stop = unquote(news["List-Unsubscribe"]).removesuffix(">")
    assert stop.startswith("<mailto:stop@newsroom.example?subject=unsubscribe ")
    desk.until(lambda: desk.rows("subscribers", "export", ADDRESS)[0]["messages"][1]["articles"], daemon)
    ended = desk.here("subscribers", "unsubscribe", stop.rpartition(" ")[2])
    assert (ended.code, ended.out) == (0, "ended: desk\n")

    assert desk.here("subscribers", "erase", ADDRESS).code == 0
    assert desk.here("subscribers", "erase", ADDRESS).code == 3
    assert desk.here("subscribers", "export", ADDRESS).code == 3
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(60) == 0
    assert len(mailbox.mails) == 2
    holding = [
        file.name
        for file in desk.folder.iterdir()
        if file.is_file() and ADDRESS.encode() in file.read_bytes()
    ]
    assert holding == []


def test_who_asks_for_a_new_subscription_is_written_to_once_the_daemon_has_read_of_it(desk, mailbox):
    def configure(*names):
        desk.write(
            subscriptions=[{"id": name} for name in names],
            destinations={"mail": _destination(mailbox.port)},
            subscribers={"through": "mail"},
        )

    configure("old")
    daemon = desk.daemon()
    configure("old", "new")
    assert desk.here("subscribers", "add", ADDRESS, "--subscription", "new").code == 0
    daemon.send_signal(signal.SIGHUP)
    desk.until(lambda: mailbox.mails, daemon)
    ((to, invitation),) = mailbox.mails
    assert (to, "confirm" in invitation["Subject"]) == ([ADDRESS], True)


def test_what_cannot_be_is_refused_in_a_line(desk):
    desk.write(subscriptions=[{"id": "desk"}])
    refused = desk.here("subscribers", "add", ADDRESS, "--subscription", "desk")
    assert (refused.code, "subscribers.through" in refused.err) == (4, True)
    assert desk.here("subscribers", "add", ADDRESS, "--subscription", "other").code == 4
    assert desk.here("subscribers", "add", "Li <li@x.example>", "--subscription", "desk").code == 2
    desk.write(
        subscriptions=[{"id": "desk"}],
        destinations={"mail": _destination(25)},
        subscribers={"through": "mail"},
    )
    assert desk.here("subscribers", "add", ADDRESS.upper(), "--subscription", "desk").code == 0
    assert desk.rows("subscribers", "list", "--show", "--json")[0]["address"] == "LI.WEI@newsroom.example"
    assert desk.here("subscribers", "confirm", "nonsense").code == 1
    assert desk.here("subscribers", "unsubscribe", "nonsense").code == 1
