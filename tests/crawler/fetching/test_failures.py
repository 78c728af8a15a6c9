"""Every way a fetch can go wrong ends in one clear line that names the address, and costs no other fetch."""

from __future__ import annotations

import asyncio
import gzip
import socket

import pytest
from loopback import http
from scrapy import Request
from scrapy.exceptions import IgnoreRequest

from crawler.fetching.failures import explain, named, why
from crawler.fetching.manners import Manners
from crawler.fetching.pace import Pace
from state.errors import RobotsRefused

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
NO_CONNECT = "list it under fetching.allow_addresses if it is yours"


async def _drip():
    yield HEAD
    while True:
        yield b"x"
        await asyncio.sleep(0.05)


async def _silence():
    await asyncio.sleep(60)
    yield b""


async def _megabytes(number):
    yield HEAD
    for _ in range(number):
        yield b"x" * 2**20


def _head(*lines, body=b"x"):
    return "\r\n".join(["HTTP/1.1 200 OK", *lines, "", ""]).encode() + body


def test_each_failure_is_one_clear_line_and_a_good_page_among_them_arrives(loopback, fetch):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{unused.getsockname()[1]}"
    pages = {
        "/good": http("<p>good"),
        "/404": http("", 404),
        "/410": http("", 410),
        "/500": http("", 500),
        "/503": http("", 503),
        "/loop": http("", 302, Location="/loop"),
        "/nowhere": http("", 302),
        "/file": http("", 302, Location="file:///etc/passwd"),
        "/ftp": http("", 301, Location="ftp://ftp.example/a"),
        "/data": http("", 302, Location="data:text/html,hello"),
        "/script": http("", 302, Location="javascript:alert(1)"),
        "/reset": lambda _: loopback.RESET,
        "/hang-up": lambda _: b"",
        "/babble": b"\x00\x01 this is no HTTP\r\n\r\n",
        "/huge": lambda _: _megabytes(40),
        "/announced": _head("Content-Length: 99999999"),
        "/short": _head("Content-Length: 100", body=b"not a hundred"),
        "/bad-chunk": CHUNKED + b"ZZ\r\nxx\r\n0\r\n\r\n",
        "/open-end": CHUNKED + b"5\r\nhello\r\n",
        "/bomb": http(gzip.compress(bytes(64 * 2**20)), Content_Encoding="gzip"),
        "/no-gzip": http("plain", Content_Encoding="gzip"),
        "/giant-header": _head("X-Long: " + "a" * 2**20),
    }
    site = loopback.site(pages)
    odd = {
        f"{dead}/": "its robots.txt is unreachable: the connection was refused, which means no fetching",
        "http://nowhere.invalid/": "its robots.txt is unreachable: its host name does not resolve, which means",
        "ftp://127.0.0.1/a": "it is neither http nor https",
        "http://user:secret@127.0.0.1/": "it carries a user name or password, which are never sent",
    }
    urls = [site + path for path in pages]
    notes = fetch(*urls, *odd)["notes"]
    assert notes.pop(f"{site}/good")["start"] == "<p>good"
    too_large = ("the body is larger than the limit", False)
    expected = {
        "/404": ("answered HTTP 404", True),
        "/410": ("answered HTTP 410", True),
        "/500": ("answered HTTP 500", True),
        "/503": ("answered HTTP 503", True),
        "/loop": ("it redirects too often", True),
        "/nowhere": ("it answered HTTP 302 without saying where to go", True),
        "/file": ("it redirects to file:///etc/passwd, which is neither http nor https", True),
        "/ftp": ("it redirects to ftp://ftp.example/a, which is neither http nor https", True),
        "/data": ("it redirects to data:text/html,hello, which is neither http nor https", True),
        "/script": ("it redirects to what is no address", True),
        "/reset": ("the connection broke before the answer was complete", True),
        "/hang-up": ("the connection was closed before the answer was complete", True),
        "/babble": ("what answers does not speak HTTP", True),
        "/huge": too_large,
        "/announced": too_large,
        "/short": ("the body broke off", True),
        "/bad-chunk": ("the body broke off", True),
        "/open-end": ("the body broke off", True),
        "/bomb": too_large,
        "/no-gzip": ("the body is not compressed as it says", True),
        "/giant-header": ("the connection was closed before the answer was complete", True),
    }
    told = {url: (note["error"], note["retryable"]) for url, note in notes.items()}
    wrong = {
        path: told.get(site + path)
        for path, (words, retryable) in expected.items()
        if not (
            words in told.get(site + path, ("", None))[0]
            and told[site + path][0].startswith(site + path)
            and told[site + path][1] is retryable
        )
    }
    assert wrong == {}
    assert {url for url, words in odd.items() if words not in told[url][0]} == set()
    assert not any("\n" in line or "secret" in line for line, _ in told.values())
    assert len(told) == len(expected) + len(odd)


def test_an_answer_has_one_deadline_in_all_however_slowly_it_comes(loopback, fetch):
    site = loopback.site({"/drip": lambda _: _drip(), "/silence": lambda _: _silence()})
    notes = fetch(f"{site}/drip", f"{site}/silence", settings={"DOWNLOAD_TIMEOUT": 1})["notes"]
    assert {note["error"].split(": ", 1)[1] for note in notes.values()} == {
        "no complete answer came within the deadline"
    }


def test_the_address_connected_to_is_checked_on_every_way_in(loopback, fetch):
    """Neither literals, names, odd spellings nor redirects reach what is not public; robots.txt is not asked there either."""
    inner = loopback.site({"*": http("secret")})
    port = inner.rsplit(":", 1)[1]
    direct = [
        "10.0.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "[::]",
        "[::1]",
        "[fe80::1]",
        "[fd00::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::1]",
        "[::127.0.0.1]",
        "127.0.0.1",
        "127.1",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "2130706433",
        "localhost",
        "127.0.0.1.",
        "１２７.0.0.1",
    ]
    urls = [f"http://{host}:{port}/{number}" for number, host in enumerate(direct)]
    notes = fetch(*urls, allow=[])["notes"]
    assert {note["kind"] for note in notes.values()} == {"AddressRefused"}
    assert all(note["error"].endswith(NO_CONNECT) and not note["retryable"] for note in notes.values())
    assert "127.0.0.1 is loopback" in notes[f"http://127.0.0.1:{port}/14"]["error"]
    assert len(notes) == len(urls)
    assert loopback.asked == []


def test_a_redirect_to_an_inner_address_is_refused_and_says_where_it_came_from(loopback, fetch):
    listed = loopback.site(
        {
            "/private": http("", 302, Location="http://10.0.0.1/secret"),
            "/hops": http("", 302, Location="/private"),
            "/metadata": http("", 307, Location="http://169.254.169.254/latest/meta-data/"),
            "/six": http("", 302, Location="http://[::1]/"),
            "/refresh": http('<meta http-equiv="refresh" content="0; url=http://10.0.0.1/">moved'),
        }
    )
    elsewhere = loopback.site({"/robots.txt": http("", 302, Location="http://10.0.0.1/robots.txt")})
    urls = [f"{listed}/{path}" for path in ("private", "hops", "metadata", "six", "refresh")]
    notes = fetch(*urls, f"{elsewhere}/page")["notes"]
    assert notes.pop(f"{listed}/refresh")["status"] == 200
    assert notes[f"{listed}/hops"]["error"] == (
        f"http://10.0.0.1/secret (where {listed}/hops redirects to) was not fetched: 10.0.0.1 is private use; {NO_CONNECT}"
    )
    assert notes.pop(f"{elsewhere}/page")["kind"] == "RobotsRefused"
    assert {note["kind"] for note in notes.values()} == {"AddressRefused"}
    assert loopback.paths(elsewhere) == []


def test_a_name_that_leads_to_an_allowed_and_a_refused_address_is_reached_at_the_allowed_one(loopback, fetch):
    """`localhost` is 127.0.0.1 and on many machines ::1 too; only the first is listed."""
    site = loopback.site({"*": http("<p>good")}).replace("127.0.0.1", "localhost")
    assert fetch(f"{site}/a", allow=["127.0.0.1"])["notes"][f"{site}/a"]["status"] == 200


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (IgnoreRequest("max redirections reached"), "it redirects too often"),
        (IgnoreRequest("… exceeded DOWNLOAD_MAXSIZE"), "the body is larger than the limit"),
        (ValueError("Missing scheme in request url: x"), "it redirects to what is no address"),
        (ValueError("Port out of range 0-65535"), "ValueError: Port out of range 0-65535"),
        (OSError(), "OSError"),
        (RuntimeError("two\nlines\tof  it"), "RuntimeError: two lines of it"),
        (RuntimeError("x" * 10_000), "RuntimeError: " + "x" * 300),
    ],
)
def test_what_nobody_has_seen_yet_is_still_one_bounded_line(error, words):
    assert why(error).startswith(words)
    assert len(why(error)) < 350


def test_an_error_of_ours_is_told_as_it_is(tmp_path):
    from datetime import timedelta

    ours = RobotsRefused("https://gd.example/a was not fetched: its robots.txt forbids it", retryable=False)
    assert explain(ours, Request("https://gd.example/a"), Manners(Pace(timedelta(0)))) is ours


def test_a_redirected_request_is_named_with_where_it_came_from():
    request = Request(
        "https://b.example/2", meta={"redirect_urls": ["https://a.example/1", "https://b.example/1"]}
    )
    assert named(request) == "https://b.example/2 (where https://a.example/1 redirects to)"
    assert named(Request("https://a.example/1")) == "https://a.example/1"
