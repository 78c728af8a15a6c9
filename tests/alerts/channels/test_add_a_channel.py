"""Run the channel that docs/how-to/add-a-channel.md writes, against a pager on loopback."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from alerts.channels.channel import Channel
from alerts.credentials import Surroundings
from alerts.outcome import Delivered, RetryLater
from alerts.retry import WEBHOOK
from state.addresses import parse_networks
from state.errors import AddressRefused

PAGE = Path(__file__).parents[3] / "docs/how-to/add-a-channel.md"
LOOPBACK = parse_networks(["127.0.0.1"])


@pytest.fixture(scope="module")
def pager():
    """Give the names that the page's module defines, and the line it adds to the table."""
    module, line = re.findall(
        r"^   ```python\n(.*?)^   ```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    names = {"__name__": "pager"}
    exec(compile(textwrap.dedent(module), str(PAGE), "exec"), names)
    names["PagerSettings"].model_rebuild(_types_namespace=names)
    entry = eval(
        f"{{{textwrap.dedent(line)}}}", {"pager": _Module(names), "Channel": Channel, "WEBHOOK": WEBHOOK}
    )
    return names, entry["pager"]


class _Module:
    def __init__(self, names):
        self.__dict__.update(names)


def open_pager(pager, port, allowed=LOOPBACK):
    _, channel = pager
    settings = channel.settings.model_validate({"type": "pager", "host": "127.0.0.1", "port": port})
    return channel.open("destinations.pager", settings, Surroundings(environ={}), allowed)


@pytest.mark.parametrize(("answer", "outcome"), [(b"OK\n", Delivered()), (b"NO\n", RetryLater("no OK"))])
def test_the_answer_decides(pager, receiver, message, answer, outcome):
    got = []

    def behave(self, connection):
        got.append(connection.makefile("rb").readline().decode())
        connection.sendall(answer)

    assert open_pager(pager, receiver(behave).port)(message) == outcome
    assert got == [f"{message.id} {message.subject}\n"]


def test_an_address_that_is_not_listed_is_not_connected_to(pager, receiver, message):
    server = receiver(lambda self, connection: None)
    with pytest.raises(AddressRefused):
        open_pager(pager, server.port, allowed=())(message)
    assert server.connections == 0
