"""The daemon as its operator meets it: signals, a second one, the socket beside the state, restarts."""

from __future__ import annotations

import json
import signal
import socket
import sqlite3
import subprocess
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from loopback import http, slowly
from press import article, page, rss, story


@pytest.fixture
def paper(loopback):
    """Open a site with a feed of which the test decides what it holds."""

    class Paper:
        def __init__(self):
            self.titles = {}
            self.pages = {"/feed": lambda _: rss(self.site, self.titles)}
            self.site = loopback.site(self.pages)

        def publish(self, number, answer=None):
            path = f"/{number}.html"
            self.pages[path] = answer or page(story(number))
            self.titles[path] = story(number)
            return self.site + path

        def source(self, name="gd", **more):
            return {
                "id": name,
                "kind": "feed",
                "url": f"{self.site}/feed",
                "every": "1m",
                "baseline": False,
            } | more

    return Paper()


def _articles(desk):
    if not desk.state.exists():
        return set()
    with closing(sqlite3.connect(f"file:{desk.state}?mode=ro", uri=True)) as db:
        return {row[0] for row in db.execute("SELECT url FROM articles")}


def _stop(process):
    """End a daemon; ten seconds is the promise, the rest is for a busy machine."""
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0


def _listening(pid):
    """Give the TCP ports on which a process or a child of it listens, as the kernel tells."""
    pids = [pid, *(int(child) for child in _children(pid))]
    sockets = set()
    for one in pids:
        for entry in Path(f"/proc/{one}/fd").iterdir():
            try:
                sockets.add(str(entry.readlink()))
            except OSError:
                continue
    ports = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets:
                ports.append(int(fields[1].rsplit(":", 1)[1], 16))
    return ports


def _children(pid):
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    for child in found.stdout.split():
        yield child
        yield from _children(child)


def test_a_running_daemon_is_the_only_writer_listens_nowhere_and_can_be_looked_at(desk, paper):
    url = paper.publish(1)
    desk.write(sources=[paper.source()])
    daemon = desk.daemon()
    desk.until(lambda: url in _articles(desk), daemon)

    second = desk.run("run")
    assert second.code == 1
    assert f"is being written by process {daemon.pid}" in second.err
    assert "Traceback" not in second.err
    refused = desk.run("crawl")
    assert (refused.code, f"process {daemon.pid}" in refused.err) == (1, True)
    assert "Traceback" not in refused.err

    (figures,) = desk.here("status", "--json").rows
    assert (figures["daemon_pid"], figures["articles"]["stored"]) == (daemon.pid, 1)
    assert desk.here("backup", desk.folder / "copy.db").code == 0
    assert [row["url"] for row in desk.rows("export", "articles")] == [url]
    assert _listening(daemon.pid) == []
    assert (desk.folder / "state.db.sock").stat().st_mode & 0o777 == 0o600

    _stop(daemon)
    assert desk.told("stopped")
    assert not (desk.folder / "state.db.sock").exists()
    assert desk.here("status", "--json").rows[0]["daemon_pid"] is None


def test_systemd_is_told_and_a_reload_takes_effect_unless_it_is_bad(desk, paper, monkeypatch):
    first = paper.publish(1)
    address = str(desk.folder / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(address)
        systemd.settimeout(60)
        monkeypatch.setattr(
            desk, "environment", lambda ours=desk.environment: ours() | {"NOTIFY_SOCKET": address}
        )
        desk.write(sources=[paper.source(every="1h")])
        daemon = desk.daemon()
        assert systemd.recv(99) == b"READY=1"
        desk.until(lambda: first in _articles(desk), daemon)

        good = desk.file.read_text("utf-8")
        desk.file.write_text(good.replace("every", "evry"), "utf-8")
        daemon.send_signal(signal.SIGHUP)
        (refusal,) = desk.until(lambda: desk.told("configuration refused, the old one stays in use"), daemon)
        assert "evry" in refusal["error"]
        assert f"{desk.file}:" in refusal["error"]
        assert [systemd.recv(99).split(b"\n")[0], systemd.recv(99)] == [b"RELOADING=1", b"READY=1"]

        second = paper.publish(2)
        paper.pages["/other"] = lambda _: rss(paper.site, {"/2.html": story(2)})
        desk.write(sources=[paper.source(every="1h"), paper.source("other", url=f"{paper.site}/other")])
        daemon.send_signal(signal.SIGHUP)
        desk.until(lambda: second in _articles(desk), daemon)
        assert desk.told("configuration reloaded")

        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(30) == 0
        states = [systemd.recv(99).split(b"\n")[0] for _ in range(3)]
    assert states == [b"RELOADING=1", b"READY=1", b"STOPPING=1"]
    assert len(desk.told("starting")) == 1


def test_sigterm_in_the_middle_of_work_loses_nothing(desk, paper, loopback):
    later = {paper.publish(number) for number in range(3)}
    hanging = paper.publish(3, lambda _: slowly(b"HTTP/1.1 200 OK\r\n", *[b"X-Slow: 1\r\n"] * 300))
    earlier = {paper.publish(number) for number in range(4, 7)}  # the oldest stand last and are fetched first
    desk.write(sources=[paper.source()], fetching={"deadline": "50s"})
    daemon = desk.daemon()
    desk.until(lambda: loopback.of("/3.html"), daemon)
    _stop(daemon)
    assert desk.told("stopped")
    assert _articles(desk) == earlier

    paper.pages["/3.html"] = page(story(3))
    daemon = desk.daemon()
    desk.until(lambda: _articles(desk) == earlier | {hanging} | later, daemon)
    _stop(daemon)
    asked = loopback.paths(paper.site)
    assert [asked.count(f"/{number}.html") for number in range(7)] == [1, 1, 1, 2, 1, 1, 1]


def test_a_digest_of_a_subscription_that_is_gone_is_dropped(desk):
    def subscribe(*names):
        digests = [{"id": one, "destinations": ["hook"], "digest": {"every": "weekly"}} for one in names]
        hook = desk.webhook("http://127.0.0.1:9/")
        desk.write(subscriptions=digests, destinations={"hook": hook})

    def states():
        return {row["subscription"]: row["state"] for row in desk.here("alerts", "outgoing", "--json").rows}

    for number, name in enumerate(("kept", "early", "late")):
        subscribe(name)
        desk.ingest(article(number))
    subscribe("kept", "late")
    daemon = desk.daemon()
    assert states() == {"kept": "held", "early": "dropped", "late": "held"}
    subscribe("kept")
    daemon.send_signal(signal.SIGHUP)
    desk.until(lambda: len(desk.told("held messages dropped")) == 2, daemon)
    assert states() == {"kept": "held", "early": "dropped", "late": "dropped"}
    _stop(daemon)


def test_a_reload_in_the_middle_of_a_round_leaves_it_alone_and_the_next_one_comes(desk, paper, loopback):
    head, body = page(story(1))[:-500], page(story(1))[-500:]
    paper.publish(1, lambda _: slowly(head, *(body[at : at + 50] for at in range(0, 500, 50))))
    desk.write(sources=[paper.source(every="1s")])
    daemon = desk.daemon()
    desk.until(lambda: loopback.of("/1.html"), daemon)
    daemon.send_signal(signal.SIGHUP)
    desk.until(lambda: len(desk.told("round")) >= 2, daemon)
    _stop(daemon)
    assert desk.told("configuration reloaded")[0]["timestamp"] < desk.told("round")[0]["timestamp"]
    assert len(loopback.of("/1.html")) == 1
    assert "apscheduler" not in (desk.folder / "daemon.log").read_text("utf-8")


def test_a_restart_keeps_the_phase_and_every_wish_for_patience(desk, paper, loopback):
    busy = loopback.site({"/robots.txt": http("", 404), "*": http("", 429, Retry_After="3600")})
    url = paper.publish(1)
    sources = [paper.source(every="1h"), {"id": "busy", "kind": "feed", "url": f"{busy}/feed", "every": "1m"}]
    desk.write(sources=sources)
    for _ in range(2):
        daemon = desk.daemon()
        desk.until(lambda: url in _articles(desk) and desk.told("host held"), daemon)
        _stop(daemon)
    assert loopback.paths(paper.site) == ["/feed", "/1.html"]
    assert loopback.paths(busy) == ["/feed"]
    assert len(desk.told("running")) == 2


def test_a_host_keeps_its_crawl_delay_when_the_daemon_is_killed_and_started_again(desk, loopback):
    rules = http("User-agent: *\nCrawl-delay: 1", content_type="text/plain")
    site = loopback.site({"/robots.txt": rules, "/feed": rss("", {})})
    source = {"id": "slow", "kind": "feed", "url": f"{site}/feed", "every": "1s", "adaptive": False}
    desk.write(sources=[source])
    for polls in (1, 2):
        daemon = desk.daemon()
        desk.until(lambda polls=polls: len(loopback.of("/feed")) >= polls, daemon)
        daemon.kill()
        daemon.wait(10)
    assert len(loopback.of("/robots.txt")) == 2
    assert [b.path for a, b in pairwise(loopback.asked[1:]) if b.at - a.at < 1] == []


def test_what_could_not_be_delivered_is_retried_through_the_running_daemon(desk, paper, loopback):
    pages = {"/hook": http("", 400)}
    inbox = loopback.site(pages)
    paper.publish(1)
    desk.write(
        sources=[paper.source()],
        subscriptions=[{"id": "me", "destinations": ["hook"]}],
        destinations={"hook": desk.webhook(f"{inbox}/hook", retry=["0.1s"])},
    )
    daemon = desk.daemon()
    (parked,) = desk.until(lambda: desk.here("alerts", "outgoing", "--parked", "--json").rows, daemon)
    assert parked["last_error"]
    assert desk.here("alerts", "retry", "dl_unknown").code == 1

    pages["/hook"] = http("", 204)
    done = desk.here("alerts", "retry", parked["delivery_id"])
    assert (done.code, done.out) == (0, "1 deliveries due again\n")
    desk.until(
        lambda: [row["state"] for row in desk.here("alerts", "outgoing", "--json").rows] == ["delivered"],
        daemon,
    )
    ids = {asked.headers["webhook-id"] for asked in loopback.of("/hook")}
    assert ids == {parked["delivery_id"]}
    assert desk.told("changed from the command line")
    _stop(daemon)


def test_quarantined_pages_are_read_again_by_the_running_daemon(desk, paper):
    paper.publish(1, http(""))
    desk.write(sources=[paper.source()])
    daemon = desk.daemon()
    desk.until(lambda: desk.here("articles", "quarantined", "--json").rows, daemon)
    done = desk.here("articles", "retry")
    assert (done.code, done.out.startswith("1 pages will be read again")) == (0, True)
    desk.until(lambda: len(desk.told("unreadable")) == 2, daemon)
    _stop(daemon)


def test_a_daemon_that_cannot_start_says_why_in_one_line(desk, tmp_path):
    desk.write(state=str(tmp_path / "nowhere" / "state.db"))
    missing = desk.run("run")
    assert missing.code == 1
    assert missing.err.splitlines()[-1].startswith("yuewatch: the folder ")
    assert "Traceback" not in missing.err
    desk.write(sources=[{"id": "gd"}])
    bad = desk.run("run")
    assert bad.code == 4
    assert "Traceback" not in bad.err


def test_an_import_beside_the_daemon_is_stored_and_sent_by_it(desk, loopback):
    inbox = loopback.site({"/hook": http("", 204)})
    desk.write(
        subscriptions=[{"id": "me", "destinations": ["hook"]}],
        destinations={"hook": desk.webhook(f"{inbox}/hook")},
    )
    daemon = desk.daemon()
    row = {"url": "https://gd.example/1", "title": story(1), "text": f"{story(1)}, its makers say."}
    rows = desk.folder / "rows.jsonl"
    rows.write_text(f"{json.dumps(row)}\nno row\n", "utf-8")
    done = desk.run("import", "--notify", rows)
    assert (done.code, done.out) == (5, "1 articles stored, 0 known already, 1 bad rows skipped, 1 matches\n")
    assert desk.until(lambda: loopback.of("/hook"), daemon)
    again = desk.run("import", "--notify", rows)
    assert again.out == "0 articles stored, 1 known already, 1 bad rows skipped, 0 matches\n"
