"""Manners as the servers see them: pace, robots.txt, patience, identity, verified TLS."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from itertools import pairwise

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from loopback import http, slowly
from wire import Host, Reply, serving

DELAY = 0.2


def _kept(asked, delay):
    """Tell whether requests keep a delay as the server sees them, however busy the machine is."""
    return len(asked) > 2 and all(later.at - earlier.at >= delay for earlier, later in pairwise(asked))


def test_one_host_is_asked_one_request_at_a_time_with_its_delay_by_all_crawls_together(loopback, fetch):
    def slow_page(_):
        return slowly(http("<p>page"), pause=0.02)

    site = loopback.site({"/hop": http("", 302, Location="/landing"), "*": slow_page})
    crawls = [[f"{site}/{name}{number}" for number in range(4)] for name in "ab"]
    notes = fetch(f"{site}/hop", crawls=crawls, delay=DELAY)["notes"]
    assert {note["status"] for note in notes.values()} == {200}
    assert len(loopback.paths()) == 2 + 8  # two hops, eight pages
    assert len(loopback.of("/robots.txt")) <= 3  # once by each crawl at most
    assert _kept(loopback.asked, DELAY)
    overlaps = [
        later.path for earlier, later in pairwise(loopback.asked) if later.at < earlier.until[0] - 0.005
    ]
    assert overlaps == []


def test_crawls_that_meet_on_a_host_share_one_connection_to_it(fetch):
    meeting = Host(lambda path, _: Reply(b"<p>page", 404 if path == "/robots.txt" else 200))
    elsewhere = Host(
        lambda path, _: Reply(status=302, headers=(("Location", f"http://{meeting.name}{path}"),))
    )
    with serving([meeting, elsewhere]):
        crawls = [[f"http://{meeting.name}/{name}{n}" for n in range(3)] for name in "ab"]
        notes = fetch(f"http://{elsewhere.name}/c", crawls=crawls)["notes"]
    assert {note["status"] for note in notes.values()} == {200}
    assert (meeting.connections, meeting.most_open) == (1, 1)


def test_a_crawl_delay_slows_us_down(loopback, fetch):
    site = loopback.site(
        {
            "/robots.txt": http("User-agent: *\nCrawl-delay: 0.3", content_type="text/plain"),
            "*": http("x"),
        }
    )
    fetch(*(f"{site}/{number}" for number in range(3)))
    assert _kept([asked for asked in loopback.asked if asked.path != "/robots.txt"], 0.3)


def test_robots_txt_is_asked_once_by_every_site_and_obeyed(loopback, fetch):
    def robots(text, status=200, **headers):
        return {"/robots.txt": http(text, status, "text/plain", **headers), "*": http("<p>page")}

    elsewhere = loopback.site({"/rules": http("User-agent: *\nDisallow: /a", content_type="text/plain")})
    hops = {f"/hop{n}": http("", 301, Location=f"/hop{n + 1}") for n in range(9)}
    hops["/hop5"] = http("User-agent: *\nDisallow: /a", content_type="text/plain")
    sites = {
        "none": (loopback.site({"*": http("<p>page")} | robots("", 404)), True),
        "forbidden to read": (loopback.site(robots("", 403)), True),
        "allows": (loopback.site(robots("User-agent: *\nDisallow: /b")), True),
        "forbids": (loopback.site(robots("User-agent: *\nDisallow: /a")), False),
        "names us": (loopback.site(robots("User-agent: yuewatch\nDisallow: /")), False),
        "names others": (loopback.site(robots("User-agent: scrapy\nDisallow: /")), True),
        "elsewhere": (loopback.site(robots("", 302, Location=f"{elsewhere}/rules")), False),
        "five hops": (
            loopback.site(hops | robots("", 301, Location="/hop1") | {"*": http("<p>page")}),
            False,
        ),
        "too many hops": (loopback.site(robots("", 301, Location="/robots.txt")), False),
        "broken": (loopback.site(robots("", 500)), False),
        "busy": (loopback.site(robots("", 503)), False),
        "reset": (loopback.site({"/robots.txt": lambda _: loopback.RESET, "*": http("x")}), False),
        "huge": (loopback.site(robots("User-agent: *\nDisallow: /a\n" + "# filling\n" * 10**5)), False),
        "marked": (loopback.site(robots("\ufeffUser-agent: *\r\nDisallow: /a\r\n")), False),
    }
    notes = fetch(*(f"{site}/{path}" for site, _ in sites.values() for path in ("a1", "a2")))["notes"]
    fetched = {name: "error" not in notes[f"{site}/a1"] for name, (site, _) in sites.items()}
    assert fetched == {name: allowed for name, (_, allowed) in sites.items()}
    for name, (site, allowed) in sites.items():
        asked = [asked.path for asked in loopback.asked if asked.site == site]
        assert asked.count("/robots.txt") == (6 if name == "too many hops" else 1), name
        assert ("/a1" in asked, "/a2" in asked) == (allowed, allowed), name
    forbidden, broken = notes[f"{sites['forbids'][0]}/a1"], notes[f"{sites['broken'][0]}/a1"]
    assert forbidden["error"].endswith("/a1 was not fetched: its robots.txt forbids it")
    assert (forbidden["kind"], forbidden["retryable"]) == ("RobotsRefused", False)
    assert "its robots.txt is unreachable: HTTP 500, which means no fetching (RFC 9309)" in broken["error"]
    assert (broken["kind"], broken["retryable"]) == ("RobotsRefused", True)


def test_a_page_that_redirects_to_another_site_is_subject_to_that_site_s_robots_txt(loopback, fetch):
    closed = loopback.site({"/robots.txt": http("User-agent: *\nDisallow: /"), "*": http("<p>page")})
    site = loopback.site({"/a": http("", 302, Location=f"{closed}/b")})
    note = fetch(f"{site}/a")["notes"][f"{site}/a"]
    assert note["error"] == (
        f"{closed}/b (where {site}/a redirects to) was not fetched: its robots.txt forbids it"
    )
    assert loopback.paths(closed) == []


@pytest.mark.parametrize(
    ("status", "header"), [(429, {}), (429, {"Retry_After": "7"}), (503, {"Retry_After": "7"})]
)
def test_a_host_that_asks_for_patience_gets_no_further_request_and_others_do(loopback, fetch, status, header):
    busy = loopback.site({"*": http("", status, **header), "/robots.txt": http("", 404)})
    other = loopback.site({"*": http("<p>page")})
    before = datetime.now(UTC)
    result = fetch(*(f"{busy}/{number}" for number in range(5)), f"{other}/a")
    assert len(loopback.paths(busy)) == 1
    assert result["notes"][f"{other}/a"]["status"] == 200
    kinds = sorted(note["kind"] for url, note in result["notes"].items() if url.startswith(busy))
    assert kinds == ["FetchError", *["HostHeld"] * 4]
    (host, (until, reason)) = next(iter(result["held"].items()))
    assert (host, reason) == (busy.removeprefix("http://"), f"HTTP {status}")
    assert datetime.fromisoformat(until) >= before + timedelta(seconds=7 if header else 300)


def test_a_robots_txt_that_asks_for_patience_holds_the_host(loopback, fetch):
    busy = loopback.site({"*": http("", 429, Retry_After="60")})
    result = fetch(f"{busy}/1", f"{busy}/2")
    assert [asked.path for asked in loopback.asked] == ["/robots.txt"]
    assert {note["retryable"] for note in result["notes"].values()} == {True}
    assert list(result["held"]) == [busy.removeprefix("http://")]


def test_a_host_held_from_before_is_not_even_asked_for_its_robots_txt(loopback, fetch):
    site = loopback.site({"*": http("<p>page")})
    note = fetch(f"{site}/a", hold={site.removeprefix("http://"): 3600})["notes"][f"{site}/a"]
    assert note["kind"] == "HostHeld"
    assert "asked us to stay away until" in note["error"]
    assert loopback.asked == []


def test_every_request_says_who_asks_and_carries_nothing_that_is_not_needed(loopback, fetch):
    def bake(_):
        return http("", 302, Location="/landing", Set_Cookie="id=1; Path=/")

    site = loopback.site({"/a": bake, "*": http("<p>page")})
    fetch(f"{site}/a", f"{site}/b")
    assert len(loopback.asked) == 4
    for asked in loopback.asked:
        assert asked.headers["user-agent"].startswith("yuewatch/")
        assert set(asked.headers) == {"host", "user-agent", "accept", "accept-language", "accept-encoding"}


def test_a_proxy_in_the_environment_does_not_hide_addresses_from_the_guard(loopback, fetch_with):
    proxy = loopback.site({"*": http("<p>by proxy")})
    names = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy")
    note = fetch_with(**dict.fromkeys(names, proxy))("http://10.0.0.1/a")["notes"]["http://10.0.0.1/a"]
    assert note["kind"] == "AddressRefused"
    assert loopback.asked == []


def _certificate(folder, *, name="127.0.0.1", days=1):
    """Make a self-signed certificate for a loopback address, valid until `days` from now."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(name))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}{days}.pem"
    file.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return file


def _context(file, version=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    if version is not None:
        context.maximum_version = version
    return context


def test_only_certificates_that_hold_are_accepted(loopback, fetch_with, tmp_path):
    good = _certificate(tmp_path)
    others = {
        "self-signed": _certificate(tmp_path, days=2),
        "expired": _certificate(tmp_path, days=-1),
        "for another address": _certificate(tmp_path, name="127.0.0.2"),
    }
    trusted = tmp_path / "trusted.pem"
    trusted.write_bytes(
        good.read_bytes() + others["expired"].read_bytes() + others["for another address"].read_bytes()
    )
    pages = {"*": http("<p>page")}
    site = loopback.site(pages, ssl=_context(good))
    bad = {name: loopback.site(pages, ssl=_context(file)) for name, file in others.items()}
    urls = [f"{address}/a" for address in (site, *bad.values())]
    notes = fetch_with(SSL_CERT_FILE=str(trusted))(*urls)["notes"]
    assert notes.pop(f"{site}/a")["status"] == 200
    told = {name: notes[f"{bad[name]}/a"]["error"].split("unreachable: ")[1].split(",")[0] for name in bad}
    assert told == {
        "self-signed": "its TLS certificate is not valid",
        "expired": "its TLS certificate is not valid",
        "for another address": "its TLS certificate is for another host",
    }
    assert {asked.site for asked in loopback.asked} == {site}
