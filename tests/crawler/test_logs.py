"""Log lines: structured, without secrets, without what could fool a terminal."""

from __future__ import annotations

import json
import logging

import pytest
import structlog

from crawler.logs import clean, configure_logging


@pytest.fixture
def lines(capsys):
    """Give what was logged so far, as JSON."""
    return lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]


@pytest.fixture
def log():
    """Log as a JSON-writing daemon does; set up inside the test, because pytest swaps streams between phases."""

    def opened(level="info"):
        configure_logging(level, "json")
        return structlog.get_logger("yuewatch.test")

    return opened


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("https://user:hunter2@gd.example/a", "https://***@gd.example/a"),
        ("smtp://user@gd.example:25", "smtp://***@gd.example:25"),
        ("write to a@gd.example", "write to a@gd.example"),
        ("https://h.example/send?key=abc&to=1", "https://h.example/send?key=***&to=1"),
        ("https://h.example/send?to=1&access_token=abc", "https://h.example/send?to=1&access_token=***"),
        ("https://h.example/?SIGN=abc&timestamp=1", "https://h.example/?SIGN=***&timestamp=1"),
        ("https://h.example/?client_secret=a b", "https://h.example/?client_secret=*** b"),
        (
            "two https://a:b@x.example/ and https://c:d@y.example/",
            "two https://***@x.example/ and https://***@y.example/",
        ),
        ("\x1b[31mred\x1b[0m", "\ufffd[31mred\ufffd[0m"),
        ("abc\u202egpj.exe", "abc\ufffdgpj.exe"),
        ("a\x00b\x7fc\x9bd", "a\ufffdb\ufffdc\ufffdd"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("广东省 “人工智能+” 🤖", "广东省 “人工智能+” 🤖"),
    ],
)
def test_secrets_and_control_characters_are_taken_out(text, cleaned):
    assert clean(text) == cleaned


def test_a_line_is_one_json_object_with_time_level_and_origin(log, lines):
    log().info("poll failed", source="gd", failures=3, due=None)
    (line,) = lines()
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "poll failed",
        "level": "info",
        "logger": "yuewatch.test",
        "source": "gd",
        "failures": 3,
        "due": None,
    }


def test_every_value_is_cleaned_however_deep_it_lies_and_whatever_it_is(log, lines):
    secret = "https://user:hunter2@gd.example/?token=hunter2"
    log().warning(
        f"asking {secret}",
        url=secret,
        urls=[secret, {"deep": (secret,)}],
        error=ValueError(secret),
        names={secret},
    )
    (line,) = lines()
    assert "hunter2" not in json.dumps(line)
    assert line["urls"] == [
        "https://***@gd.example/?token=***",
        {"deep": ["https://***@gd.example/?token=***"]},
    ]


def test_tracebacks_and_the_lines_of_libraries_are_cleaned_too(log, lines):
    try:
        int("https://user:hunter2@gd.example/\x1b[2J")
    except ValueError:
        log().exception("round failed", host="gd.example")
    logging.getLogger("some.library").warning("cannot reach %s", "https://user:hunter2@gd.example/")
    ours, theirs = lines()
    assert "ValueError: invalid literal" in ours["exception"]
    assert "https://***@gd.example/" in ours["exception"]
    assert theirs["event"] == "cannot reach https://***@gd.example/"
    assert theirs["level"] == "warning"


def test_no_text_can_begin_a_line_of_its_own(log, lines):
    log().info("title", title='x\n{"event": "alert sent"}\r\u2028y')
    assert [line["event"] for line in lines()] == ["title"]


def test_libraries_are_quiet_below_warnings_and_levels_are_kept(log, lines):
    ours = log()
    for name in ("scrapy.core.engine", "apscheduler.scheduler", "twisted", "trafilatura.core"):
        logging.getLogger(name).info("chatter")
    ours.debug("detail")
    assert lines() == []
    ours = log("error")
    logging.getLogger("scrapy.core.engine").warning("chatter")
    ours.error("trouble")
    assert [line["event"] for line in lines()] == ["trouble"]


def test_people_get_lines_for_people(capsys):
    configure_logging("info", "console")
    structlog.get_logger("yuewatch.test").info("poll failed", source="gd")
    told = capsys.readouterr().err
    assert "poll failed" in told
    assert not told.startswith("{")


def test_setting_up_twice_does_not_log_twice(log, lines):
    log()
    log().info("once")
    assert len(lines()) == 1
