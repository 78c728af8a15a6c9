"""Do what the tutorial says, up to the mail in the mailbox, with the files that stand in it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys

import pytest
from mailserver import Controller

PAGE = "docs/tutorial/first-watch.md"


class Mailbox:
    """Keep the mails that arrive."""

    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's interface
        self.mails.append(envelope)
        return "250 kept"


@pytest.fixture
def mailbox():
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    box.port = port
    yield box
    controller.stop()


@pytest.fixture
def watch(doc, tmp_path, mailbox, root):
    """Lay out the tutorial's files; only the mailbox's port is another."""
    page = doc(PAGE)
    configuration, *_ = page.blocks("yaml")
    assert "port: 1025" in configuration
    assert "127.0.0.1:1025" in page.text
    (tmp_path / "yuewatch.yaml").write_text(configuration.replace("1025", str(mailbox.port)), "utf-8")
    (tmp_path / "news.jsonl").write_text(page.blocks("json")[0], "utf-8")

    def yuewatch(*arguments, **options):
        command = [sys.executable, "-m", "crawler", *arguments]
        # PYTHONPATH, because the folder of the tutorial is not the checkout; the rest would change what is found.
        environment = {**os.environ, "PYTHONPATH": str(root)}
        for name in ("YUEWATCH_CONFIG", "YUEWATCH_STATE"):
            environment.pop(name, None)
        return subprocess.run(
            command,
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            **options,
        )

    return yuewatch


def test_the_tutorial_leads_to_one_alert_in_the_mailbox(watch, mailbox):
    assert watch("check").returncode == 0
    imported = watch("import", "news.jsonl", "--notify")
    assert imported.returncode == 0, imported.stderr
    assert "3 articles stored" in imported.stdout

    alerts = [json.loads(line) for line in watch("alerts", "list", "--json").stdout.splitlines()]
    assert [(alert["reason"], alert["deliveries"][0]["state"]) for alert in alerts] == [("new", "due")]

    copy = json.loads(watch("explain", "https://mirror.example/the-plan", "--json").stdout)
    assert copy["story"]["lead"] == "https://news.example/plan"
    assert [member["relation"] for member in copy["story"]["members"]] == ["copy"]
    ferry = json.loads(watch("explain", "https://news.example/ferry", "--json").stdout)
    assert ferry["verdict"]["alert"] is False

    delivered = watch("crawl")  # as `run` does, but it ends by itself; there is no source yet
    assert delivered.returncode == 3
    assert len(mailbox.mails) == 1
    assert mailbox.mails[0].rcpt_tos == ["me@newsroom.example"]
    letter = mailbox.mails[0].content.decode("ascii")
    assert "mirror.example" in letter
    outgoing = [json.loads(line) for line in watch("alerts", "outgoing", "--json").stdout.splitlines()]
    assert [delivery["state"] for delivery in outgoing] == ["delivered"]
