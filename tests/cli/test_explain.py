"""`yuewatch explain`: how far an article came, and why it did or did not alert."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta

import pytest
from desk import Desk
from press import page, story

from state import leads, pages, sources
from state.records import Lead, Page
from state.writer import Writer

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


@pytest.fixture
def explain(desk):
    def run(target, *words):
        outcome = desk.here("explain", "--json", target, *words)
        assert outcome.code == 0, outcome.err
        (shape,) = outcome.rows
        assert set(shape) >= {"article", "story", "matches", "verdict"}
        return shape

    return run


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """Prepare a state with one address in each state that an address can be in."""
    desk = Desk(tmp_path_factory.mktemp("prepared"))
    desk.write(subscriptions=[{"id": "me"}])
    rows = [
        {"url": "https://gd.example/event", "title": story(1), "text": f"{story(1)}."},
        {"url": "https://gd.example/quiet", "title": story(2, event=False), "text": "Nothing happened."},
    ]
    desk.here("import", "-", given="\n".join(map(json.dumps, rows)).encode())

    def write(db):
        sources.register(db, "gd", "https://gd.example/feed", NOW)
        names = ("waiting", "tried", "gone", "failed", "unread", "quarantined")
        found = {
            name: Lead(f"https://gd.example/{name}", f"https://gd.example/{name}", "gd") for name in names
        }
        leads.add(db, found.values(), "live", NOW)
        leads.mark_failed(db, found["tried"].key, "HTTP 500", NOW + timedelta(minutes=5))
        leads.mark_gone(db, found["gone"].key, "robots.txt forbids it")
        leads.mark_failed(db, found["failed"].key, "HTTP 404", None)
        for name in ("unread", "quarantined"):
            lead = found[name]
            pages.store(db, Page(lead.url, lead.url, b"<p>", NOW), lead, "live", NOW)
            leads.mark_done(db, lead.key)
        pages.mark_unreadable(db, found["quarantined"].key, "there is no article in it", again=False)

    with Writer(desk.state) as writer:
        writer.run_now(write)
    return desk.state


@pytest.fixture
def known(prepared, desk):
    desk.write(subscriptions=[{"id": "me"}])
    shutil.copy(prepared, desk.state)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("event", "import"),
        ("quiet", "no rule matched"),
        ("waiting", "its page is waiting after 0 tries: not fetched yet"),
        ("tried", "its page is waiting after 1 tries: HTTP 500"),
        ("gone", "its page is gone after 1 tries: robots.txt forbids it"),
        ("failed", "its page is failed after 1 tries: HTTP 404"),
        ("unread", "its page is stored but waiting: not read yet"),
        ("quarantined", "its page is stored but quarantined: there is no article in it"),
        ("unknown", "none of the 1 known sources has shown this address"),
    ],
)
def test_an_address_is_explained_whatever_became_of_it(name, words, known, explain, desk):
    shape = explain(f"https://gd.example/{name}")
    assert words in shape["verdict"]["reason"]
    assert shape["verdict"]["alert"] is False
    assert words in desk.here("explain", f"https://gd.example/{name}").out


def test_an_article_is_shown_with_story_matches_and_evidence(known, explain):
    shape = explain("https://gd.example/event?utm_source=mail")
    assert shape["article"]["title"] == story(1)
    assert shape["story"]["lead"] == "https://gd.example/event"
    (match,) = shape["matches"]
    assert match["rule"] == "robot-unveiled"
    assert story(1) in match["evidence"][0]["sentence"]
    assert shape["steps"]


def test_a_saved_page_is_read_and_judged_without_touching_the_state(explain, desk):
    desk.write(
        sources=[{"id": "gd", "kind": "feed", "url": "https://gd.example/feed", "zone": "Asia/Shanghai"}]
    )
    file = desk.folder / "saved.html"
    today = datetime.now(UTC).isoformat(timespec="seconds")
    file.write_bytes(page(story(3), published=today).split(b"\r\n\r\n", 1)[1])
    shape = explain(file, "--source", "gd", "--url", "https://gd.example/3")
    assert (shape["article"]["title"], shape["article"]["url"]) == (story(3), "https://gd.example/3")
    assert shape["verdict"]["alert"] is True
    assert shape["story"] is None
    assert not desk.state.exists()


def test_an_old_page_would_not_alert(explain, desk):
    desk.write()
    file = desk.folder / "old.html"
    file.write_bytes(page(story(3), published="2020-01-02T08:00:00+08:00").split(b"\r\n\r\n", 1)[1])
    verdict = explain(file)["verdict"]
    assert verdict["alert"] is False
    assert "old" in verdict["reason"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.html", b""),
        ("menu.html", b"<nav><a href=/>Home</a></nav>"),
        ("image.html", b"\x89PNG\r\n\x1a\n" + bytes(999)),
    ],
)
def test_a_file_without_an_article_says_so(name, content, explain, desk):
    desk.write()
    (desk.folder / name).write_bytes(content)
    shape = explain(desk.folder / name)
    assert shape["article"] is None
    assert shape["verdict"]["alert"] is False
    assert shape["verdict"]["reason"]


def test_what_cannot_be_explained_says_why(desk):
    desk.write()
    unknown = desk.here("explain", "https://gd.example/1")
    assert (unknown.code, unknown.err.startswith("yuewatch: there is no state file")) == (1, True)
    big = desk.folder / "big.html"
    with big.open("wb") as file:
        file.truncate(17 * 2**20)
    assert "larger than 16 MiB" in desk.here("explain", big).err
    small = desk.folder / "small.html"
    small.write_text("<p>x")
    wrong = desk.here("explain", small, "--source", "nobody")
    assert (wrong.code, "there is no source 'nobody'" in wrong.err) == (1, True)
