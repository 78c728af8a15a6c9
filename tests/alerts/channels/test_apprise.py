from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from alerts.channels.apprise import AppriseSettings, open_apprise
from alerts.credentials import Surroundings
from alerts.outcome import Delivered, Refused, RetryLater
from state.addresses import parse_networks
from state.errors import ConfigurationError

LOOPBACK = parse_networks(["127.0.0.1"])
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def sender(url, *, allowed=LOOPBACK, **settings):
    entry = AppriseSettings(type="apprise", url_env="CHAT", **settings)
    return open_apprise("destinations.chat", entry, Surroundings(environ={"CHAT": url}), allowed)


def test_a_service_gets_title_and_text(answers, message):
    chat = answers(OK)
    assert sender(f"json://127.0.0.1:{chat.port}/")(message) == Delivered()
    ((_, body),) = chat.received
    told = json.loads(body)
    assert told["title"] == "［Policy］ Guangdong issues plan for computing hubs"
    assert "for **artificial intelligence** by" in told["message"]
    assert told["message"].endswith(f"Delivery: {message.id}")


def test_what_a_chat_would_act_on_is_taken_out(answers, message):
    chat = answers(OK)
    send = sender(f"json://127.0.0.1:{chat.port}/")
    send(
        replace(
            message,
            card=None,
            subject="<!channel> @all news",
            text="mail a@b.example <http://x|y> https://m.example/@u",
        )
    )
    ((_, body),) = chat.received
    told = json.loads(body)
    assert told["title"] == "‹!channel› ＠all news"
    assert told["message"] == "mail a@b.example ‹http://x|y› https://m.example/@u"


@pytest.mark.parametrize("status", [b"400 No", b"404 No", b"500 No", b"429 No"])
def test_a_service_that_does_not_take_it_is_tried_again(answers, message, status):
    chat = answers(OK.replace(b"200 OK", status))
    outcome = sender(f"json://127.0.0.1:{chat.port}/")(message)
    assert outcome == RetryLater("the service did not take it")


def test_a_service_that_hangs_is_cut_off(receiver, message):
    chat = receiver(lambda self, connection: self.ended.wait())
    assert sender(f"json://127.0.0.1:{chat.port}/?rto=30", timeout="2s")(message) == RetryLater(
        "time ran out"
    )


def test_nobody_listening_is_tried_again(message):
    assert sender("json://127.0.0.1:9/")(message) == RetryLater("the service did not take it")


def test_an_address_that_is_not_public_is_not_connected_to(answers, message):
    chat = answers(OK)
    outcome = sender(f"json://127.0.0.1:{chat.port}/", allowed=())(message)
    assert outcome == Refused(
        "the service's address is not public; list it under allow: if that is intended", theirs=True
    )
    assert chat.connections == 0


def test_a_redirect_inside_is_not_followed(answers, message):
    inside = answers(OK)
    moved = f"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.2:{inside.port}/\r\nContent-Length: 0\r\n\r\n"
    chat = answers(moved.encode())
    assert not isinstance(sender(f"json://127.0.0.1:{chat.port}/?redirect=yes")(message), Delivered)
    assert inside.connections == 0


def test_an_address_that_apprise_does_not_know_is_refused(message):
    assert sender("carrierpigeon://loft")(message) == Refused(
        "Apprise does not know this kind of address", theirs=True
    )


@pytest.mark.parametrize("url", ["slack", "json://a json://b"])
def test_what_is_no_address_is_refused_at_once(url):
    with pytest.raises(ConfigurationError, match=r"destinations\.chat\.url"):
        sender(url)


@pytest.mark.parametrize("entry", [{}, {"url": "slack://x"}, {"url_env": "A", "url_file": "b"}])
def test_the_address_is_never_in_the_configuration_itself(entry):
    with pytest.raises(ValidationError):
        AppriseSettings(type="apprise", **entry)


def test_no_token_shows_where_other_users_of_the_machine_could_read_it(receiver, message):
    seen = []

    def behave(self, connection):
        for process in Path("/proc").glob("[0-9]*"):
            try:
                line = (process / "cmdline").read_bytes()
                if b"apprise_child" in line:
                    seen.append(line + (process / "environ").read_bytes())
            except OSError:
                continue
        self.read_request(connection)
        connection.sendall(OK)

    chat = receiver(behave)
    sender(f"json://127.0.0.1:{chat.port}/SECRET-TOKEN")(message)
    assert seen
    assert b"SECRET-TOKEN" not in b"".join(seen)


@pytest.mark.parametrize(
    "url",
    [
        "slack://TokenA123A/TokenB123B/abcdefghijklmnopqrstuvwx/#general",
        "tgram://123456789:ABCdefGHIjkl/12345",
        "feishu://0123456789abcdef0123456789abcdef",
        "dingtalk://SECabc123@0123456789abcdef",
        "wecombot://0123abcd-0123-0123-0123-0123456789ab",
        "discord://123456789012345678/abcdefghijk",
        "ntfys://topic",
        "gotifys://gotify.example/AbCdEf123456789",
    ],
)
def test_the_addresses_that_the_reference_shows_are_of_kinds_apprise_knows(url):
    known = "import apprise, sys; sys.exit(not apprise.Apprise.instantiate(sys.argv[1]))"
    assert subprocess.run([sys.executable, "-c", known, url], check=False).returncode == 0
