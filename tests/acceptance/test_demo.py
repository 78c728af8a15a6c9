"""The demo is the product in small: a stranger's first minute with it must be true."""

import json
import os
import random
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime
from functools import cache

import pytest

from crawler.configuration.load import load_configuration
from crawler.station import build_ingest
from state import articles, stories
from state.database import open_reader, open_writer

PATIENCE = 500
"""Seconds: the demo itself waits two minutes at most for whatever should happen."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    playing = subprocess.Popen(
        [sys.executable, "-m", "crawler", "demo", "--folder", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        out, err = playing.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(playing.pid, signal.SIGKILL)  # its daemon, too
        out, err = playing.communicate()
        pytest.fail(f"the demo did not end within {PATIENCE} s:\n{out}{err}")
    return folder, subprocess.CompletedProcess(playing.args, playing.returncode, out, err)


def export(demo, noun):
    return _export(demo[0], noun)


@cache
def _export(folder, noun):
    command = [sys.executable, "-m", "crawler", "--config", str(folder / "yuewatch.yaml"), "export", noun]
    out = subprocess.run(command, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in out.stdout.splitlines()]


def test_it_ends_by_itself_and_says_what_to_type_next(demo):
    _, done = demo
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Now try:" in done.stdout
    assert "ended with code 0" in done.stdout
    assert "in vain" not in done.stdout


def test_every_page_on_show_is_read_and_none_that_robots_txt_forbids(demo):
    _, done = demo
    assert "not read" not in done.stdout
    assert "read against robots.txt" not in done.stdout


def test_a_delivery_that_failed_once_arrives_under_the_same_id(demo):
    _, done = demo
    assert "is answered 503, to be tried again" in done.stdout
    assert "is refused with 451, to be tried again" in done.stdout
    assert "0 seen twice by id" in done.stdout
    states = {delivery["state"] for alert in export(demo, "alerts") for delivery in alert["deliveries"]}
    assert states == {"delivered", "held"}


def test_an_endpoint_that_fails_is_left_alone_and_recovers(demo):
    _, done = demo
    assert "destination desk-hook is left alone for a while after" in done.stdout
    assert "destination desk-hook takes messages again" in done.stdout


def test_a_burst_comes_in_one_mail_and_a_digest_once_a_day(demo):
    _, done = demo
    assert re.search(r"mail to team arrives: \d条新闻：", done.stdout)
    assert done.stdout.count("mail to chief arrives") <= 1
    reasons = {
        alert["reason"]
        for alert in export(demo, "alerts")
        for delivery in alert["deliveries"]
        if delivery["state"] == "held"
    }
    assert reasons == {"digest"}


def test_what_is_muted_is_stored_and_told_to_nobody(demo):
    muted = [alert for alert in export(demo, "alerts") if alert["reason"] == "muted"]
    assert {alert["subscription"] for alert in muted} == {"everything"}
    assert all(alert["deliveries"] == [] for alert in muted)


def test_a_source_that_breaks_is_told_of_and_comes_back(demo):
    _, done = demo
    assert "source daily-en fails" in done.stdout
    assert "source daily-en works again" in done.stdout


def test_a_list_that_was_rebuilt_is_reported_repaired_and_well_again(demo):
    _, done = demo
    told = [line.strip() for line in done.stdout.splitlines()]
    opened = next(at for at, line in enumerate(told) if line.startswith("? finding on portal-notices opened"))
    proposed = next(at for at, line in enumerate(told) if line.startswith("proposed: item: "))
    closed = told.index("? finding on portal-notices closed")
    assert opened < proposed < closed
    assert "3 of 3 articles read well:" in told[proposed:closed]


def test_first_contact_alerts_nobody(demo):
    baseline = [alert for alert in export(demo, "alerts") if alert["reason"] == "baseline"]
    assert baseline
    assert all(alert["deliveries"] == [] for alert in baseline)


def test_the_result_agrees_with_the_newsrooms_own_notes(demo):
    _, done = demo
    assert "everything agrees" in done.stdout, done.stdout[-2000:]


@pytest.mark.parametrize("order", range(6))
def test_stories_are_the_same_in_whatever_order_articles_arrive(demo, tmp_path, order):
    folder, _ = demo
    configuration = load_configuration(folder / "yuewatch.yaml")
    with open_reader(configuration.state) as db:
        read = [articles.article_of(row) for row in articles.every(db)]
        expected = _grouped(db, read)
    random.Random(order).shuffle(read)
    ingest = build_ingest(configuration)
    with open_writer(tmp_path / "state.db") as db:
        for article in read:
            with db.atomic():
                ingest.article(db, article, "live", datetime.now(UTC))
        assert _grouped(db, read) == expected


def _grouped(db, read):
    by_story = {}
    for article in read:
        by_story.setdefault(stories.of_article(db, article.url), set()).add(article.url)
    return {frozenset(urls) for urls in by_story.values()}


def test_doubled_bodies_are_folded(demo):
    folded = [article for article in export(demo, "articles") if article["folded"]["copies"]]
    assert {article["source"] for article in folded} == {"quayside"}


def test_every_alert_quotes_a_sentence_of_its_article(demo):
    texts = {article["url"]: article for article in export(demo, "articles")}
    matches = {(match["url"], match["rule"]): match for match in export(demo, "matches")}
    alerts = export(demo, "alerts")
    assert alerts
    for alert in alerts:
        match = matches[alert["url"], alert["rule"]]
        for item in match["evidence"]:
            said = texts[alert["url"]][item["where"]]
            assert said[item["start"] : item["end"]] == item["sentence"]


def test_nobody_is_told_twice_of_one_story(demo):
    told = [(alert["story_id"], alert["subscription"], alert["rule"]) for alert in export(demo, "alerts")]
    assert len(told) == len(set(told))
