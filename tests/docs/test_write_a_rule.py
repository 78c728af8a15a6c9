"""Write the rule of the how-to, from the how-to alone: check, test, backtest it, and reload it into a running daemon."""

from __future__ import annotations

import json
import signal
import sys

import pytest
from desk import Desk
from press import page, rss

PAGE = "docs/how-to/write-a-rule.md"
ARCHIVE = [
    {
        "url": "https://paper.example/ward",
        "title": "Guangzhou hospital opens AI ward for stroke patients",
        "text": "A Guangzhou hospital has opened an AI ward in which artificial intelligence reads every scan first.",
    },
    {
        "url": "https://paper.example/hangzhou",
        "title": "Hangzhou hospital opens AI ward",
        "text": "A hospital in Hangzhou has opened an AI ward for its stroke patients.",
    },
    {
        "url": "https://paper.example/garage",
        "title": "Shenzhen hospital opens car park",
        "text": "A hospital in Shenzhen has opened a car park for six hundred cars.",
    },
]
NEWS = {
    "/fracture.html": "Shenzhen hospital opens AI clinic for fractures",
    "/bridge.html": "Zhuhai bridge closes for a night of repairs",
}


@pytest.fixture
def desk(tmp_path):
    folder = tmp_path / "desk"
    folder.mkdir()
    desk = Desk(folder)
    yield desk
    desk.close()


@pytest.fixture
def paper(loopback):
    """Open a newspaper whose feed is empty at first."""
    shown: dict[str, str] = {}
    pages = {"/feed": lambda _: rss(site, shown)}
    site = loopback.site(pages)

    def publish(*paths):
        for path in paths:
            pages[path] = page(NEWS[path], f"{NEWS[path]}, its director said on Friday.")
            shown[path] = NEWS[path]
        return site

    return publish


def say(desk, *words):
    """Run a verb and show it as a transcript does (`pytest -s`); give what it printed."""
    done = desk.here(*words)
    sys.stdout.write(f"\n$ yuewatch {' '.join(words)}\n{done.out}{done.err}")
    return done


def test_the_rule_is_written_from_the_page_tried_and_reloaded_into_a_running_daemon(
    doc, desk, paper, loopback
):
    rules, naming, *_ = doc(PAGE).blocks("yaml")
    assert naming == "rules: [hospital-rules.yaml]\n"
    source = {"id": "paper", "kind": "feed", "url": f"{paper()}/feed", "every": "1s", "baseline": False}
    inbox = loopback.site({"/hook": b"HTTP/1.1 204 No Content\r\n\r\n"})
    settings = {
        "pack": "guangdong_ai",
        "sources": [source],
        "subscriptions": [{"id": "health-desk", "kinds": ["health"], "destinations": ["hook"]}],
        "destinations": {"hook": desk.webhook(f"{inbox}/hook")},
    }
    desk.write(**settings)
    assert desk.here("import", "-", given="\n".join(map(json.dumps, ARCHIVE)).encode()).code == 0
    daemon = desk.daemon()

    (desk.folder / "hospital-rules.yaml").write_text(rules, "utf-8")
    desk.write(**settings, rules=["hospital-rules.yaml"])
    assert say(desk, "check").code == 0
    assert say(desk, "rules", "test", "hospital-ai").code == 0
    assert say(desk, "rules", "explain", "hospital-ai").code == 0
    backtest = say(desk, "rules", "backtest", "hospital-ai", "--since", "30d")
    assert ARCHIVE[0]["title"] in backtest.out
    assert ARCHIVE[1]["title"] not in backtest.out
    assert ARCHIVE[2]["title"] not in backtest.out

    daemon.send_signal(signal.SIGHUP)
    desk.until(lambda: desk.told("configuration reloaded"), daemon)
    paper("/fracture.html", "/bridge.html")
    (alert,) = desk.until(lambda: desk.here("alerts", "list", "--json").rows, daemon)
    assert (alert["rule"], alert["url"]) == ("hospital-ai", f"{paper()}/fracture.html")
    say(desk, "alerts", "list")

    # The near miss is turned into something that must alert, which the rule does not do.
    broken = rules.replace("      quiet:\n", "        - Hangzhou clinic opens AI ward\n      quiet:\n")
    (desk.folder / "hospital-rules.yaml").write_text(broken, "utf-8")
    assert say(desk, "rules", "test", "hospital-ai").code != 0
    daemon.send_signal(signal.SIGHUP)
    (refusal,) = desk.until(lambda: desk.told("configuration refused, the old one stays in use"), daemon)
    sys.stdout.write(f"\n(the daemon) {refusal['event']}: {refusal['error']}\n")
    assert "Hangzhou clinic opens AI ward" in refusal["error"]
    assert daemon.poll() is None
