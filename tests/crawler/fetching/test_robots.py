"""What robots.txt says, by RFC 9309, and what its absence means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawler.fetching.robots import KEPT, MAX_BYTES, RobotsMemory, read_robots, unreachable

AGENT = "yuewatch"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def _allows(text, path, status=200):
    body = text if isinstance(text, bytes) else text.encode()
    return read_robots(status, body, NOW).verdict(f"https://gd.example{path}", AGENT) is None


# (robots.txt, path, whether it may be fetched)
CASES = {
    "nothing at all": ("", "/", True),
    "an empty disallow": ("User-agent: *\nDisallow:", "/a", True),
    "everything": ("User-agent: *\nDisallow: /", "/a", False),
    "everything, but robots.txt itself may always be asked for": (
        "User-agent: *\nDisallow: /",
        "/robots.txt",
        True,
    ),
    "a folder": ("User-agent: *\nDisallow: /private/", "/private/a", False),
    "beside the folder": ("User-agent: *\nDisallow: /private/", "/privateer", True),
    "a prefix": ("User-agent: *\nDisallow: /pri", "/privateer", False),
    "paths are case-sensitive": ("User-agent: *\nDisallow: /Private", "/private", True),
    "somebody else's group": ("User-agent: otherbot\nDisallow: /", "/a", True),
    "our group wins over everybody's": (
        "User-agent: *\nDisallow: /\n\nUser-agent: yuewatch\nAllow: /",
        "/a",
        True,
    ),
    "our group wins wherever it stands": (
        "User-agent: yuewatch\nDisallow: /\n\nUser-agent: *\nAllow: /",
        "/a",
        False,
    ),
    "our name in other case": ("User-agent: YueWatch\nDisallow: /", "/a", False),
    "a name that merely begins ours": ("User-agent: yuewatcher\nDisallow: /", "/a", True),
    "several names, one group": ("User-agent: otherbot\nUser-agent: yuewatch\nDisallow: /", "/a", False),
    "two groups of ours are one": (
        "User-agent: yuewatch\nDisallow: /a\n\nUser-agent: x\nDisallow: /\n\nUser-agent: yuewatch\nDisallow: /b",
        "/b",
        False,
    ),
    "an empty line does not end a group": ("User-agent: yuewatch\n\nDisallow: /", "/a", False),
    "the longest match wins": ("User-agent: *\nDisallow: /a/\nAllow: /a/b/", "/a/b/c", True),
    "the longest match wins the other way": ("User-agent: *\nAllow: /a/\nDisallow: /a/b/", "/a/b/c", False),
    "of equals, allow wins": ("User-agent: *\nDisallow: /page\nAllow: /page", "/page", True),
    "a star in the middle": ("User-agent: *\nDisallow: /*/print", "/news/2026/print", False),
    "a star at the end says nothing more": ("User-agent: *\nDisallow: /a*", "/abc", False),
    "an end mark": ("User-agent: *\nDisallow: /*.pdf$", "/files/plan.pdf", False),
    "an end mark that is not the end": ("User-agent: *\nDisallow: /*.pdf$", "/files/plan.pdf.html", True),
    "a query": ("User-agent: *\nDisallow: /*?print=", "/a?print=1", False),
    "without the query": ("User-agent: *\nDisallow: /*?print=", "/a", True),
    "Chinese as it is": ("User-agent: *\nDisallow: /新闻/", "/%E6%96%B0%E9%97%BB/1", False),
    "Chinese encoded": ("User-agent: *\nDisallow: /%E6%96%B0%E9%97%BB/", "/%E6%96%B0%E9%97%BB/1", False),
    "encoding in other case": ("User-agent: *\nDisallow: /%e6%96%b0/", "/%E6%96%B0/1", False),
    "a letter encoded for no reason": ("User-agent: *\nDisallow: /%61bc", "/abc", False),
    "directives in any case": ("USER-AGENT: *\nDISALLOW: /", "/a", False),
    "spaces around": ("  User-agent :  *  \n  Disallow :   /a  ", "/a", False),
    "no space": ("User-agent:*\nDisallow:/", "/a", False),
    "comments": ("User-agent: * # all\nDisallow: /a # not this\n# Disallow: /b", "/a", False),
    "a comment forbids nothing": ("User-agent: *\n# Disallow: /b", "/b", True),
    "lines ending in CRLF": ("User-agent: *\r\nDisallow: /\r\n", "/a", False),
    "lines ending in CR": ("User-agent: *\rDisallow: /\r", "/a", False),
    "a byte order mark": (b"\xef\xbb\xbfUser-agent: *\nDisallow: /", "/a", False),
    "rules before any group": ("Disallow: /\nUser-agent: otherbot\nDisallow: /x", "/a", True),
    "unknown directives": ("User-agent: *\nNoindex: /a\nDisallow: /b", "/b", False),
    "a sitemap line does not end a group": (
        "User-agent: *\nSitemap: https://gd.example/s.xml\nDisallow: /",
        "/a",
        False,
    ),
    "a crawl delay does not end a group": ("User-agent: *\nCrawl-delay: 5\nDisallow: /", "/a", False),
    "an HTML page in its place": ("<!doctype html><title>Welcome</title><p>Disallow", "/a", True),
    "bytes that are no text": (b"\x00\xff\xfe\x80" * 100, "/a", True),
    "bytes that are no text before a rule": (b"# \xff\xfe\nUser-agent: *\nDisallow: /", "/a", False),
}


@pytest.mark.parametrize("case", CASES)
def test_a_robots_txt_says(case):
    text, path, allowed = CASES[case]
    assert _allows(text, path) is allowed


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 418, 451, 499])
def test_a_site_without_a_robots_txt_allows_everything_whatever_the_error_page_says(status):
    assert _allows("User-agent: *\nDisallow: /", "/a", status)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 521, 599])
def test_a_robots_txt_that_cannot_be_had_forbids_everything_for_a_while(status):
    robots = read_robots(status, b"User-agent: *\nAllow: /", NOW)
    assert f"unreachable: HTTP {status}" in robots.verdict("https://gd.example/a", AGENT)
    assert NOW < robots.until < NOW + timedelta(hours=1)


def test_a_redirect_that_leads_nowhere_counts_as_none():
    assert _allows("User-agent: *\nDisallow: /", "/a", 302)


def test_rules_beyond_500_kib_are_not_read_and_those_before_are():
    filler = b"# a line of filling\n" * (MAX_BYTES // 20)
    assert not _allows(b"User-agent: *\nDisallow: /early\n" + filler + b"Disallow: /late\n", "/early")
    assert _allows(b"User-agent: *\nDisallow: /early\n" + filler + b"Disallow: /late\n", "/late")


def test_a_rule_that_the_limit_cuts_in_half_is_no_rule():
    start = b"User-agent: *\nDisallow: /early\n"
    rule = b"Disallow: /only/this/page\n"
    filler = b"#" * (MAX_BYTES - len(start) - 13) + b"\n"
    body = start + filler + rule
    assert body[:MAX_BYTES].endswith(b"Disallow: /o")
    assert _allows(body, "/other")
    assert not _allows(body, "/early")


def test_half_a_character_at_the_limit_does_no_harm():
    body = b"User-agent: *\nDisallow: /early\n#" + "新".encode() * (MAX_BYTES // 2)
    assert not _allows(body, "/early")


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        ("User-agent: *\nCrawl-delay: 5", 5.0),
        ("User-agent: *\nCrawl-delay: 0.5", 0.5),
        ("User-agent: *\nCrawl-delay: 1\n\nUser-agent: yuewatch\nCrawl-delay: 9", 9.0),
        ("User-agent: otherbot\nCrawl-delay: 5", None),
        ("User-agent: *\nCrawl-delay: soon", None),
        ("User-agent: *\nCrawl-delay: -5", None),
        ("User-agent: *\nCrawl-delay: inf", None),
        ("User-agent: *\nCrawl-delay: nan", None),
        ("User-agent: *\nCrawl-delay: 1e9", 1e9),
        ("User-agent: *\nDisallow: /", None),
    ],
)
def test_a_crawl_delay_is_read_for_us(text, delay):
    assert read_robots(200, text.encode(), NOW).crawl_delay(AGENT) == delay


def test_a_verdict_is_kept_for_a_day_and_then_asked_for_anew():
    memory = RobotsMemory()
    fresh = read_robots(200, b"", datetime.now(UTC))
    stale = read_robots(200, b"", datetime.now(UTC) - KEPT)
    memory.put("https://gd.example", fresh)
    memory.put("https://sz.example", stale)
    assert memory.get("https://gd.example") is fresh
    assert memory.get("https://sz.example") is None
    assert memory.get("http://gd.example") is None  # another scheme is another site


def test_verdicts_that_are_too_old_do_not_pile_up():
    memory = RobotsMemory()
    for number in range(100):
        memory.put(f"https://{number}.example", unreachable("gone", datetime.now(UTC) - timedelta(days=2)))
    assert len(memory._known) == 1
