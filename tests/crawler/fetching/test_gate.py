"""The one door of a browser: nobody without a pass, nothing inside, and no more than its bounds."""

from __future__ import annotations

import asyncio
import socket
from base64 import b64encode
from types import SimpleNamespace

import pytest
from disguises import INSIDE, disguises
from hanging_up import settle, stop_listening
from twisted.internet.address import IPv4Address, IPv6Address

from crawler.fetching import gate as gates
from crawler.fetching.gate import Gate
from crawler.fetching.guard import GuardedResolver
from crawler.fetching.lookup import addresses_of
from state.addresses import parse_networks


class Far:
    """Stand for the web: note every connection, answer with what it was sent."""

    def __init__(self):
        self.heads = []

    async def open(self, host="127.0.0.1"):
        self._server = await asyncio.start_server(self._serve, host, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def _serve(self, reader, writer):
        try:
            self.heads.append(await reader.read(2**16))
            writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + self.heads[-1])
            await writer.drain()
        finally:
            writer.close()

    async def close(self):
        await _hang_up(self._server)


async def _hang_up(server):
    await stop_listening(server)
    await settle()


class Machine:
    """Resolve what this machine takes for a number to that address, asking no name server."""

    def resolveHostName(self, receiver, host, port, types, semantics):  # noqa: N802 - Twisted's interface
        receiver.resolutionBegan(SimpleNamespace(name=host))
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        except (OSError, UnicodeError):
            found = []
        for *_, address in found:
            kind = IPv6Address if ":" in address[0] else IPv4Address
            receiver.addressResolved(kind("TCP", *address[:2]))
        receiver.resolutionComplete()


@pytest.fixture
async def far():
    opened = await Far().open()
    yield opened
    await opened.close()


@pytest.fixture
async def gate():
    """Open a gate that finds the whole web on loopback, but `inside.example` nowhere."""

    async def resolve(host, port):
        return () if host == "inside.example" else ("127.0.0.1",)

    opened = await Gate.open(resolve)
    yield opened
    await opened.close()


def _key(issued, password=None):
    return b64encode(f"{issued.name}:{password or issued.password}".encode()).decode()


async def _ask(gate, target, issued=None, *, method="GET", more="", body=b"", key=None):
    reader, writer = await asyncio.open_connection("127.0.0.1", gate.port)
    key = key or (_key(issued) if issued else None)
    who = f"Proxy-Authorization: Basic {key}\r\n" if key else ""
    writer.write(f"{method} {target} HTTP/1.1\r\nHost: x\r\n{who}{more}\r\n".encode() + body)
    try:
        return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def test_who_has_no_pass_gets_nothing(gate, far):
    url = f"http://site.example:{far.port}/"
    with gate.admit() as issued:
        wrong = _key(issued, "guessed")
    answers = [
        await _ask(gate, url),
        await _ask(gate, url, key=wrong),
        await _ask(gate, url, issued),  # its page is closed
        await _ask(gate, f"site.example:{far.port}", method="CONNECT"),
    ]
    assert all(answer.startswith(b"HTTP/1.1 407 ") for answer in answers)
    assert far.heads == []


async def test_a_request_is_handed_on_without_what_concerns_the_gate_alone(gate, far):
    with gate.admit() as issued:
        more = (
            "Proxy-Connection: keep-alive\r\nConnection: keep-alive\r\nAccept: a/b\r\nContent-Length: 3\r\n"
        )
        answer = await _ask(
            gate, f"http://site.example:{far.port}/a?b=c", issued, method="POST", more=more, body=b"x=1"
        )
    assert answer.startswith(b"HTTP/1.1 200 ")
    head, _, body = answer.split(b"\r\n\r\n", 1)[1].partition(b"\r\n\r\n")
    assert head.split(b"\r\n") == [
        b"POST /a?b=c HTTP/1.1",
        f"Host: site.example:{far.port}".encode(),
        b"Accept: a/b",
        b"Content-Length: 3",
        b"Connection: close",
    ]
    assert body == b"x=1" or far.heads[-1].endswith(b"\r\n\r\n")


async def test_a_tunnel_carries_bytes_as_they_are(gate, far):
    with gate.admit() as issued:
        answer = await _ask(
            gate, f"site.example:{far.port}", issued, method="CONNECT", body=b"any bytes \x00\xff"
        )
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK")
    assert answer.endswith(b"any bytes \x00\xff")


@pytest.mark.parametrize("method", ["GET", "CONNECT"])
async def test_what_resolves_to_nothing_public_and_what_is_blocked_is_refused(gate, far, method):
    targets = [f"{host}.example:{far.port}" for host in ("inside", "blocked")]
    with gate.admit(lambda host: host != targets[1]) as issued:
        for target in targets:
            url = target if method == "CONNECT" else f"http://{target}/"
            assert (await _ask(gate, url, issued, method=method)).startswith(b"HTTP/1.1 403 ")
    assert far.heads == []


async def test_no_disguise_of_an_inside_address_leads_through():
    guard = GuardedResolver(SimpleNamespace(nameResolver=Machine()), parse_networks(()))
    far = await Far().open(INSIDE)
    judged = []

    async def resolve(host, port):
        found = await addresses_of(guard, host, port)
        judged.append(host)
        return found

    gate = await Gate.open(resolve)
    forms = [form for form in disguises(INSIDE) if form.isascii()]
    with gate.admit() as issued:
        gates_of_one_page, issued.connections = len(forms) * 2, -2 * len(forms)
        for form in forms:
            answers = [
                await _ask(gate, f"http://{form}:{far.port}/", issued),
                await _ask(gate, f"{form}:{far.port}", issued, method="CONNECT"),
            ]
            assert [answer[9:12] for answer in answers if answer[9:12] not in {b"403", b"400"}] == [], form
    await gate.close()
    await far.close()
    assert gates_of_one_page >= 800
    assert len(judged) > 0.9 * gates_of_one_page
    assert far.heads == []


async def test_the_address_that_was_judged_is_the_one_that_is_connected_to(far):
    """DNS rebinding: a name is asked once a connection, and what was handed out is literal."""
    asked = []

    async def resolve(host, port):
        asked.append(host)
        return ("127.0.0.1",) if len(asked) % 2 else ()

    gate = await Gate.open(resolve)
    with gate.admit() as issued:
        answers = [await _ask(gate, f"http://rebinds.example:{far.port}/", issued) for _ in range(40)]
    await gate.close()
    assert [answer[9:12] for answer in answers] == [b"200", b"403"] * 20
    assert len(asked) == 2 * len(far.heads) == 40


async def test_without_the_guard_nothing_is_looked_up():
    with pytest.raises(RuntimeError, match="no address guard"):
        await addresses_of(Machine(), "site.example", 80)


@pytest.mark.parametrize(
    ("target", "method", "more", "status"),
    [
        ("https://site.example/", "GET", "", b"400"),
        ("file:///etc/passwd", "GET", "", b"400"),
        ("/relative", "GET", "", b"400"),
        ("http://user@site.example/", "GET", "", b"400"),
        ("http://site.example:99999/", "GET", "", b"400"),
        ("http://", "GET", "", b"400"),
        ("site.example:x", "CONNECT", "", b"400"),
        ("http://site.example/ two words", "GET", "", b"400"),
        ("http://site.example/", "POST", "Transfer-Encoding: chunked\r\n", b"411"),
        ("http://site.example/", "POST", "Content-Length: -1\r\n", b"411"),
        ("http://site.example/", "GET", "X: " + "y" * 100_000 + "\r\n", b""),
    ],
)
async def test_what_is_no_proper_request_is_turned_away(gate, far, target, method, more, status):
    with gate.admit() as issued:
        assert (await _ask(gate, target, issued, method=method, more=more))[9:12] == status
    assert far.heads == []


async def test_a_second_request_on_one_line_is_not_handed_on(gate, far):
    with gate.admit() as issued:
        inside = b"GET http://inside.example/ HTTP/1.1\r\n\r\n"
        await _ask(gate, f"http://site.example:{far.port}/", issued, body=inside)
    assert not any(b"inside" in head for head in far.heads)


async def test_a_page_loads_no_more_than_its_bounds(gate, far, monkeypatch):
    monkeypatch.setattr(gates, "MOST_CONNECTIONS", 3)
    url = f"http://site.example:{far.port}/"
    with gate.admit() as issued:
        answers = [await _ask(gate, url, issued) for _ in range(5)]
    assert [answer[9:12] for answer in answers] == [b"200"] * 3 + [b"403"] * 2
    with gate.admit() as issued:
        issued.left = 10
        assert (
            await _ask(gate, url, issued, method="POST", more="Content-Length: 11\r\n", body=b"x" * 11) == b""
        )
        assert not issued.valid
        assert (await _ask(gate, url, issued))[9:12] == b"403"


async def test_when_its_page_closes_every_line_is_hung_up(gate):
    began = asyncio.Event()

    async def say_nothing(reader, writer):
        began.set()
        try:
            await reader.read()
        finally:
            writer.close()

    silent = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    with gate.admit() as issued:
        waiting = asyncio.create_task(_ask(gate, f"site.example:{port}", issued, method="CONNECT"))
        await began.wait()
    assert await waiting in {b"", b"HTTP/1.1 200 OK\r\n\r\n"}
    assert issued.lines == set()
    await _hang_up(silent)
