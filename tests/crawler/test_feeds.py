"""Feed files: written whole, only where something changed, and never at the price of the daemon."""

from __future__ import annotations

import asyncio
import json

import pytest
from press import article, story
from structlog.testing import capture_logs

from crawler.configuration.load import load_configuration
from crawler.feeds import FeedDesk, write_feeds


@pytest.fixture
def watched(desk):
    desk.write(subscriptions=[{"id": "me"}, {"id": "you"}], feeds={"folder": "feeds", "entries": 2})
    desk.ingest(*(article(number) for number in range(3)))
    return desk


def test_each_subscription_has_its_files_and_what_has_not_changed_is_left_alone(watched):
    configuration = load_configuration(watched.file)
    write_feeds(configuration, ["me"])
    folder = watched.folder / "feeds"
    assert {file.name for file in folder.iterdir()} == {"me.atom", "me.json"}
    items = json.loads((folder / "me.json").read_text())["items"]
    assert [item["title"] for item in items] == [story(2), story(1)]
    before = (folder / "me.atom").stat()
    write_feeds(configuration, ["me", "you"])
    assert (folder / "me.atom").stat().st_ino == before.st_ino
    watched.ingest(article(7))
    write_feeds(configuration, ["me"])
    assert (folder / "me.atom").stat().st_ino != before.st_ino
    assert {file.name for file in folder.iterdir()} == {"me.atom", "me.json", "you.atom", "you.json"}


def test_the_command_prints_what_the_file_holds(watched):
    write_feeds(load_configuration(watched.file), ["me"])
    for kind in ("atom", "json"):
        printed = watched.here("subscriptions", "feed", "me", "--format", kind)
        assert printed.out.encode() == (watched.folder / f"feeds/me.{kind}").read_bytes()
    assert watched.here("subscriptions", "feed", "nobody").code == 4


async def test_a_transaction_that_raised_alerts_renews_the_feed(watched):
    configuration = load_configuration(watched.file)
    desk = FeedDesk()
    writing = asyncio.create_task(desk.run(lambda: configuration))
    (quiet, loud) = watched.ingest(article(8, event=False), article(9))
    assert (quiet.raised, loud.raised) == (frozenset(), {"me", "you"})
    desk.note(quiet)
    await asyncio.sleep(0)
    assert not (watched.folder / "feeds").exists()
    desk.note(loud)
    while not (watched.folder / "feeds/you.json").exists():  # noqa: ASYNC110 - a file sends no events
        await asyncio.sleep(0.01)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing


def test_a_folder_that_cannot_be_written_is_told_and_nothing_breaks(watched):
    (watched.folder / "feeds").write_text("a file in the way")
    with capture_logs() as told:
        write_feeds(load_configuration(watched.file), ["me"])
    assert [line["event"] for line in told] == ["feeds not written"]
