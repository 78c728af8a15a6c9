"""RFC 9309, sentence by sentence: each case names the section it comes from."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.fetching.robots import KEPT, MAX_BYTES, read_robots

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ALL = "User-agent: *\n"


def _allows(body, path, status=200):
    body = body if isinstance(body, bytes) else body.encode()
    return read_robots(status, body, NOW).verdict(f"https://gd.example{path}", "yuewatch") is None


# section, robots.txt, path, whether it may be fetched
CASES = [
    # 2.2.1 the user-agent line
    ("2.2.1 our token among comments", "User-agent: yuewatch # hello\nDisallow: /", "/a", False),
    ("2.2.1 case of our token", "user-agent: YUEWATCH\ndisallow: /", "/a", False),
    ("2.2.1 a longer token is another's", "User-agent: yuewatch-news\nDisallow: /", "/a", True),
    (
        "2.2.1 three groups of ours are merged",
        "User-agent: yuewatch\nDisallow: /a\n\nUser-agent: yuewatch\nDisallow: /b\n\nUser-agent: yuewatch\nDisallow: /c",
        "/c",
        False,
    ),
    (
        "2.2.1 a merged group keeps its allows",
        "User-agent: yuewatch\nDisallow: /a\n\nUser-agent: yuewatch\nAllow: /a/b",
        "/a/b",
        True,
    ),
    ("2.2.1 two groups of all are merged", ALL + "Disallow: /a\n\n" + ALL + "Disallow: /b", "/a", False),
    (
        "2.2.1 no group of ours, none of all",
        "User-agent: a\nDisallow: /\n\nUser-agent: b\nDisallow: /",
        "/x",
        True,
    ),
    (
        "2.2.1 an empty group of ours frees us",
        "User-agent: yuewatch\n\nUser-agent: *\nDisallow: /",
        "/x",
        False,
    ),
    (
        "2.2.1 all, ours after others'",
        "User-agent: a\nUser-agent: b\nUser-agent: yuewatch\nDisallow: /x",
        "/x",
        False,
    ),
    # 2.2.2 allow and disallow
    ("2.2.2 no rule matches", ALL + "Disallow: /a", "/b", True),
    ("2.2.2 the longest wins, first", ALL + "Allow: /a/b/c\nDisallow: /a/b", "/a/b/c/d", True),
    ("2.2.2 the longest wins, last", ALL + "Disallow: /a/b\nAllow: /a/b/c", "/a/b/c/d", True),
    ("2.2.2 the longest wins over order", ALL + "Allow: /\nDisallow: /secret", "/secret/x", False),
    ("2.2.2 equal length, allow wins", ALL + "Allow: /a\nDisallow: /a", "/a", True),
    ("2.2.2 equal length, allow wins last", ALL + "Disallow: /a\nAllow: /a", "/a", True),
    ("2.2.2 an empty allow says nothing", ALL + "Allow:\nDisallow: /a", "/a", False),
    ("2.2.2 an empty disallow says nothing", ALL + "Disallow:\nDisallow: /a", "/a", False),
    ("2.2.2 from the first octet", ALL + "Disallow: /b", "/a/b", True),
    ("2.2.2 case counts in paths", ALL + "Disallow: /ABC", "/abc", True),
    ("2.2.2 the query counts", ALL + "Disallow: /a?x=1", "/a?x=1&y=2", False),
    ("2.2.2 the query counts, other", ALL + "Disallow: /a?x=1", "/a?x=2", True),
    ("2.2.2 robots.txt may be fetched", ALL + "Disallow: /", "/robots.txt", True),
    ("2.2.2 a folder with its slash", ALL + "Disallow: /a/", "/a", True),
    ("2.2.2 percent and plain are one", ALL + "Disallow: /foo/bar?baz=%74", "/foo/bar?baz=t", False),
    ("2.2.2 UTF-8 against percent", ALL + "Disallow: /foo/bar/ツ", "/foo/bar/%E3%83%84", False),
    (
        "2.2.2 percent against UTF-8 encoded",
        ALL + "Disallow: /foo/bar/%E3%83%84",
        "/foo/bar/%E3%83%84",
        False,
    ),
    ("2.2.2 a reserved octet stays encoded", ALL + "Disallow: /a%2Fb", "/a/b", True),
    ("2.2.2 a reserved octet matches itself", ALL + "Disallow: /a%2Fb", "/a%2Fb", False),
    ("2.2.2 an encoded letter in the path", ALL + "Disallow: /abc", "/%61bc", False),
    ("2.2.2 Chinese in the path", ALL + "Disallow: /政策", "/%E6%94%BF%E7%AD%96/1", False),
    # 2.2.3 special characters
    ("2.2.3 # ends a rule", ALL + "Disallow: /a#b", "/a", False),
    ("2.2.3 $ is the end", ALL + "Disallow: /a$", "/a", False),
    ("2.2.3 $ is not before the end", ALL + "Disallow: /a$", "/ab", True),
    ("2.2.3 $ after a slash", ALL + "Disallow: /$", "/", False),
    ("2.2.3 only the root", ALL + "Disallow: /$", "/a", True),
    ("2.2.3 $ in the middle is itself", ALL + "Disallow: /a$b", "/a$b", False),
    ("2.2.3 * matches nothing too", ALL + "Disallow: /a*b", "/ab", False),
    ("2.2.3 * matches much", ALL + "Disallow: /a*b", "/a/x/y/z/b/c", False),
    ("2.2.3 * needs what follows", ALL + "Disallow: /a*b", "/acd", True),
    ("2.2.3 two stars", ALL + "Disallow: /*/print/*.html", "/x/print/y/z.html", False),
    ("2.2.3 stars in a row", ALL + "Disallow: /a**b", "/axb", False),
    ("2.2.3 a star and the end", ALL + "Disallow: /*.doc$", "/a/b.doc", False),
    ("2.2.3 a star and not the end", ALL + "Disallow: /*.doc$", "/a/b.docx", True),
    ("2.2.3 a star and the end, last one counts", ALL + "Disallow: /*.doc$", "/a.doc/b.doc", False),
    ("2.2.3 a star before the query", ALL + "Disallow: /*?", "/a?b", False),
    ("2.2.3 a star before the query, none", ALL + "Disallow: /*?", "/a", True),
    ("2.2.3 an encoded star is a star's letter", ALL + "Disallow: /a%2Ab", "/axb", True),
    ("2.2.3 an encoded dollar is a letter", ALL + "Disallow: /a%24", "/a", True),
    ("2.2.3 many stars end in time", ALL + "Disallow: /" + "*a" * 30 + "b", "/" + "a" * 200, True),
    # 2.2.4 other records
    (
        "2.2.4 a sitemap between",
        ALL + "Disallow: /a\nSitemap: https://gd.example/s.xml\nDisallow: /b",
        "/b",
        False,
    ),
    ("2.2.4 an unknown record between", ALL + "Clean-param: x\nDisallow: /b", "/b", False),
    (
        "2.2.4 a sitemap between names",
        "User-agent: x\nSitemap: https://gd.example/s.xml\nUser-agent: yuewatch\nDisallow: /",
        "/b",
        False,
    ),
    # 2.3 what is served
    ("2.3 LF", "User-agent: *\nDisallow: /a\nDisallow: /b", "/b", False),
    ("2.3 CRLF", "User-agent: *\r\nDisallow: /a\r\nDisallow: /b", "/b", False),
    ("2.3 CR", "User-agent: *\rDisallow: /a\rDisallow: /b", "/b", False),
    ("2.3 mixed ends of lines", "User-agent: *\r\nDisallow: /a\rDisallow: /b\nDisallow: /c", "/c", False),
    ("2.3 a byte order mark", b"\xef\xbb\xbfUser-agent: *\nDisallow: /a", "/a", False),
    ("2.3 NUL within", b"User-agent: *\nDisallow: /a\n\x00\x00\nDisallow: /b", "/b", False),
    ("2.3 GB18030 in a comment", ALL.encode() + "# 禁止\n".encode("gb18030") + b"Disallow: /a", "/a", False),
    ("2.3 tabs", "User-agent:\t*\nDisallow:\t/a\t", "/a", False),
    # 2.4, 2.5, 3
    ("2.5 at 500 KiB less a rule", ALL.encode() + b"#" * (MAX_BYTES - 40) + b"\nDisallow: /a\n", "/a", False),
    ("2.5 behind 500 KiB", ALL.encode() + b"#" * MAX_BYTES + b"\nDisallow: /a\n", "/a", True),
    (
        "2.5 a megabyte of rules, early",
        ALL.encode() + b"Disallow: /a\n" + b"Disallow: /x\n" * 90_000,
        "/a",
        False,
    ),
]


@pytest.mark.parametrize(
    ("text", "path", "allowed"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_rule_of_section_2_2(text, path, allowed):
    assert _allows(text, path) is allowed


@pytest.mark.parametrize("status", [status for status in range(400, 500) if status != 429])
def test_section_2_3_1_3_unavailable_means_that_everything_may_be_fetched(status):
    robots = read_robots(status, b"User-agent: *\nDisallow: /", NOW)
    assert robots.verdict("https://gd.example/a", "yuewatch") is None
    assert robots.until <= NOW + KEPT


@pytest.mark.parametrize("status", [429, *range(500, 600)])
def test_section_2_3_1_4_unreachable_means_that_nothing_may_be_fetched(status):
    assert not _allows("User-agent: *\nAllow: /", "/a", status)
