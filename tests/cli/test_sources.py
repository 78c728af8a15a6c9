"""`yuewatch sources`: find a source, add it, look at it, switch it."""

from __future__ import annotations

import json

import makes
import pytest
from loopback import http
from press import page, rss, story

OPML = '<opml version="2.0"><body><outline text="Harbour" xmlUrl="https://h.example/feed"/></body></opml>'


def test_a_probed_site_is_written_as_an_entry_that_check_accepts(loopback, desk):
    desk.write()
    found = desk.run("sources", "probe", makes.post_portal(loopback), "--write", "found.yaml", "--json")
    assert found.code == 0, found.err
    findings = json.loads(found.out)
    assert findings["candidates"][0]["works"]
    assert findings["robots"] == "allowed (404)"
    assert "post_" in (desk.folder / "found.yaml").read_text()
    added = desk.here("sources", "add", "found.yaml", "--id", "portal")
    assert added.out.startswith("source portal was added")
    assert desk.here("check").code == 0
    assert [row["id"] for row in desk.rows("sources", "list", "--json")] == ["portal"]


def test_a_site_without_news_is_said_to_have_none_and_nothing_is_written(loopback, desk):
    desk.write()
    before = desk.file.read_text()
    outcome = desk.run("sources", "add", makes.login_wall(loopback))
    assert outcome.code == 1
    assert "asks for a login" in outcome.err
    assert desk.file.read_text() == before


def test_a_trial_shows_what_a_source_brings_and_stores_nothing(loopback, desk):
    pages = {"/1.html": page(story(1))}
    site = loopback.site(pages)
    pages["/feed"] = rss(site, {"/1.html": story(1)})
    desk.write(sources=[{"id": "good", "kind": "feed", "url": f"{site}/feed"}])
    outcome = desk.run("sources", "test", "good")
    assert outcome.code == 0, outcome.err
    assert "1 of 1 articles read well" in outcome.out
    assert not desk.state.exists()


def test_a_trial_says_what_is_wrong_in_plain_words(loopback, desk):
    site = loopback.site({"/feed": http("<html><title>Log in</title></html>")})
    desk.write(sources=[{"id": "bad", "kind": "feed", "url": f"{site}/feed", "enabled": False}])
    outcome = desk.run("sources", "test", "bad", "--json")
    assert outcome.code == 1
    assert 'an HTML page titled "Log in" came' in json.loads(outcome.out)["trouble"]


def test_sources_are_switched_where_they_stand_and_those_of_the_pack_by_a_copy(desk):
    desk.write(pack="guangdong_ai", pack_sources=["gdii-notices"], sources=[{"id": "own", "kind": "feed", "url": "https://o.example/"}])  # fmt: skip
    outcome = desk.here("sources", "disable", "own", "gdii-notices")
    assert outcome.code == 0, outcome.err
    rows = {row["id"]: row for row in desk.rows("sources", "list", "--all", "--json")}
    assert not rows["own"]["enabled"]
    assert not rows["gdii-notices"]["enabled"]
    assert rows["gdii-notices"]["role"] == "issuer"
    desk.here("sources", "enable", "gdii-notices")
    assert [row["id"] for row in desk.rows("sources", "list", "--json")] == ["gdii-notices"]
    assert desk.here("sources", "enable", "gdii-notices").code == 3
    assert desk.here("sources", "disable", "nobody").code == 4


def test_feeds_come_and_go_as_opml(desk):
    desk.write()
    (desk.folder / "their.opml").write_text(OPML)
    assert "1 of 1 feeds were added" in desk.here("sources", "import-opml", "their.opml").out
    assert desk.here("sources", "import-opml", "their.opml").code == 3
    exported = desk.here("sources", "export-opml").out
    assert 'xmlUrl="https://h.example/feed"' in exported
    (desk.folder / "evil.opml").write_text('<!DOCTYPE x [<!ENTITY y "z">]>' + OPML)
    assert desk.here("sources", "import-opml", "evil.opml").code == 4


def test_without_a_configuration_file_there_is_nothing_to_change(desk):
    outcome = desk.run("sources", "disable", "own")
    assert outcome.code == 4
    assert "there is no configuration file" in outcome.err


@pytest.mark.parametrize(
    "address", ["ftp://h.example/", "news.example", "http://", "http://[", "https://h.example:x/"]
)
def test_what_is_no_address_is_not_probed(desk, address):
    desk.write()
    outcome = desk.here("sources", "probe", address)
    assert outcome.code == 4
    assert "write the whole address" in outcome.err
